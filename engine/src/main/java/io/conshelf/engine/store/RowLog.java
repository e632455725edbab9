package io.conshelf.engine.store;

import static io.conshelf.engine.store.RowLogSegment.HEADER_BYTES;
import static io.conshelf.engine.store.RowLogSegment.RECORD_BYTES_MAX;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The append-only log that makes streamed rows durable. Requests that wait at the same time share one write and one
/// `fsync`: the first of them works for all.
///
/// Its files, the segments, follow one another as `<name>.<number>`, each begun by the first record in it; those that are sealed
/// as a whole are deleted. After a write that failed, such as on a full disk, what it left is cut off before anything else is
/// written.
final class RowLog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RowLog.class);
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
    // The segment that is written, or the next one where none is.
    private long segment;
    private Optional<FileChannel> channel = Optional.empty();
    private Optional<Throwable> broken = Optional.empty();
    private OptionalLong cutAt = OptionalLong.empty();
    private boolean isClosed;

    private RowLog(Path folder, String name) {
        this.folder = folder;
        this.name = name;
    }

    /// Opens a database's log and replays what is not sealed.
    ///
    /// @param firstSegment the first that is not sealed
    static RowLog open(Path folder, String name, long firstSegment, Consumer<RowRecord> replay) throws IOException {
        var log = new RowLog(folder, name);
        long last = firstSegment;
        for (long number : log.segments()) {
            last = Math.max(last, number);
            Path file = log.file(number);
            if (number < firstSegment || Files.size(file) == 0) {
                Files.delete(file);
            } else {
                RowLogSegment.replay(file, replay);
            }
        }
        // A new segment each time: what follows a cut is never appended to.
        log.segment = last + 1;
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
        mend();
        FileChannel out = begun();
        long before = out.position();
        try {
            for (Entry entry : group) {
                byte[] record = entry.appendix.bytes();
                if (buffer.remaining() < HEADER_BYTES) {
                    flush(out);
                }
                buffer.putInt(record.length).putInt(RowLogSegment.checksum(record));
                for (int at = 0; at < record.length; ) {
                    if (!buffer.hasRemaining()) {
                        flush(out);
                    }
                    int part = Math.min(buffer.remaining(), record.length - at);
                    buffer.put(record, at, part);
                    at += part;
                }
            }
            flush(out);
            out.force(false);
        } catch (Throwable e) {
            // What is in the file now is unknown; appending to it could bring back what was refused.
            cutAt = OptionalLong.of(before);
            throw e;
        }
        try {
            group.forEach(entry -> entry.appendix.isDurable());
        } catch (Throwable e) {
            // Some of it may be seen already and must not be cut off.
            broken = Optional.of(e);
            throw e;
        }
    }

    /// Cuts off what a write that failed has left, and goes on in a new segment.
    private void mend() throws IOException {
        if (isClosed) {
            throw new IOException("the row log is closed");
        }
        if (broken.isPresent()) {
            throw new IOException("the row log failed before: " + broken.get().getMessage() + "; restart the server", broken.get());
        }
        if (cutAt.isPresent()) {
            buffer.clear();
            closeQuietly();
            try (FileChannel file = FileChannel.open(file(segment), StandardOpenOption.WRITE)) {
                file.truncate(cutAt.getAsLong());
                file.force(true);
            }
            cutAt = OptionalLong.empty();
            segment++;
        }
    }

    private FileChannel begun() throws IOException {
        if (channel.isEmpty()) {
            FileChannel opened = FileChannel.open(file(segment), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            // The new name must be durable before what is written under it.
            try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
                opened.truncate(0);
                directory.force(true);
            } catch (IOException e) {
                opened.close();
                throw e;
            }
            channel = Optional.of(opened);
        }
        return channel.get();
    }

    private void closeQuietly() {
        try {
            close(channel);
        } catch (IOException _) {
            // What was acknowledged is durable.
        }
        channel = Optional.empty();
    }

    private static void close(Optional<FileChannel> channel) throws IOException {
        if (channel.isPresent()) {
            channel.get().close();
        }
    }

    private void flush(FileChannel out) throws IOException {
        buffer.flip();
        while (buffer.hasRemaining()) {
            out.write(buffer);
        }
        buffer.clear();
    }

    /// Cuts off what a write that failed has left, if one did.
    ///
    /// @return whether the log holds only what was acknowledged
    boolean isMended() {
        synchronized (fileLock) {
            try {
                mend();
                return true;
            } catch (IOException _) {
                return false;
            }
        }
    }

    /// Goes on in a new segment, so that the ones before can be deleted once they are sealed.
    ///
    /// @param atBoundary run when all before the boundary is durable and nothing is behind it
    /// @return the first segment behind the boundary
    long rotate(Runnable atBoundary) throws IOException {
        synchronized (fileLock) {
            mend();
            if (channel.isPresent()) {
                channel.get().close();
                channel = Optional.empty();
                segment++;
            }
            atBoundary.run();
            return segment;
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

    /// Deletes the copies of damaged segments, which hold rows that may be purged or dropped by now.
    void deleteDamaged() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            var damaged = Pattern.compile(Pattern.quote(name) + "\\.\\d{1,18}" + Pattern.quote(RowLogSegment.DAMAGED));
            for (Path file : files.filter(f -> damaged.matcher(f.getFileName().toString()).matches()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    /// Deletes all of a dropped database's log.
    void delete() throws IOException {
        close();
        deleteDamaged();
        for (long number : segments()) {
            Files.deleteIfExists(file(number));
        }
    }

    @Override
    public void close() throws IOException {
        synchronized (fileLock) {
            isClosed = true;
            close(channel);
            channel = Optional.empty();
        }
    }
}
