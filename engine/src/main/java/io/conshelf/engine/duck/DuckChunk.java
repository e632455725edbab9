package io.conshelf.engine.duck;

import io.conshelf.kql.type.Type;
import java.util.List;

/// A query's rows as they come, counting the size of what is read.
public final class DuckChunk extends VectorChunk {
    private static final int TEXT_OVERHEAD_BYTES = 4;

    private final Type[] types;
    private long textBytes;

    public DuckChunk(List<Type> types) {
        super(types.size());
        this.types = types.toArray(Type[]::new);
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

    /// A string is never null.
    @Override
    public boolean isNull(int column, int row) {
        return types[column] != Type.STRING && super.isNull(column, row);
    }

    @Override
    public String text(int column, int row) {
        String text = super.text(column, row);
        if (text == null) {
            return "";
        }
        textBytes += text.length();
        return text;
    }
}
