package io.conshelf.processor.destination.explorer;

import io.conshelf.connectors.BatchId;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.ValueType;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.StagedIngestion;
import io.conshelf.processor.destination.Destination;
import io.conshelf.processor.destination.DestinationException;
import io.conshelf.processor.destination.DestinationException.Lasting;
import io.conshelf.processor.stage.Message;
import io.conshelf.processor.stage.StageException;
import io.conshelf.processor.value.Value;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A table of Azure Data Explorer. Rows gather in a file, which is uploaded with a checkpoint and queued for ingestion when the checkpoint is complete. Each file
/// has an id by which the cluster knows it again, so that one that is queued twice is ingested once. Until it is queued the file stays here too: what a cluster
/// lends for uploads is not for ever.
public final class ExplorerDestination implements Destination, FollowedBatches.Targets {
    private static final Logger LOG = LoggerFactory.getLogger(ExplorerDestination.class);
    /// A batch that is larger does not wait for its time.
    private static final long BATCH_BYTES_MAX = 128L << 20;

    private final ExplorerSettings settings;
    private final ExplorerCluster cluster;
    private final Path folder;
    private final String prefix;
    private final String stagedPrefix;
    private final BatchId stream;
    private final FollowedBatches followed;
    private final Deque<Path> full = new ArrayDeque<>();
    private final List<StagedRows.Batch> uploaded = new ArrayList<>();
    private Optional<ColumnFit> fit = Optional.empty();
    private Optional<Map<String, ValueType>> known = Optional.empty();
    private final List<Refused> toldBefore = new ArrayList<>();
    /// Rows that were gathered before the table's columns were known.
    private final Set<Path> unchecked = new HashSet<>();
    private Optional<RowFile> open = Optional.empty();
    private Optional<Connected> connected = Optional.empty();
    private Instant due = Instant.MAX;
    private int files;

    /// @param ingestions by database and table
    private record Connected(KustoCluster cluster, Map<List<String>, StagedIngestion> ingestions) {}

    /// @param pipeline  whose rows they are
    /// @param folder    where rows gather
    /// @param following of batches that are queued
    public ExplorerDestination(ExplorerSettings settings, ExplorerCluster cluster, String pipeline, int partition, Path folder, Following following) {
        this.settings = settings;
        this.cluster = cluster;
        this.folder = folder;
        this.prefix = "rows-" + partition + "-";
        this.stagedPrefix = "staged-" + partition + "-";
        this.followed = new FollowedBatches(folder, partition, settings.address(), following);
        this.stream = BatchId.of("processor", List.of(pipeline, String.valueOf(partition), settings.database(), settings.table()));
        deleteRows(prefix);
    }

