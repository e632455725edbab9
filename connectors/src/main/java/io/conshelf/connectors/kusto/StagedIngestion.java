package io.conshelf.connectors.kusto;

import com.microsoft.azure.kusto.ingest.IngestionProperties;
import com.microsoft.azure.kusto.ingest.resources.ContainerWithSas;
import com.microsoft.azure.kusto.ingest.result.IngestionResult;
import com.microsoft.azure.kusto.ingest.result.IngestionStatus;
import com.microsoft.azure.kusto.ingest.source.BlobSourceInfo;
import com.microsoft.azure.kusto.ingest.source.CompressionType;
import com.microsoft.azure.kusto.ingest.source.StreamSourceInfo;
import io.conshelf.connectors.BatchId;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.StoreException.Fault;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Files on their way into a table in two steps that may lie far apart: uploaded, so that they outlive a crash, and queued, so that the cluster ingests them.
///
/// Every file carries the tag `ingest-by:<its batch>` and is not ingested where the table has it already, so whoever goes on after a crash may queue it again.
/// Belongs to one thread.
public final class StagedIngestion {
    /// What was uploaded lies where the cluster takes nothing from any more.
    public static final String BATCH_LOST = "KustoStagedBatchLost";

    /// What became of ingestions is asked for as long as it can be told; more wait for an answer than this only where the cluster does not come after.
    private static final int ASKED_MAX = 1_000;

    private final KustoCluster cluster;
    private final String database;
    private final String table;
    private final IngestionBatch properties;
    private final Deque<Queued> asked = new ArrayDeque<>();

    private record Queued(String batch, String address, IngestionResult result) {}

    /// A file that lies in the storage that the cluster lends.
    ///
    /// @param address without the signature that opens it
    /// @param bytes   before they were packed
    public record Uploaded(String address, long bytes) {}

    /// @param stream names what writes; all its extents carry it as `drop-by`, so that the cluster merges them
    StagedIngestion(KustoCluster cluster, String database, String table, BatchId stream) {
        this.cluster = cluster;
        this.database = database;
        this.table = table;
        this.properties = new IngestionBatch(cluster, database, table, stream);
    }

    /// @param format the Kusto name of what is in the file
    public Uploaded upload(Path file, String format) throws StoreException {
        BlobContent.Range content = BlobContent.Range.whole(file);
        try {
            String uri = cluster.staging(database, table).upload(content, format).getBlobPath();
            return new Uploaded(uri.substring(0, uri.indexOf('?')), content.sizeBytes());
        } catch (IOException | RuntimeException failure) {
            throw KustoFailure.of("Uploading a batch for table '" + table + "'", failure);
        }
    }

    /// Queues what was uploaded, also by another process. Returns when the cluster has it, before it has read it.
    public void queue(Uploaded file, IngestionSettings settings, BatchId batch) throws StoreException {
        IngestionProperties stated = properties.properties(settings, batch);
        ContainerWithSas container = cluster.containers().stream().filter(one -> file.address().startsWith(url(one) + "/")).findFirst()
                .orElseThrow(() -> new StoreException(BATCH_LOST, Fault.SYSTEM, "The batch " + batch.text() + " of table '" + table
                        + "' was uploaded to " + file.address() + ", from where the cluster takes nothing any more"));
        try {
            asked.add(new Queued(batch.text(), file.address(), cluster.queue(source(file, container), stated)));
        } catch (RuntimeException failure) {
            throw KustoFailure.of("Queueing a batch for table '" + table + "'", failure);
        }
        if (asked.size() > ASKED_MAX) {
            asked.removeFirst();
        }
    }

    private static String url(ContainerWithSas container) {
        return container.getAsyncContainer().getBlobContainerUrl();
    }

    private static BlobSourceInfo source(Uploaded file, ContainerWithSas container) {
        CompressionType compression = file.address().endsWith(".gz") ? CompressionType.gz : null;
        UUID id = UUID.randomUUID();
        String uri = file.address() + container.getSas();
        return file.bytes() <= Integer.MAX_VALUE
                ? BlobSourceInfo.fromStream(uri, (int) file.bytes(), new StreamSourceInfo(InputStream.nullInputStream(), false, id, compression))
                : new BlobSourceInfo(uri, compression, id);
    }

    /// Asks no more what became of this batch, for which all that were queued after it wait.
    public void forget(String batch) {
        asked.removeIf(queued -> queued.batch().equals(batch));
    }

    /// How many batches the cluster has not told the end of.
    public int unanswered() {
        return asked.size();
    }

    /// What has become of a batch.
    ///
    /// @param failure why it is not in the table; empty where it is
    public record Ended(String batch, Optional<String> failure) {}

    /// What became of batches that were queued here, each told once. It does not wait for those that are not done.
    public List<Ended> ended() throws StoreException {
        List<Ended> ended = new ArrayList<>();
        while (!asked.isEmpty()) {
            IngestionStatus status;
            try {
                status = asked.getFirst().result().getIngestionStatusCollection().getFirst();
            } catch (Exception failure) {
                if (!ended.isEmpty()) {
                    // those are told no second time
                    return ended;
                }
                throw KustoFailure.of("Reading the ingestion's status", failure);
            }
            Queued queued = asked.getFirst();
            switch (status.status) {
                case Pending -> {
                    return ended;
                }
                case Succeeded, Skipped, Queued -> ended.add(new Ended(queued.batch(), Optional.empty()));
                case Failed, PartiallySucceeded -> ended.add(new Ended(queued.batch(), Optional.of("the batch " + queued.batch() + " into table '" + table
                        + "', whose rows are in " + queued.address() + ", ended as " + status.status + ": " + status.details)));
            }
            asked.removeFirst();
        }
        return ended;
    }

    /// Those of [#ended] that went wrong.
    public List<String> failures() throws StoreException {
        return ended().stream().flatMap(one -> one.failure().stream()).toList();
    }
}
