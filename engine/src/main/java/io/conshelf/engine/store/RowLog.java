package io.conshelf.engine.store;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The append-only log that makes streamed rows durable. Requests that wait at the same time share one write and one
/// `fsync`: the first of them works for all.
///
/// A record is its length, a checksum and its bytes. Segments follow one another as `<name>.<number>`; those that are sealed
/// as a whole are deleted.
final class RowLog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RowLog.class);
    private static final int HEADER_BYTES = 2 * Integer.BYTES;
    /// Longer ones are neither written nor believed.
    static final int RECORD_BYTES_MAX = 1 << 28;
    /// What is written together, so that nobody waits for much more than his own record.
    private static final long GROUP_BYTES_MAX = 32L << 20;
    private static final int BUFFER_BYTES = 1 << 18;

    private final Path folder;
    private final String name;
    private final Object queueLock = new Object();
    private final ArrayDeque<Entry> queue = new ArrayDeque<>();
    // Held while the files are written or changed.
    private final Object fileLock = new Object();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private boolean hasLeader;
    private FileChannel channel;
    private long segment;
    private IOException broken;

    private RowLog(Path folder, String name) {
        this.folder = folder;
        this.name = name;
    }

    /// Opens a database's log and replays what is not sealed. What a crash left half written at the end is cut off: nobody was
    /// told that it is there.
    ///
    /// @param firstSegment the first that is not sealed
    static RowLog open(Path folder, String name, long firstSegment, Consumer<RowRecord> replay) throws IOException {
        var log = new RowLog(folder, name);
        List<Long> segments = log.segments();
        long last = firstSegment;
        for (long number : segments) {
            last = Math.max(last, number);
            if (number >= firstSegment) {
                log.replay(number, replay);
            }
        }
        // A new segment each time: what follows a cut is never appended to.
        log.begin(last + 1);
        return log;
    }

    private List<Long> segments() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(file -> file.matches(Pattern.quote(name) + "\\.\\d{1,18}"))
                    .map(file -> Long.parseLong(file.substring(name.length() + 1)))
                    .sorted()
                    .toList();
        }
    }

    private Path file(long number) {
        return folder.resolve(name + "." + number);
    }

    private void replay(long number, Consumer<RowRecord> replay) throws IOException {
        Path file = file(number);
        long size = Files.size(file);
        long at = 0;
        try (var in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
            while (at < size) {
                int length = in.readInt();
                int checksum = in.readInt();
                if (length < 0 || length > RECORD_BYTES_MAX) {
                    break;
                }
                byte[] bytes = in.readNBytes(length);
                if (bytes.length < length || checksum(bytes) != checksum) {
                    break;
                }
                replay.accept(RowRecord.of(bytes));
                at += HEADER_BYTES + length;
            }
        } catch (EOFException _) {
            // The last record was cut short, as below.
        }
        if (at < size) {
            LOG.warn("{}: {} bytes at the end were not written completely and are left out", file, size - at);
        }
    }

    /// What is to be appended; called back in the order of the log.
    interface Appendix {
        int length();

        /// The bytes, asked for when the place in the order is known.
        byte[] bytes();

        /// They are durable. [#append] has not returned yet.
        void isDurable();
    }

    /// One request on its way into the log.
    private static final class Entry {
        private final Appendix appendix;
        private final CompletableFuture<Turn> turn = new CompletableFuture<>();

        Entry(Appendix appendix) {
            this.appendix = appendix;
        }
    }

    private enum Turn { LEAD, DONE }

    /// Appends a record and returns when it is durable.
    void append(Appendix appendix) throws IOException {
        if (appendix.length() > RECORD_BYTES_MAX) {
            throw new IOException("a record of " + appendix.length() + " bytes is too long for the row log, which takes up to "
                    + RECORD_BYTES_MAX + "; send less in one request");
        }
        var entry = new Entry(appendix);
        boolean leads;
        synchronized (queueLock) {
            queue.add(entry);
            leads = !hasLeader;
            hasLeader = true;
        }
        if (leads || await(entry) == Turn.LEAD) {
            lead(entry);
            await(entry);
        }
    }

    private static Turn await(Entry entry) throws IOException {
        try {
            return entry.turn.join();
        } catch (CompletionException e) {
            throw new IOException(e.getCause().getMessage(), e.getCause());
        }
    }

    /// Writes what waits, the leader's own entry among it, and hands over to the first that came meanwhile. Whatever fails
    /// here, somebody leads afterwards or nobody waits.
    private void lead(Entry own) {
        var group = new ArrayList<Entry>();
        try {
            synchronized (fileLock) {
                take(group);
                write(group);
            }
            group.forEach(entry -> entry.turn.obtrudeValue(Turn.DONE));
        } catch (Throwable e) {
            group.forEach(entry -> entry.turn.obtrudeException(e));
            own.turn.obtrudeException(e);
        } finally {
            synchronized (queueLock) {
                queue.remove(own);
                Entry next = queue.peek();
                if (next == null) {
                    hasLeader = false;
                } else {
                    next.turn.complete(Turn.LEAD);
                }
            }
        }
    }

    private void take(List<Entry> group) {
        synchronized (queueLock) {
            long bytes = 0;
            for (Entry next = queue.peek(); next != null; next = queue.peek()) {
                bytes += HEADER_BYTES + next.appendix.length();
                if (!group.isEmpty() && bytes > GROUP_BYTES_MAX) {
                    return;
                }
                group.add(next);
                queue.remove();
            }
        }
    }

    private void write(List<Entry> group) throws IOException {
        if (broken != null) {
            // What is in the file after a failed write or fsync is unknown; appending to it could bring rows back.
            throw new IOException("the row log failed before: " + broken.getMessage(), broken);
        }
        long before = channel.position();
        try {
            for (Entry entry : group) {
                byte[] record = entry.appendix.bytes();
                if (buffer.remaining() < HEADER_BYTES) {
                    flush();
                }
                buffer.putInt(record.length).putInt(checksum(record));
                for (int at = 0; at < record.length; ) {
                    if (!buffer.hasRemaining()) {
                        flush();
                    }
                    int part = Math.min(buffer.remaining(), record.length - at);
                    buffer.put(record, at, part);
                    at += part;
                }
            }
            flush();
            channel.force(false);
            group.forEach(entry -> entry.appendix.isDurable());
        } catch (Throwable e) {
            if (!(e instanceof IOException) && channel.position() == before) {
                // It failed before anything was written.
                buffer.clear();
                throw e;
            }
            broken = e instanceof IOException io ? io : new IOException(e);
            throw e;
        }
    }

    private void flush() throws IOException {
        buffer.flip();
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        buffer.clear();
    }

    /// Whether a write has failed, so that what the file holds is not known.
    boolean isBroken() {
        synchronized (fileLock) {
            return broken != null;
        }
    }

    /// Goes on in a new segment, so that the ones before can be deleted once they are sealed.
    ///
    /// @param atBoundary run when all before the boundary is durable and nothing is behind it
    /// @return the first segment behind the boundary
    long rotate(Runnable atBoundary) throws IOException {
        synchronized (fileLock) {
            if (channel.position() > 0) {
                channel.close();
                begin(segment + 1);
            }
            atBoundary.run();
            return segment;
        }
    }

    private void begin(long number) throws IOException {
        channel = FileChannel.open(file(number), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        channel.truncate(0);
        segment = number;
        // The new name must be durable before what is written under it.
        try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    /// Deletes the segments before one.
    void deleteBefore(long firstKept) {
        synchronized (fileLock) {
            try {
                for (long number : segments()) {
                    if (number < firstKept) {
                        Files.deleteIfExists(file(number));
                    }
                }
            } catch (IOException e) {
                LOG.warn("Sealed segments of {} stay for now: {}", name, e.getMessage());
            }
        }
    }

    /// Deletes all of a dropped database's log.
    void delete() throws IOException {
        close();
        for (long number : segments()) {
            Files.deleteIfExists(file(number));
        }
    }

    private static int checksum(byte[] bytes) {
        var crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    @Override
    public void close() throws IOException {
        synchronized (fileLock) {
            channel.close();
        }
    }
}
