package io.conshelf.streams.plan;

import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.expression.ExpressionText;
import io.conshelf.streams.plan.Relation.Kind;
import io.conshelf.streams.plan.SelectBinder.Groups;
import io.conshelf.streams.plan.SelectBinder.SelectedItem;
import io.conshelf.streams.plan.Step.Partitioning;
import io.conshelf.streams.query.Span;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Makes the steps of a SELECT whose clauses are bound: sources with their analytic functions, joins and applies, WHERE, GROUP BY, HAVING, the record.
final class SelectSteps {
    private final Problems problems;
    private final Steps steps;
    private final Scope scope;
    private final Calls calls;
    private final SelectNames names;
    private final List<Stage> stages = new ArrayList<>();

    SelectSteps(Problems problems, Steps steps, Scope scope, Calls calls, SelectNames names) {
        this.problems = problems;
        this.steps = steps;
        this.scope = scope;
        this.calls = calls;
        this.names = names;
    }

    /// What is done, in this order, to the rows of the first source.
    private sealed interface Stage {
        record Join(JoinBinder.Joined joined) implements Stage {}

        record Apply(int relation, Step.ApplyFunction function, Expression argument, Step.ApplyKind kind, Span span) implements Stage {}
    }

    record Clauses(Optional<Expression> where, Groups groups, List<SelectedItem> items, Optional<Expression> having, Span span) {}

    Steps steps() {
        return steps;
    }

    void join(JoinBinder.Joined joined) {
        stages.add(new Stage.Join(joined));
    }

    void apply(Step.ApplyFunction function, Expression argument, Step.ApplyKind kind, Span span) {
        stages.add(new Stage.Apply(scope.relations().size() - 1, function, argument, kind, span));
    }

    /// Rows of a step, and where in them things stand.
    private record Rows(int step, Slots slots) {}

    Optional<Bound> bound(Clauses clauses) {
        int told = problems.told();
        Map<Integer, List<Integer>> homes = homes();
        List<Expression> partitionKeys = partitionKeys();
        checkTimeKeys(clauses);
        if (problems.told() > told) {
            return Optional.empty();
        }
        Rows rows = source(0, homes);
        for (Stage stage : stages) {
            rows = switch (stage) {
                case Stage.Join(JoinBinder.Joined joined) -> join(rows, joined, homes, partitionKeys);
                case Stage.Apply apply -> {
                    Slots slots = rows.slots();
                    int step = steps.add(new Step.Apply(rows.step(), apply.function(), Rewrite.slots(apply.argument(), slots::place), apply.kind(),
                            apply.span()));
                    yield new Rows(step, slots.append(Slots.record(apply.relation())));
                }
            };
        }
        rows = analytics(rows, homes.getOrDefault(-1, List.of()), partitionKeys);
        Slots joined = rows.slots();
        int step = rows.step();
        if (clauses.where().isPresent()) {
            step = steps.add(new Step.Filter(step, Rewrite.slots(clauses.where().get(), joined::place)));
        }
        return Optional.of(clauses.groups().windows().isEmpty() ? plain(step, joined, clauses) : grouped(step, joined, clauses, partitionKeys));
    }

    // ---------------------------------------------------------------- before WHERE

    /// Which calls are computed on the events of which source: joins and applies do not come before them. Those that read several sources are computed on
    /// what is joined, under -1.
    private Map<Integer, List<Integer>> homes() {
        Map<Integer, List<Integer>> homes = new HashMap<>();
        for (int call = 0; call < calls.analytics().size(); call++) {
            Set<Integer> reads = Slots.relationsOf(Calls.expressions(calls.analytics().get(call)));
            int home = reads.isEmpty() ? 0 : reads.size() > 1 ? -1 : reads.iterator().next();
            if (home >= 0 && scope.relation(home).kind() != Kind.STREAM) {
                home = -1;
            }
            homes.computeIfAbsent(home, _ -> new ArrayList<>()).add(call);
        }
        for (int call : homes.getOrDefault(-1, List.of())) {
            for (Stage stage : stages) {
                if (stage instanceof Stage.Join(JoinBinder.Joined joined) && reads(joined, call)) {
                    problems.error(calls.analytics().get(call).span(),
                            "an analytic function in ON that reads several sources is not supported; compute it in a step of WITH");
                }
            }
        }
        return homes;
    }

    private static boolean reads(JoinBinder.Joined joined, int call) {
        List<Expression> conditions = new ArrayList<>(List.of(joined.residual()));
        joined.equal().forEach(key -> conditions.addAll(List.of(key.left(), key.right())));
        return Slots.analyticsOf(conditions).contains(call);
    }

    private Rows source(int index, Map<Integer, List<Integer>> homes) {
        Relation relation = scope.relation(index);
        Slots slots = new Slots().append(Slots.record(index));
        int step = relation.step();
        if (names.timesRead().contains(index)) {
            step = steps.add(new Step.Extend(step, List.of(new Expression.Timestamp(relation.span()))));
            slots.append(Slots.time(index));
        }
        return analytics(new Rows(step, slots), homes.getOrDefault(index, List.of()), keys(index));
    }

