package io.conshelf.engine.ingest;

import io.conshelf.engine.store.EncodingPolicy;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.DateTimeText;
import io.conshelf.kql.value.Ticks;
import io.conshelf.kql.value.TimeSpanText;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.duckdb.DuckDBColumnType;
import org.duckdb.DuckDBFunctions;
import org.duckdb.DuckDBLogicalType;
import org.duckdb.DuckDBReadableVector;
import org.duckdb.DuckDBScalarFunction;
import org.duckdb.DuckDBWritableVector;

/// The conversions of [FieldText] in SQL. Numbers in their plain form, nearly all there are, are converted by DuckDB itself;
/// the rest goes through functions that call [FieldText].
final class FieldSql {
    private static final String PREFIX = "conshelf_text_to_";

    private FieldSql() {}

    static void register(Connection connection) throws SQLException {
        register(connection, Type.BOOL, DuckDBColumnType.BOOLEAN, (text, out, row) -> {
            Optional<Boolean> value = FieldText.bool(text);
            if (value.isPresent()) {
                out.setBoolean(row, value.get());
            } else {
                out.setNull(row);
            }
        });
        register(connection, Type.INT, DuckDBColumnType.INTEGER, (text, out, row) -> {
            OptionalLong value = FieldText.integer(text, Integer.MIN_VALUE, Integer.MAX_VALUE);
            if (value.isPresent()) {
                out.setInt(row, (int) value.getAsLong());
            } else {
                out.setNull(row);
            }
        });
        register(connection, Type.LONG, DuckDBColumnType.BIGINT,
                (text, out, row) -> set(FieldText.integer(text, Long.MIN_VALUE, Long.MAX_VALUE), out, row));
        register(connection, Type.DATETIME, DuckDBColumnType.BIGINT,
                (text, out, row) -> set(DateTimeText.parse(text), out, row));
        register(connection, Type.TIMESPAN, DuckDBColumnType.BIGINT,
                (text, out, row) -> set(TimeSpanText.parse(text), out, row));
        register(connection, Type.REAL, DuckDBColumnType.DOUBLE, (text, out, row) -> {
            Optional<Double> value = FieldText.real(text);
            if (value.isPresent()) {
                out.setDouble(row, value.get());
            } else {
                out.setNull(row);
            }
        });
        register(connection, Type.DECIMAL, DuckDBColumnType.DECIMAL, (text, out, row) -> {
            Optional<BigDecimal> value = FieldText.decimal(text);
            if (value.isPresent()) {
                out.setBigDecimal(row, value.get());
            } else {
                out.setNull(row);
            }
        });
        // Java functions have no vectors of UUIDs.
        register(connection, Type.GUID, DuckDBColumnType.VARCHAR,
                (text, out, row) -> set(FieldText.guid(text).map(UUID::toString), out, row));
        registerSized(connection, PREFIX + Type.DYNAMIC.kustoName(),
                (text, bytesMax, out, row) -> set(FieldText.dynamic(text, bytesMax), out, row));
        registerSized(connection, EncodingPolicy.CUT,
                (text, bytesMax, out, row) -> out.setString(row, FieldText.cut(text, bytesMax)));
        for (Transform transform : Transform.values()) {
            if (transform.hundredthTicksOfUnit().isPresent()) {
                long unit = transform.hundredthTicksOfUnit().get();
                register(connection, unixFunction(transform), DuckDBColumnType.BIGINT,
                        (text, out, row) -> set(FieldText.unixTime(text, unit), out, row));
            }
        }
    }

    /// A text as a value of a type.
    ///
    /// @param text     SQL of a VARCHAR, an identifier or the like: it is repeated
    /// @param bytesMax longer strings are cut to this many bytes of UTF-8, longer dynamic values are null
    static String convert(Type type, String text, int bytesMax) {
        String function = PREFIX + type.kustoName() + "(" + text + ")";
        return switch (type) {
            case STRING -> EncodingPolicy.fitting(type, text, bytesMax);
            case DYNAMIC -> PREFIX + type.kustoName() + "(" + text + ", " + bytesMax + ")";
            // A number that prints as it was written needs no second opinion.
            case INT, LONG -> {
                String cast = "TRY_CAST(" + text + " AS " + (type == Type.INT ? "INTEGER" : "BIGINT") + ")";
                yield "CASE WHEN CAST(" + cast + " AS VARCHAR) = " + text + " THEN " + cast + " ELSE " + function + " END";
            }
            // DuckDB also takes underscores; infinities may be numbers out of range.
            case REAL -> {
                String cast = "TRY_CAST(" + text + " AS DOUBLE)";
                yield "CASE WHEN isfinite(" + cast + ") AND NOT contains(" + text + ", '_') THEN " + cast + " ELSE " + function
                        + " END";
            }
            case GUID -> "CAST(" + function + " AS UUID)";
            case DATETIME -> datetime(text, function);
            case BOOL, TIMESPAN, DECIMAL -> function;
        };
    }

