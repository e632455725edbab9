package io.conshelf.streams.plan;

import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.expression.ExpressionText;
import io.conshelf.streams.plan.Relation.Kind;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.query.Syntax;
import io.conshelf.streams.query.Syntax.Expr;
import io.conshelf.streams.query.Syntax.Name;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Binds the clauses of one SELECT; [SelectSteps] makes the steps of what it finds.
final class SelectBinder {
    private static final int ITEMS_MAX = 10_000;
    private static final int RELATIONS_MAX = 64;

    private final Problems problems;
    private final QueryContext context;
    private final Sources sources;
    private final Syntax.Select select;
    private final Scope scope;
    private final Calls calls = new Calls();
    private final SelectNames names;
    private final SelectSteps steps;

    SelectBinder(Problems problems, QueryContext context, Sources sources, Syntax.Select select, Steps steps) {
        this.problems = problems;
        this.context = context;
        this.sources = sources;
        this.select = select;
        this.scope = new Scope(problems);
        this.names = new SelectNames(problems, context, scope, calls,
                select.groupBy().isEmpty() ? SelectNames.Grouping.PLAIN : SelectNames.Grouping.GROUPED);
        this.steps = new SelectSteps(problems, steps, scope, calls, names);
    }

    /// @return empty, and told, where nothing can be made of it
    Optional<Bound> bind() {
        if (select.relations().stream().anyMatch(Syntax.Match.class::isInstance)) {
            return new MatchBinder(problems, context, sources, select, steps.steps()).bind();
        }
        if (select.items().size() > ITEMS_MAX) {
            problems.error(select.span(), "a SELECT names at most %d columns, found %d", ITEMS_MAX, select.items().size());
            return Optional.empty();
        }
        if (select.relations().size() > RELATIONS_MAX) {
            problems.error(select.span(), "a SELECT joins and applies at most %d times, found %d", RELATIONS_MAX, select.relations().size());
            return Optional.empty();
        }
        int told = problems.told();
        if (!from()) {
            return Optional.empty();
        }
        Optional<Expression> where = select.where().map(condition -> names.at(Place.WHERE, () -> names.expressions().bind(condition)));
        Groups groups = groups();
        groups.keys().forEach(names::groupKey);
        List<SelectedItem> items = items();
        select.items().forEach(item -> {
            if (item instanceof Syntax.Computed(Expr value, var alias, _) && alias.isPresent()) {
                names.alias(alias.get().text(), value);
            }
        });
        Optional<Expression> having = select.having().map(condition -> names.at(Place.HAVING, () -> names.expressions().bind(condition)));
        if (problems.told() > told || scope.hasUnknown()) {
            return Optional.empty();
        }
        return steps.bound(new SelectSteps.Clauses(where, groups, items, having, select.span()));
    }

    /// @param windows empty without GROUP BY
    record Groups(List<Expression> keys, List<Step.NamedWindow> windows) {
        static final Groups NONE = new Groups(List.of(), List.of());
    }

    /// An item of SELECT, and the columns it gives.
    record SelectedItem(Step.Item item, Columns columns, Span span) {}

    // ---------------------------------------------------------------- FROM

    private boolean from() {
        scope.add(sources.relation(select.from()));
        boolean isComplete = true;
        for (Syntax.Relation relation : select.relations()) {
            isComplete &= switch (relation) {
                case Syntax.Join join -> join(join);
                case Syntax.Apply apply -> apply(apply);
                case Syntax.Match _ -> throw new AssertionError("bound elsewhere");
            };
        }
        return isComplete;
    }

    private boolean join(Syntax.Join join) {
        int told = problems.told();
        Relation joined = sources.relation(join.source());
        if (joined.origin() == Relation.Origin.UNKNOWN || scope.hasUnknown()) {
            // whether it is bounded in time, and has to be, depends on what it is
            scope.add(joined);
            return true;
        }
        boolean isReference = joined.kind() == Kind.REFERENCE;
        if (scope.relation(0).kind() == Kind.REFERENCE && !isReference) {
            problems.error(select.from().span(), "reference data such as '%s' stands on the right of a JOIN", scope.relation(0).name());
        }
        if (join.type() == Syntax.JoinType.CROSS && !isReference) {
            problems.error(join.span(), "CROSS JOIN is for reference data; '%s' is a stream", joined.name());
        }
        scope.add(joined);
        int right = scope.relations().size() - 1;
        if (problems.told() > told && join.type() == Syntax.JoinType.CROSS) {
            return true;
        }
        steps.join(new JoinBinder(problems, scope, names, calls).bind(join, right));
        return true;
    }

    private boolean apply(Syntax.Apply apply) {
        Optional<Step.ApplyFunction> function = switch (apply.call().text().toLowerCase(Locale.ROOT)) {
            case "getarrayelements" -> Optional.of(Step.ApplyFunction.ARRAY_ELEMENTS);
            case "getrecordproperties" -> Optional.of(Step.ApplyFunction.RECORD_PROPERTIES);
            default -> Optional.empty();
        };
        if (function.isEmpty() || apply.call().arguments().size() != 1) {
            problems.error(apply.call().span(), "APPLY takes GetArrayElements(array) or GetRecordProperties(record)");
            return false;
        }
        if (scope.relation(0).kind() == Kind.REFERENCE) {
            problems.error(apply.span(), "APPLY over reference data is not supported");
        }
        Expression argument = names.at(Place.APPLY, () -> names.expressions().whole(apply.call().arguments().getFirst()));
        List<String> columns = function.get() == Step.ApplyFunction.ARRAY_ELEMENTS ? List.of("ArrayIndex", "ArrayValue")
                : List.of("PropertyName", "PropertyValue");
        scope.add(new Relation(apply.alias().text(), Kind.APPLIED, Relation.Origin.STEP, -1, new Columns.Closed(columns), List.of(), List.of(), List.of(),
                apply.span()));
        steps.apply(function.get(), argument, apply.type() == Syntax.ApplyType.OUTER ? Step.ApplyKind.OUTER : Step.ApplyKind.CROSS, apply.span());
        return true;
    }

