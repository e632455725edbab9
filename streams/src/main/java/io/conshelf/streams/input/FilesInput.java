package io.conshelf.streams.input;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.connectors.file.StoredFile;
import io.conshelf.streams.format.AddedColumns;
import io.conshelf.streams.format.EventReader;
import io.conshelf.streams.format.InputFormat;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.DateTime;
import io.conshelf.streams.value.Value.Record;
import io.conshelf.streams.value.Value.Text;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Files of a folder or of a container of blobs, each read once, in the order of their modification. What is appended to one afterwards is not read.
///
/// @param store   opened where it is read
/// @param follow  whether new files are waited for
/// @param columns what is added to each event
record FilesInput(StoreRecipe store, PathPattern paths, InputFormat format, Follow follow, Columns columns) implements EventInput {
    private static final int NAMES_MAX = 100_000;
    private static final int EVENTS_MAX = 1_000;
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

    @FunctionalInterface
    interface StoreRecipe extends Serializable {
        FileStore open() throws StoreException;
    }

    enum Follow { FOR_EVER, TO_THE_END }

    enum Columns { NONE, OF_BLOBS }

    @Override
    public int partitionsMax() {
        return 1;
    }

    @Override
    public boolean isBounded() {
        return follow == Follow.TO_THE_END;
    }

    @Override
    public boolean tellsArrival() {
        // a replay of old blobs is not late
        return areBlobs() && follow == Follow.FOR_EVER;
    }

    private boolean areBlobs() {
        return columns == Columns.OF_BLOBS;
    }

    @Override
    public List<String> partitions() {
        return List.of("0");
    }

    @Override
    public void probe() throws InputException {
        try {
            FileStore opened = store.open();
            try {
                opened.eachWithPrefix(paths.prefix(), _ -> { });
            } finally {
                close(opened);
            }
        } catch (StoreException e) {
            throw new InputException(e.getMessage(), e);
        }
    }

    private static void close(FileStore store) {
        if (store instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (Exception e) {
                throw new IllegalStateException("the store of the files was not closed", e);
            }
        }
    }

    @Override
    public EventPartition open(String partition, Start start) throws InputException {
        try {
            Reading reading = new Reading(this, store.open(), start);
            try {
                reading.begin();
                return reading;
            } catch (StoreException | RuntimeException e) {
                reading.close();
                throw e;
            }
        } catch (StoreException e) {
            throw new InputException(e.getMessage(), e);
        } catch (IOException e) {
            throw new InputException("the position in the files cannot be read: " + e.getMessage(), e);
        }
    }

    private static final class Reading implements EventPartition {
        private final FilesInput input;
        private final FileStore store;
        private final Pattern meant;
        private final EventReader reader;
        private final AddedColumns added;
        private final long since;
        /// When a local run began: the arrival of its events.
        private final long beginTicks;
        /// The files that are done with.
        private final FilesRead read;
        private final List<StoredFile> toRead = new ArrayList<>();
        /// As they were seen last: one that still grows is not read yet.
        private Map<String, StoredFile> seen = new HashMap<>();
        private final Semaphore woken = new Semaphore(0);
        private Optional<StoredFile> current = Optional.empty();
        private Optional<EventReader.Events> events = Optional.empty();
        /// How often [EventReader.Events#next] was called for the current file.
        private long taken;
        /// Of a file that was being read when the position was taken.
        private String unfinished = "";
        private long toSkip;
        /// Where there is an end: what is read.
        private Optional<FilesThere> there = Optional.empty();
        private boolean hasLooked;
        private boolean isEnded;

        private Reading(FilesInput input, FileStore store, Start start) throws IOException {
            this.input = input;
            this.added = new AddedColumns(input.format().level(), List.of("EventProcessedUtcTime", "PartitionId", "BlobName", "BlobLastModifiedUtcTime"));
            this.store = store;
            this.meant = input.paths().paths();
            this.reader = input.format().reader();
            this.read = new FilesRead(input.areBlobs() ? FilesRead.Times.OF_STORE : FilesRead.Times.OF_WRITERS, NAMES_MAX);
            long begin = Ticks.of(Instant.now());
            long from = Long.MIN_VALUE;
            switch (start) {
                case Start.Earliest _ -> { }
                case Start.From(long ticks) -> from = ticks;
                case Start.At(byte[] position) -> {
                    DataInputStream in = new DataInputStream(new ByteArrayInputStream(position));
                    begin = in.readLong();
                    from = in.readLong();
                    unfinished = in.readUTF();
                    toSkip = in.readLong();
                    read.read(in);
                    // positions of before end here
                    there = in.available() > 0 && in.readBoolean() ? Optional.of(FilesThere.read(in)) : Optional.empty();
                }
            }
            this.beginTicks = begin;
            this.since = from;
        }

        /// What comes later is none of it, however soon: a position from before the first event tells so, too.
        private void begin() throws StoreException {
            if (input.isBounded() && there.isEmpty()) {
                look();
            }
        }

        @Override
        public void poll(Duration wait, Events out) throws InputException, InterruptedException {
            try {
                if (events.isEmpty() && !next(out)) {
                    woken.tryAcquire(Math.max(wait.toMillis(), LOOK_AGAIN.toMillis()), TimeUnit.MILLISECONDS);
                    return;
                }
                give(out);
            } catch (StoreException e) {
                throw new InputException(e.getMessage(), e);
            } catch (IOException e) {
                throw new InputException("'" + current.map(StoredFile::path).orElse("") + "' cannot be read: " + e.getMessage(), e);
            }
        }

