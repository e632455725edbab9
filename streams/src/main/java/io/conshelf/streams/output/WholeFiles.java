package io.conshelf.streams.output;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.streams.format.OutputFormat;
import io.conshelf.streams.format.RowEncoder;
import io.conshelf.streams.job.JobDefinition.OutputError;
import io.conshelf.streams.output.HeldRows.Batch;
import io.conshelf.streams.value.BinaryValues;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Shape;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// Writes rows into files that are there as a whole or not at all: Avro, Parquet, and blobs that are written once. Rows wait in checkpoints until a file has
/// enough of them; which file that is belongs to the checkpoint too, so that it comes exactly once.
final class WholeFiles implements EventTarget {
    private static final int SHAPES_MAX = 1_000;
    private static final byte FORMAT = 1;

    private final Store store;
    private final PathTemplate path;
    private final OutputFormat format;
    private final Batching batching;
    private final OutputError onRefusal;
    private final Clock clock;
    private final HeldBytes together;

    /// Opens what holds the files; done when it is first needed.
    interface Store {
        FileStore open() throws OutputException;
    }

    WholeFiles(Store store, PathTemplate path, OutputFormat format, Batching batching, OutputError onRefusal, Clock clock) {
        this(store, path, format, batching, onRefusal, clock, HeldBytes.OF_PROCESS);
    }

    /// @param together rows beyond what all may hold are written at once, and may come again after a crash
    WholeFiles(Store store, PathTemplate path, OutputFormat format, Batching batching, OutputError onRefusal, Clock clock, HeldBytes together) {
        this.store = store;
        this.path = path;
        this.format = format;
        this.batching = batching;
        this.onRefusal = onRefusal;
        this.clock = clock;
        this.together = together;
    }

    @Override
    public List<String> check(List<String> columns) throws OutputException {
        store.open();
        return List.of();
    }

    @Override
    public Optional<String> keeps() {
        return Optional.of("whole files");
    }

    @Override
    public Writer open(String writer) throws OutputException {
        return new Files(store.open());
    }

    @Override
    public void close() {
        // nothing stays open beside the writers
    }

    private final class Files extends HoldingWriter {
        private final FileStore files;
        private final String guid = UUID.randomUUID().toString().replace("-", "");
        private final Set<Shape> known = new HashSet<>();
        private final List<Refused> refused = new ArrayList<>();
        /// What was due and is in no checkpoint yet, by its name without the columns' hash and the ending.
        private final Map<String, Batch> due = new LinkedHashMap<>();
        private int number;

        private Files(FileStore files) {
            super(new HeldRows(batching, clock, together));
            this.files = files;
        }

        @Override
        public void write(Row row) throws OutputException {
            // as long as the store is away nothing more is held
            writeDue();
            while (rows.isFull()) {
                Batch batch = rows.excess();
                due.put(name(batch), batch);
                writeDue();
            }
            Shape shape = row.event().shape();
            if (!known.contains(shape)) {
                // what the format cannot hold is refused now, and not with the file
                format.message(List.of(row.event()));
                if (known.size() >= SHAPES_MAX) {
                    known.clear();
                }
                known.add(shape);
            }
            rows.add(path.folder(row), row);
        }

        /// Ahead of the checkpoint.
        private void writeDue() throws OutputException {
            if (due.isEmpty()) {
                return;
            }
            for (Map.Entry<String, Batch> one : List.copyOf(due.entrySet())) {
                try {
                    put(one.getKey(), one.getValue().read(), one.getValue().count());
                } catch (IOException impossible) {
                    throw new UncheckedIOException(impossible);
                }
                rows.written(due.remove(one.getKey()).size());
            }
        }

        private String name(Batch batch) {
            String own = guid + "_" + ++number;
            return batch.folder().isEmpty() ? own : batch.folder() + "/" + own;
        }

