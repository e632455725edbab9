package io.conshelf.engine.sql;

import io.conshelf.kql.function.Lowering;
import io.conshelf.kql.function.PackedTexts;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Expansion;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.DynamicText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/// `mv-expand` and `mv-apply`: arrays and bags as rows.
///
/// As recorded: a null makes one row with null, an empty array none, a value that is neither array nor bag one with itself.
final class ExpandSql {
    /// A key of a bag as an element: what is a mark in a text has no meaning in a key.
    private static final String KEY_AS_TEXT =
            "CASE WHEN starts_with(p[1], '" + DynamicText.MARK + "') THEN '" + DynamicText.MARK + "' || p[1] ELSE p[1] END";

    private final PlanWriter plans;
    private final List<Column> lists = new ArrayList<>();
    /// The input with each item's value, and without.
    private final Select withValues;
    private final Map<Integer, String> input;
    /// The list of each item, over `withValues`.
    private final Map<Integer, String> listTexts = new LinkedHashMap<>();
    private final List<Column> inputColumns;

    /// @param takesTexts whether a list may be one of texts
    private ExpandSql(PlanWriter plans, Plan plan, List<Expansion> items, OptionalLong limit, boolean takesTexts) {
        this.plans = plans;
        Select select = plans.select(plan);
        List<Expr> values = items.stream().map(Expansion::value).toList();
        Select base = select.isLimited() || select.isOrdered()
                ? plans.nest(select, plan)
                : plans.unrepeated(select, plan, values);
        // The list's text repeats the value, so the value has a level of its own.
        var valueColumns = new ArrayList<Column>();
        var areLists = new ArrayList<Boolean>();
        var inner = new LinkedHashMap<>(base.values());
        ExprWriter expressions = plans.expressions(base);
        for (Expansion item : items) {
            Column column = plans.temporary(Type.DYNAMIC);
            valueColumns.add(column);
            Optional<List<Expr>> texts = takesTexts ? texts(item) : Optional.empty();
            String value = texts.map(elements -> "[" + String.join(", ", plans.bounds().fittingElements(elements, expressions.writeAll(elements))) + "]")
                    .orElseGet(() -> expressions.write(item.value()));
            boolean isList = isList(item) || texts.isPresent();
            areLists.add(isList);
            inner.put(column.id(), isList ? value : plans.bounds().fittingList(item.value(), value));
        }
        var innerColumns = new ArrayList<>(plan.columns());
        innerColumns.addAll(valueColumns);
        withValues = base.withValues(inner).nested(innerColumns, plans.alias("q"));
        inputColumns = plan.columns();
        input = new LinkedHashMap<>(withValues.values());
        for (int i = 0; i < items.size(); i++) {
            Column column = plans.temporary(Type.DYNAMIC);
            lists.add(column);
            input.remove(valueColumns.get(i).id());
            listTexts.put(column.id(), list(Select.name(valueColumns.get(i).id()), items.get(i), areLists.get(i), limit));
        }
    }

    static Select expand(PlanWriter plans, Plan.Expand expand) {
        var writer = new ExpandSql(plans, expand.input(), expand.items(), expand.limit(), true);
        var outer = new LinkedHashMap<>(writer.input);
        outer.putAll(writer.listTexts);
        var outerColumns = new ArrayList<>(writer.inputColumns);
        outerColumns.addAll(writer.lists);
        Select withLists = writer.withValues.withValues(outer).nested(outerColumns, plans.alias("q"));
        var items = new ArrayList<String>();
        withLists.values().forEach((id, sql) -> {
            if (!writer.listTexts.containsKey(id)) {
                items.add(sql + " AS " + Select.name(id));
            }
        });
        String unnests = writer.unnests(expand.items(), expand.index());
        String select = items.isEmpty() ? unnests : String.join(", ", items) + ", " + unnests;
        String from = "(" + withLists.sqlSelecting(select) + ") AS " + plans.alias("q");
        var values = new LinkedHashMap<Integer, String>();
        writer.input.keySet().forEach(id -> values.put(id, Select.name(id)));
        // Each element has them beside it.
        writer.inputColumns.forEach(column -> values.put(column.id(), plans.bounds().fittingRepeated(column, Select.name(column.id()))));
        values.putAll(elements(expand.items(), expand.index()));
        return Select.from(from, values);
    }

