package io.conshelf.streams.output;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.streams.format.OutputFormat;
import io.conshelf.streams.format.RowEncoder;
import io.conshelf.streams.job.JobDefinition.OutputError;
import io.conshelf.streams.output.HeldRows.Batch;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Value;
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
    private static final long HELD_BYTES_MAX = 128L << 20;
    private static final int SHAPES_MAX = 1_000;
    private static final byte FORMAT = 1;

    private final Store store;
    private final PathTemplate path;
    private final OutputFormat format;
    private final Batching batching;
    private final OutputError onRefusal;
    private final Clock clock;
    private final long heldBytesMax;

    /// Opens what holds the files; done when it is first needed.
    interface Store {
        FileStore open() throws OutputException;
    }

    WholeFiles(Store store, PathTemplate path, OutputFormat format, Batching batching, OutputError onRefusal, Clock clock) {
        this(store, path, format, batching, onRefusal, clock, HELD_BYTES_MAX);
    }

    /// @param heldBytesMax rows beyond that are written at once, and may come again after a crash
    WholeFiles(Store store, PathTemplate path, OutputFormat format, Batching batching, OutputError onRefusal, Clock clock, long heldBytesMax) {
        this.store = store;
        this.path = path;
        this.format = format;
        this.batching = batching;
        this.onRefusal = onRefusal;
        this.clock = clock;
        this.heldBytesMax = heldBytesMax;
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
            super(new HeldRows(batching, clock, heldBytesMax));
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
                put(one.getKey(), one.getValue().rows());
                due.remove(one.getKey());
            }
        }

        private String name(Batch batch) {
            String own = guid + "_" + ++number;
            return batch.folder().isEmpty() ? own : batch.folder() + "/" + own;
        }

        @Override
        public byte[] prepare(long checkpoint) {
            rows.due().forEach(batch -> due.put(name(batch), batch));
            if (due.isEmpty()) {
                return new byte[0];
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (DataOutputStream out = new DataOutputStream(bytes)) {
                out.writeByte(FORMAT);
                out.writeInt(due.size());
                for (Map.Entry<String, Batch> one : due.entrySet()) {
                    out.writeUTF(one.getKey());
                    out.writeInt(one.getValue().count());
                    out.write(one.getValue().bytes());
                }
            } catch (IOException impossible) {
                throw new UncheckedIOException(impossible);
            }
            due.clear();
            return bytes.toByteArray();
        }

        @Override
        public void commit(byte[] prepared) throws OutputException {
            try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(prepared))) {
                if (in.readByte() != FORMAT) {
                    throw new IOException("it is of another version");
                }
                for (int count = in.readInt(); count > 0; count--) {
                    String name = in.readUTF();
                    put(name, HeldRows.read(in, in.readInt()));
                }
            } catch (IOException unreadable) {
                throw new OutputException("what a checkpoint holds of the output cannot be read: " + unreadable.getMessage(), unreadable);
            }
        }

        /// The same rows always come into the same files, however often it is done. Rows whose columns differ come into files of their own.
        private void put(String name, List<Row> rows) throws OutputException {
            List<Value.Record> left = rows.stream().map(Row::event).toList();
            List<Refused> wrong = new ArrayList<>();
            for (int part = 1; !left.isEmpty(); part++) {
                Encoded file = encode(left, wrong);
                if (file.rows() > 0) {
                    int at = name.lastIndexOf('/') + 1;
                    store(name.substring(0, at) + Integer.toHexString(left.getFirst().shape().names().hashCode()) + "_" + name.substring(at)
                            + (part == 1 ? "" : "-" + part) + "." + format.extension(), file.bytes());
                }
                left = file.left();
            }
            // not before: what cannot be stored is tried again
            refused.addAll(wrong);
        }

        private record Encoded(byte[] bytes, int rows, List<Value.Record> left) {}

        private Encoded encode(List<Value.Record> records, List<Refused> wrong) throws OutputException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            List<Value.Record> others = new ArrayList<>();
            int rows = 0;
            try (RowEncoder encoder = format.open(bytes)) {
                for (Value.Record one : records) {
                    if (!encoder.takes(one)) {
                        others.add(one);
                        continue;
                    }
                    try {
                        encoder.write(one);
                        rows++;
                    } catch (RowRefused unfit) {
                        if (onRefusal == OutputError.STOP) {
                            throw unfit.of(Row.event(0, one));
                        }
                        wrong.add(new Refused(unfit.type(), unfit.getMessage(), 1));
                    }
                }
            } catch (IOException failure) {
                throw new OutputException("a file cannot be written as " + format.type() + ": " + failure.getMessage(), failure);
            }
            return new Encoded(bytes.toByteArray(), rows, others);
        }

        private void store(String name, byte[] bytes) throws OutputException {
            try (FileStore.PendingFile file = files.create(name)) {
                file.stream().write(bytes);
                file.commit();
            } catch (StoreException | IOException failure) {
                throw new OutputException("'" + name + "' cannot be written: " + failure.getMessage(), failure);
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
            // what is held is in the checkpoint
        }
    }
}
