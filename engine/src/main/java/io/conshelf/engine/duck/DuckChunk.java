package io.conshelf.engine.duck;

import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.Chunk;
import java.math.BigDecimal;
import java.util.List;
import java.util.UUID;
import org.duckdb.DuckDBDataChunkReader;
import org.duckdb.DuckDBReadableVector;

/// DuckDB's vectors as rows of Kusto's types, without copies. Guids are text in the vectors.
public final class DuckChunk implements Chunk {
    private static final int TEXT_OVERHEAD_BYTES = 4;

    private final Type[] types;
    private final DuckDBReadableVector[] vectors;
    private int rows;
    private long textBytes;

    public DuckChunk(List<Type> types) {
        this.types = types.toArray(Type[]::new);
        vectors = new DuckDBReadableVector[this.types.length];
    }

    /// Shows the first rows of another batch.
    public void show(DuckDBDataChunkReader reader, int rowCount) {
        for (int i = 0; i < vectors.length; i++) {
            vectors[i] = reader.vector(i);
        }
        rows = rowCount;
    }

    /// Size of what was read so far: texts as they were asked for.
    public long textBytesRead() {
        return textBytes;
    }

    /// Size of one row without its texts.
    public static int fixedBytes(List<Type> types) {
        int bytes = 0;
        for (Type type : types) {
            bytes += switch (type) {
                case BOOL -> 1;
                case INT -> 4;
                case LONG, DATETIME, TIMESPAN, REAL -> 8;
                case DECIMAL, GUID -> 16;
                case STRING, DYNAMIC -> TEXT_OVERHEAD_BYTES;
            };
        }
        return bytes;
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
        return types[column] != Type.STRING && vectors[column].isNull(row);
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
        String text = vectors[column].getString(row);
        if (text == null) {
            return "";
        }
        textBytes += text.length();
        return text;
    }

    @Override
    public UUID guid(int column, int row) {
        return UUID.fromString(vectors[column].getString(row));
    }
}
