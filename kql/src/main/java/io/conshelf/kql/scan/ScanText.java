package io.conshelf.kql.scan;

import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;

/// How values stand in the texts that go between SQL and the machine: fields with [#FIELD] between them, rows with [#ROW].
/// A null is an empty field, which no value but an empty string is. Where a text holds one of the three characters, it is two.
public final class ScanText {
    public static final char ESCAPE = '\u001D';
    public static final char ROW = '\u001E';
    public static final char FIELD = '\u001F';

    /// Begins the text of what is known behind a block, or behind some rows of it; results of rows begin with a digit.
    public static final char STATE = '#';

    /// Begins it behind a whole block: otherwise how many rows stands in between.
    public static final String STATE_BEHIND_BLOCK = "" + STATE + FIELD;

    /// What stands behind an escape for the characters from it on.
    private static final String ESCAPED = "abc";

    private ScanText() {}

    /// SQL of a field: the value in a form that [#read] takes.
    public static String fieldSql(Type type, String value) {
        return switch (type) {
            case BOOL -> "CASE WHEN " + value + " THEN '1' WHEN NOT " + value + " THEN '0' ELSE '' END";
            case INT, LONG, DATETIME, TIMESPAN, REAL, DECIMAL, GUID -> "coalesce(CAST(" + value + " AS VARCHAR), '')";
            case STRING, DYNAMIC -> {
                String sql = "coalesce(" + value + ", '')";
                for (int i = 0; i < ESCAPED.length(); i++) {
                    sql = "replace(" + sql + ", '" + (char) (ESCAPE + i) + "', '" + ESCAPE + ESCAPED.charAt(i) + "')";
                }
                yield sql;
            }
        };
    }

    /// SQL of a value whose field the machine has written.
    ///
    /// @param duckType what DuckDB calls the type
    public static String valueSql(Type type, String duckType, String field) {
        return switch (type) {
            case BOOL, INT, LONG, DATETIME, TIMESPAN, REAL, DECIMAL, GUID -> "CAST(nullif(" + field + ", '') AS " + duckType + ")";
            case STRING, DYNAMIC -> {
                String sql = field;
                for (int i = ESCAPED.length() - 1; i >= 0; i--) {
                    sql = "replace(" + sql + ", '" + ESCAPE + ESCAPED.charAt(i) + "', '" + (char) (ESCAPE + i) + "')";
                }
                yield type == Type.STRING ? sql : "nullif(" + sql + ", '')";
            }
        };
    }

    static void write(StringBuilder out, String text) {
        int special = special(text, 0);
        int copied = 0;
        while (special < text.length()) {
            out.append(text, copied, special).append(ESCAPE).append(ESCAPED.charAt(text.charAt(special) - ESCAPE));
            copied = special + 1;
            special = special(text, copied);
        }
        out.append(text, copied, text.length());
    }

    private static int special(String text, int from) {
        int at = from;
        while (at < text.length() && (text.charAt(at) < ESCAPE || text.charAt(at) > FIELD)) {
            at++;
        }
        return at;
    }

    static String read(String text, int from, int to) {
        int escape = text.indexOf(ESCAPE, from, to);
        if (escape < 0) {
            return text.substring(from, to);
        }
        var read = new StringBuilder(to - from);
        int copied = from;
        while (escape >= 0) {
            read.append(text, copied, escape).append((char) (ESCAPE + ESCAPED.indexOf(text.charAt(escape + 1))));
            copied = escape + 2;
            escape = text.indexOf(ESCAPE, copied, to);
        }
        return read.append(text, copied, to).toString();
    }

    /// The fields of a text.
    static List<String> fields(String text) {
        var fields = new ArrayList<String>();
        int from = 0;
        while (true) {
            int to = text.indexOf(FIELD, from);
            fields.add(read(text, from, to < 0 ? text.length() : to));
            if (to < 0) {
                return fields;
            }
            from = to + 1;
        }
    }

    /// The cell with what a field says.
    static void read(String text, int from, int to, Type type, Cell cell) {
        switch (type) {
            case BOOL, INT, LONG, DATETIME, TIMESPAN -> {
                cell.isNull = from == to;
                if (!cell.isNull) {
                    cell.number = whole(text, from, to);
                }
            }
            case REAL -> {
                cell.isNull = from == to;
                if (!cell.isNull) {
                    cell.real = real(text.substring(from, to));
                }
            }
            case STRING -> {
                cell.isNull = false;
                cell.text = from == to ? "" : read(text, from, to);
            }
            case GUID, DYNAMIC, DECIMAL -> {
                cell.isNull = from == to;
                cell.text = from == to ? "" : read(text, from, to);
            }
        }
    }

    private static long whole(String text, int from, int to) {
        boolean isNegative = text.charAt(from) == '-';
        long number = 0;
        // The least long has no positive counterpart, so digits are taken off instead of added.
        for (int at = isNegative ? from + 1 : from; at < to; at++) {
            number = 10 * number - (text.charAt(at) - '0');
        }
        return isNegative ? number : -number;
    }

    private static double real(String text) {
        return switch (text) {
            case "nan", "-nan" -> Double.NaN;
            case "inf" -> Double.POSITIVE_INFINITY;
            case "-inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    static void write(StringBuilder out, Type type, Value value) {
        if (value.isNull) {
            return;
        }
        switch (type) {
            case BOOL, INT, LONG, DATETIME, TIMESPAN -> out.append(value.number);
            case REAL -> {
                if (Double.isFinite(value.real)) {
                    out.append(value.real);
                } else {
                    out.append(Double.isNaN(value.real) ? "nan" : value.real > 0 ? "inf" : "-inf");
                }
            }
            case STRING, GUID, DYNAMIC, DECIMAL -> write(out, value.text);
        }
    }
}
