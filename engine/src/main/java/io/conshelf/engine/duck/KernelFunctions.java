package io.conshelf.engine.duck;

import io.conshelf.kql.function.Kernel;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.CellWriter;
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
        kernel.body().run(new VectorChunk(in), new Result(out));
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
