package io.conshelf.streams.input;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.connectors.file.StoredFile;
import io.conshelf.streams.format.EventReader;
import io.conshelf.streams.format.EventSink;
import io.conshelf.streams.format.InputFormat;
import io.conshelf.streams.input.FilesInput.StoreRecipe;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;

/// Reference data in files. A path with a date or a time in it names when a snapshot becomes valid; one without is read once.
record FilesReference(StoreRecipe store, PathPattern paths, InputFormat format) implements ReferenceInput {
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(10);

    @Override
    public Snapshots open(long bytesMax) throws InputException {
        try {
            return new Found(this, store.open(), bytesMax);
        } catch (StoreException e) {
            throw new InputException(e.getMessage(), e);
        }
    }

    @Override
    public Earlier earlier() {
        return paths.hasTime() ? Earlier.KEPT : Earlier.NONE;
    }

    private static final class Found implements Snapshots {
        private final FilesReference input;
        private final FileStore store;
        private final long bytesMax;
        private final Refreshing refreshing = new Refreshing(Duration.ZERO, LOOK_AGAIN);
        private long last = Long.MIN_VALUE;
        private final TreeMap<Long, List<StoredFile>> broken = new TreeMap<>();
        /// As the store has said it last. Of many snapshots each is given without asking it for all again.
        private TreeMap<Long, List<StoredFile>> listed = new TreeMap<>();
        private long listedNanos;

        private Found(FilesReference input, FileStore store, long bytesMax) {
            this.input = input;
            this.store = store;
            this.bytesMax = bytesMax;
        }

        @Override
        public Snapshot first(long ticks) throws InputException {
            list();
            Map.Entry<Long, List<StoredFile>> valid = listed.floorEntry(ticks);
            if (valid == null) {
                throw new InputException("there is no reference data at '%s' from %s or before".formatted(input.paths().text(), Ticks.text(ticks)));
            }
            Snapshot first = snapshot(valid);
            last = valid.getKey();
            return first;
        }

        @Override
        public Optional<Snapshot> next() throws InputException, InterruptedException {
            return input.paths().hasTime() ? refreshing.next(this::later) : Optional.empty();
        }

        private Optional<Snapshot> later() throws InputException {
            boolean isRecent = System.nanoTime() - listedNanos < LOOK_AGAIN.toNanos();
            Optional<Map.Entry<Long, List<StoredFile>>> later = isRecent ? listedLater() : Optional.empty();
            if (later.isEmpty()) {
                list();
                later = listedLater();
            }
            if (later.isEmpty()) {
                return Optional.empty();
            }
            Snapshot snapshot;
            try {
                snapshot = snapshot(later.get());
            } catch (BrokenSnapshot e) {
                broken.put(later.get().getKey(), later.get().getValue());
                throw e;
            } catch (InputException e) {
                // it may be gone
                listed.clear();
                throw e;
            }
            last = later.get().getKey();
            broken.headMap(last, true).clear();
            return Optional.of(snapshot);
        }

        /// One that was broken may have been written again.
        private Optional<Map.Entry<Long, List<StoredFile>>> listedLater() {
            return listed.tailMap(last, false).entrySet().stream().filter(later -> !later.getValue().equals(broken.get(later.getKey()))).findFirst();
        }

        @Override
        public Optional<Snapshot> again(long validFrom) throws InputException {
            if (!listed.containsKey(validFrom)) {
                list();
            }
            List<StoredFile> files = listed.get(validFrom);
            if (files == null) {
                return Optional.empty();
            }
            try {
                return Optional.of(snapshot(Map.entry(validFrom, files)));
            } catch (InputException e) {
                // it may be gone, or another one by now
                listed.clear();
                throw e;
            }
        }

        private void list() throws InputException {
            listed = files();
            listedNanos = System.nanoTime();
        }

        private TreeMap<Long, List<StoredFile>> files() throws InputException {
            var meant = input.paths().paths();
            TreeMap<Long, List<StoredFile>> byTime = new TreeMap<>();
            try {
                store.eachWithPrefix(input.paths().prefix(), file -> {
                    Matcher path = meant.matcher(file.path());
                    if (path.matches()) {
                        Optional<Instant> time = input.paths().time(path);
                        if (time.isPresent() || !input.paths().hasTime()) {
                            byTime.computeIfAbsent(time.map(Ticks::of).orElse(Long.MIN_VALUE), _ -> new ArrayList<>()).add(file);
                        }
                    }
                });
            } catch (StoreException e) {
                throw new InputException(e.getMessage(), e);
            }
            return byTime;
        }

        private Snapshot snapshot(Map.Entry<Long, List<StoredFile>> files) throws InputException {
            SnapshotRecords records = new SnapshotRecords(bytesMax);
            List<InputException> tooMuch = new ArrayList<>();
            EventReader reader = input.format().reader();
            List<DataError> errors = new ArrayList<>();
            EventSink sink = new EventSink() {
                @Override
                public void event(Value.Record event) {
                    if (tooMuch.isEmpty()) {
                        try {
                            records.add(event);
                        } catch (InputException e) {
                            tooMuch.add(e);
                        }
                    }
                }

                @Override
                public void broken(DataError error) {
                    // the first is told; of a large file all may be broken
                    if (errors.isEmpty()) {
                        errors.add(error);
                    }
                }
            };
            for (StoredFile file : files.getValue()) {
                try (EventReader.Events events = reader.file(store.open(file), file.path())) {
                    while (tooMuch.isEmpty() && events.next(sink)) {
                        // one after another
                    }
                } catch (StoreException | IOException e) {
                    throw new InputException("'%s' cannot be read: %s".formatted(file.path(), e.getMessage()), e);
                }
            }
            if (!tooMuch.isEmpty()) {
                throw tooMuch.getFirst();
            }
            if (!errors.isEmpty()) {
                throw new BrokenSnapshot(errors.getFirst());
            }
            return new Snapshot(files.getKey(), records.all());
        }

        /// One that is still to come is none that is missing.
        @Override
        public void probe() throws InputException {
            files();
        }

        @Override
        public void close() {}
    }
}