        @Override
        public byte[] prepare(long checkpoint) throws OutputException {
            boolean isAtOnce = rows.isTooMuchPrepared();
            rows.due().forEach(batch -> due.put(name(batch), batch));
            if (isAtOnce) {
                writeDue();
            }
            if (due.isEmpty()) {
                return new byte[0];
            }
            long size = due.values().stream().mapToLong(Batch::size).sum();
            ByteArrayOutputStream bytes = new ByteArrayOutputStream(Math.toIntExact(size));
            try (DataOutputStream out = new DataOutputStream(bytes)) {
                out.writeByte(FORMAT);
                out.writeInt(due.size());
                for (Map.Entry<String, Batch> one : due.entrySet()) {
                    out.writeUTF(one.getKey());
                    out.writeInt(one.getValue().count());
                    one.getValue().writeTo(out);
                }
            } catch (IOException impossible) {
                throw new UncheckedIOException(impossible);
            }
            due.clear();
            rows.written(size);
            rows.prepared(bytes.size());
            return bytes.toByteArray();
        }

        @Override
        public void commit(byte[] prepared) throws OutputException {
            try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(prepared))) {
                if (in.readByte() != FORMAT) {
                    throw new IOException("it is of another version");
                }
                for (int count = in.readInt(); count > 0; count--) {
                    put(in.readUTF(), in, in.readInt());
                }
            } catch (IOException unreadable) {
                throw new CheckpointUnreadable(unreadable);
            }
            rows.written(prepared.length);
        }

        /// The same rows always come into the same files, however often it is done. Rows whose columns differ come into files of their own.
        ///
        /// @param in so many rows
        /// @throws IOException where they cannot be read
        private void put(String name, DataInputStream in, int count) throws OutputException, IOException {
            List<Refused> wrong = new ArrayList<>();
            Others left = write(name, 1, in, count, wrong);
            for (int part = 2; left.count > 0; part++) {
                left = write(name, part, new DataInputStream(new ByteArrayInputStream(left.bytes.toByteArray())), left.count, wrong);
            }
            // not before: what cannot be stored is tried again
            refused.addAll(wrong);
        }

        /// Rows that a file cannot take beside those it has.
        private static final class Others {
            private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            private final DataOutputStream out = new DataOutputStream(bytes);
            private int count;

            private void add(Row row) throws IOException {
                BinaryValues.write(row, out);
                count++;
            }
        }

        private Others write(String name, int part, DataInputStream in, int count, List<Refused> wrong) throws OutputException, IOException {
            Others others = new Others();
            Row row = BinaryValues.readRow(in);
            int at = name.lastIndexOf('/') + 1;
            String path = name.substring(0, at) + Integer.toHexString(row.event().shape().names().hashCode()) + "_" + name.substring(at)
                    + (part == 1 ? "" : "-" + part) + "." + format.extension();
            try (FileStore.PendingFile file = files.create(path)) {
                int rows = 0;
                try (RowEncoder encoder = format.open(file.stream())) {
                    for (int i = 1; i <= count; i++) {
                        if (!encoder.takes(row.event())) {
                            others.add(row);
                        } else if (isWritten(row, encoder, wrong)) {
                            rows++;
                        }
                        if (i < count) {
                            row = BinaryValues.readRow(in);
                        }
                    }
                }
                if (rows > 0) {
                    file.commit();
                }
            } catch (StoreException | IOException | UncheckedIOException failure) {
                throw new OutputException("'" + path + "' cannot be written: " + failure.getMessage(), failure);
            }
            return others;
        }

        private boolean isWritten(Row row, RowEncoder encoder, List<Refused> wrong) throws OutputException, IOException {
            try {
                encoder.write(row.event());
                return true;
            } catch (RowRefused unfit) {
                if (onRefusal == OutputError.STOP) {
                    throw unfit.of(row);
                }
                wrong.add(new Refused(unfit.type(), unfit.getMessage(), 1));
                return false;
            }
        }

        @Override
        public List<Refused> refused() {
            List<Refused> told = List.copyOf(refused);
            refused.clear();
            return told;
        }

        @Override
        public void close() {
            rows.close();
        }
    }
}