    // As with numbers: a moment that prints as it was written, with a blank, or with T and Z.
    private static String datetime(String text, String function) {
        String cast = "TRY_CAST(" + text + " AS TIMESTAMP)";
        String printed = "CAST(" + cast + " AS VARCHAR)";
        String ticks = "epoch_us(" + cast + ") * 10 + " + Ticks.UNIX_EPOCH;
        return "CASE WHEN " + cast + " BETWEEN TIMESTAMP '0001-01-01' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN CASE WHEN "
                + printed + " = " + text + " THEN " + ticks
                + " WHEN " + printed + " = replace(replace(" + text + ", 'T', ' '), 'Z', '') THEN " + ticks
                + " ELSE " + function + " END ELSE " + function + " END";
    }

    /// A text that counts units since 1970 as a datetime's ticks.
    static String unixTime(Transform transform, String text) {
        return unixFunction(transform) + "(" + text + ")";
    }

    private static String unixFunction(Transform transform) {
        return "conshelf_" + transform.kustoName().toLowerCase(Locale.ROOT);
    }

    @FunctionalInterface
    private interface Conversion {
        void write(String text, DuckDBWritableVector out, long row);
    }

    /// A conversion whose result may have so many bytes.
    @FunctionalInterface
    private interface SizedConversion {
        void write(String text, int bytesMax, DuckDBWritableVector out, long row);
    }

    private static void set(OptionalLong value, DuckDBWritableVector out, long row) {
        if (value.isPresent()) {
            out.setLong(row, value.getAsLong());
        } else {
            out.setNull(row);
        }
    }

    private static void set(Optional<String> value, DuckDBWritableVector out, long row) {
        if (value.isPresent()) {
            out.setString(row, value.get());
        } else {
            out.setNull(row);
        }
    }

    private static void register(Connection connection, Type type, DuckDBColumnType returns, Conversion conversion)
            throws SQLException {
        register(connection, PREFIX + type.kustoName(), returns, conversion);
    }

    private static void register(Connection connection, String name, DuckDBColumnType returns, Conversion conversion)
            throws SQLException {
        DuckDBScalarFunction function = (in, out) -> {
            DuckDBReadableVector texts = in.vector(0);
            long rows = in.rowCount();
            for (long row = 0; row < rows; row++) {
                if (texts.isNull(row)) {
                    out.setNull(row);
                } else {
                    conversion.write(texts.getString(row), out, row);
                }
            }
        };
        try (var builder = DuckDBFunctions.scalarFunction();
                var logical = returns == DuckDBColumnType.DECIMAL
                        ? DuckDBLogicalType.decimal(38, 17)
                        : DuckDBLogicalType.of(returns)) {
            builder.withName(name)
                    .withParameter(DuckDBColumnType.VARCHAR)
                    .withReturnType(logical)
                    .withVectorizedFunction(function)
                    .register(connection);
        }
    }

    private static void registerSized(Connection connection, String name, SizedConversion conversion) throws SQLException {
        DuckDBScalarFunction function = (in, out) -> {
            DuckDBReadableVector texts = in.vector(0);
            DuckDBReadableVector sizes = in.vector(1);
            long rows = in.rowCount();
            for (long row = 0; row < rows; row++) {
                if (texts.isNull(row)) {
                    out.setNull(row);
                } else {
                    conversion.write(texts.getString(row), sizes.getInt(row), out, row);
                }
            }
        };
        try (var builder = DuckDBFunctions.scalarFunction()) {
            builder.withName(name)
                    .withParameter(DuckDBColumnType.VARCHAR)
                    .withParameter(DuckDBColumnType.INTEGER)
                    .withReturnType(DuckDBColumnType.VARCHAR)
                    .withVectorizedFunction(function)
                    .register(connection);
        }
    }
}
