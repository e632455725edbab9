package io.conshelf.engine.sql;

import io.conshelf.kql.function.Template;
import io.conshelf.kql.plan.Column;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// One SELECT being put together: steps fold into it as long as SQL's order of evaluation allows, because every level of
/// nesting costs planning time.
///
/// @param from    what stands after `FROM`; empty for rows made of nothing
/// @param values  SQL over `from` for each column by its id; hidden ones have negative ids
/// @param orderBy sort terms over `from`
/// @param isInOrder whether the rows of `from` come in an order that means something: it holds while they only pass by
record Select(String from, Map<Integer, String> values, List<String> where, List<String> orderBy,
        Optional<String> limit, boolean isInOrder) {

    static final String NO_COLUMN = "none";

    static Select from(String from, Map<Integer, String> values) {
        return new Select(from, values, List.of(), List.of(), Optional.empty(), false);
    }

    static String name(int id) {
        return id < 0 ? "h" + -id : "c" + id;
    }

    /// The clause that groups by the first items of a SELECT.
    static String groupBy(int keys) {
        return IntStream.rangeClosed(1, keys).mapToObj(Integer::toString).collect(Collectors.joining(", ", " GROUP BY ", ""));
    }

    Select withValues(Map<Integer, String> newValues) {
        return new Select(from, newValues, where, orderBy, limit, isInOrder);
    }

    Select and(String predicate) {
        var all = new ArrayList<>(where);
        all.add(predicate);
        return new Select(from, values, all, orderBy, limit, isInOrder);
    }

    /// Each row beside each of other rows.
    Select joinedWith(String others) {
        return new Select(from + ", " + others, values, where, orderBy, limit, false);
    }

    Select orderedBy(List<String> terms) {
        return new Select(from, values, where, terms, limit, false);
    }

    Select limitedTo(String count) {
        return new Select(from, values, where, orderBy, Optional.of(count), isInOrder);
    }

    Select inOrder() {
        return new Select(from, values, where, orderBy, limit, true);
    }

    /// Whether rows that pass by another SELECT come in an order that means something.
    boolean givesOrder() {
        return isOrdered() || isInOrder;
    }

    boolean isLimited() {
        return limit.isPresent();
    }

    boolean isOrdered() {
        return !orderBy.isEmpty();
    }

    /// The text, with these columns in this order, then the hidden ones.
    String sql(List<Column> columns) {
        return "SELECT " + items(columns) + tail();
    }

    /// The text with select items of the caller's.
    String sqlSelecting(String items) {
        return "SELECT " + items + tail();
    }

    String items(List<Column> columns) {
        var items = new ArrayList<String>();
        for (Column column : columns) {
            items.add(item(column.id()));
        }
        values.keySet().stream().filter(id -> id < 0).forEach(id -> items.add(item(id)));
        return items.isEmpty() ? "1 AS " + NO_COLUMN : String.join(", ", items);
    }

    private String item(int id) {
        String value = values.get(id);
        String name = name(id);
        return value.equals(name) ? name : value + " AS " + name;
    }

    String tail() {
        var tail = new StringBuilder();
        if (!from.isEmpty()) {
            tail.append(" FROM ").append(from);
        }
        if (!where.isEmpty()) {
            tail.append(where.stream().map(Template::atom).collect(Collectors.joining(" AND ", " WHERE ", "")));
        }
        if (!orderBy.isEmpty()) {
            tail.append(" ORDER BY ").append(String.join(", ", orderBy));
        }
        limit.ifPresent(count -> tail.append(" LIMIT ").append(count));
        return tail.toString();
    }

    /// A new SELECT over this one as a subquery.
    Select nested(List<Column> columns, String alias) {
        Select outer = from("(" + sql(columns) + ") AS " + alias, plainValues(columns));
        return givesOrder() ? outer.inOrder() : outer;
    }

    /// The columns under their own names, as a subquery offers them.
    Map<Integer, String> plainValues(List<Column> columns) {
        var plain = new LinkedHashMap<Integer, String>();
        columns.forEach(column -> plain.put(column.id(), name(column.id())));
        values.keySet().stream().filter(id -> id < 0).forEach(id -> plain.put(id, name(id)));
        return plain;
    }

    Map<Integer, String> hiddenValues() {
        var hidden = new LinkedHashMap<Integer, String>();
        values.forEach((id, sql) -> {
            if (id < 0) {
                hidden.put(id, sql);
            }
        });
        return hidden;
    }
}
