package io.conshelf.engine.sql;

import io.conshelf.kql.function.BagProperty;
import io.conshelf.kql.function.Lowering;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// `summarize make_bag(bag_pack(key, value))`: of each key the first value counts, so DuckDB finds the first row of each before any
/// value becomes text. The properties stay in the order in which their keys came.
final class PackedBags {
    private static final Set<String> FUNCTIONS = Set.of("make_bag", "make_dictionary");

    /// The rows in their order, and those that are the first of their keys.
    private static final String ROW = "o";
    private static final String FIRST = "first_row";

    private PackedBags() {}

    /// Empty where anything else is asked for, or besides.
    static Optional<Select> select(PlanWriter plans, Plan.Aggregate aggregate) {
        if (plans.isLateral() || aggregate.aggregates().size() != 1
                || !(aggregate.aggregates().getFirst().value() instanceof Expr.Aggregate made) || !FUNCTIONS.contains(made.function().name())
                || !(made.arguments().getLast() instanceof Expr.Constant)) {
            return Optional.empty();
        }
        return BagProperty.of(made.arguments().getFirst())
                .filter(property -> Stream.concat(aggregate.keys().stream().map(Assignment::value), Stream.of(property.key(), property.value()))
                        .allMatch(ExpandSql::isOfARow))
                .map(property -> select(plans, aggregate, made, property));
    }

    private static Select select(PlanWriter plans, Plan.Aggregate aggregate, Expr.Aggregate made, BagProperty property) {
        Select rows = plans.numbered(plans.select(aggregate.input()), aggregate.input().columns());
        ExprWriter ofRows = plans.expressions(rows);
        Column key = plans.temporary(Type.STRING);
        Expr kept = kept(property.value());
        Column value = plans.temporary(kept.type());
        plans.bounds().tell(key, property.key());
        plans.bounds().tell(value, kept);
        int keys = aggregate.keys().size();
        var items = new ArrayList<String>();
        aggregate.keys().forEach(k -> items.add(ofRows.write(k.value()) + " AS " + Select.name(k.column().id())));
        items.add(ofRows.write(property.key()) + " AS " + Select.name(key.id()));
        items.add("arg_min_null(" + ofRows.write(kept) + ", " + ROW + ") AS " + Select.name(value.id()));
        items.add("min(" + ROW + ") AS " + FIRST);
        String firsts = "(" + rows.sqlSelecting(String.join(", ", items)) + Select.groupBy(keys + 1) + ") AS " + plans.alias("q");

        var columns = new ArrayList<>(aggregate.keys().stream().map(Assignment::column).toList());
        var names = new ArrayList<>(columns.stream().map(column -> Select.name(column.id())).toList());
        columns.addAll(List.of(key, value));
        Select ofKeys = Select.from(firsts, PlanWriter.plain(columns));
        Expr bag = new BagProperty(new Expr.Ref(key), ofKept(property.value(), new Expr.Ref(value))).bag();
        names.add(plans.expressions(ofKeys, Optional.of(FIRST)).write(
                new Expr.Aggregate(made.function(), made.template(), List.of(bag, made.arguments().getLast()), made.type()))
                + " AS " + Select.name(aggregate.aggregates().getFirst().column().id()));
        String bags = "(" + ofKeys.sqlSelecting(String.join(", ", names)) + (keys == 0 ? "" : Select.groupBy(keys)) + ") AS " + plans.alias("q");
        return Select.from(bags, PlanWriter.plain(aggregate.columns()));
    }

    /// What is kept of a row for its value: where that is made of one thing, the thing.
    private static Expr kept(Expr value) {
        return isOfOne(value) && value instanceof Expr.Call call ? call.arguments().getFirst() : value;
    }

    private static Expr ofKept(Expr value, Expr kept) {
        return isOfOne(value) && value instanceof Expr.Call call ? new Expr.Call(call.function(), call.lowering(), List.of(kept), call.type()) : kept;
    }

    private static boolean isOfOne(Expr value) {
        return value instanceof Expr.Call(_, Lowering.Sql _, List<Expr> arguments, _) && arguments.size() == 1;
    }
}
