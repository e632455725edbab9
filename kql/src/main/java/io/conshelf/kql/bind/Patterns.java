package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Scalar;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `declare pattern`: a name that stands for one of several queries, chosen by constants.
final class Patterns {
    private final Binder binder;

    Patterns(Binder binder) {
        this.binder = binder;
    }

    void declare(Syntax.Pattern pattern, Scope scope) {
        if (scope.declaresItself(pattern.name().text())) {
            binder.report(Messages.nameTwice(pattern.name().span(), pattern.name().text()));
        }
        scope.declare(pattern.name().text(), new Meaning.Pattern(pattern, scope));
    }

    Optional<Meaning.Pattern> named(Syntax.FunctionCall call, Env env) {
        return env.scope().find(call.function().text())
                .filter(Meaning.Pattern.class::isInstance).map(Meaning.Pattern.class::cast);
    }

    /// `pattern(values)` or `pattern(values).path`.
    Meaning call(Meaning.Pattern pattern, Syntax.FunctionCall call, Optional<Syntax.Selector> selector, Env env) {
        List<Expr> values = new ArrayList<>();
        for (Syntax.Expression argument : call.arguments()) {
            Optional<Expr> value = binder.expressions.expr(argument, Env.of(env.scope()));
            if (value.isEmpty()) {
                return new Meaning.Failed();
            }
            values.add(value.get());
        }
        Optional<Expr> path = selector.filter(Syntax.NameReference.class::isInstance)
                .map(name -> new Expr.Constant(Type.STRING, ((Syntax.NameReference) name).name()));
        List<Syntax.PatternCase> fitting = pattern.syntax().cases().stream()
                .filter(one -> constants(one.values(), pattern.scope()).equals(values)).toList();
        if (fitting.isEmpty()) {
            return binder.fail(Messages.noPattern(call.span(), call.function().text()));
        }
        Optional<Syntax.PatternCase> chosen = fitting.stream()
                .filter(one -> one.path().flatMap(p -> binder.expressions.expr(p, Env.of(pattern.scope()))).equals(path))
                .findFirst();
        if (chosen.isEmpty()) {
            return binder.fail(Messages.noPattern(selector.map(Syntax::span).orElse(call.span()), call.function().text()));
        }
        Scope inside = pattern.scope().inner();
        for (int i = 0; i < Math.min(values.size(), pattern.syntax().parameters().size()); i++) {
            String name = pattern.syntax().parameters().get(i).name().text();
            inside.declare(name, Scalar.named(values.get(i), name));
        }
        pattern.syntax().path().ifPresent(declared -> path.ifPresent(value ->
                inside.declare(declared.name().text(), Scalar.named(value, declared.name().text()))));
        return binder.deeper(call.span(), false, call.function().text(),
                () -> new Statements(binder).body(chosen.get().body(), inside), Meaning.Failed::new);
    }

    private List<Expr> constants(List<Syntax.Expression> expressions, Scope scope) {
        List<Expr> values = new ArrayList<>();
        expressions.forEach(value -> binder.expressions.expr(value, Env.of(scope)).ifPresent(values::add));
        return values;
    }
}
