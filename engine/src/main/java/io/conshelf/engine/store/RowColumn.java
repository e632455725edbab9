package io.conshelf.engine.store;

import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.CellWriter;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.UUID;
import org.duckdb.DuckDBWritableVector;

/// One column of rows held in memory, growing while it is written. Which arrays are used follows from the type. Texts lie
/// one after the other as UTF-8: many rows wait in memory, and an object a cell would be work for the garbage collector.
public final class RowColumn implements CellWriter {
    private static final int FIRST_CAPACITY = 128;
    private static final int FIRST_TEXT_BYTES = 1_024;
    private static final int TEXT_BYTES_MAX = Integer.MAX_VALUE - 8;
    private static final byte[] NO_TEXT = {};

    private final Type type;
    private final BitSet nulls = new BitSet();
    private long[] longs;
    private double[] doubles;
    private BigDecimal[] decimals;
    private byte[] text;
    private int textBytes;
    private int[] starts;
    private int[] lengths;

    public RowColumn(Type type) {
        this.type = type;
        switch (type) {
            case BOOL, INT, LONG, DATETIME, TIMESPAN -> longs = new long[FIRST_CAPACITY];
            case REAL -> doubles = new double[FIRST_CAPACITY];
            case DECIMAL -> decimals = new BigDecimal[FIRST_CAPACITY];
            case STRING, DYNAMIC, GUID -> {
                text = new byte[FIRST_TEXT_BYTES];
                starts = new int[FIRST_CAPACITY];
                lengths = new int[FIRST_CAPACITY];
            }
        }
    }

    public Type type() {
        return type;
    }

    /// Makes the string column's null the empty text it is.
    @Override
    public void setNull(int row) {
        if (type == Type.STRING) {
            utf8(row, NO_TEXT, 0, 0);
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
        } else if (decimals != null) {
            decimals = Arrays.copyOf(decimals, rows);
        } else {
            starts = Arrays.copyOf(starts, rows);
            lengths = Arrays.copyOf(lengths, rows);
            text = Arrays.copyOf(text, textBytes);
        }
    }

    /// How much text there is, in bytes.
    public int textBytes() {
        return textBytes;
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
        if (row >= decimals.length) {
            decimals = Arrays.copyOf(decimals, Math.max(row + 1, decimals.length * 2));
        }
        decimals[row] = value;
    }

    @Override
    public void text(int row, String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        utf8(row, utf8, 0, utf8.length);
    }

    /// A text that is UTF-8 already.
    public void utf8(int row, byte[] from, int start, int length) {
        if (row >= starts.length) {
            int capacity = Math.max(row + 1, starts.length * 2);
            starts = Arrays.copyOf(starts, capacity);
            lengths = Arrays.copyOf(lengths, capacity);
        }
        if (length > text.length - textBytes) {
            long wanted = Math.max((long) textBytes + length, 2L * text.length);
            text = Arrays.copyOf(text, (int) Math.min(wanted, TEXT_BYTES_MAX));
        }
        System.arraycopy(from, start, text, textBytes, length);
        starts[row] = textBytes;
        lengths[row] = length;
        textBytes += length;
    }

    @Override
    public void guid(int row, UUID value) {
        text(row, value.toString());
    }

    BitSet nulls() {
        return nulls;
    }

    public boolean isNull(int row) {
        return nulls.get(row);
    }

    public long longAt(int row) {
        return longs[row];
    }

    double doubleAt(int row) {
        return doubles[row];
    }

    BigDecimal decimalAt(int row) {
        return decimals[row];
    }

    /// The texts of all rows, which [#startAt] and [#lengthAt] tell apart; a guid is its text.
    byte[] texts() {
        return text;
    }

    int startAt(int row) {
        return starts[row];
    }

    int lengthAt(int row) {
        return lengths[row];
    }

    void copy(int from, int count, DuckDBWritableVector target, int at) {
        switch (type) {
            case STRING, DYNAMIC, GUID -> copyTexts(from, count, target, at);
            case BOOL, INT, LONG, DATETIME, TIMESPAN, REAL, DECIMAL -> {
                for (int i = 0; i < count; i++) {
                    copy(from + i, target, at + i);
                }
            }
        }
        if (!nulls.isEmpty()) {
            for (int row = nulls.nextSetBit(from); row >= 0 && row < from + count; row = nulls.nextSetBit(row + 1)) {
                target.setNull(at + row - from);
            }
        }
    }

    // A call of DuckDB for all of them: one for each costs more than the rest of the row.
    private void copyTexts(int from, int count, DuckDBWritableVector target, int at) {
        byte[][] batch = new byte[count][];
        for (int i = 0; i < count; i++) {
            int row = from + i;
            batch[i] = nulls.get(row) ? NO_TEXT : Arrays.copyOfRange(text, starts[row], starts[row] + lengths[row]);
        }
        target.setStringUtf8Batch(at, batch);
    }

    private void copy(int row, DuckDBWritableVector target, int to) {
        if (nulls.get(row)) {
            return;
        }
        switch (type) {
            case BOOL -> target.setBoolean(to, longs[row] != 0);
            case INT -> target.setInt(to, (int) longs[row]);
            case LONG, DATETIME, TIMESPAN -> target.setLong(to, longs[row]);
            case REAL -> target.setDouble(to, doubles[row]);
            case DECIMAL -> target.setBigDecimal(to, decimals[row]);
            case STRING, DYNAMIC, GUID -> throw new AssertionError("texts are copied together");
        }
    }
}
