package io.conshelf.kql.function;

import static io.conshelf.kql.function.Kernels.kernel;
import static io.conshelf.kql.type.Type.*;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;

/// xxHash64 over the bytes of values, little end first.
final class HashKernels {
    private static final long PRIME_1 = 0x9E3779B185EBCA87L;
    private static final long PRIME_2 = 0xC2B2AE3D27D4EB4FL;
    private static final long PRIME_3 = 0x165667B19E3779F9L;
    private static final long PRIME_4 = 0x85EBCA77C2B2AE63L;
    private static final long PRIME_5 = 0x27D4EB2F165667C5L;

    private static final int STRIPE_BYTES = 32;
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    static final List<Kernel> ALL = List.of(
            kernel("kql_hash_text", LONG,
                    (in, row, out) -> out.int64(row, hash(in.text(0, row).getBytes(StandardCharsets.UTF_8))), STRING),
            kernel("kql_hash_long", LONG, (in, row, out) -> out.int64(row, hash(in.int64(0, row))), LONG),
            kernel("kql_hash_int", LONG, (in, row, out) -> out.int64(row, scattered(ofFour(PRIME_5 + Integer.BYTES, in.int32(0, row)))), INT),
            kernel("kql_hash_real", LONG, (in, row, out) -> out.int64(row, hash(Double.doubleToRawLongBits(in.float64(0, row)))), REAL),
            kernel("kql_hash_bool", LONG,
                    (in, row, out) -> out.int64(row, hash(new byte[] {(byte) (in.bool(0, row) ? 1 : 0)})), BOOL),
            kernel("kql_hash_guid", LONG,
                    (in, row, out) -> out.int64(row, hash(guidBytes(UUID.fromString(in.text(0, row))))), STRING),
            kernel("kql_modulo", LONG, (in, row, out) -> {
                if (in.int64(1, row) == 0) {
                    out.setNull(row);
                } else {
                    out.int64(row, Math.floorMod(in.int64(0, row), in.int64(1, row)));
                }
            }, LONG, LONG));

    private HashKernels() {}

    private static ByteBuffer bytes(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /// The bytes of a guid as .NET has them: the first three groups little end first.
    static byte[] guidBytes(UUID guid) {
        long high = guid.getMostSignificantBits();
        return bytes(16)
                .putInt((int) (high >>> 32))
                .putShort((short) (high >>> 16))
                .putShort((short) high)
                .putLong(Long.reverseBytes(guid.getLeastSignificantBits()))
                .array();
    }

    static UUID guidOf(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long high = (in.getInt() & 0xFFFF_FFFFL) << 32 | (in.getShort() & 0xFFFFL) << 16 | in.getShort() & 0xFFFFL;
        return new UUID(high, Long.reverseBytes(in.getLong()));
    }

    static long hash(byte[] data) {
        int at = 0;
        long hash = PRIME_5;
        if (data.length >= STRIPE_BYTES) {
            hash = stripes(data);
            at = data.length - data.length % STRIPE_BYTES;
        }
        hash += data.length;
        for (; at <= data.length - Long.BYTES; at += Long.BYTES) {
            hash = ofEight(hash, (long) LONGS.get(data, at));
        }
        if (at <= data.length - Integer.BYTES) {
            hash = ofFour(hash, (int) INTS.get(data, at));
            at += Integer.BYTES;
        }
        for (; at < data.length; at++) {
            hash = Long.rotateLeft(hash ^ (data[at] & 0xFF) * PRIME_5, 11) * PRIME_1;
        }
        return scattered(hash);
    }

    /// The hash of eight bytes.
    private static long hash(long value) {
        return scattered(ofEight(PRIME_5 + Long.BYTES, value));
    }

    private static long ofEight(long hash, long bytes) {
        return Long.rotateLeft(hash ^ round(0, bytes), 27) * PRIME_1 + PRIME_4;
    }

    private static long ofFour(long hash, int bytes) {
        return Long.rotateLeft(hash ^ (bytes & 0xFFFF_FFFFL) * PRIME_1, 23) * PRIME_2 + PRIME_3;
    }

    private static long scattered(long hash) {
        long mixed = (hash ^ hash >>> 33) * PRIME_2;
        mixed = (mixed ^ mixed >>> 29) * PRIME_3;
        return mixed ^ mixed >>> 32;
    }

    private static long stripes(byte[] data) {
        long a = PRIME_1 + PRIME_2;
        long b = PRIME_2;
        long c = 0;
        long d = -PRIME_1;
        for (int at = 0; at <= data.length - STRIPE_BYTES; at += STRIPE_BYTES) {
            a = round(a, (long) LONGS.get(data, at));
            b = round(b, (long) LONGS.get(data, at + Long.BYTES));
            c = round(c, (long) LONGS.get(data, at + 2 * Long.BYTES));
            d = round(d, (long) LONGS.get(data, at + 3 * Long.BYTES));
        }
        long hash = Long.rotateLeft(a, 1) + Long.rotateLeft(b, 7) + Long.rotateLeft(c, 12) + Long.rotateLeft(d, 18);
        hash = (hash ^ round(0, a)) * PRIME_1 + PRIME_4;
        hash = (hash ^ round(0, b)) * PRIME_1 + PRIME_4;
        hash = (hash ^ round(0, c)) * PRIME_1 + PRIME_4;
        return (hash ^ round(0, d)) * PRIME_1 + PRIME_4;
    }

    private static long round(long accumulator, long input) {
        return Long.rotateLeft(accumulator + input * PRIME_2, 31) * PRIME_1;
    }
}
