package io.conshelf.cli.bench.query;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.sql.Array;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;

/// Whether two answers say the same in whatever order: what the benchmark compares must be the same question.
final class SameRows {
    /// Sums of doubles depend on the order of the rows in their last digits.
    private static final MathContext DIGITS = new MathContext(9);

    private static final int SHOWN = 3;

    private SameRows() {}

    static void check(Question question, List<String> ours, List<String> peer) {
        if (!sorted(ours).equals(sorted(peer))) {
            throw new IllegalStateException("'" + question.name() + "' gives " + ours.size() + " rows in KQL and " + peer.size()
                    + " in SQL, or others: " + different(ours, peer) + " and " + different(peer, ours));
        }
    }

    private static List<String> sorted(List<String> rows) {
        return rows.stream().sorted().toList();
    }

    private static List<String> different(List<String> some, List<String> others) {
        return some.stream().filter(row -> !others.contains(row)).limit(SHOWN).toList();
    }

    static String ofJson(Question question, List<JsonNode> row) {
        var cells = new ArrayList<String>();
        for (int column : question.promised()) {
            if (column < row.size()) {
                cells.add(text(row.get(column)));
            }
        }
        return String.join("|", cells);
    }

    static String ofSql(Question question, List<Object> row) throws SQLException {
        var cells = new ArrayList<String>();
        for (int column : question.promised()) {
            if (column < row.size()) {
                cells.add(text(row.get(column)));
            }
        }
        return String.join("|", cells);
    }

    private static String text(JsonNode cell) {
        if (cell.isArray()) {
            var items = new ArrayList<String>();
            cell.forEach(item -> items.add(text(item)));
            return items.toString();
        }
        return cell.isNumber() ? number(cell.decimalValue()) : cell.isNull() ? "null" : moment(cell.asText());
    }

    private static String moment(String text) {
        if (!text.endsWith("Z")) {
            return text;
        }
        try {
            return Instant.parse(text).toString();
        } catch (DateTimeParseException e) {
            return text;
        }
    }

    private static String text(Object cell) throws SQLException {
        return switch (cell) {
            case null -> "null";
            case Number number -> number(new BigDecimal(number.toString()));
            case Timestamp moment -> moment.toLocalDateTime().toInstant(ZoneOffset.UTC).toString();
            case LocalDateTime moment -> moment.toInstant(ZoneOffset.UTC).toString();
            case Array array -> {
                var items = new ArrayList<String>();
                for (Object item : (Object[]) array.getArray()) {
                    items.add(text(item));
                }
                yield items.toString();
            }
            default -> cell.toString();
        };
    }

    private static String number(BigDecimal value) {
        return value.signum() == 0 ? "0" : value.round(DIGITS).stripTrailingZeros().toPlainString();
    }
}
