package io.conshelf.streams.output.kusto;

import io.conshelf.connectors.BatchId;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.kusto.IngestionSettings;
import io.conshelf.connectors.kusto.StagedIngestion;
import io.conshelf.connectors.kusto.StagedIngestion.Uploaded;
import io.conshelf.streams.output.CheckpointUnreadable;
import io.conshelf.streams.output.EventTarget.Refused;
import io.conshelf.streams.output.EventTarget.Writer;
import io.conshelf.streams.output.OutputException;
import io.conshelf.streams.output.RowsLost;
import io.conshelf.streams.output.kusto.KustoSettings.Flush;
import io.conshelf.streams.value.Row;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Collects rows in files, uploads them with each checkpoint, and queues them for ingestion when the checkpoint is complete. Each file has an id of its own by
/// which the cluster knows it again, so a file that is queued twice is ingested once.
final class QueuedWriter implements Writer {
    private static final Logger LOG = LoggerFactory.getLogger(QueuedWriter.class);
    private static final byte FORMAT = 1;
    private static final String FORMAT_NAME = "csv";
    private static final long FILE_BYTES_MAX = 256L << 20;
    private static final long ASK_EVERY_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final TableColumns columns;
    private final StagedIngestion ingestion;
    private final IngestionSettings how;
    private final Deque<Path> full = new ArrayDeque<>();
    private final List<Batch> uploaded = new ArrayList<>();
    private final List<Refused> refused = new ArrayList<>();
    private Optional<StagedRows> open = Optional.empty();
    private long askedNanos = System.nanoTime();

    /// A file that is on the cluster's storage, and the id by which the cluster knows it.
    private record Batch(Uploaded file, String id) {}

    QueuedWriter(TableColumns columns, StagedIngestion ingestion, Flush flush) {
        this.columns = columns;
        this.ingestion = ingestion;
        this.how = new IngestionSettings(FORMAT_NAME, Optional.of(columns.mapping()), false, flush == Flush.IMMEDIATELY, Map.of());
    }

    @Override
    public void write(Row row) throws OutputException {
        byte[] record = columns.record(row);
        try {
            if (open.isPresent() && open.get().bytes() + record.length > FILE_BYTES_MAX) {
                fill();
            }
            if (open.isEmpty()) {
                open = Optional.of(StagedRows.create());
            }
            open.get().add(record);
        } catch (IOException failure) {
            throw unstaged(failure);
        }
    }

    private static OutputException unstaged(IOException failure) {
        return new OutputException("rows cannot be staged: " + failure.getMessage(), failure);
    }

    private void fill() throws IOException {
        if (open.isPresent()) {
            full.add(open.get().finish());
            open = Optional.empty();
        }
    }

    /// From time to time it is asked what became of what was queued: a batch that the cluster could not ingest is told by [#refused].
    @Override
    public void flush() throws OutputException {
        if (ingestion.unanswered() == 0 || System.nanoTime() - askedNanos < ASK_EVERY_NANOS) {
            return;
        }
        askedNanos = System.nanoTime();
        List<String> failures = KustoTarget.told(ingestion::failures);
        failures.forEach(failure -> refused.add(new Refused("BatchNotIngested", failure, 1)));
    }

    /// A batch counts as one: how many rows of it the cluster has is not known.
    @Override
    public List<Refused> refused() {
        List<Refused> told = List.copyOf(refused);
        refused.clear();
        return told;
    }

    @Override
    public byte[] prepare(long checkpoint) throws OutputException {
        try {
            fill();
            // what was uploaded before a failure is not uploaded again
            while (!full.isEmpty()) {
                Path file = full.getFirst();
                uploaded.add(new Batch(KustoTarget.told(() -> ingestion.upload(file, FORMAT_NAME)), "conshelf-" + UUID.randomUUID()));
                full.removeFirst();
                Files.deleteIfExists(file);
            }
        } catch (IOException failure) {
            throw unstaged(failure);
        }
        if (uploaded.isEmpty()) {
            return new byte[0];
        }
        byte[] prepared = bytes(uploaded);
        uploaded.clear();
        return prepared;
    }

    @Override
    public void commit(byte[] prepared) throws OutputException {
        for (Batch batch : batches(prepared)) {
            try {
                ingestion.queue(batch.file(), how, new BatchId(batch.id()));
            } catch (StoreException failure) {
                if (failure.code().equals(StagedIngestion.BATCH_LOST)) {
                    throw new RowsLost(failure.getMessage(), failure);
                }
                throw new OutputException(failure.getMessage(), failure);
            }
        }
    }

    private static byte[] bytes(List<Batch> batches) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            out.writeInt(batches.size());
            for (Batch batch : batches) {
                out.writeUTF(batch.file().address());
                out.writeLong(batch.file().bytes());
                out.writeUTF(batch.id());
            }
        } catch (IOException impossible) {
            throw new AssertionError("memory takes all", impossible);
        }
        return bytes.toByteArray();
    }

    private static List<Batch> batches(byte[] prepared) throws OutputException {
        List<Batch> batches = new ArrayList<>();
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(prepared))) {
            if (in.readByte() != FORMAT) {
                throw new IOException("it is of another version");
            }
            for (int count = in.readInt(); count > 0; count--) {
                batches.add(new Batch(new Uploaded(in.readUTF(), in.readLong()), in.readUTF()));
            }
        } catch (IOException unreadable) {
            throw new CheckpointUnreadable(unreadable);
        }
        return batches;
    }

    @Override
    public void close() {
        try {
            fill();
            for (Path file : full) {
                Files.deleteIfExists(file);
            }
        } catch (IOException notDeleted) {
            LOG.debug("Files of staged rows are not deleted", notDeleted);
        }
        full.clear();
    }
}
