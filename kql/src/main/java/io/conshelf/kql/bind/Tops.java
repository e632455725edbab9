package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Items.Item;
import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.plan.Plan.SortKey;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.type.Type;
import java.util.List;
import java.util.Optional;

/// Some of the rows or values: `top-nested`, `top-hitters`, `sample`, `sample-distinct`.
final class Tops {
    private final Binder binder;
    private final Ordering ordering;
    private final Items items;

    Tops(Binder binder, Ordering ordering) {
        this.binder = binder;
        this.ordering = ordering;
        items = new Items(binder);
    }

    // ---------------------------------------------------------------- top-hitters

    Rows topHitters(Syntax.TopHitters op, Rows input, Scope scope) {
        Env env = Env.of(scope, Columns.of(input), "top-hitters");
        Optional<Expr> count = ordering.count(op.count(), scope, "top-hitters");
        List<Item> of = items.bind(op.of(), env);
        if (of.isEmpty()) {
            return new Rows(input.plan(), true, "");
        }
        if (!(op.of() instanceof Syntax.NameReference)) {
            binder.report(Messages.columnNameExpected(op.of().span(), "top-hitters"));
        }
        String name = of.getFirst().name().isEmpty() ? "Column1" : of.getFirst().name();
        Calculations calculations = Calculations.aggregates();
        Span at = op.span();
        String byName = "";
        List<Expression> arguments = List.of();
        if (op.by().isPresent()) {
            List<Item> by = items.bind(op.by().get(), env);
            if (by.isEmpty()) {
                return new Rows(input.plan(), true, "");
            }
            if (!by.getFirst().value().type().isNumeric()) {
                binder.report(Messages.typeExpected(op.by().get().span(), "top-hitters", "number", by.getFirst().value().type()));
            }
            byName = by.getFirst().name();
            arguments = List.of(op.by().get());
        }
        Syntax.FunctionCall call = new Syntax.FunctionCall(
                new Syntax.Name(op.by().isPresent() ? "sum" : "count", false, at), List.of(), arguments, at);
        Optional<Expr> total = binder.expressions.expr(call, env.with(calculations));
        if (total.isEmpty() || count.isEmpty()) {
            return new Rows(input.plan(), true, "");
        }
        Assignment key = of.getFirst().value() instanceof Expr.Ref(Column column) && column.name().equals(name)
                ? Binder.same(column) : new Assignment(binder.column(name, of.getFirst().value().type()), of.getFirst().value());
        Column result = binder.column(op.by().isPresent() ? "approximate_sum_" + byName : "approximate_count_" + of.getFirst().name(),
                total.get().type());
        Plan grouped = new Plan.Project(new Plan.Aggregate(input.plan(), List.of(key), calculations.assignments()),
                List.of(Binder.same(key.column()), new Assignment(result, total.get())));
        // The second key is for ties, so that the same rows come out every time.
        return Rows.of(new Plan.Top(grouped, count.get(), List.of(
                new SortKey(new Expr.Ref(result), true, false), new SortKey(new Expr.Ref(key.column()), true, false))));
    }

    // ---------------------------------------------------------------- samples

    /// Rows by chance: the first ones in an order by chance.
    Rows sample(Syntax.Sample op, Rows input, Scope scope) {
        Optional<Expr> count = ordering.count(op.count(), scope, "sample");
        if (count.isEmpty()) {
            return input;
        }
        Expr chance = binder.calls.builtin("rand", List.of(), op.span(), Env.of(scope))
                .orElseGet(() -> new Expr.Constant(Type.REAL, 0.0));
        return new Rows(new Plan.Top(input.plan(), count.get(), List.of(new SortKey(chance, true, false))), input.open(), "");
    }

    Rows sampleDistinct(Syntax.SampleDistinct op, Rows input, Scope scope) {
        Optional<Expr> count = ordering.count(op.count(), scope, "sample-distinct");
        List<Item> of = items.bind(op.of(), Env.of(scope, Columns.of(input), "sample-distinct"));
        if (of.isEmpty()) {
            return new Rows(input.plan(), true, "");
        }
        Item item = of.getFirst();
        if (!(op.of() instanceof Syntax.NameReference)) {
            binder.report(Messages.columnNameExpected(op.of().span(), "sample-distinct"));
        } else if (item.value().type() == Type.DYNAMIC) {
            binder.report(Messages.notAllowedType(op.of().span(), "sample-distinct", Type.DYNAMIC));
        }
        Assignment key = item.value() instanceof Expr.Ref(Column column) ? Binder.same(column)
                : new Assignment(binder.column("Column1", item.value().type()), item.value());
        Plan distinct = new Plan.Aggregate(input.plan(), List.of(key), List.of());
        return Rows.of(count.<Plan>map(n -> new Plan.Limit(distinct, n)).orElse(distinct));
    }
}