    private Rows analytics(Rows rows, List<Integer> computed, List<Expression> partitionKeys) {
        if (computed.isEmpty()) {
            return rows;
        }
        Slots slots = rows.slots();
        int step = steps.add(new Step.Analytics(rows.step(), computed.stream().map(call -> Rewrite.slots(calls.analytics().get(call), slots::place)).toList(),
                new Partitioning(Rewrite.slots(partitionKeys, slots::place))));
        computed.forEach(call -> slots.append(Slots.analytic(call)));
        return new Rows(step, slots);
    }

    private Rows join(Rows left, JoinBinder.Joined joined, Map<Integer, List<Integer>> homes, List<Expression> partitionKeys) {
        Rows right = source(joined.right(), homes);
        Slots leftSlots = left.slots();
        Slots rightSlots = right.slots();
        List<Step.EqualKey> equal = joined.equal().stream().map(key -> new Step.EqualKey(Rewrite.slots(key.left(), leftSlots::place),
                Rewrite.slots(key.right(), rightSlots::place))).toList();
        List<Step.TimeBound> bounds = joined.bounds().stream().map(bound -> new Step.TimeBound(bound.unit(),
                Rewrite.slots(bound.leftTime(), leftSlots::place), bound.low(), bound.high())).toList();
        Partitioning partitioning = new Partitioning(Rewrite.slots(partitionKeys, leftSlots::place));
        int rightSize = rightSlots.size();
        Slots both = leftSlots.append(rightSlots);
        Expression residual = Rewrite.slots(joined.residual(), both::place);
        return new Rows(steps.add(scope.relation(joined.right()).kind() == Kind.REFERENCE
                ? new Step.ReferenceJoin(left.step(), right.step(), joined.kind(), equal, residual, rightSize)
                : new Step.StreamJoin(left.step(), right.step(), joined.kind(), bounds, equal, residual, rightSize, partitioning)), both);
    }

    // ---------------------------------------------------------------- partitions and substreams

    /// What a source's rows are kept apart by: its partitions, and its substreams.
    private List<Expression> keys(int index) {
        Map<String, Expression> keys = new LinkedHashMap<>();
        Relation relation = scope.relation(index);
        for (List<Expression> list : List.of(relation.partitionBy(), relation.timeKeys())) {
            Rewrite.slots(list, _ -> Slots.record(index)).forEach(key -> keys.putIfAbsent(ExpressionText.key(key), key));
        }
        return List.copyOf(keys.values());
    }

    // Joined sources are joined on their keys, so those of the first that has some stand for all.
    private List<Expression> partitionKeys() {
        return keys(0);
    }

    private void checkTimeKeys(Clauses clauses) {
        boolean needsTime = !calls.analytics().isEmpty() || !clauses.groups().windows().isEmpty()
                || stages.stream().anyMatch(stage -> stage instanceof Stage.Join(JoinBinder.Joined joined)
                        && scope.relation(joined.right()).kind() == Kind.STREAM);
        for (int i = 0; i < scope.relations().size(); i++) {
            Relation relation = scope.relation(i);
            if (needsTime && !relation.lostKeys().isEmpty()) {
                problems.error(relation.span(), "'%s' has substreams (TIMESTAMP BY … OVER), and %s", relation.name(), LostKey.told(relation.lostKeys()));
            }
            if (!clauses.groups().windows().isEmpty()) {
                for (Expression key : relation.timeKeys()) {
                    String wanted = ExpressionText.key(Rewrite.slots(key, _ -> 0));
                    if (clauses.groups().keys().stream().noneMatch(group -> ExpressionText.key(Rewrite.slots(group, slot ->
                            Slots.isAnalytic(slot) ? slot : 0)).equals(wanted))) {
                        problems.error(clauses.span(), "GROUP BY must hold the keys of TIMESTAMP BY … OVER: %s is missing", shown(key));
                    }
                }
            }
        }
    }

    private static String shown(Expression key) {
        return ExpressionText.of(key).replace("#0.", "");
    }

    // ---------------------------------------------------------------- after WHERE

    private Bound plain(int from, Slots slots, Clauses clauses) {
        int step = from;
        if (clauses.having().isPresent()) {
            step = steps.add(new Step.Filter(step, Rewrite.slots(clauses.having().get(), slots::place)));
        }
        return projected(step, clauses, clauses.items().stream().map(SelectedItem::item).<Step.Item>map(item -> switch (item) {
            case Step.Item.Named(String name, Expression value) -> new Step.Item.Named(name, Rewrite.slots(value, slots::place));
            case Step.Item.All(Expression of) -> new Step.Item.All(Rewrite.slots(of, slots::place));
        }).toList());
    }

