package io.conshelf.connectors.sql;

import io.conshelf.connectors.StoreException;
import java.sql.Types;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;

/// What a column is divided into ranges by, as whole numbers: those of the column, days, or microseconds.
enum RangeBound {
    NUMBER, DAY, MOMENT, TIME_OF_DAY;

    private static final LocalDateTime EPOCH = LocalDateTime.of(1970, 1, 1, 0, 0);
    private static final DateTimeFormatter MOMENT_TEXT = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSS", Locale.ROOT);
    private static final long MICROS_A_DAY = 24L * 3600 * 1_000_000;

    /// Empty for columns that cannot be divided.
    static Optional<RangeBound> of(SqlTable.TableColumn column) {
        return switch (column.jdbcType()) {
            case Types.TINYINT, Types.SMALLINT, Types.INTEGER, Types.BIGINT, Types.NUMERIC, Types.DECIMAL -> Optional.of(NUMBER);
            case Types.DATE -> Optional.of(DAY);
            case Types.TIMESTAMP, Types.TIMESTAMP_WITH_TIMEZONE, TextCell.DATETIME_WITH_OFFSET -> Optional.of(MOMENT);
            case Types.TIME -> Optional.of(TIME_OF_DAY);
            default -> Optional.empty();
        };
    }

    long parse(String text) throws StoreException {
        try {
            String plain = text.strip();
            return switch (this) {
                // A bound between whole numbers says as much as the one below it.
                case NUMBER -> new java.math.BigDecimal(plain).setScale(0, java.math.RoundingMode.FLOOR).longValueExact();
                case DAY -> moment(plain).toLocalDate().toEpochDay();
                case MOMENT -> EPOCH.until(moment(plain), ChronoUnit.MICROS);
                case TIME_OF_DAY -> plain.equals("24:00:00") ? MICROS_A_DAY : LocalTime.parse(plain).toNanoOfDay() / 1_000;
            };
        } catch (DateTimeParseException | ArithmeticException | NumberFormatException wrong) {
            throw StoreException.user("SqlParallelInvalidPartitionBound", "'" + text + "' is no bound of a partition column of this type; write "
                    + (this == NUMBER ? "a whole number" : "it as yyyy-MM-dd HH:mm:ss"));
        }
    }

    private static LocalDateTime moment(String text) {
        String iso = text.replaceFirst("(?<=\\d) +(?=\\d)", "T").replaceFirst("(:\\d\\d(?:\\.\\d+)?[+-]\\d\\d)$", "$1:00").replaceFirst("(?<=\\d\\d:\\d\\d) +(?=[+-])", "");
        if (iso.matches("\\d{4}-\\d\\d-\\d\\d")) {
            return LocalDate.parse(iso).atStartOfDay();
        }
        return iso.matches(".*T.*(Z|[+-]\\d\\d:\\d\\d)") ? OffsetDateTime.parse(iso).withOffsetSameInstant(ZoneOffset.UTC).toLocalDateTime()
                : LocalDateTime.parse(iso);
    }

    /// The bound in SQL. Moments stand in UTC, which columns without a zone are taken for.
    String literal(long value) {
        return switch (this) {
            case NUMBER -> Long.toString(value);
            case DAY -> "'" + LocalDate.ofEpochDay(value) + "'";
            case MOMENT -> "'" + MOMENT_TEXT.format(EPOCH.plus(value, ChronoUnit.MICROS)) + "'";
            case TIME_OF_DAY -> value == MICROS_A_DAY ? "'24:00:00'" : "'" + LocalTime.ofNanoOfDay(value * 1_000) + "'";
        };
    }
}
