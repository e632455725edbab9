package io.conshelf.engine.store;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalInt;

/// Looks through a file's write-ahead log before DuckDB does. DuckDB takes a damaged entry for the end of what a crash left, and
/// forgets what was committed behind it: here a whole entry behind a damaged one tells the two apart.
///
/// The log is a header of numbered fields, then entries of length, checksum and content.
final class WriteAheadLog {
    private static final int ENTRY_HEAD_BYTES = 2 * Long.BYTES;
    private static final int TYPE_FIELD = 100;
    private static final int VERSION_FIELD = 101;
    private static final int IDENTIFIER_FIELD = 102;
    private static final int ITERATION_FIELD = 103;
    private static final int END_FIELD = 0xFFFF;
    // Longer than this it is not looked through: a log is checkpointed at a hundredth of it.
    private static final long BYTES_MAX = 1L << 30;
    // What looks like an entry and is none costs its length; more than this in all is not looked at, some seconds' worth.
    private static final long SEARCHED_BYTES_MAX = 8L << 30;
    // An entry's content is an object: its first field is the entry's type, below 128, and a mark ends it.
    private static final int CONTENT_BYTES_MIN = Short.BYTES + 1 + Short.BYTES;

    private static final long MIX = 0xbf58476d1ce4e5b9L;
    private static final long REST_MIX = 0xc6a4a7935bd1e995L;
    private static final long REST_SEED = 0xe17a1465L;
    private static final int REST_SHIFT = 47;

    private final ByteBuffer bytes;

    private WriteAheadLog(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    /// The place of the damage that something whole follows; empty where there is none.
    static OptionalInt damage(Path log) throws IOException {
        if (!Files.exists(log) || Files.size(log) > BYTES_MAX) {
            return OptionalInt.empty();
        }
        try (var channel = FileChannel.open(log, StandardOpenOption.READ); var arena = Arena.ofConfined()) {
            var mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            return new WriteAheadLog(mapped.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN)).damage();
        }
    }

    private OptionalInt damage() {
        int at = afterHeader();
        while (isEntry(at)) {
            at += ENTRY_HEAD_BYTES + (int) bytes.getLong(at);
        }
        // Entries have any length, so the next whole one may begin at any byte.
        long left = SEARCHED_BYTES_MAX;
        for (int later = at + 1; later <= bytes.limit() - ENTRY_HEAD_BYTES && left > 0; later++) {
            if (looksLikeEntry(later)) {
                left -= bytes.getLong(later);
                if (isEntry(later)) {
                    return OptionalInt.of(at);
                }
            }
        }
        return OptionalInt.empty();
    }

    /// Where the entries begin; 0 if the header is not one.
    private int afterHeader() {
        bytes.position(0);
        try {
            while (true) {
                switch (Short.toUnsignedInt(bytes.getShort())) {
                    case TYPE_FIELD, VERSION_FIELD, ITERATION_FIELD -> skipNumber();
                    case IDENTIFIER_FIELD -> {
                        for (int left = bytes.get(); left > 0; left--) {
                            skipNumber();
                        }
                    }
                    case END_FIELD -> {
                        return bytes.position();
                    }
                    default -> {
                        return 0;
                    }
                }
            }
        } catch (BufferUnderflowException _) {
            return 0;
        }
    }

    // Seven bits a byte, the high one set in all but the last.
    private void skipNumber() {
        while (bytes.get() < 0) {
            continue;
        }
    }

    /// Without a look at what lies between: rows are full of numbers that could be lengths.
    private boolean looksLikeEntry(int at) {
        if (!hasLength(at) || bytes.getLong(at) < CONTENT_BYTES_MIN) {
            return false;
        }
        int content = at + ENTRY_HEAD_BYTES;
        int end = content + (int) bytes.getLong(at);
        return bytes.getShort(content) == TYPE_FIELD
                && bytes.get(content + Short.BYTES) > 0
                && Short.toUnsignedInt(bytes.getShort(end - Short.BYTES)) == END_FIELD;
    }

    private boolean hasLength(int at) {
        if (at > bytes.limit() - ENTRY_HEAD_BYTES) {
            return false;
        }
        long length = bytes.getLong(at);
        return length > 0 && length <= bytes.limit() - at - ENTRY_HEAD_BYTES;
    }

    private boolean isEntry(int at) {
        if (!hasLength(at)) {
            return false;
        }
        long length = bytes.getLong(at);
        return checksum(at + ENTRY_HEAD_BYTES, (int) length) == bytes.getLong(at + Long.BYTES);
    }

    private long checksum(int at, int length) {
        long sum = 5381;
        int words = length / Long.BYTES;
        for (int i = 0; i < words; i++) {
            sum ^= bytes.getLong(at + i * Long.BYTES) * MIX;
        }
        int rest = length % Long.BYTES;
        return rest == 0 ? sum : sum ^ restChecksum(at + words * Long.BYTES, rest);
    }

    // Of fewer than eight bytes.
    private long restChecksum(int at, int length) {
        long last = 0;
        for (int i = length - 1; i >= 0; i--) {
            last = last << 8 | Byte.toUnsignedLong(bytes.get(at + i));
        }
        long hash = (REST_SEED ^ length * REST_MIX ^ last) * REST_MIX;
        hash = (hash ^ hash >>> REST_SHIFT) * REST_MIX;
        return hash ^ hash >>> REST_SHIFT;
    }
}
