package io.conshelf.engine.spec;

import io.conshelf.engine.Answer;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.ResultTable;
import io.conshelf.engine.ServiceError;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.Chunk;
import io.conshelf.kql.value.DateTimeText;
import io.conshelf.kql.value.DynamicText;
import io.conshelf.kql.value.RealText;
import io.conshelf.kql.value.TimeSpanText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Answers and errors as lines of a spec.
public final class ResultText {
    private static final Pattern POSITION = Pattern.compile("\\[line:position=(\\d+:\\d+)]");

    private ResultText() {}

    /// A header and the rows of each table; further tables begin with a line `table name`.
    public static List<String> of(Answer answer) {
        var lines = new ArrayList<String>();
        boolean isFirst = true;
        for (Optional<ResultTable> table = answer.nextTable(); table.isPresent(); table = answer.nextTable()) {
            if (!isFirst) {
                lines.add("table " + table.get().name());
            }
            isFirst = false;
            table(table.get(), lines);
        }
        return lines;
    }

    private static void table(ResultTable table, List<String> lines) {
        List<ColumnSchema> columns = table.columns();
        lines.add(columns.stream()
                .map(column -> cell(column.name()) + ":" + column.type())
                .collect(Collectors.joining(" | ")));
        for (Optional<Chunk> chunk = table.next(); chunk.isPresent(); chunk = table.next()) {
            for (int row = 0; row < chunk.get().rows(); row++) {
                lines.add(row(columns, chunk.get(), row));
            }
        }
    }

    private static String row(List<ColumnSchema> columns, Chunk chunk, int row) {
        var cells = new ArrayList<String>();
        for (int i = 0; i < columns.size(); i++) {
            cells.add(chunk.isNull(i, row) ? "null" : value(columns.get(i).type(), chunk, i, row));
        }
        return String.join(" | ", cells);
    }

    private static String value(Type type, Chunk chunk, int column, int row) {
        return switch (type) {
            case BOOL -> Boolean.toString(chunk.bool(column, row));
            case INT -> Integer.toString(chunk.int32(column, row));
            case LONG -> Long.toString(chunk.int64(column, row));
            case REAL -> RealText.format(chunk.float64(column, row), true);
            case DECIMAL -> chunk.decimal(column, row).stripTrailingZeros().toPlainString();
            case DATETIME -> DateTimeText.format(chunk.int64(column, row));
            case TIMESPAN -> TimeSpanText.format(chunk.int64(column, row));
            case STRING -> cell(chunk.text(column, row));
            case GUID -> chunk.guid(column, row).toString();
            case DYNAMIC -> DynamicText.toJson(chunk.text(column, row));
        };
    }

    // Quoted where the bare text could be read as something else.
    private static String cell(String text) {
        boolean isPlain = !text.isBlank() && text.strip().equals(text) && !text.equals("null")
                && text.codePoints().noneMatch(c -> c < ' ' || c == '|' || c == '"' || c == '\\' || c == 0x7F);
        if (isPlain) {
            return text;
        }
        var quoted = new StringBuilder("\"");
        text.chars().forEach(c -> {
            switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                case '|' -> quoted.append("\\u007c");
                default -> {
                    if (c < ' ' || c == 0x7F) {
                        quoted.append("\\u%04x".formatted(c));
                    } else {
                        quoted.append((char) c);
                    }
                }
            }
        });
        return quoted.append('"').toString();
    }

    /// Code and place; the message where there is no finer code.
    public static List<String> of(KustoException failure) {
        ServiceError error = failure.error();
        var position = POSITION.matcher(error.message());
        String place = position.find() ? " at " + position.group(1) : "";
        return error.inner()
                .map(inner -> List.of(inner.code() + place))
                .orElseGet(() -> error.message().lines().limit(1).map(line -> error.code() + ": " + line).toList());
    }
}
