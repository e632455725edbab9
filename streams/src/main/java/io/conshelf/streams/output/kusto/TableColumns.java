package io.conshelf.streams.output.kusto;

import io.conshelf.connectors.Column;
import io.conshelf.connectors.ValueType;
import io.conshelf.connectors.kusto.IngestionSettings;
import io.conshelf.streams.expression.Expression.Type;
import io.conshelf.streams.expression.ExpressionText;
import io.conshelf.streams.output.RowRefused;
import io.conshelf.streams.plan.Plan;
import io.conshelf.streams.value.JsonPrint;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The columns of the table, and how rows become records of CSV for them. Columns are found by their names, in their case; those that a row does not have are
/// left empty. Belongs to one thread.
final class TableColumns {
    private static final int SHAPES_MAX = 1_000;
    private static final String CAST = "; CAST(… AS %s) in the query makes it fit, TRY_CAST where values differ";

    private final String table;
    private final List<Column> columns;
    private final Map<Shape, int[]> places = new HashMap<>();
    private final StringBuilder record = new StringBuilder();
    // rows after one another mostly share their shape
    private Shape lastShape = Shape.EMPTY;
    private int[] lastFields;

    TableColumns(String table, Map<String, ValueType> columns) {
        this.table = table;
        this.columns = columns.entrySet().stream().map(column -> new Column(column.getKey(), column.getValue())).toList();
        this.lastFields = new int[this.columns.size()];
        Arrays.fill(lastFields, -1);
    }

    // ---------------------------------------------------------------- before a job starts

    /// Everything in which the columns of a query differ from those of the table.
    List<String> differences(Plan.Output output) {
        List<String> differences = new ArrayList<>();
        for (String name : output.columns()) {
            Optional<Column> column = column(name);
            if (column.isEmpty()) {
                differences.add("the table '%s' has no column '%s'%s".formatted(table, name, hint(name)));
            } else if (!isWritten(column.get().type())) {
                differences.add("the column '%s' of the table '%s' is a %s, which Stream Analytics has no type for".formatted(name, table,
                        column.get().type().kustoName()));
            } else if (output.types().containsKey(name) && !takes(column.get().type(), output.types().get(name))) {
                differences.add("the column '%s' of the table '%s' is a %s and takes no %s%s".formatted(name, table, column.get().type().kustoName(),
                        ExpressionText.type(output.types().get(name)), remedy(column.get().type(), ExpressionText.type(output.types().get(name)))));
            }
        }
        return differences;
    }

    private Optional<Column> column(String name) {
        return columns.stream().filter(column -> column.name().equals(name)).findFirst();
    }

    private String hint(String name) {
        return columns.stream().map(Column::name).filter(name::equalsIgnoreCase).findFirst()
                .map(other -> ", but '%s': names are found in their case".formatted(other))
                .orElseGet(() -> "; it has " + columns.stream().map(Column::name).collect(Collectors.joining(", ")));
    }

    private static boolean isWritten(ValueType type) {
        return switch (type) {
            case BOOL, INT, LONG, REAL, STRING, DATETIME, DYNAMIC -> true;
            case DECIMAL, TIMESPAN, GUID -> false;
        };
    }

    private static boolean takes(ValueType column, Type type) {
        return switch (type) {
            case BIGINT -> column == ValueType.LONG || column == ValueType.INT || column == ValueType.REAL || column == ValueType.DYNAMIC;
            case FLOAT -> column == ValueType.REAL || column == ValueType.DYNAMIC;
            case NVARCHAR, RECORD, ARRAY -> column == ValueType.STRING || column == ValueType.DYNAMIC;
            case DATETIME -> column == ValueType.DATETIME || column == ValueType.STRING || column == ValueType.DYNAMIC;
            case BIT -> column == ValueType.BOOL || column == ValueType.DYNAMIC;
        };
    }

    // ---------------------------------------------------------------- rows

