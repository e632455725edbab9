package io.conshelf.engine.duck;

import io.conshelf.kql.function.Kernel;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.CellWriter;
import io.conshelf.kql.value.Interruption;
import io.conshelf.kql.value.TooLargeValue;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.duckdb.DuckDBColumnType;
import org.duckdb.DuckDBDataChunkReader;
import org.duckdb.DuckDBFunctions;
import org.duckdb.DuckDBLogicalType;
import org.duckdb.DuckDBWritableVector;

/// Makes kernels callable in SQL under their names. Vectors are read and written in place, cell by cell without boxing.
///
/// DuckDB looks for an interrupt before each vector of 2,048 rows; within one a kernel looks itself, in the twin that knows
/// its query (see [KernelCalls]).
public final class KernelFunctions {
    private static final int DECIMAL_DIGITS = 38;
    private static final int DECIMAL_FRACTION_DIGITS = 17;

    /// Shorter texts stand in the vector itself.
    private static final int INLINE_TEXT_BYTES = 12;

    /// So many texts, or characters of them, are handed over together: a call out of Java for each costs more than most of them.
    private static final int TEXTS_TOGETHER_MAX = 2_048;
    private static final int CHARS_TOGETHER_MAX = 64 << 10;

    private KernelFunctions() {}

    public static void register(Connection connection, Collection<Kernel> kernels, KernelCalls calls) throws SQLException {
        for (Kernel kernel : kernels) {
            register(connection, kernel, calls, false);
            register(connection, kernel, calls, true);
        }
    }

    private static void register(Connection connection, Kernel kernel, KernelCalls calls, boolean isTwin)
            throws SQLException {
        try (var builder = DuckDBFunctions.scalarFunction();
                var returns = logicalType(kernel.returns())) {
            builder.withName(isTwin ? KernelCalls.TWIN_PREFIX + kernel.name() : kernel.name()).withReturnType(returns);
            if (isTwin) {
                builder.withParameter(DuckDBColumnType.BIGINT);
            }
            List<Type> parameters = kernel.parameters();
            for (Type parameter : parameters) {
                try (var type = logicalType(parameter)) {
                    builder.withParameter(type);
                }
            }
            if (kernel.variadic()) {
                try (var type = logicalType(parameters.getLast())) {
                    builder.withVarArgs(type);
                }
            }
            if (kernel.perRow()) {
                builder.withVolatile();
            }
            builder.withVectorizedFunction(isTwin
                            ? (in, out) -> runTwin(kernel, calls, in, out)
                            : (in, out) -> run(kernel, new KernelChunk(in, 0), new Result(out, calls, () -> false)))
                    .register(connection);
        }
    }

    private static void runTwin(Kernel kernel, KernelCalls calls, DuckDBDataChunkReader in, DuckDBWritableVector out) {
        if (in.rowCount() > 0) {
            BooleanSupplier isStopped = calls.stopOf(in.vector(0).getLong(0));
            Interruption.guard(isStopped, () -> run(kernel, new KernelChunk(in, 1), new Result(out, calls, isStopped)));
        }
    }

    private static void run(Kernel kernel, KernelChunk in, Result out) {
        try {
            kernel.body().run(in, out);
            out.writeTexts();
        } catch (OutOfMemoryError e) {
            throw new TooLargeValue("a function had no memory for its values");
        } catch (StackOverflowError e) {
            throw new TooLargeValue("a function was given a value that is nested too deeply");
        }
    }

    private static DuckDBLogicalType logicalType(Type type) throws SQLException {
        return switch (type) {
            case BOOL -> DuckDBLogicalType.of(DuckDBColumnType.BOOLEAN);
            case INT -> DuckDBLogicalType.of(DuckDBColumnType.INTEGER);
            case LONG, DATETIME, TIMESPAN -> DuckDBLogicalType.of(DuckDBColumnType.BIGINT);
            case REAL -> DuckDBLogicalType.of(DuckDBColumnType.DOUBLE);
            case DECIMAL -> DuckDBLogicalType.decimal(DECIMAL_DIGITS, DECIMAL_FRACTION_DIGITS);
            case STRING, DYNAMIC -> DuckDBLogicalType.of(DuckDBColumnType.VARCHAR);
            case GUID -> throw new AssertionError("a kernel takes guids as text");
        };
    }

    /// Each cell is a moment to look whether anybody waits for it, and whether there is memory for it.
    private static final class Result implements CellWriter {
        private final DuckDBWritableVector out;
        private final KernelCalls calls;
        private final BooleanSupplier isStopped;
        private long textBytesLeft;
        /// Those of the rows from `firstRow` on.
        private String[] texts = new String[0];
        private int textCount;
        private int textChars;
        private int firstRow;

        Result(DuckDBWritableVector out, KernelCalls calls, BooleanSupplier isStopped) {
            this.out = out;
            this.calls = calls;
            this.isStopped = isStopped;
            this.textBytesLeft = calls.textBytesMax();
        }

        private void look() {
            if (isStopped.getAsBoolean()) {
                throw new Interruption.Stopped();
            }
        }

        @Override
        public void setNull(int row) {
            look();
            if (textCount > 0 && row == firstRow + textCount && textCount < TEXTS_TOGETHER_MAX) {
                add(null);
            } else {
                out.setNull(row);
            }
        }

        @Override
        public void bool(int row, boolean value) {
            look();
            out.setBoolean(row, value);
        }

        @Override
        public void int32(int row, int value) {
            look();
            out.setInt(row, value);
        }

        @Override
        public void int64(int row, long value) {
            look();
            out.setLong(row, value);
        }

        @Override
        public void float64(int row, double value) {
            look();
            out.setDouble(row, value);
        }

        @Override
        public void decimal(int row, BigDecimal value) {
            look();
            out.setBigDecimal(row, value.setScale(DECIMAL_FRACTION_DIGITS, RoundingMode.HALF_EVEN));
        }

        @Override
        public void text(int row, String value) {
            look();
            if (value.length() > INLINE_TEXT_BYTES) {
                textBytesLeft -= value.length();
                if (textBytesLeft < 0) {
                    throw new TooLargeValue("a function made more than " + calls.textBytesMax()
                            + " bytes of text in one batch of rows");
                }
                if (calls.memoryIsShort()) {
                    throw new TooLargeValue(KernelCalls.SHORT);
                }
            }
            if (textCount == TEXTS_TOGETHER_MAX || textChars > CHARS_TOGETHER_MAX || row != firstRow + textCount) {
                writeTexts();
                firstRow = row;
            }
            add(value);
            textChars += value.length();
        }

        private void add(String text) {
            if (textCount == texts.length) {
                texts = Arrays.copyOf(texts, Math.clamp(2L * texts.length, 16, TEXTS_TOGETHER_MAX));
            }
            texts[textCount++] = text;
        }

        void writeTexts() {
            if (textCount > 0) {
                out.setStrings(firstRow, textCount == texts.length ? texts : Arrays.copyOf(texts, textCount));
                textCount = 0;
                textChars = 0;
            }
        }

        @Override
        public void guid(int row, UUID value) {
            text(row, value.toString());
        }
    }
}
