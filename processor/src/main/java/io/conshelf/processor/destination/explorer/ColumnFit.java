package io.conshelf.processor.destination.explorer;

import io.conshelf.connectors.ValueType;
import io.conshelf.processor.destination.Destination.Refused;
import io.conshelf.processor.value.JsonText;
import io.conshelf.processor.value.Value;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/// Counts values that a table's columns do not take: ingestion makes them null and tells nobody. What a cluster might take is not counted. Belongs to one thread.
final class ColumnFit {
    private static final int SHOWN_MAX = 40;
    private static final Pattern WHOLE = Pattern.compile("\\s*([+-]?\\d+|0[xX][0-9a-fA-F]+)\\s*");
    private static final Pattern REAL = Pattern.compile("\\s*([+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?|[+-]?(nan|inf|infinity))\\s*", Pattern.CASE_INSENSITIVE);
    /// ISO 8601, and what names its month or is written with slashes.
    private static final Pattern TIME = Pattern.compile("\\s*(\\d{4}([-/T: ].*)?|\\d{6,}.*|\\d{1,2}/\\d{1,2}/\\d.*|.*[A-Za-z]{3}.*\\d.*)");
    private static final Pattern SPAN = Pattern.compile("\\s*[+-]?[\\d.:]+\\s*[A-Za-z]*\\s*");
    private static final Pattern GUID = Pattern.compile("\\s*[{(]?[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}[)}]?\\s*");

    private final String table;
    private final List<Counted> columns = new ArrayList<>();

    private static final class Counted {
        private final String name;
        private final ValueType type;
        private String example = "";
        private long count;

        private Counted(String name, ValueType type) {
            this.name = name;
            this.type = type;
        }
    }

    /// @param types of the table's columns; one that is not among them takes everything
    ColumnFit(ExplorerSettings settings, Map<String, ValueType> types) {
        this.table = settings.table();
        settings.columns().forEach(column -> columns.add(new Counted(column.name(), types.getOrDefault(column.name(), ValueType.DYNAMIC))));
    }

    /// @param cells in the order of the columns
    void check(List<Value> cells) {
        for (int i = 0; i < cells.size(); i++) {
            Counted column = columns.get(i);
            if (!fits(cells.get(i), column.type)) {
                if (column.example.isEmpty()) {
                    String text = JsonText.write(cells.get(i));
                    column.example = text.length() > SHOWN_MAX ? text.substring(0, SHOWN_MAX) + "…" : text;
                }
                column.count++;
            }
        }
    }

    /// What was counted since it was asked last.
    List<Refused> told() {
        List<Refused> told = new ArrayList<>();
        for (Counted column : columns) {
            if (column.count > 0) {
                told.add(new Refused("ValueNotTaken", "the column '" + column.name + "' of the table '" + table + "' is " + column.type.kustoName() + " and does not take "
                        + column.example + ": it is null there", column.count));
                column.count = 0;
            }
        }
        return told;
    }

    static boolean fits(Value value, ValueType type) {
        if (value instanceof Value.Null || value instanceof Value.Text(String text) && text.isEmpty()) {
            return true;
        }
        return switch (type) {
            case STRING, DYNAMIC -> true;
            case BOOL -> switch (value) {
                case Value.Truth _ -> true;
                case Value.Whole(long number) -> number == 0 || number == 1;
                case Value.Real(double number) -> number == 0 || number == 1;
                case Value.Text(String text) -> switch (text.strip().toLowerCase(Locale.ROOT)) {
                    case "true", "false", "0", "1" -> true;
                    default -> false;
                };
                case Value.Null _, Value.Large _, Value.Binary _, Value.Items _, Value.Members _ -> false;
            };
            case INT -> isWhole(value, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case LONG -> isWhole(value, Long.MIN_VALUE, Long.MAX_VALUE);
            case REAL, DECIMAL -> switch (value) {
                case Value.Whole _, Value.Large _, Value.Real _ -> true;
                case Value.Text(String text) -> REAL.matcher(text).matches();
                case Value.Null _, Value.Truth _, Value.Binary _, Value.Items _, Value.Members _ -> false;
            };
            case DATETIME -> value instanceof Value.Text(String text) && TIME.matcher(text).matches();
            case TIMESPAN -> value instanceof Value.Text(String text) && SPAN.matcher(text).matches();
            case GUID -> value instanceof Value.Text(String text) && GUID.matcher(text).matches();
        };
    }

    private static boolean isWhole(Value value, long min, long max) {
        return switch (value) {
            case Value.Whole(long number) -> number >= min && number <= max;
            case Value.Real(double number) -> RowFile.isWhole(number) && number >= min && number <= max;
            case Value.Text(String text) -> WHOLE.matcher(text).matches() && isWithin(text.strip(), min, max);
            case Value.Null _, Value.Truth _, Value.Large _, Value.Binary _, Value.Items _, Value.Members _ -> false;
        };
    }

    private static boolean isWithin(String text, long min, long max) {
        if (text.length() > SHOWN_MAX || text.startsWith("0x") || text.startsWith("0X")) {
            return text.length() <= 18;
        }
        BigInteger number = new BigInteger(text);
        return number.compareTo(BigInteger.valueOf(min)) >= 0 && number.compareTo(BigInteger.valueOf(max)) <= 0;
    }
}