    /// Every field goes to the column of its place, by its name. Types are not told: with them, a column that is gone by then would be made again.
    IngestionSettings.Mapping mapping() {
        List<IngestionSettings.Field> fields = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            fields.add(new IngestionSettings.Field(new IngestionSettings.Target.Untyped(columns.get(i).name()), new IngestionSettings.Place.Ordinal(i)));
        }
        return new IngestionSettings.Mapping.Inline(fields);
    }

    /// The record of a row, with the line break that ends it.
    byte[] record(Row row) throws RowRefused {
        Value.Record event = row.event();
        if (event.shape() != lastShape) {
            lastFields = fields(event.shape());
            lastShape = event.shape();
        }
        int[] fields = lastFields;
        record.setLength(0);
        for (int i = 0; i < fields.length; i++) {
            if (i > 0) {
                record.append(',');
            }
            if (fields[i] >= 0) {
                append(event.values()[fields[i]], columns.get(i));
            }
        }
        // a line of one empty field would be no line
        if (record.isEmpty()) {
            record.append("\"\"");
        }
        return record.append("\r\n").toString().getBytes(StandardCharsets.UTF_8);
    }

    /// For each column of the table its field, -1 where there is none.
    private int[] fields(Shape shape) throws RowRefused {
        int[] known = places.get(shape);
        if (known != null) {
            return known;
        }
        int[] fields = new int[columns.size()];
        Arrays.fill(fields, -1);
        for (int field = 0; field < shape.size(); field++) {
            int place = place(shape.names().get(field));
            if (place < 0) {
                throw new RowRefused("ColumnNameInvalid", "the table '%s' has no column '%s'%s".formatted(table, shape.names().get(field),
                        hint(shape.names().get(field))));
            }
            fields[place] = field;
        }
        if (places.size() >= SHAPES_MAX) {
            places.clear();
        }
        places.put(shape, fields);
        return fields;
    }

    private int place(String name) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().equals(name)) {
                return i;
            }
        }
        return -1;
    }

    private void append(Value value, Column column) throws RowRefused {
        switch (value) {
            case Value.Null _ -> { }
            case Value.BigInt(long number) -> {
                require(column.type() == ValueType.LONG || column.type() == ValueType.REAL || column.type() == ValueType.DYNAMIC
                        || column.type() == ValueType.INT && number == (int) number, value, column);
                record.append(number);
            }
            case Value.FloatingPoint(double number) -> {
                require(column.type() == ValueType.REAL || column.type() == ValueType.DYNAMIC, value, column);
                record.append(column.type() == ValueType.DYNAMIC ? quoted(JsonPrint.text(value)) : Double.toString(number));
            }
            case Value.Text(String text) -> {
                require(column.type() == ValueType.STRING || column.type() == ValueType.DYNAMIC, value, column);
                record.append(quoted(text));
            }
            case Value.DateTime(long ticks) -> {
                require(column.type() == ValueType.DATETIME || column.type() == ValueType.STRING || column.type() == ValueType.DYNAMIC, value, column);
                record.append(Ticks.text(ticks));
            }
            case Value.Bit(boolean bit) -> {
                require(column.type() == ValueType.BOOL || column.type() == ValueType.DYNAMIC, value, column);
                record.append(bit);
            }
            case Value.Record _, Value.Array _ -> {
                require(column.type() == ValueType.DYNAMIC || column.type() == ValueType.STRING, value, column);
                record.append(quoted(JsonPrint.text(value)));
            }
        }
    }

    private void require(boolean isTaken, Value value, Column column) throws RowRefused {
        if (!isTaken) {
            throw new RowRefused("TypeConversionError", "the column '%s' of the table '%s' is a %s and does not take the %s %s%s".formatted(column.name(), table,
                    column.type().kustoName(), value.typeName(), shown(value), remedy(column.type(), value.typeName())));
        }
    }

    /// What the query can do about it.
    private static String remedy(ValueType column, String found) {
        boolean isPlain = Set.of("bigint", "float", "bit", "nvarchar(max)").contains(found);
        return switch (column) {
            case STRING -> isPlain || found.equals("datetime") ? CAST.formatted("nvarchar(max)") : "";
            case LONG, INT -> isPlain ? CAST.formatted("bigint") : "";
            case REAL -> isPlain ? CAST.formatted("float") : "";
            case BOOL -> isPlain ? CAST.formatted("bit") : "";
            case DATETIME -> found.equals("nvarchar(max)") ? CAST.formatted("datetime") : "";
            case DYNAMIC, DECIMAL, TIMESPAN, GUID -> "";
        };
    }

    private static String shown(Value value) {
        String text = JsonPrint.text(value);
        return text.length() <= 80 ? text : text.substring(0, 80) + "…";
    }

    private static String quoted(String text) {
        if (text.isEmpty()) {
            return "\"\"";
        }
        boolean isPlain = !Character.isWhitespace(text.charAt(0)) && !Character.isWhitespace(text.charAt(text.length() - 1));
        for (int i = 0; isPlain && i < text.length(); i++) {
            char c = text.charAt(i);
            isPlain = c != '"' && c != ',' && c != '\n' && c != '\r';
        }
        return isPlain ? text : '"' + text.replace("\"", "\"\"") + '"';
    }
}