    private Bound grouped(int from, Slots slots, Clauses clauses, List<Expression> partitionKeys) {
        Groups groups = clauses.groups();
        Map<String, Integer> places = new HashMap<>();
        for (Expression key : groups.keys()) {
            places.put(ExpressionText.key(key), places.size());
        }
        List<Step.Item> items = new ArrayList<>();
        for (SelectedItem selected : clauses.items()) {
            items.add(switch (selected.item()) {
                case Step.Item.Named(String name, Expression value) -> new Step.Item.Named(name, regrouped(value, places));
                case Step.Item.All(Expression of) -> new Step.Item.All(regrouped(of, places));
            });
        }
        Optional<Expression> having = clauses.having().map(condition -> regrouped(condition, places));
        List<Step.NamedWindow> windows = groups.windows().stream().map(named -> named.window() instanceof Window.Session session
                ? new Step.NamedWindow(named.id(), new Window.Session(session.timeout(), session.maxDuration(), Rewrite.slots(session.over(), slots::place)))
                : named).toList();
        int step = steps.add(new Step.Aggregate(from, Rewrite.slots(groups.keys(), slots::place),
                calls.aggregates().stream().map(call -> Rewrite.slots(call, slots::place)).toList(), windows,
                new Partitioning(Rewrite.slots(partitionKeys, slots::place))));
        if (having.isPresent()) {
            step = steps.add(new Step.Filter(step, having.get()));
        }
        return projected(step, clauses, items);
    }

    /// What is read after GROUP BY: its keys, aggregates, the window's id and its end. Anything else of the rows before is gone.
    private Expression regrouped(Expression value, Map<String, Integer> keys) {
        return Rewrite.each(value, one -> {
            if (one instanceof Expression.Timestamp) {
                return Optional.of(one);
            }
            Integer key = one instanceof Expression.Literal ? null : keys.get(ExpressionText.key(one));
            if (key != null) {
                return Optional.of(new Expression.Slot(key, one.span()));
            }
            if (one instanceof Expression.Slot(int slot, Span span)) {
                if (slot == Slots.WINDOW_ID) {
                    return Optional.of(new Expression.Slot(keys.size() + calls.aggregates().size(), span));
                }
                return Optional.of(Slots.isAggregate(slot) ? new Expression.Slot(keys.size() + Slots.callOf(slot), span) : ungrouped(one));
            }
            return reads(one) ? Optional.of(ungrouped(one)) : Optional.empty();
        });
    }

    private static boolean reads(Expression one) {
        return one instanceof Expression.Field(Expression.Slot(int slot, _), _, _) && !Slots.isAggregate(slot) && !Slots.isAnalytic(slot);
    }

    private Expression ungrouped(Expression one) {
        return problems.refused(one.span(), one instanceof Expression.Field(_, String name, _)
                ? "'" + name + "' must stand in GROUP BY or in an aggregate"
                : Slots.isAnalytic(one instanceof Expression.Slot(int slot, _) ? slot : 0)
                        ? "an analytic function beside GROUP BY must stand in GROUP BY or in an aggregate" : "what is not in GROUP BY must stand in an aggregate");
    }

    private Bound projected(int from, Clauses clauses, List<Step.Item> items) {
        int step = steps.add(new Step.Project(from, items));
        Columns columns = new Columns.Closed(List.of());
        for (SelectedItem item : clauses.items()) {
            columns = columns.and(item.columns());
        }
        List<Expression> timeKeys = new ArrayList<>();
        List<LostKey> lostKeys = new ArrayList<>();
        Relation first = scope.relation(0);
        for (int i = 0; i < first.timeKeys().size(); i++) {
            int position = i;
            passedOn(position, clauses).ifPresentOrElse(timeKeys::add, () -> lostKeys.add(new LostKey.NotPassedOn(shown(first.timeKeys().get(position)))));
        }
        lostKeys.addAll(first.lostKeys());
        return new Bound(step, scope.relation(0).kind() == Kind.REFERENCE ? Kind.REFERENCE : Kind.STREAM, columns, timeKeys, lostKeys);
    }

    /// As which column a key of substreams goes on.
    private Optional<Expression> passedOn(int position, Clauses clauses) {
        for (int i = 0; i < scope.relations().size(); i++) {
            if (scope.relation(i).timeKeys().size() <= position) {
                continue;
            }
            int index = i;
            Expression key = Rewrite.slots(scope.relation(i).timeKeys().get(position), _ -> Slots.record(index));
            for (SelectedItem selected : clauses.items()) {
                switch (selected.item()) {
                    case Step.Item.Named(String name, Expression value) -> {
                        if (ExpressionText.key(value).equals(ExpressionText.key(key))) {
                            return Optional.of(new Expression.Field(new Expression.Slot(0, key.span()), name, key.span()));
                        }
                    }
                    case Step.Item.All(Expression of) -> {
                        if (of instanceof Expression.Slot(int slot, _) && slot == Slots.record(i)) {
                            return Optional.of(Rewrite.slots(key, _ -> 0));
                        }
                    }
                }
            }
        }
        return Optional.empty();
    }
}
