package io.conshelf.engine.duck;

import io.conshelf.kql.value.Chunk;
import java.math.BigDecimal;
import java.util.UUID;
import org.duckdb.DuckDBDataChunkReader;
import org.duckdb.DuckDBReadableVector;

/// A batch of DuckDB's vectors read as Kusto's values, without copies. Guids are text in the vectors.
class VectorChunk implements Chunk {
    private final DuckDBReadableVector[] vectors;
    private int rows;

    VectorChunk(int columns) {
        vectors = new DuckDBReadableVector[columns];
    }

    /// All rows of a batch, without its first columns.
    VectorChunk(DuckDBDataChunkReader batch, int columnsLeftOut) {
        this((int) batch.columnCount() - columnsLeftOut);
        for (int i = 0; i < vectors.length; i++) {
            vectors[i] = batch.vector(i + columnsLeftOut);
        }
        rows = (int) batch.rowCount();
    }

    /// Shows the first rows of another batch.
    public void show(DuckDBDataChunkReader batch, int rowCount) {
        for (int i = 0; i < vectors.length; i++) {
            vectors[i] = batch.vector(i);
        }
        rows = rowCount;
    }

    final DuckDBReadableVector vector(int column) {
        return vectors[column];
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
