package io.conshelf.engine.external;

import io.conshelf.engine.ingest.FieldText;
import io.conshelf.engine.store.Moments;
import io.conshelf.engine.store.RowColumn;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.DateTimeText;
import io.conshelf.kql.value.Ticks;
import io.conshelf.kql.value.TimeSpanText;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;

/// Reads one column of a JDBC result into one of ours. Which way is chosen once a column; what does not fit is null, as in
/// ingestion.
@FunctionalInterface
interface SqlCell {
    /// @param row where in the target
    void read(ResultSet rows, RowColumn target, int row) throws SQLException;

    /// SQL Server's `datetimeoffset`.
    int DATETIME_WITH_OFFSET = -155;

    /// MySQL's bytes, whose driver would read them as a text.
    int BYTES = 1_000_001;

    /// MySQL's `time`, which may be negative or longer than a day.
    int SPAN = 1_000_002;

    /// Of datetimes.
    int LAST_YEAR = 9_999;

    static SqlCell of(SqlTable.Column source, Type type, int index) {
        SqlCell text = (rows, target, row) -> text(rows.getString(index), target, row);
        return switch (source.type()) {
            case Types.TINYINT, Types.SMALLINT, Types.INTEGER, Types.BIGINT -> switch (type) {
                case INT, LONG, BOOL, TIMESPAN -> (rows, target, row) -> whole(rows, index, target, row);
                case REAL -> (rows, target, row) -> real(rows, index, target, row);
                case DECIMAL, STRING, DYNAMIC, DATETIME, GUID -> text;
            };
            case Types.REAL, Types.FLOAT, Types.DOUBLE, Types.NUMERIC, Types.DECIMAL -> switch (type) {
                case REAL -> (rows, target, row) -> real(rows, index, target, row);
                case INT, LONG, BOOL, TIMESPAN -> (rows, target, row) -> rounded(rows.getBigDecimal(index), target, row);
                case DECIMAL, STRING, DYNAMIC, DATETIME, GUID -> text;
            };
            case Types.BIT, Types.BOOLEAN -> switch (type) {
                case BOOL, INT, LONG -> (rows, target, row) -> {
                    boolean value = rows.getBoolean(index);
                    number(rows.wasNull(), value ? 1 : 0, target, row);
                };
                case REAL, DECIMAL, DATETIME, TIMESPAN, STRING, GUID, DYNAMIC -> (rows, target, row) -> {
                    boolean value = rows.getBoolean(index);
                    text(rows.wasNull() ? null : Boolean.toString(value), target, row);
                };
            };
            case Types.TIMESTAMP, Types.TIMESTAMP_WITH_TIMEZONE, Types.DATE, DATETIME_WITH_OFFSET -> (rows, target, row) ->
                moment(ticks(rows, index, source), target, row);
            case Types.TIME -> (rows, target, row) -> time(rows.getObject(index, LocalTime.class), target, row);
            case SPAN -> (rows, target, row) -> span(rows.getObject(index, Duration.class), target, row);
            case BYTES -> (rows, target, row) -> {
                byte[] bytes = rows.getBytes(index);
                text(bytes == null ? null : HexFormat.of().withUpperCase().formatHex(bytes), target, row);
            };
            case Types.OTHER -> source.typeName().equals("uuid") && type == Type.GUID
                    ? (rows, target, row) -> guid(rows.getObject(index, UUID.class), target, row)
                    : text;
            default -> text;
        };
    }

    private static void text(String value, RowColumn target, int row) {
        if (value == null) {
            target.setNull(row);
        } else {
            FieldText.write(target.type(), value, target, row);
        }
    }

    private static void whole(ResultSet rows, int index, RowColumn target, int row) throws SQLException {
        long value = rows.getLong(index);
        number(rows.wasNull(), value, target, row);
    }

    private static void number(boolean isNull, long value, RowColumn target, int row) {
        if (isNull || target.type() == Type.INT && value != (int) value) {
            target.setNull(row);
        } else {
            target.int64(row, target.type() == Type.BOOL && value != 0 ? 1 : value);
        }
    }

    private static void real(ResultSet rows, int index, RowColumn target, int row) throws SQLException {
        double value = rows.getDouble(index);
        if (rows.wasNull()) {
            target.setNull(row);
        } else {
            target.float64(row, value);
        }
    }

    private static void rounded(BigDecimal value, RowColumn target, int row) {
        boolean isWhole = value != null && value.stripTrailingZeros().scale() <= 0 && value.abs().compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) <= 0;
        number(!isWhole, isWhole ? value.longValue() : 0, target, row);
    }

    private static void guid(UUID value, RowColumn target, int row) {
        if (value == null) {
            target.setNull(row);
        } else {
            target.guid(row, value);
        }
    }

    /// Moments without a zone are taken for UTC.
    private static Optional<Long> ticks(ResultSet rows, int index, SqlTable.Column source) throws SQLException {
        if (source.type() == Types.DATE) {
            var date = rows.getObject(index, LocalDate.class);
            return date == null ? Optional.empty() : ticks(date.atStartOfDay());
        }
        boolean hasZone = source.typeName().equals("timestamptz") || source.typeName().equals("datetimeoffset");
        if (hasZone) {
            var moment = rows.getObject(index, OffsetDateTime.class);
            return moment == null || moment.getYear() < 0 || moment.getYear() > LAST_YEAR + 1
                    ? Optional.empty()
                    : ticks(moment.withOffsetSameInstant(ZoneOffset.UTC).toLocalDateTime());
        }
        var moment = rows.getObject(index, LocalDateTime.class);
        return moment == null ? Optional.empty() : ticks(moment);
    }

    private static Optional<Long> ticks(LocalDateTime moment) {
        return moment.getYear() < 1 || moment.getYear() > LAST_YEAR
                ? Optional.empty()
                : Optional.of(Moments.ticks(moment.toInstant(ZoneOffset.UTC)));
    }

    private static void moment(Optional<Long> ticks, RowColumn target, int row) {
        if (ticks.isEmpty()) {
            target.setNull(row);
        } else if (target.type() == Type.DATETIME) {
            target.int64(row, ticks.get());
        } else {
            text(DateTimeText.format(ticks.get()), target, row);
        }
    }

    private static void span(Duration span, RowColumn target, int row) {
        if (span == null) {
            target.setNull(row);
            return;
        }
        long ticks = Math.addExact(Math.multiplyExact(span.getSeconds(), Ticks.SECOND), span.getNano() * Ticks.MICROSECOND / 1_000);
        if (target.type() == Type.TIMESPAN) {
            target.int64(row, ticks);
        } else {
            text(TimeSpanText.format(ticks), target, row);
        }
    }

    private static void time(LocalTime time, RowColumn target, int row) {
        if (time == null) {
            target.setNull(row);
        } else if (target.type() == Type.TIMESPAN) {
            target.int64(row, time.toNanoOfDay() * Ticks.MICROSECOND / 1_000);
        } else {
            text(time.toString(), target, row);
        }
    }
}
