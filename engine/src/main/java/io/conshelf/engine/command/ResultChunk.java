package io.conshelf.engine.command;

import io.conshelf.kql.value.Chunk;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.UUID;

/// A command's rows as a chunk, for clients and for the query after a bar.
public final class ResultChunk implements Chunk {
    private final CommandResult result;

    public ResultChunk(CommandResult result) {
        this.result = result;
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
