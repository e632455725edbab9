package io.conshelf.streams.output;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.GrowingFile;
import io.conshelf.connectors.format.LastingStream;
import io.conshelf.streams.format.OutputFormat;
import io.conshelf.streams.format.RowEncoder;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// Writes rows into files of a folder or a container: `path/{hash of the columns}_{guid}_{number}.{ending}`, as the service names them. At least once:
/// what was prepared is there, and rows since then may come again in another file.
///
/// A file grows until its columns change, the hour does, or the store lets it grow no further.
final class FilesTarget implements EventTarget {
    /// Files that are written at once by one writer; of more, the one that was not written for the longest time ends.
    private static final int OPEN_MAX = 100;

    private final Store store;
    private final PathTemplate path;
    private final OutputFormat format;
    private final Lasting lasting;

    /// Opens what holds the files; done when it is first needed.
    interface Store {
        GrowingFile.Store open() throws OutputException;
    }

    enum Lasting {
        /// One file of this very name.
        SINGLE,
        GROWING
    }

    FilesTarget(Store store, PathTemplate path, OutputFormat format, Lasting lasting) {
        this.store = store;
        this.path = path;
        this.format = format;
        this.lasting = lasting;
    }

    @Override
    public List<String> check(List<String> columns) throws OutputException {
        store.open();
        return List.of();
    }

    @Override
    public Writer open(String writer) throws OutputException {
        return new Files(store.open());
    }

    @Override
    public void close() {
        // nothing stays open beside the writers
    }

    private final class Files implements Writer {
        private final GrowingFile.Store files;
        private final String guid = UUID.randomUUID().toString().replace("-", "");
        private final Map<String, Open> open = new LinkedHashMap<>(16, 0.75f, true);
        private int number;

        private Files(GrowingFile.Store files) {
            this.files = files;
        }

        /// What ends the format is written once, however often the store has to be asked to show it.
        private static final class Open {
            private final GrowingFile file;
            private final RowEncoder encoder;
            private final long hour;
            private final String name;
            private boolean isComplete;

            private Open(GrowingFile file, RowEncoder encoder, long hour, String name) {
                this.file = file;
                this.encoder = encoder;
                this.hour = hour;
                this.name = name;
            }
        }

        @Override
        public void write(Row row) throws OutputException {
            Value.Record record = row.event();
            String folder = path.folder(row);
            long hour = row.ticks() / Ticks.PER_HOUR;
            Open current = open.get(folder);
            boolean isSingle = lasting == Lasting.SINGLE;
            if (current != null && (current.isComplete || !current.encoder.takes(record) || !isSingle && (current.hour != hour || current.file.isFull()))) {
                if (isSingle) {
                    throw new RowRefused("ColumnNameInvalid", "the columns differ from those of the rows before, and the output is one file: " + record.shape().names());
                }
                end(folder);
                current = null;
            }
            try {
                if (current == null) {
                    current = begin(folder, record, hour);
                    open.put(folder, current);
                }
                current.encoder.write(record);
            } catch (IOException failure) {
                throw failed(current == null ? folder : current.name, failure);
            }
        }

        private Open begin(String folder, Value.Record record, long hour) throws OutputException, IOException {
            if (open.size() >= OPEN_MAX) {
                String eldest = open.keySet().iterator().next();
                end(eldest);
            }
            String own = Integer.toHexString(record.shape().names().hashCode()) + "_" + guid + "_" + ++number + "." + format.extension();
            String name = lasting == Lasting.SINGLE ? folder : folder.isEmpty() ? own : folder + "/" + own;
            try {
                GrowingFile file = files.grow(name);
                return new Open(file, format.open(new LastingStream(file.stream())), hour, name);
            } catch (StoreException failure) {
                throw new OutputException(failure.getMessage(), failure);
            }
        }

        /// Until the store has shown it, it stays open: whoever tries again goes on here.
        private void end(String folder) throws OutputException {
            Open file = open.get(folder);
            if (!file.isComplete) {
                try {
                    file.encoder.close();
                } catch (IOException failure) {
                    throw failed(file.name, failure);
                }
                file.isComplete = true;
            }
            show(file);
            open.remove(folder);
            file.file.close();
        }

        private static void show(Open file) throws OutputException {
            try {
                file.file.show();
            } catch (StoreException failure) {
                throw new OutputException(failure.getMessage(), failure);
            }
        }

        /// A file that was written in part cannot be gone on with: whoever hosts the output begins again with the rows since the last checkpoint.
        private static OutputException failed(String name, IOException failure) {
            if (failure.getCause() instanceof RowRefused refused) {
                return refused;
            }
            throw new UncheckedIOException("'" + name + "' cannot be written: " + failure.getMessage(), failure);
        }

        @Override
        public byte[] prepare(long checkpoint) throws OutputException {
            for (Open file : open.values()) {
                if (!file.isComplete) {
                    try {
                        file.encoder.flush();
                    } catch (IOException failure) {
                        throw failed(file.name, failure);
                    }
                }
                show(file);
            }
            return new byte[0];
        }

        @Override
        public void commit(byte[] prepared) {
            // what was prepared is seen
        }

        @Override
        public void close() {
            for (String folder : List.copyOf(open.keySet())) {
                Open file = open.get(folder);
                try {
                    end(folder);
                } catch (OutputException | UncheckedIOException left) {
                    // What was prepared is there; the rest is written again.
                    file.file.close();
                }
            }
            open.clear();
        }
    }
}
