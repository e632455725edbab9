package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Scalar;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The items of a list of columns, `x = a + 1, b, (p, q) = f(c)`: bound, with the names their authors or the rules give.
final class Items {
    private final Binder binder;

    Items(Binder binder) {
        this.binder = binder;
    }

    /// One column to be.
    ///
    /// @param name    empty where neither the author nor the rules give one
    /// @param written the name is the author's, or that of the column which is the value
    /// @param part    one of several columns of a function
    record Item(String name, boolean written, Expr value, Span at, boolean part) {
        Item(String name, boolean written, Expr value, Span at) {
            this(name, written, value, at, false);
        }
    }

    /// @param failed some items could not be bound, which has been reported
    record Bound(List<Item> items, boolean failed) {}

    Bound bind(List<Expression> expressions, Env env) {
        List<Item> items = new ArrayList<>();
        boolean failed = false;
        for (Expression expression : expressions) {
            Optional<List<Item>> some = all(expression, env);
            failed |= some.isEmpty();
            items.addAll(some.orElse(List.of()));
        }
        return new Bound(items, failed);
    }

    /// The columns of one expression, of which there has to be one; none after an error.
    List<Item> bind(Expression expression, Env env) {
        Optional<List<Item>> items = all(expression, env);
        if (items.isPresent() && items.get().isEmpty()) {
            binder.report(Messages.scalarExpected(expression.span()));
        }
        return items.orElse(List.of());
    }

    /// The columns of one expression; empty after an error. Some that are right have no columns, such as `take_any(*)` where every column is a key.
    private Optional<List<Item>> all(Expression expression, Env env) {
        return switch (expression) {
            case Syntax.NamedExpression named -> named(List.of(named.name()), named.value(), named.span(), env,
                    env.extra().kind() == Calculations.Kind.AGGREGATES);
            case Syntax.CompoundNamedExpression named ->
                    named(named.names(), named.value(), named.span(), env, false);
            case Expression value -> unnamed(value, env);
        };
    }

    private Optional<List<Item>> unnamed(Expression expression, Env env) {
        return switch (value(expression, expression.span(), env)) {
            case Scalar scalar -> Optional.of(List.of(new Item(scalar.name(), scalar.declared(), scalar.expr(), expression.span())));
            case Meaning.Tuple tuple -> Optional.of(tuple.parts().stream()
                    .map(part -> new Item(part.name(), false, part.expr(), expression.span(), true)).toList());
            case Meaning _ -> Optional.empty();
        };
    }

    /// Of the several columns of a function only those remain that have names here; of an aggregate's all.
    private Optional<List<Item>> named(List<Syntax.Name> names, Expression expression, Span at, Env env, boolean keepRest) {
        Meaning value = value(expression, at, env);
        List<Scalar> parts;
        switch (value) {
            case Scalar scalar -> parts = List.of(scalar);
            case Meaning.Tuple tuple -> parts = tuple.parts();
            case Meaning _ -> {
                return Optional.empty();
            }
        }
        if (names.size() > 1 && value instanceof Scalar) {
            binder.report(Messages.severalExpected(Span.between(at.start(), names.getLast().span().end() + 1), env.operator()));
            return Optional.empty();
        }
        if (names.size() > Math.max(parts.size(), 1)) {
            binder.report(Messages.nothingToName(names.get(parts.size()).span(), env.operator(), parts.size()));
            return Optional.empty();
        }
        List<Item> items = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            if (i < names.size()) {
                Syntax.Name name = names.get(i);
                if (name.text().isEmpty() && name.bracketed()) {
                    binder.report(Messages.emptyName(name.span()));
                    return Optional.empty();
                }
                items.add(new Item(name.text(), true, parts.get(i).expr(), name.span()));
            } else if (keepRest) {
                items.add(new Item(parts.get(i).name(), false, parts.get(i).expr(), at));
            }
        }
        return Optional.of(items);
    }

    /// A value, or what failed; rows are no value.
    private Meaning value(Expression expression, Span at, Env env) {
        Meaning meaning = binder.expressions.any(expression, env);
        if (meaning instanceof Scalar || meaning instanceof Meaning.Tuple || meaning instanceof Meaning.Failed) {
            return meaning;
        }
        if (meaning instanceof Meaning.Rows) {
            return binder.fail(Messages.scalarExpected(at));
        }
        Optional<Scalar> scalar = binder.expressions.scalar(expression, env);
        return scalar.isPresent() ? scalar.get() : new Meaning.Failed();
    }
}