    /// What a crash has left has not been acknowledged, and comes again.
    private void deleteRows(String beginning) {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, beginning + "*.json")) {
            for (Path file : left) {
                Files.deleteIfExists(file);
            }
        } catch (IOException notDeleted) {
            LOG.debug("deleting rows that were gathered before", notDeleted);
        }
    }

    @Override
    public void accept(Message message) throws StageException, DestinationException, InterruptedException {
        if (settings.record().in(message.content()).isEmpty()) {
            throw new StageException("MissingRecord", "the message has nothing at the batch's path");
        }
        List<List<Value>> rows = settings.rows(message.content());
        if (rows.isEmpty()) {
            return;
        }
        byte[] lines;
        try {
            lines = RowFile.lines(rows);
        } catch (IOException unwritable) {
            throw new StageException("InvalidRecord", "the record cannot be written as JSON: " + unwritable.getMessage());
        }
        try {
            if (open.isEmpty()) {
                look();
                open = Optional.of(RowFile.create(folder.resolve(prefix + files++ + ".json")));
                due = message.received().plus(settings.batchTime());
            }
            open.get().add(lines);
            if (fit.isPresent()) {
                rows.forEach(fit.get()::check);
            } else {
                unchecked.add(open.get().path());
            }
        } catch (IOException failure) {
            throw ungathered(failure);
        }
    }

    static DestinationException ungathered(IOException failure) {
        return new DestinationException(Lasting.HERE, "rows cannot be gathered on this machine: " + failure, failure);
    }

    @Override
    public Optional<Instant> due() {
        if (open.isEmpty() && full.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(open.isPresent() && open.get().bytes() >= BATCH_BYTES_MAX ? Instant.MIN : due);
    }

    @Override
    public byte[] prepare(long checkpoint) throws DestinationException, InterruptedException {
        try {
            if (open.isPresent()) {
                full.add(open.get().finish());
                open = Optional.empty();
            }
            // what was uploaded before a failure is not uploaded again
            while (!full.isEmpty()) {
                Path file = full.getFirst();
                StagedIngestion target = ingestion();
                check(file);
                String id = "conshelf-" + UUID.randomUUID();
                StagedIngestion.Uploaded staged = asked(() -> target.upload(file, StagedRows.FORMAT));
                Path kept = folder.resolve(stagedPrefix + id + ".json");
                Files.move(file, kept, StandardCopyOption.ATOMIC_MOVE);
                full.removeFirst();
                uploaded.add(new StagedRows.Batch(staged, id, kept.getFileName().toString()));
            }
        } catch (IOException failure) {
            throw ungathered(failure);
        }
        if (uploaded.isEmpty()) {
            return new byte[0];
        }
        byte[] prepared = new StagedRows(settings.database(), settings.table(), columns(), List.copyOf(uploaded)).bytes();
        uploaded.clear();
        return prepared;
    }

    private void check(Path file) throws IOException, InterruptedException {
        look();
        if (unchecked.remove(file) && fit.isPresent()) {
            RowFile.read(file, settings.columns().size(), fit.get()::check);
        }
    }

    /// At what the table's columns are now, as far as that is known.
    private void look() throws InterruptedException {
        Optional<Map<String, ValueType>> types = cluster.types();
        if (!types.equals(known)) {
            // of the table as it was, what was counted is told all the same
            fit.ifPresent(counted -> toldBefore.addAll(counted.told()));
            fit = types.map(now -> new ColumnFit(settings, now));
            known = types;
        }
    }

    private StagedIngestion ingestion() throws DestinationException, InterruptedException {
        return of(settings.database(), settings.table());
    }

    @Override
    public StagedIngestion of(String database, String table) throws DestinationException, InterruptedException {
        KustoCluster now = cluster.connection();
        if (connected.isEmpty() || connected.get().cluster() != now) {
            connected = Optional.of(new Connected(now, new HashMap<>()));
        }
        return connected.get().ingestions().computeIfAbsent(List.of(database, table), _ -> now.staged(database, table, stream));
    }

    @Override
    public boolean isOpen(StagedIngestion target) {
        return connected.isPresent() && cluster.isConnectedBy(connected.get().cluster()) && connected.get().ingestions().containsValue(target);
    }

    private <T> T asked(ExplorerCluster.Asked<T> asked) throws DestinationException, InterruptedException {
        try {
            return ExplorerCluster.told(asked);
        } catch (DestinationException failed) {
            if (failed.lasting() == Lasting.PERMANENT) {
                cluster.forget();
            }
            throw failed;
        }
    }

    @Override
    public void commit(byte[] prepared) throws DestinationException, InterruptedException {
        StagedRows staged = StagedRows.of(prepared);
        StagedIngestion target = of(staged.database(), staged.table());
        for (StagedRows.Batch batch : staged.batches()) {
            asked(() -> {
                try {
                    target.queue(batch.file(), staged.how(), new BatchId(batch.id()));
                } catch (StoreException failure) {
                    if (!failure.code().equals(StagedIngestion.BATCH_LOST)) {
                        throw failure;
                    }
                    queueAnew(target, staged, batch);
                }
                return batch;
            });
            try {
                followed.queued(staged, batch, folder.resolve(batch.rows()), target);
            } catch (IOException failure) {
                throw ungathered(failure);
            }
        }
        deleteRows(stagedPrefix);
    }

    /// Under the same id: the cluster takes it once, however often this is done.
    private void queueAnew(StagedIngestion target, StagedRows staged, StagedRows.Batch batch) throws StoreException {
        Path rows = folder.resolve(batch.rows());
        // without it, it was queued before
        if (Files.exists(rows)) {
            target.queue(target.upload(rows, StagedRows.FORMAT), staged.how(), new BatchId(batch.id()));
        }
    }

    /// The rows that are here too are uploaded for this table, where it has the columns that they were gathered for.
    @Override
    public Optional<byte[]> adopt(byte[] prepared) throws DestinationException, InterruptedException {
        StagedRows staged = StagedRows.of(prepared);
        if (!staged.columns().equals(columns())) {
            return Optional.empty();
        }
        List<StagedRows.Batch> again = new ArrayList<>();
        for (StagedRows.Batch batch : staged.batches()) {
            Path rows = folder.resolve(batch.rows());
            // without it, it was queued before
            if (Files.exists(rows)) {
                StagedIngestion target = ingestion();
                again.add(new StagedRows.Batch(asked(() -> target.upload(rows, StagedRows.FORMAT)), batch.id(), batch.rows()));
            }
        }
        return Optional.of(again.isEmpty() ? new byte[0] : new StagedRows(settings.database(), settings.table(), columns(), List.copyOf(again)).bytes());
    }

    @Override
    public List<Value> leave(byte[] prepared) throws DestinationException {
        StagedRows staged = StagedRows.of(prepared);
        List<Value> left = new ArrayList<>();
        for (StagedRows.Batch batch : staged.batches()) {
            Path rows = folder.resolve(batch.rows());
            Path kept = folder.resolve("left-" + batch.rows());
            try {
                if (Files.exists(rows)) {
                    Files.copy(rows, kept, StandardCopyOption.REPLACE_EXISTING);
                    SequencedMap<String, Value> members = new LinkedHashMap<>();
                    members.put("batch", Value.of(kept.toString()));
                    members.put("database", Value.of(staged.database()));
                    members.put("table", Value.of(staged.table()));
                    members.put("columns", Value.items(staged.columns().stream().map(Value::of).toList()));
                    left.add(new Value.Members(members));
                }
            } catch (IOException failure) {
                throw ungathered(failure);
            }
        }
        return left;
    }

    private List<String> columns() {
        return settings.columns().stream().map(ExplorerSettings.Column::name).toList();
    }

    @Override
    public List<Refused> refused() throws DestinationException, InterruptedException {
        List<Refused> refused = new ArrayList<>();
        refused.addAll(toldBefore);
        toldBefore.clear();
        fit.ifPresent(counted -> refused.addAll(counted.told()));
        try {
            refused.addAll(followed.refused(cluster, this));
        } catch (DestinationException unanswered) {
            // what is told of columns is told once, whatever the cluster says
            if (refused.isEmpty()) {
                throw unanswered;
            }
            LOG.debug("batches are asked for again", unanswered);
        }
        return refused;
    }

    @Override
    public int followed() {
        return followed.count();
    }

    @Override
    public boolean isFull() {
        return followed.isFull() && due().isPresent();
    }

    @Override
    public List<Refused> abandon() throws DestinationException {
        return followed.abandon();
    }

    @Override
    public void completed() {
        followed.kept();
    }

    @Override
    public void close() {
        try {
            if (open.isPresent()) {
                open.get().abandon();
            }
        } catch (IOException notClosed) {
            LOG.debug("closing", notClosed);
        }
        deleteRows(prefix);
    }
}
