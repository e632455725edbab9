package io.conshelf.factory.expression;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
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
        String stated = call.function().toLowerCase(Locale.ROOT);
        String nearest = Functions.all().stream().map(Function::name)
                .min(Comparator.comparingInt(name -> distance(name.toLowerCase(Locale.ROOT), stated)))
                .filter(name -> distance(name.toLowerCase(Locale.ROOT), stated) <= 2)
                .map(name -> "; did you mean '" + name + "'?").orElse("");
        return new ExpressionException(call.at(), "there is no function '" + call.function() + "'" + nearest);
    }

    private static int distance(String left, String right) {
        int[] previous = new int[right.length() + 1];
        for (int j = 0; j <= right.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= left.length(); i++) {
            int[] current = new int[right.length() + 1];
            current[0] = i;
            for (int j = 1; j <= right.length(); j++) {
                int change = left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1;
                current[j] = Math.min(Math.min(current[j - 1], previous[j]) + 1, previous[j - 1] + change);
            }
            previous = current;
        }
        return previous[right.length()];
    }
}
