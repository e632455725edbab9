package io.conshelf.engine.sql;

import io.conshelf.engine.duck.DuckTypes;
import io.conshelf.engine.duck.Sql;
import io.conshelf.kql.function.Lowering;
import io.conshelf.kql.function.Template;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Many constants as one list, held in one literal.
///
/// DuckDB parses and plans each literal by itself, and compares each row with each item of a long `NOT IN`: 10,000 texts took it
/// half a minute for a million rows. As a subquery over one list it is a hash join.
final class ConstantList {
    /// Fewer are as quick as they are, and a filter of a scan can use them.
    private static final int ITEMS_MIN = 32;

    private static final char FIRST_SEPARATOR = '\u0001';
    private static final char LAST_SEPARATOR = '\u001f';

    private ConstantList() {}

    /// The items as rows of a query, where they are many constants of one type that a list can hold. Nulls are left out: no value is equal to one, and
    /// what is null itself is asked for beside the list.
    static Optional<String> query(List<Expr> items) {
        if (items.size() < ITEMS_MIN) {
            return Optional.empty();
        }
        // All of them, or none, are in lower case.
        if (items.getFirst() instanceof Expr.Call(_, Lowering.Sql(String template), List<Expr> first, _) && first.size() == 1) {
            boolean isAlike = items.stream().allMatch(item -> item instanceof Expr.Call(_, Lowering.Sql(String other), var one, _)
                    && one.size() == 1 && other.equals(template));
            return isAlike
                    ? list(items.stream().map(item -> ((Expr.Call) item).arguments().getFirst()).toList())
                            .map(list -> "SELECT " + Template.fill(template, List.of("item")) + " FROM (SELECT unnest(" + list + ") AS item)")
                    : Optional.empty();
        }
        List<Expr> values = items.stream().filter(item -> !(item instanceof Expr.Null)).toList();
        return values.isEmpty() ? Optional.empty() : list(values).map(list -> "SELECT unnest(" + list + ")");
    }

    /// Rows of constants as a query with the given names, where they are many.
    static Optional<String> rows(List<List<Expr>> rows, List<String> names, List<Type> types) {
        if (rows.size() < ITEMS_MIN) {
            return Optional.empty();
        }
        var columns = new StringBuilder("SELECT ");
        for (int i = 0; i < names.size(); i++) {
            int column = i;
            var list = nullableList(rows.stream().map(row -> row.get(column)).toList(), types.get(i));
            if (list.isEmpty()) {
                return Optional.empty();
            }
            columns.append(i > 0 ? ", " : "").append(list.get()).append(" AS ").append(names.get(i));
        }
        return Optional.of(columns.toString());
    }

    private static Optional<String> list(List<Expr> items) {
        Type type = items.getFirst().type();
        boolean isPlain = items.stream().allMatch(item -> item instanceof Expr.Constant && item.type() == type);
        return isPlain ? text(items, type).map(text -> listOf(text, type)) : Optional.empty();
    }

    private static Optional<String> nullableList(List<Expr> items, Type type) {
        boolean isPlain = items.stream()
                .allMatch(item -> (item instanceof Expr.Constant || item instanceof Expr.Null) && item.type() == type);
        return isPlain
                ? text(items, type).map(text -> type == Type.DYNAMIC
                        ? "nullif(unnest(" + listOf(text, type) + "), '')" : "unnest(" + listOf(text, type) + ")")
                : Optional.empty();
    }

    /// @param separator between texts; nothing where the list is written as DuckDB's own
    private record ListText(String text, Optional<Character> separator) {}

    private static String listOf(ListText text, Type type) {
        return text.separator()
                .map(separator -> "string_split(" + Sql.text(text.text()) + ", chr(" + (int) separator + "))")
                .orElseGet(() -> "CAST(" + Sql.text(text.text()) + " AS " + DuckTypes.of(type) + "[])");
    }

    private static Optional<ListText> text(List<Expr> items, Type type) {
        return switch (type) {
            case INT, LONG, DATETIME, TIMESPAN -> Optional.of(joined(items, value -> Long.toString(((Number) value).longValue())));
            case GUID -> Optional.of(joined(items, Object::toString));
            case DECIMAL -> Optional.of(joined(items,
                    value -> value instanceof java.math.BigDecimal decimal ? decimal.toPlainString() : value.toString()));
            case REAL -> items.stream().allMatch(ConstantList::isFinite)
                    ? Optional.of(joined(items, value -> Double.toString((Double) value))) : Optional.empty();
            case BOOL -> Optional.of(joined(items, Object::toString));
            case STRING, DYNAMIC -> separated(items);
        };
    }

    private static boolean isFinite(Expr item) {
        return !(item instanceof Expr.Constant(_, Double value)) || Double.isFinite(value);
    }

    private static ListText joined(List<Expr> items, Function<Object, String> written) {
        return new ListText(items.stream()
                .map(item -> item instanceof Expr.Constant(_, Object value) ? written.apply(value) : "NULL")
                .collect(Collectors.joining(",", "[", "]")), Optional.empty());
    }

    // A null of a dynamic is an empty text here, which no value is.
    private static Optional<ListText> separated(List<Expr> items) {
        var texts = items.stream().map(item -> item instanceof Expr.Constant(_, String value) ? value : "").toList();
        for (char separator = FIRST_SEPARATOR; separator <= LAST_SEPARATOR; separator++) {
            char sought = separator;
            if (texts.stream().noneMatch(text -> text.indexOf(sought) >= 0)) {
                return Optional.of(new ListText(String.join(Character.toString(separator), texts), Optional.of(separator)));
            }
        }
        return Optional.empty();
    }
}
