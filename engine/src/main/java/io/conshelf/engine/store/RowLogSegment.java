package io.conshelf.engine.store;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One file of a row log, read. Records stand one behind the other, each after its length and its checksum.
///
/// What a crash left half written at the end is left out: nobody was told that it is there. Damage before the end is another
/// matter: what follows it is read all the same, and the file is kept aside for whoever wants to look.
final class RowLogSegment {
    static final int HEADER_BYTES = 2 * Integer.BYTES;
    /// Longer ones are neither written nor believed.
    static final int RECORD_BYTES_MAX = 1 << 28;

    /// What is appended to the name of a copy that is kept of a damaged file.
    static final String DAMAGED = ".damaged";

    private static final Logger LOG = LoggerFactory.getLogger(RowLogSegment.class);
    private static final int WINDOW_BYTES = 1 << 20;

    private final Path file;
    private final RandomAccessFile in;
    private final long size;

    private RowLogSegment(Path file, RandomAccessFile in) throws IOException {
        this.file = file;
        this.in = in;
        this.size = in.length();
    }

    static void replay(Path file, Consumer<RowRecord> replay) throws IOException {
        try (var in = new RandomAccessFile(file.toFile(), "r")) {
            new RowLogSegment(file, in).replay(replay);
        }
    }

    /// Writes a file that no log is writing.
    static void write(Path file, List<RowRecord> records) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                var out = new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel), WINDOW_BYTES))) {
            for (RowRecord record : records) {
                byte[] bytes = record.toBytes();
                out.writeInt(bytes.length);
                out.writeInt(checksum(bytes));
                out.write(bytes);
            }
            out.flush();
            channel.force(true);
        }
    }

    private void replay(Consumer<RowRecord> replay) throws IOException {
        long at = 0;
        while (at < size) {
            byte[] record = record(at);
            if (record.length > 0) {
                replay.accept(RowRecord.of(record));
                at += HEADER_BYTES + record.length;
                continue;
            }
            long next = nextRecord(at + 1);
            if (next < 0) {
                LOG.warn("{}: {} bytes at the end were not written completely and are left out", file, size - at);
                return;
            }
            Path aside = keepAside();
            LOG.error("{}: {} bytes from {} on are damaged. The streamed rows in them are lost, those behind them are not. The file is "
                    + "kept as {}: check the disk; to have the rows again, ingest them anew", file, next - at, at, aside);
            at = next;
        }
    }

    /// The bytes of the record at a place; none if there is no whole one.
    private byte[] record(long at) throws IOException {
        if (size - at < HEADER_BYTES) {
            return new byte[0];
        }
        in.seek(at);
        int length = in.readInt();
        int checksum = in.readInt();
        if (length <= 0 || length > RECORD_BYTES_MAX || length > size - at - HEADER_BYTES) {
            return new byte[0];
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return checksum(bytes) == checksum ? bytes : new byte[0];
    }

    /// The place of the first whole record from a place on; negative if there is none.
    private long nextRecord(long from) throws IOException {
        byte[] window = new byte[WINDOW_BYTES];
        int seen = HEADER_BYTES + RowRecord.START_BYTES;
        for (long at = from; size - at >= seen; at += WINDOW_BYTES - seen + 1) {
            int length = (int) Math.min(WINDOW_BYTES, size - at);
            in.seek(at);
            in.readFully(window, 0, length);
            var bytes = ByteBuffer.wrap(window, 0, length);
            for (int i = 0; i + seen <= length; i++) {
                // Only what begins as a record does is worth a checksum.
                if (RowRecord.mayStart(bytes, i + HEADER_BYTES) && record(at + i).length > 0) {
                    return at + i;
                }
            }
        }
        return -1;
    }

    private Path keepAside() {
        Path aside = file.resolveSibling(file.getFileName() + DAMAGED);
        try {
            if (!Files.exists(aside)) {
                Files.copy(file, aside);
            }
            return aside;
        } catch (IOException e) {
            throw new UncheckedIOException("'" + file + "' is damaged and could not be copied to '" + aside + "'", e);
        }
    }

    static int checksum(byte[] bytes) {
        var crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