    static Select apply(PlanWriter plans, Plan.Apply apply) {
        Optional<Plan> inline = inline(apply, apply.body());
        if (inline.isPresent()) {
            return plans.select(inline.get());
        }
        var writer = new ExpandSql(plans, apply.input(), apply.items(), apply.limit(), false);
        boolean needsOrder = looksAtNeighbours(apply.body());
        Optional<Column> index = needsOrder && apply.index().isEmpty() ? Optional.of(plans.temporary(Type.LONG)) : apply.index();
        // DuckDB joins the body by what it reads of the row around: by the text of a value, which is compared faster than a list, and may repeat.
        String lists = writer.listTexts.entrySet().stream().map(list -> list.getValue() + " AS " + Select.name(list.getKey())).collect(Collectors.joining(", "));
        String rows = "(SELECT " + writer.unnests(apply.items(), index) + " FROM (SELECT " + lists + ") AS " + plans.alias("q") + ") AS " + plans.alias("q");
        Select elements = Select.from(rows, elements(apply.items(), apply.index()));
        Select body = needsOrder ? elements.orderedBy(List.of(Select.name(index.orElseThrow().id()))) : elements;
        return plans.lateral(writer.withValues.from(), writer.input, body, apply.body(), apply.body().columns());
    }

    /// A body that only chooses and computes does that to the rows of `mv-expand` as well: there is nothing then to be joined with the rows around.
    private static Optional<Plan> inline(Plan.Apply apply, Plan body) {
        return switch (body) {
            case Plan.ApplyInput _ -> Optional.of(new Plan.Expand(apply.input(), apply.items(), apply.index(), apply.limit()));
            case Plan.Serialize(Plan input) -> inline(apply, input);
            case Plan.Filter(Plan input, Expr predicate) when isOfARow(predicate) ->
                inline(apply, input).map(rows -> new Plan.Filter(rows, predicate));
            case Plan.Project p when p.assignments().stream().allMatch(assignment -> isOfARow(assignment.value())) ->
                inline(apply, p.input()).map(rows -> new Plan.Project(rows, withAround(apply.input().columns(), p.assignments())));
            default -> Optional.empty();
        };
    }

    private static List<Plan.Assignment> withAround(List<Column> around, List<Plan.Assignment> assignments) {
        var all = new LinkedHashMap<Integer, Plan.Assignment>();
        around.forEach(column -> all.put(column.id(), new Plan.Assignment(column, new Expr.Ref(column))));
        assignments.forEach(assignment -> all.putIfAbsent(assignment.column().id(), assignment));
        return List.copyOf(all.values());
    }

    /// Whether an expression asks for nothing but its row: neither for a query, whose body may look at the rows around, nor for chance.
    static boolean isOfARow(Expr expression) {
        return switch (expression) {
            case Expr.Ref _, Expr.Constant _, Expr.Null _ -> true;
            case Expr.Call call -> call.lowering() instanceof Lowering.Sql && call.arguments().stream().allMatch(ExpandSql::isOfARow);
            case Expr.Aggregate _, Expr.ScalarQuery _, Expr.InQuery _ -> false;
        };
    }

