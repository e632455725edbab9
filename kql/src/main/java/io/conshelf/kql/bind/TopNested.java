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
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// `top-nested`: the best values, level within level. Records that are not among the best of a level go on as one row for
/// each parent, where that level or one below it asks for the others: those that do tell their label and their total of these
/// records, those that don't tell nulls.
final class TopNested {
    private final Binder binder;
    private final Ordering ordering;
    private final Items items;

    TopNested(Binder binder, Ordering ordering) {
        this.binder = binder;
        this.ordering = ordering;
        items = new Items(binder);
    }

    /// What a level has made of those before it.
    ///
    /// @param plan   a row for each combination of best values so far, its columns being `output`
    /// @param keys   the value of each level in terms of the source's columns
    /// @param output two columns a level: the value and its total
    private record Nested(Optional<Plan> plan, List<Assignment> keys, List<Column> output, boolean failed) {}

    Rows rows(Syntax.TopNested op, Rows input, Scope scope) {
        Plan.Shared source = (Plan.Shared) binder.entities.shared(input.plan());
        boolean hasOthers = op.levels().stream().anyMatch(level -> level.others().isPresent());
        List<Nested> made = new ArrayList<>();
        Nested nested = new Nested(Optional.empty(), List.of(), List.of(), false);
        OutputNames names = new OutputNames();
        for (Syntax.TopNestedLevel level : op.levels()) {
            nested = level(level, nested, source, input, scope, names);
            if (hasOthers) {
                nested = shared(nested);
            }
            made.add(nested);
        }
        Plan plan = nested.plan.orElseGet(() -> binder.nothing(List.of()));
        if (!hasOthers || nested.failed) {
            return new Rows(Binder.keep(plan, nested.output), nested.failed, "");
        }
        return withOthers(op.levels(), made, source, input, scope);
    }

    /// The same, as rows that are read several times.
    private Nested shared(Nested nested) {
        if (nested.plan.isEmpty()) {
            return nested;
        }
        Plan plan = binder.entities.shared(Binder.keep(nested.plan.get(), nested.output));
        List<Assignment> keys = new ArrayList<>();
        for (int i = 0; i < nested.keys.size(); i++) {
            keys.add(new Assignment(plan.columns().get(2 * i), nested.keys.get(i).value()));
        }
        return new Nested(Optional.of(plan), keys, plan.columns(), nested.failed);
    }

    // ---------------------------------------------------------------- the best

    /// One level: for each row of the levels before, the best values of this one among the source's rows with its keys.
    private Nested level(Syntax.TopNestedLevel level, Nested before, Plan.Shared source, Rows input, Scope scope, OutputNames names) {
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
                partition(new Plan.ApplyInput(input.columns()), keys, from + 1, count, order), OptionalInt.empty());
    }

    // ---------------------------------------------------------------- the others

    /// The rows of the last level, then for each level those of the records that are none of its best.
    private Rows withOthers(List<Syntax.TopNestedLevel> levels, List<Nested> made, Plan.Shared source, Rows input, Scope scope) {
        List<Optional<Expr>> labels = new ArrayList<>();
        for (int i = 0; i < levels.size(); i++) {
            Type type = made.get(i).output.get(2 * i).type();
            labels.add(levels.get(i).others().map(written -> label(written, type, scope)));
        }
        List<Plan> parts = new ArrayList<>(List.of(made.getLast().plan.orElseThrow()));
        for (int i = 0; i < levels.size(); i++) {
            if (labels.subList(i, labels.size()).stream().anyMatch(Optional::isPresent)) {
                parts.add(others(i, levels, labels, made, source, input, scope));
            }
        }
        List<Column> columns = made.getLast().output.stream().map(column -> binder.column(column.name(), column.type())).toList();
        return new Rows(new Plan.Union(parts, columns), false, "");
    }

    /// A label is a value as those that it stands beside; null where it cannot be.
    private Expr label(Syntax.Expression written, Type type, Scope scope) {
        return binder.expressions.expr(written, Env.of(scope)).map(label -> binder.calls.convert(label, type)).orElseGet(() -> Literals.nothing(type));
    }

    /// One row for each parent that has records which are none of its best at this level.
    private Plan others(int at, List<Syntax.TopNestedLevel> levels, List<Optional<Expr>> labels, List<Nested> made, Plan.Shared source,
            Rows input, Scope scope) {
        Rows rows = new Rows(new PlanCopy(binder).copy(source), input.open(), "");
        Env env = Env.of(scope, Columns.of(rows), "top-nested");
        List<Assignment> keys = made.get(at).keys.stream().map(key -> rebound(key, source, rows.columns())).toList();
        Plan records = Binder.extend(rows.plan(), keys);
        List<Column> parents = List.of();
        if (at > 0) {
            Plan known = new PlanCopy(binder).copy(made.get(at - 1).plan.orElseThrow());
            parents = known.columns();
            records = new Plan.Join(JoinKind.INNER, known, records, onLevelFirst(known, keys.subList(0, at)));
        }
        Plan best = new PlanCopy(binder).copy(made.get(at).plan.orElseThrow());
        records = new Plan.Join(JoinKind.LEFT_ANTI, records, best, onRecordsFirst(best, keys));
        Calculations calculations = Calculations.aggregates();
        List<Assignment> output = new ArrayList<>(parents.stream().map(Binder::same).toList());
        for (int i = at; i < levels.size(); i++) {
            Column value = made.get(i).output.get(2 * i);
            Column total = made.get(i).output.get(2 * i + 1);
            output.add(new Assignment(binder.column(value.name(), value.type()), labels.get(i).orElseGet(() -> Literals.nothing(value.type()))));
            Expr all = labels.get(i).isEmpty() ? Literals.nothing(total.type())
                    : items.bind(levels.get(i).by().expression(), env.with(calculations)).getFirst().value();
            output.add(new Assignment(binder.column(total.name(), total.type()), all));
        }
        Column count = binder.column("$rows", Type.LONG);
        List<Assignment> aggregates = new ArrayList<>(calculations.assignments());
        aggregates.add(new Assignment(count, new Expr.Aggregate(Catalogue.aggregate("count").orElseThrow(), "count(*)", List.of(), Type.LONG)));
        Expr any = new Expr.Call("top-nested", new Lowering.Sql("{0} > 0"), List.of(new Expr.Ref(count)), Type.BOOL);
        Plan grouped = new Plan.Aggregate(records, parents.stream().map(Binder::same).toList(), aggregates);
        return new Plan.Project(new Plan.Filter(grouped, any), output);
    }

    /// Of a join with the level's rows on the left and records on the right.
    private static List<JoinKey> onLevelFirst(Plan level, List<Assignment> keys) {
        List<JoinKey> on = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            on.add(new JoinKey(new Expr.Ref(level.columns().get(2 * i)), new Expr.Ref(keys.get(i).column())));
        }
        return on;
    }

    /// Of a join with records on the left and the level's rows on the right.
    private static List<JoinKey> onRecordsFirst(Plan level, List<Assignment> keys) {
        return onLevelFirst(level, keys).stream().map(key -> new JoinKey(key.right(), key.left())).toList();
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
}
