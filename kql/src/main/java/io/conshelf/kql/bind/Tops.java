package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Items.Item;
import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.function.Catalogue;
import io.conshelf.kql.function.Lowering;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.plan.Plan.JoinKey;
import io.conshelf.kql.plan.Plan.JoinKind;
import io.conshelf.kql.plan.Plan.SortKey;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
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

    // ---------------------------------------------------------------- top-nested

    /// What the levels so far have made: their plan, the keys of each level, and the columns to show.
    private record Nested(Optional<Plan> plan, List<Assignment> keys, List<Column> output, boolean failed) {}

    Rows topNested(Syntax.TopNested op, Rows input, Scope scope) {
        Plan.Shared source = (Plan.Shared) binder.entities.shared(input.plan());
        Nested nested = new Nested(Optional.empty(), List.of(), List.of(), false);
        OutputNames names = new OutputNames();
        for (Syntax.TopNestedLevel level : op.levels()) {
            nested = level(level, op.levels().size(), nested, source, input, scope, names);
        }
        Plan plan = nested.plan.orElseGet(() -> binder.nothing(List.of()));
        Rows best = new Rows(Binder.keep(plan, nested.output), nested.failed, "");
        return op.levels().size() == 1 && op.levels().getFirst().others().isPresent() && !nested.failed
                ? withOthers(op.levels().getFirst(), best, source, input, scope) : best;
    }

    /// The best values of the only level, and one row for all records that have others.
    private Rows withOthers(Syntax.TopNestedLevel level, Rows best, Plan.Shared source, Rows input, Scope scope) {
        Plan top = binder.entities.shared(best.plan());
        Plan known = new PlanCopy(binder).copy(top);
        Rows rows = new Rows(new PlanCopy(binder).copy(source), input.open(), "");
        Env env = Env.of(scope, Columns.of(rows), "top-nested");
        Calculations calculations = Calculations.aggregates();
        Expr key = items.bind(level.of(), env).getFirst().value();
        Expr by = items.bind(level.by().expression(), env.with(calculations)).getFirst().value();
        Expr label = binder.expressions.expr(level.others().orElseThrow(), Env.of(scope)).orElseGet(() -> Literals.nothing(key.type()));
        if (label.type() != key.type()) {
            binder.report(Messages.typeExpected(level.others().orElseThrow().span(), "top-nested", key.type().kustoName(), label.type()));
        }
        Column own = binder.column("$key", key.type());
        Plan rest = new Plan.Join(JoinKind.LEFT_ANTI, Binder.extend(rows.plan(), List.of(new Assignment(own, key))), known,
                List.of(new JoinKey(new Expr.Ref(own), new Expr.Ref(known.columns().getFirst()))));
        Column count = binder.column("$rows", Type.LONG);
        List<Assignment> aggregates = new ArrayList<>(calculations.assignments());
        aggregates.add(new Assignment(count, new Expr.Aggregate(Catalogue.aggregate("count").orElseThrow(), "count(*)", List.of(), Type.LONG)));
        Expr any = new Expr.Call("top-nested", new Lowering.Sql("{0} > 0"), List.of(new Expr.Ref(count)), Type.BOOL);
        Plan others = new Plan.Project(new Plan.Filter(new Plan.Aggregate(rest, List.of(), aggregates), any), List.of(
                new Assignment(binder.column("$label", key.type()), label), new Assignment(binder.column("$total", by.type()), by)));
        List<Column> columns = best.columns().stream().map(column -> binder.column(column.name(), column.type())).toList();
        return new Rows(new Plan.Union(List.of(top, others), columns), best.open(), "");
    }

    /// One level: for each row of the levels before, the best values of this one among the source's rows with its keys.
    private Nested level(Syntax.TopNestedLevel level, int levels, Nested before, Plan.Shared source, Rows input, Scope scope,
            OutputNames names) {
        if (level.others().isPresent() && levels > 1) {
            binder.refuse(level.others().get().span(), "top-nested of several levels with others");
        }
        Rows rows = before.plan.isEmpty() ? input.with(source) : new Rows(new PlanCopy(binder).copy(source), input.open(), "");
        Columns columns = Columns.of(rows);
        Env env = Env.of(scope, columns, "top-nested");
        List<Item> of = items.bind(level.of(), env);
        Calculations calculations = Calculations.aggregates();
        List<Item> by = items.bind(level.by().expression(), env.with(calculations));
        Optional<Expr> count = level.count().flatMap(expression -> ordering.count(expression, scope, "top-nested"));
        if (of.isEmpty() || by.isEmpty()) {
            return new Nested(before.plan, before.keys, before.output, true);
        }
        String name = of.getFirst().name().isEmpty() ? names.next() : names.unique(of.getFirst().name());
        String total = by.getFirst().written() && !by.getFirst().name().isEmpty()
                ? names.unique(by.getFirst().name()) : names.unique("aggregated_" + name);
        List<Assignment> keys = new ArrayList<>();
        for (Assignment outer : before.keys) {
            keys.add(rebound(outer, source, columns.list()));
        }
        List<Assignment> ofHere = new ArrayList<>(keys);
        Assignment own = new Assignment(binder.column(name, of.getFirst().value().type()), of.getFirst().value());
        ofHere.add(own);
        Column aggregated = binder.column(total, by.getFirst().value().type());
        Plan grouped = new Plan.Project(new Plan.Aggregate(rows.plan(), ofHere, calculations.assignments()), outputs(ofHere,
                new Assignment(aggregated, by.getFirst().value())));
        boolean ascending = level.by().order() == Syntax.SortOrder.ASC || level.by().order() == Syntax.SortOrder.GRANNY_ASC;
        SortKey order = new SortKey(new Expr.Ref(aggregated), !ascending, ascending);
        List<Assignment> allKeys = new ArrayList<>(before.keys);
        allKeys.add(new Assignment(own.column(), of.getFirst().value()));
        List<Column> output = new ArrayList<>(before.output);
        output.add(own.column());
        output.add(aggregated);
        Plan plan = before.plan.isEmpty() ? first(grouped, count, order)
                : following(before.plan.get(), before.keys, grouped, keys, count, order);
        return new Nested(Optional.of(plan), rebase(allKeys, source, columns.list()), output, before.failed);
    }

    private static List<Assignment> outputs(List<Assignment> keys, Assignment last) {
        List<Assignment> output = new ArrayList<>(keys.stream().map(key -> Binder.same(key.column())).toList());
        output.add(last);
        return output;
    }

    private static Plan first(Plan grouped, Optional<Expr> count, SortKey order) {
        return count.<Plan>map(n -> new Plan.Top(grouped, n, List.of(order))).orElseGet(() -> new Plan.Sort(grouped, List.of(order)));
    }

    /// The groups that belong to the rows before them; the best of each.
    private Plan following(Plan before, List<Assignment> outer, Plan grouped, List<Assignment> keys, Optional<Expr> count,
            SortKey order) {
        List<JoinKey> on = new ArrayList<>();
        for (int i = 0; i < outer.size(); i++) {
            on.add(new JoinKey(new Expr.Ref(outer.get(i).column()), new Expr.Ref(keys.get(i).column())));
        }
        Plan best = count.isEmpty() ? grouped : partitioned(grouped, keys, count.get(), order);
        return new Plan.Join(JoinKind.INNER, before, best, on);
    }

    /// The best rows for each combination of keys: partition by one key inside the other.
    private Plan partitioned(Plan grouped, List<Assignment> keys, Expr count, SortKey order) {
        return partition(grouped, keys.stream().map(Assignment::column).toList(), 0, count, order);
    }

    private static Plan partition(Plan input, List<Column> keys, int from, Expr count, SortKey order) {
        if (from == keys.size()) {
            return new Plan.Top(input, count, List.of(order));
        }
        return new Plan.Partition(input, new Expr.Ref(keys.get(from)),
                partition(new Plan.ApplyInput(input.columns()), keys, from + 1, count, order));
    }

    /// A key of a level before, computed from another reading of the same source.
    private Assignment rebound(Assignment key, Plan.Shared source, List<Column> now) {
        Expr value = ExprWalk.map(key.value(), part -> part instanceof Expr.Ref(Column column)
                && source.columns().contains(column) ? new Expr.Ref(now.get(source.columns().indexOf(column))) : part);
        return new Assignment(binder.column(key.column().name(), key.column().type()), value);
    }

    /// Keys in terms of the source's own columns, so that the next level can rebind them.
    private static List<Assignment> rebase(List<Assignment> keys, Plan.Shared source, List<Column> now) {
        return keys.stream().map(key -> new Assignment(key.column(), ExprWalk.map(key.value(), part ->
                part instanceof Expr.Ref(Column column) && now.contains(column)
                        ? new Expr.Ref(source.columns().get(now.indexOf(column))) : part))).toList();
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
