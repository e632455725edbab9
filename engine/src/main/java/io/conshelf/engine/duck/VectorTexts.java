package io.conshelf.engine.duck;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.duckdb.DuckDBReadableVector;

/// The texts of a vector, read where DuckDB keeps them: the driver's way is two calls out of Java a cell, which is more than most kernels do with
/// one. A cell is 16 bytes: the length, then the text where it is short, or its first bytes and its address.
///
/// The first cell of each vector is read the driver's way and compared; where it is not kept so, neither are the others read here.
///
/// Only for vectors that nobody else can close meanwhile, as those of a kernel are.
final class VectorTexts {
    private static final int CELL_BYTES = 16;
    private static final int INLINE_BYTES_MAX = 12;
    /// How many bytes of a longer text stand beside its address.
    private static final int PREFIX_BYTES = 4;
    @SuppressWarnings("restricted")
    private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    /// Empty with a driver that keeps its cells elsewhere.
    private static final Optional<VarHandle> CELLS = cells();

    private final DuckDBReadableVector vector;
    private Optional<ByteBuffer> cells;
    private boolean isCompared;
    // The last cell and its text: mostly that of the next row too where an argument is a constant.
    private long lastHead;
    private long lastTail;
    private String last = "";

    VectorTexts(DuckDBReadableVector vector) {
        this.vector = vector;
        this.cells = CELLS.map(handle -> (ByteBuffer) handle.get(vector));
    }

    private static Optional<VarHandle> cells() {
        try {
            return Optional.of(MethodHandles.privateLookupIn(DuckDBReadableVector.class, MethodHandles.lookup())
                    .findVarHandle(DuckDBReadableVector.class, "data", ByteBuffer.class));
        } catch (ReflectiveOperationException _) {
            return Optional.empty();
        }
    }

    /// The text of a cell that is not null.
    String text(int row) {
        if (cells.isEmpty()) {
            return vector.getString(row);
        }
        if (!isCompared) {
            return compared(row);
        }
        ByteBuffer all = cells.get();
        int at = row * CELL_BYTES;
        long head = all.getLong(at);
        long tail = all.getLong(at + Long.BYTES);
        if (head != lastHead || tail != lastTail) {
            last = read(all, at, all.getInt(at), tail);
            lastHead = head;
            lastTail = tail;
        }
        return last;
    }

    private String compared(int row) {
        String told = vector.getString(row);
        isCompared = true;
        cells = cells.filter(all -> keeps(all, row * CELL_BYTES, told.getBytes(StandardCharsets.UTF_8)));
        return told;
    }

    private static boolean keeps(ByteBuffer all, int at, byte[] text) {
        int shown = text.length <= INLINE_BYTES_MAX ? text.length : PREFIX_BYTES;
        return all.capacity() >= at + CELL_BYTES && all.getInt(at) == text.length
                && all.slice(at + Integer.BYTES, shown).equals(ByteBuffer.wrap(text, 0, shown));
    }

    /// Whether cells are read where they lie.
    boolean readsCells() {
        return cells.isPresent();
    }

    private static String read(ByteBuffer all, int at, int length, long address) {
        var bytes = new byte[length];
        if (length <= INLINE_BYTES_MAX) {
            all.get(at + Integer.BYTES, bytes);
        } else {
            MemorySegment.copy(MEMORY, ValueLayout.JAVA_BYTE, address, bytes, 0, length);
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
