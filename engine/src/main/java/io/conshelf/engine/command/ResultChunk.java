package io.conshelf.engine.command;

import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.value.Chunk;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Rows that are held as a chunk: a command's, for clients and for the query after a bar, and a few of a query's.
public final class ResultChunk implements Chunk {
    private final CommandResult result;

    public ResultChunk(CommandResult result) {
        this.result = result;
    }

    /// A copy that stays valid when the next rows are asked for.
    public static ResultChunk copyOf(Chunk rows, List<ColumnSchema> columns) {
        var copied = new ArrayList<List<Object>>();
        for (int row = 0; row < rows.rows(); row++) {
            var cells = new ArrayList<>();
            for (int column = 0; column < columns.size(); column++) {
                cells.add(rows.isNull(column, row) ? CommandResult.NULL : switch (columns.get(column).type()) {
                    case BOOL -> rows.bool(column, row);
                    case INT -> rows.int32(column, row);
                    case LONG, DATETIME, TIMESPAN -> rows.int64(column, row);
                    case REAL -> rows.float64(column, row);
                    case DECIMAL -> rows.decimal(column, row);
                    case STRING, DYNAMIC -> rows.text(column, row);
                    case GUID -> rows.guid(column, row);
                });
            }
            copied.add(cells);
        }
        return new ResultChunk(new CommandResult(columns, copied));
    }

    private Object cell(int column, int row) {
        return result.rows().get(row).get(column);
    }

    @Override
    public int rows() {
        return result.rows().size();
    }

    @Override
    public int columns() {
        return result.columns().size();
    }

    @Override
    public boolean isNull(int column, int row) {
        return cell(column, row) instanceof Optional<?>;
    }

    @Override
    public boolean bool(int column, int row) {
        return (Boolean) cell(column, row);
    }

    @Override
    public int int32(int column, int row) {
        return (Integer) cell(column, row);
    }

    @Override
    public long int64(int column, int row) {
        return (Long) cell(column, row);
    }

    @Override
    public double float64(int column, int row) {
        return (Double) cell(column, row);
    }

    @Override
    public BigDecimal decimal(int column, int row) {
        return (BigDecimal) cell(column, row);
    }

    @Override
    public String text(int column, int row) {
        return (String) cell(column, row);
    }

    @Override
    public UUID guid(int column, int row) {
        return (UUID) cell(column, row);
    }
}
