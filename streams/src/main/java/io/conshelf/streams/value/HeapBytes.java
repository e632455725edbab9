package io.conshelf.streams.value;

/// About how much of the heap values take that are kept: by the sizes of objects in a heap whose references have 4 bytes.
public final class HeapBytes {
    private static final long OBJECT = 16;
    private static final long REFERENCE = 4;
    private static final long ARRAY = 16;
    /// A text and its bytes.
    private static final long TEXT = 2 * OBJECT + 24;

    private HeapBytes() {}

    public static long of(Value value) {
        return switch (value) {
            case Value.Null _, Value.Bit _ -> 0;
            case Value.BigInt _, Value.FloatingPoint _, Value.DateTime _ -> OBJECT;
            case Value.Text(String text) -> TEXT + text.length();
            case Value.Record(_, Value[] values, Value metadata) -> OBJECT + ARRAY + of(values) + of(metadata);
            case Value.Array(var elements) -> {
                long bytes = 2 * OBJECT + ARRAY;
                for (Value element : elements) {
                    bytes += REFERENCE + of(element);
                }
                yield bytes;
            }
        };
    }

    public static long of(Row row) {
        return OBJECT + ARRAY + of(row.slots());
    }

    private static long of(Value[] values) {
        long bytes = REFERENCE * values.length;
        for (Value value : values) {
            bytes += of(value);
        }
        return bytes;
    }
}