    /// Whether a step of the body looks at the elements in their own order.
    private static boolean looksAtNeighbours(Plan plan) {
        return switch (plan) {
            case Plan.Window _, Plan.StepScan _, Plan.Sessions _ -> true;
            case Plan.Filter p -> looksAtNeighbours(p.input());
            case Plan.Project p -> looksAtNeighbours(p.input());
            case Plan.Limit p -> looksAtNeighbours(p.input());
            case Plan.Serialize p -> looksAtNeighbours(p.input());
            case Plan.Aggregate p -> looksAtNeighbours(p.input());
            case Plan.Sort p -> looksAtNeighbours(p.input());
            case Plan.Top p -> looksAtNeighbours(p.input());
            case Plan.Expand p -> looksAtNeighbours(p.input());
            case Plan.Join p -> looksAtNeighbours(p.left()) || looksAtNeighbours(p.right());
            case Plan.Union p -> p.inputs().stream().anyMatch(ExpandSql::looksAtNeighbours);
            case Plan.Apply p -> looksAtNeighbours(p.input());
            case Plan.Partition p -> looksAtNeighbours(p.input());
            case Plan.MakeSeries p -> looksAtNeighbours(p.input());
            case Plan.Scan _, Plan.Rows _, Plan.Supplied _, Plan.Range _, Plan.ApplyInput _, Plan.Walks _, Plan.Shared _, Plan.Refused _ -> false;
        };
    }

    private String unnests(List<Expansion> items, Optional<Column> index) {
        var unnests = new ArrayList<String>();
        for (int i = 0; i < items.size(); i++) {
            unnests.add("unnest(" + Select.name(lists.get(i).id()) + ") AS " + Select.name(items.get(i).column().id()));
        }
        String longest = lists.stream()
                .map(list -> "len(" + Select.name(list.id()) + ")")
                .collect(Collectors.joining(", ", "greatest(", ")"));
        index.ifPresent(column -> unnests.add("unnest(range(" + longest + ")) AS " + Select.name(column.id())));
        return String.join(", ", unnests);
    }

    private static Map<Integer, String> elements(List<Expansion> items, Optional<Column> index) {
        var values = new LinkedHashMap<Integer, String>();
        for (Expansion item : items) {
            String name = Select.name(item.column().id());
            values.put(item.column().id(), isList(item) ? name
                    : item.column().type() == Type.STRING ? "coalesce(" + name + ", '')" : "nullif(" + name + ", 'null')");
        }
        index.ifPresent(column -> values.put(column.id(), Select.name(column.id())));
        return values;
    }

    /// Whether the value is a list of values that are what they are to be.
    private static boolean isList(Expansion item) {
        return item.column().type() != Type.DYNAMIC && item.column().type() != Type.STRING;
    }

    /// The texts of an array that is made of them: it need not be written and taken apart again.
    private static Optional<List<Expr>> texts(Expansion item) {
        return item.column().type() == Type.STRING ? PackedTexts.of(item.value()) : Optional.empty();
    }

    private static String list(String value, Expansion item, boolean isList, OptionalLong limit) {
        String elements = isList ? "coalesce(" + value + ", [NULL])" : elements(value, item);
        return limit.isPresent() ? "(" + elements + ")[1:" + limit.getAsLong() + "]" : elements;
    }

    private static String elements(String value, Expansion item) {
        String pair = item.bagAsArray()
                ? "'[' || CAST(to_json(" + KEY_AS_TEXT + ") AS VARCHAR) || ',' || CAST(p[2] AS VARCHAR) || ']'"
                : "'{' || CAST(to_json(p[1]) AS VARCHAR) || ':' || CAST(p[2] AS VARCHAR) || '}'";
        String list = "CASE WHEN starts_with(" + value + ", '[') THEN CAST(json_extract(" + value + ", '$[*]') AS VARCHAR[])"
                + " WHEN starts_with(" + value + ", '{') THEN list_transform(list_zip(json_keys(" + value + "), json_extract(" + value
                + ", '$.*')), lambda p: " + pair + ")"
                + " ELSE [" + value + "] END";
        return item.column().type() == Type.STRING ? texts(value, list) : list;
    }

    /// Elements that are wanted as strings DuckDB unquotes while it takes the array apart; only tagged values need more.
    private static String texts(String value, String list) {
        return "CASE WHEN starts_with(" + value + ", '[') AND NOT contains(" + value + ", '" + DynamicText.MARK
                + "') THEN from_json(" + value + ", '[\"VARCHAR\"]') ELSE list_transform(" + list
                + ", lambda e: kql_dynamic_text(nullif(e, 'null'))) END";
    }
}
