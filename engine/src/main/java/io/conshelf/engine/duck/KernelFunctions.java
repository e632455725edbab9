package io.conshelf.engine.duck;

import io.conshelf.kql.function.Kernel;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.CellWriter;
import io.conshelf.kql.value.Chunk;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.duckdb.DuckDBColumnType;
import org.duckdb.DuckDBDataChunkReader;
import org.duckdb.DuckDBFunctions;
import org.duckdb.DuckDBLogicalType;
import org.duckdb.DuckDBReadableVector;
import org.duckdb.DuckDBWritableVector;

/// Makes kernels callable in SQL under their names. Vectors are read and written in place, cell by cell without boxing.
///
/// DuckDB looks for an interrupt before each vector of 2,048 rows, so kernels need not ask.
public final class KernelFunctions {
    private static final int DECIMAL_DIGITS = 38;
    private static final int DECIMAL_FRACTION_DIGITS = 17;

    private KernelFunctions() {}

    public static void register(Connection connection, Collection<Kernel> kernels) throws SQLException {
        for (Kernel kernel : kernels) {
            register(connection, kernel);
        }
    }

    private static void register(Connection connection, Kernel kernel) throws SQLException {
        try (var builder = DuckDBFunctions.scalarFunction();
                var returns = logicalType(kernel.returns())) {
            builder.withName(kernel.name()).withReturnType(returns);
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
            builder.withVectorizedFunction((in, out) -> run(kernel, in, out)).register(connection);
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

    private static void run(Kernel kernel, DuckDBDataChunkReader in, DuckDBWritableVector out) {
        kernel.body().run(new Arguments(in), new Result(out));
    }

    private static final class Arguments implements Chunk {
        private final int rows;
        private final DuckDBReadableVector[] vectors;

        Arguments(DuckDBDataChunkReader in) {
            rows = (int) in.rowCount();
            vectors = new DuckDBReadableVector[(int) in.columnCount()];
            for (int i = 0; i < vectors.length; i++) {
                vectors[i] = in.vector(i);
            }
        }

        @Override
        public int rows() {
            return rows;
        }

        @Override
        public int columns() {
            return vectors.length;
        }

        @Override
        public boolean isNull(int column, int row) {
            return vectors[column].isNull(row);
        }

        @Override
        public boolean bool(int column, int row) {
            return vectors[column].getBoolean(row);
        }

        @Override
        public int int32(int column, int row) {
            return vectors[column].getInt(row);
        }

        @Override
        public long int64(int column, int row) {
            return vectors[column].getLong(row);
        }

        @Override
        public double float64(int column, int row) {
            return vectors[column].getDouble(row);
        }

        @Override
        public BigDecimal decimal(int column, int row) {
            return vectors[column].getBigDecimal(row);
        }

        @Override
        public String text(int column, int row) {
            return vectors[column].getString(row);
        }

        @Override
        public UUID guid(int column, int row) {
            return UUID.fromString(vectors[column].getString(row));
        }
    }

    private record Result(DuckDBWritableVector out) implements CellWriter {
        @Override
        public void setNull(int row) {
            out.setNull(row);
        }

        @Override
        public void bool(int row, boolean value) {
            out.setBoolean(row, value);
        }

        @Override
        public void int32(int row, int value) {
            out.setInt(row, value);
        }

        @Override
        public void int64(int row, long value) {
            out.setLong(row, value);
        }

        @Override
        public void float64(int row, double value) {
            out.setDouble(row, value);
        }

        @Override
        public void decimal(int row, BigDecimal value) {
            out.setBigDecimal(row, value.setScale(DECIMAL_FRACTION_DIGITS, RoundingMode.HALF_EVEN));
        }

        @Override
        public void text(int row, String value) {
            out.setString(row, value);
        }

        @Override
        public void guid(int row, UUID value) {
            out.setString(row, value.toString());
        }
    }
}