        /// Opens the next file.
        private boolean next(Events out) throws StoreException, IOException {
            // where there is an end, what comes while the rest is read is behind it
            if (toRead.isEmpty() && !(hasLooked && input.isBounded())) {
                look();
            }
            if (toRead.isEmpty()) {
                isEnded = input.isBounded();
                return false;
            }
            StoredFile file = toRead.removeFirst();
            current = Optional.of(file);
            taken = 0;
            EventReader.Events opened = reader.file(store.open(file), file.path());
            events = Optional.of(opened);
            out.read(1, file.sizeBytes());
            if (isUnfinished(file)) {
                ReadEvents nowhere = new ReadEvents(new Nowhere());
                while (taken < toSkip && opened.next(nowhere)) {
                    taken++;
                }
                unfinished = "";
            }
            return true;
        }

        private void look() throws StoreException {
            List<StoredFile> found = new ArrayList<>();
            Set<String> done = new HashSet<>();
            store.eachWithPrefix(input.paths().prefix(), file -> {
                if (!meant.matcher(file.path()).matches() || file.name().startsWith(".") || there.isPresent() && !there.get().has(file.path())) {
                    return;
                }
                if (read.has(file)) {
                    done.add(file.path());
                } else if (isUnfinished(file) || since == Long.MIN_VALUE || !input.areBlobs() || Ticks.of(file.lastModified()) >= since) {
                    found.add(file);
                }
            });
            if (input.isBounded() && there.isEmpty()) {
                there = Optional.of(FilesThere.of(Stream.concat(done.stream(), found.stream().map(StoredFile::path)).toList()));
            }
            read.keep(done);
            // an older one that has come since must not take the place of the one that is half read
            found.sort(Comparator.comparing((StoredFile file) -> !isUnfinished(file)).thenComparing(StoredFile::lastModified)
                    .thenComparing(StoredFile::path));
            Map<String, StoredFile> growing = new HashMap<>();
            for (StoredFile file : found) {
                // blobs are there whole or not at all
                if (input.isBounded() || input.areBlobs() || isUnfinished(file) || file.equals(seen.get(file.path()))) {
                    toRead.add(file);
                } else {
                    growing.put(file.path(), file);
                }
            }
            seen = growing;
            hasLooked = true;
        }

        private boolean isUnfinished(StoredFile file) {
            return file.path().equals(unfinished);
        }

        private void give(Events out) throws IOException {
            StoredFile file = current.orElseThrow();
            ReadEvents passing = new ReadEvents(out);
            passing.of(input.areBlobs() ? Ticks.of(file.lastModified()) : beginTicks, columns(file),
                    EventMetadata.ofFile(input.format(), file, ReadEvents.partition(0)), taken);
            EventReader.Events opened = events.orElseThrow();
            for (int i = 0; i < EVENTS_MAX && !out.isFull(); i++) {
                if (!opened.next(passing)) {
                    opened.close();
                    events = Optional.empty();
                    current = Optional.empty();
                    read.add(file, toRead);
                    return;
                }
                taken++;
            }
        }

        private UnaryOperator<Record> columns(StoredFile file) {
            if (input.columns() == Columns.NONE) {
                return UnaryOperator.identity();
            }
            Value processed = new DateTime(Ticks.of(Instant.now()));
            Value name = new Text(file.path());
            Value modified = new DateTime(Ticks.of(file.lastModified()));
            Value partition = ReadEvents.partition(0);
            return event -> added.to(event, processed, partition, name, modified);
        }

        @Override
        public byte[] position() {
            return reached().bytes();
        }

        @Override
        public Position reached() {
            return new Reached(beginTicks, since, current.map(StoredFile::path).orElse(unfinished), current.isPresent() ? taken : toSkip, read.remembered(), there);
        }

        @Override
        public boolean isEnded() {
            return isEnded;
        }

        @Override
        public long backlog() {
            return toRead.size() + seen.size() + (current.isPresent() ? 1 : 0);
        }

        @Override
        public void wakeUp() {
            woken.release();
        }

        @Override
        public void close() {
            events.ifPresent(opened -> {
                try {
                    opened.close();
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            FilesInput.close(store);
        }
    }

    /// The names of all files that have been read may be many, so they are not copied with each poll.
    private record Reached(long beginTicks, long since, String unfinished, long taken, FilesRead.Remembered read, Optional<FilesThere> there) implements EventPartition.Position {
        @Override
        public byte[] bytes() {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream(64 + unfinished.length() + read.length());
            DataOutputStream out = new DataOutputStream(bytes);
            try {
                out.writeLong(beginTicks);
                out.writeLong(since);
                out.writeUTF(unfinished);
                out.writeLong(taken);
                read.write(out);
                out.writeBoolean(there.isPresent());
                if (there.isPresent()) {
                    there.get().write(out);
                }
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
            return bytes.toByteArray();
        }
    }

    /// What is read a second time, and was given before.
    private static final class Nowhere implements EventPartition.Events {
        @Override
        public void event(Record event, long arrivalTicks) {}

        @Override
        public void broken(DataError error) {}
    }
}
