package io.conshelf.engine.store;

import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.CellWriter;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.BitSet;
import java.util.UUID;
import org.duckdb.DuckDBWritableVector;

/// One column of rows held in memory, growing while it is written. Which array is used follows from the type.
public final class RowColumn implements CellWriter {
    private static final int FIRST_CAPACITY = 64;

    private final Type type;
    private final BitSet nulls = new BitSet();
    private long[] longs;
    private double[] doubles;
    private Object[] objects;

    public RowColumn(Type type) {
        this.type = type;
        switch (type) {
            case BOOL, INT, LONG, DATETIME, TIMESPAN -> longs = new long[FIRST_CAPACITY];
            case REAL -> doubles = new double[FIRST_CAPACITY];
            case DECIMAL, STRING, DYNAMIC, GUID -> objects = new Object[FIRST_CAPACITY];
        }
    }

    public Type type() {
        return type;
    }

    /// Makes the string column's null the empty text it is.
    @Override
    public void setNull(int row) {
        if (type == Type.STRING) {
            text(row, "");
        } else {
            nulls.set(row);
        }
    }

    /// Lets go of room beyond the rows that were written: many small batches may wait in memory.
    public void trim(int rows) {
        if (longs != null) {
            longs = Arrays.copyOf(longs, rows);
        } else if (doubles != null) {
            doubles = Arrays.copyOf(doubles, rows);
        } else {
            objects = Arrays.copyOf(objects, rows);
        }
    }

    /// Takes back a row that was written, to be written again.
    public void clear(int row) {
        nulls.clear(row);
    }

    @Override
    public void bool(int row, boolean value) {
        int64(row, value ? 1 : 0);
    }

    @Override
    public void int32(int row, int value) {
        int64(row, value);
    }

    @Override
    public void int64(int row, long value) {
        if (row >= longs.length) {
            longs = Arrays.copyOf(longs, Math.max(row + 1, longs.length * 2));
        }
        longs[row] = value;
    }

    @Override
    public void float64(int row, double value) {
        if (row >= doubles.length) {
            doubles = Arrays.copyOf(doubles, Math.max(row + 1, doubles.length * 2));
        }
        doubles[row] = value;
    }

    @Override
    public void decimal(int row, BigDecimal value) {
        object(row, value);
    }

    @Override
    public void text(int row, String value) {
        object(row, value);
    }

    @Override
    public void guid(int row, UUID value) {
        object(row, value.toString());
    }

    BitSet nulls() {
        return nulls;
    }

    public boolean isNull(int row) {
        return nulls.get(row);
    }

    long longAt(int row) {
        return longs[row];
    }

    double doubleAt(int row) {
        return doubles[row];
    }

    /// `String` or `BigDecimal`; a guid is its text.
    Object objectAt(int row) {
        return objects[row];
    }

    private void object(int row, Object value) {
        if (row >= objects.length) {
            objects = Arrays.copyOf(objects, Math.max(row + 1, objects.length * 2));
        }
        objects[row] = value;
    }

    void copy(int from, int count, DuckDBWritableVector target, int at) {
        for (int i = 0; i < count; i++) {
            int row = from + i;
            int to = at + i;
            if (nulls.get(row)) {
                target.setNull(to);
                continue;
            }
            switch (type) {
                case BOOL -> target.setBoolean(to, longs[row] != 0);
                case INT -> target.setInt(to, (int) longs[row]);
                case LONG, DATETIME, TIMESPAN -> target.setLong(to, longs[row]);
                case REAL -> target.setDouble(to, doubles[row]);
                case DECIMAL -> target.setBigDecimal(to, (BigDecimal) objects[row]);
                case STRING, DYNAMIC, GUID -> target.setString(to, (String) objects[row]);
            }
        }
    }
}