    // ---------------------------------------------------------------- GROUP BY

    private Groups groups() {
        if (select.groupBy().isEmpty()) {
            return Groups.NONE;
        }
        if (scope.relation(0).kind() == Kind.REFERENCE) {
            problems.error(select.groupBy().getFirst().span(), "reference data has no windows: GROUP BY needs a stream");
        }
        List<Expr> windows = select.groupBy().stream().filter(WindowBinder::isWindow).toList();
        List<Expr> timestamps = select.groupBy().stream().filter(WindowBinder::isTimestamp).toList();
        if (windows.size() > 1) {
            problems.error(windows.get(1).span(), "GROUP BY takes one window; several stand in Windows(…)");
        }
        if (windows.isEmpty() && timestamps.isEmpty()) {
            problems.error(select.groupBy().getFirst().span(),
                    "a window must be specified: GROUP BY needs one, such as TumblingWindow(minute, 1), or System.Timestamp()");
        }
        Map<String, Expression> keys = new LinkedHashMap<>();
        for (Expr group : select.groupBy()) {
            boolean isTime = WindowBinder.isTimestamp(group) && windows.isEmpty();
            if (!WindowBinder.isWindow(group) && !isTime) {
                Expression key = names.at(Place.GROUP_BY, () -> names.expressions().bind(group));
                keys.putIfAbsent(ExpressionText.key(key), key);
            }
        }
        List<Step.NamedWindow> bound = windows.isEmpty() ? List.of(new Step.NamedWindow("", new Window.Snapshot()))
                : names.at(Place.GROUP_BY, () -> names.windows().windows(windows.getFirst()));
        return new Groups(List.copyOf(keys.values()), bound);
    }

    // ---------------------------------------------------------------- SELECT

    private List<SelectedItem> items() {
        List<SelectedItem> items = new ArrayList<>();
        Map<String, Span> given = new LinkedHashMap<>();
        for (Syntax.Item item : select.items()) {
            switch (item) {
                case Syntax.All all -> items.addAll(all(all));
                case Syntax.AllOf of -> items.add(allOf(of));
                case Syntax.Computed computed -> {
                    String stated = computed.alias().map(Name::text).orElseGet(() -> name(computed.value(), items.size() + 1));
                    String name = context.column(stated, computed.value());
                    if (given.putIfAbsent(name.toLowerCase(Locale.ROOT), computed.span()) != null) {
                        problems.error(computed.span(), "two columns are called '%s'; give one another name with AS", name);
                    }
                    Expression value = names.at(Place.SELECT, () -> names.expressions().bind(computed.value()));
                    items.add(new SelectedItem(new Step.Item.Named(name, value), new Columns.Closed(List.of(name)), computed.span()));
                }
            }
        }
        return items;
    }

    private List<SelectedItem> all(Syntax.All all) {
        if (!select.groupBy().isEmpty()) {
            problems.error(all.span(), "'*' cannot stand beside GROUP BY: name the keys and the aggregates");
        }
        if (select.relations().stream().anyMatch(Syntax.Join.class::isInstance)) {
            problems.error(all.span(), "SELECT * cannot be used with JOIN: write %s.*", scope.relation(0).name());
        }
        List<SelectedItem> items = new ArrayList<>();
        for (int i = 0; i < scope.relations().size(); i++) {
            Relation relation = scope.relation(i);
            Expression record = new Expression.Slot(Slots.record(i), all.span());
            // what APPLY gives is one column, a record
            items.add(relation.kind() == Kind.APPLIED
                    ? new SelectedItem(new Step.Item.Named(context.column(relation.name()), record),
                            new Columns.Closed(List.of(context.column(relation.name()))), all.span())
                    : new SelectedItem(new Step.Item.All(record), relation.columns(), all.span()));
        }
        return items;
    }

    private SelectedItem allOf(Syntax.AllOf of) {
        if (of.of() instanceof Syntax.Named(Name name, _) && scope.find(name.text()).isPresent()) {
            int index = scope.find(name.text()).getAsInt();
            if (!select.groupBy().isEmpty()) {
                problems.error(of.span(), "'%s.*' cannot stand beside GROUP BY: name the keys and the aggregates", name.text());
            }
            return new SelectedItem(new Step.Item.All(new Expression.Slot(Slots.record(index), of.span())), scope.relation(index).columns(), of.span());
        }
        return new SelectedItem(new Step.Item.All(names.at(Place.SELECT, () -> names.expressions().bind(of.of()))), Columns.OPEN, of.span());
    }

    /// What a column is called that has no name: by the last part of its path, or by its function.
    private static String name(Expr value, int position) {
        return switch (value) {
            case Syntax.Named(Name name, _) -> name.text();
            case Syntax.Member(_, Name part, _) -> part.text();
            case Syntax.Call call -> call.name().size() == 1 ? call.text().toLowerCase(Locale.ROOT) : call.name().getLast().text();
            case Syntax.Cast cast -> cast.onFailure() == Expression.OnFailure.NULL ? "try_cast" : "cast";
            case Syntax.Literal _, Syntax.Star _, Syntax.Unary _, Syntax.Binary _, Syntax.Like _, Syntax.Between _, Syntax.In _, Syntax.IsNull _, Syntax.Case _ ->
                "column" + position;
        };
    }
}
