package io.conshelf.connectors.sql;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.conshelf.connectors.ValueType;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Base64;

/// Makes the cells of rows from what a driver hands over.
final class TextCell {
    /// SQL Server's `datetimeoffset`.
    static final int DATETIME_WITH_OFFSET = -155;
    private static final int YEAR_MAX = 9_999;
    private static final DateTimeFormatter MOMENT = new DateTimeFormatterBuilder().appendPattern("uuuu-MM-dd'T'HH:mm:ss")
            .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true).appendLiteral('Z').toFormatter(java.util.Locale.ROOT);

    private TextCell() {}

    /// The value of a text that a server printed.
    static JsonNode of(ValueType type, String text) {
        if (text == null) {
            return NullNode.getInstance();
        }
        return switch (type) {
            case BOOL -> BooleanNode.valueOf(text.equals("true") || text.equals("1"));
            case INT, LONG -> LongNode.valueOf(Long.parseLong(text));
            // What JSON has no number for stays text: NaN, Infinity.
            case REAL, DECIMAL -> Character.isLetter(text.charAt(text.length() - 1)) ? TextNode.valueOf(text) : DecimalNode.valueOf(new BigDecimal(text));
            case STRING, DATETIME, TIMESPAN, GUID, DYNAMIC -> TextNode.valueOf(text);
        };
    }

    /// The value of a column as a driver has it.
    static JsonNode read(ResultSet rows, int index, int jdbcType, String typeName, ValueType type) throws SQLException {
        return switch (jdbcType) {
            case Types.DATE, Types.TIMESTAMP, Types.TIMESTAMP_WITH_TIMEZONE, DATETIME_WITH_OFFSET -> moment(rows, index, jdbcType, typeName);
            case Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY, Types.BLOB -> {
                byte[] bytes = rows.getBytes(index);
                yield bytes == null ? NullNode.getInstance() : TextNode.valueOf(Base64.getEncoder().encodeToString(bytes));
            }
            case Types.BIT, Types.BOOLEAN -> {
                // PostgreSQL's strings of bits have the same number.
                boolean value = type == ValueType.BOOL && rows.getBoolean(index);
                yield type != ValueType.BOOL ? of(type, rows.getString(index)) : rows.wasNull() ? NullNode.getInstance() : BooleanNode.valueOf(value);
            }
            default -> of(type, rows.getString(index));
        };
    }

    private static JsonNode moment(ResultSet rows, int index, int jdbcType, String typeName) throws SQLException {
        boolean hasZone = jdbcType == DATETIME_WITH_OFFSET || typeName.equals("timestamptz");
        LocalDateTime moment;
        if (hasZone) {
            OffsetDateTime value = rows.getObject(index, OffsetDateTime.class);
            boolean isIn = value != null && value.getYear() >= 0 && value.getYear() <= YEAR_MAX + 1;
            moment = isIn ? value.withOffsetSameInstant(ZoneOffset.UTC).toLocalDateTime() : null;
        } else {
            moment = rows.getObject(index, LocalDateTime.class);
        }
        return moment == null || moment.getYear() < 1 || moment.getYear() > YEAR_MAX ? NullNode.getInstance() : TextNode.valueOf(MOMENT.format(moment));
    }
}
