package io.conshelf.factory.expression;

import io.conshelf.connectors.definition.Spelling;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Finds the mistakes of an expression that do not depend on values.
public final class Checker {
    private final List<ExpressionException> problems = new ArrayList<>();

    private Checker() {}

    /// Every mistake in the template's expressions, in the order of their text. Text that cannot be read is one mistake.
    public static List<ExpressionException> check(String text) {
        Checker checker = new Checker();
        try {
            Template.parse(text).expressions().forEach(checker::visit);
        } catch (ExpressionException unreadable) {
            checker.problems.add(unreadable);
        }
        return List.copyOf(checker.problems);
    }

    private void visit(Expression expression) {
        switch (expression) {
            case Expression.Literal _ -> {}
            case Expression.Property property -> visit(property.target());
            case Expression.Index index -> {
                visit(index.target());
                visit(index.index());
            }
            case Expression.Call call -> {
                Functions.find(call.function()).ifPresentOrElse(function -> visit(call, function), () -> problems.add(unknownFunction(call)));
                call.arguments().forEach(this::visit);
            }
        }
    }

    private void visit(Expression.Call call, Function function) {
        Optional<ExpressionException> count = argumentCount(function, call);
        if (count.isPresent()) {
            problems.add(count.get());
            return;
        }
        for (int i = 0; i < call.arguments().size(); i++) {
            Function.Parameter parameter = function.parameter(i);
            if (call.arguments().get(i) instanceof Expression.Literal literal && !parameter.kinds().contains(Function.Kind.of(literal.value()))) {
                problems.add(new ExpressionException(literal.at(), "'" + function.signature() + "': " + parameter.name() + " cannot be "
                        + Arguments.describe(literal.value())));
            }
        }
    }

    static Optional<ExpressionException> argumentCount(Function function, Expression.Call call) {
        int count = call.arguments().size();
        if (count >= function.argumentsMin() && count <= function.argumentsMax()) {
            return Optional.empty();
        }
        return Optional.of(new ExpressionException(call.at(), "'" + function.signature() + "' does not take " + count + (count == 1 ? " argument" : " arguments")));
    }

    static ExpressionException unknownFunction(Expression.Call call) {
        String nearest = Spelling.nearest(Functions.all().stream().map(Function::name).toList(), call.function())
                .map(name -> "; did you mean '" + name + "'?").orElse("");
        return new ExpressionException(call.at(), "there is no function '" + call.function() + "'" + nearest);
    }
}
