package io.conshelf.connectors.kusto;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.azure.kusto.ingest.ColumnMapping;
import com.microsoft.azure.kusto.ingest.IngestionMapping;
import com.microsoft.azure.kusto.ingest.IngestionMapping.IngestionMappingKind;
import com.microsoft.azure.kusto.ingest.IngestionProperties;
import com.microsoft.azure.kusto.ingest.result.IngestionResult;
import com.microsoft.azure.kusto.ingest.result.IngestionStatus;
import com.microsoft.azure.kusto.ingest.result.OperationStatus;
import com.microsoft.azure.kusto.ingest.source.BlobSourceInfo;
import io.conshelf.connectors.BatchId;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.StoreException.Fault;
import io.conshelf.connectors.kusto.IngestionSettings.Mapping;
import io.conshelf.connectors.kusto.IngestionSettings.Place;
import io.conshelf.connectors.kusto.IngestionSettings.Target;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/// The files of one copy on their way into a table: queued through the client, then waited for by the status table.
///
/// Every file carries a tag of its own, `ingest-by:<its batch id>`, and is not ingested where the table has it already: so that a file can be
/// sent again, by whoever goes on with a copy that was interrupted. All carry `drop-by:<the copy's id>`. The cluster merges only extents whose
/// `drop-by` tags are equal, so the row counts of the extents with this tag are exactly the rows of this copy, on any cluster and however
/// late one asks. Safe for use by several threads; but only one at a time looks for what has ended, or waits for it.
public final class IngestionBatch {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PER_FILE_MAX = Duration.ofHours(1);
    private static final long POLL_MILLIS_MIN = 20;
    private static final long POLL_MILLIS_MAX = 2_000;
    /// Of how long the last file took, until the next one is asked for a second time: a question costs both sides more than it seems.
    private static final long POLL_SHARE = 8;
    private static final String DROP_BY = "drop-by:";
    private static final String INGEST_BY = "ingest-by:";

    private final KustoCluster cluster;
    private final String database;
    private final String table;
    private final BatchId copy;
    /// What is not known to have ended.
    private final Queue<Queued> queued = new ConcurrentLinkedQueue<>();
    private long lastMillis;
    private int ended;
    private int skipped;
    /// Who uploads and has queued nothing of it yet.
    private final Set<Thread> uploading = new HashSet<>();
    private boolean isStopped;

    private record Queued(String source, IngestionResult result) {}

    IngestionBatch(KustoCluster cluster, String database, String table, BatchId copy) {
        this.cluster = cluster;
        this.database = database;
        this.table = table;
        this.copy = copy;
    }

    /// A blob to write into; [#add] takes it.
    ///
    /// @param format the Kusto name of what will be in it
    public BlobUpload stage(String format) throws StoreException {
        return cluster.staging(database, table).begin(format);
    }

    /// Whether bytes of files go as they lie there: over a network they are packed, where their format is not packed itself.
    public boolean takesRanges(String format) {
        return cluster.staging(database, table).takesRanges(format);
    }

    /// Uploads what is not yet, and queues it. Returns when the cluster has it, before it has read it.
    ///
    /// @param source what messages call it
    public void add(BlobContent content, String source, IngestionSettings settings, BatchId batch) throws StoreException {
        try {
            IngestionProperties properties = properties(settings, batch);
            BlobSourceInfo blob = uploaded(content, source, settings.format());
            queued.add(new Queued(source, cluster.queue(blob, properties)));
        } catch (IOException | RuntimeException failure) {
            throw KustoFailure.of("Queueing " + source + " for table '" + table + "'", failure);
        }
    }

    private BlobSourceInfo uploaded(BlobContent content, String source, String format) throws StoreException, IOException {
        begin(source);
        try {
            return cluster.staging(database, table).upload(content, format);
        } finally {
            end(source);
        }
    }

    private synchronized void begin(String source) throws StoreException {
        if (isStopped) {
            throw stopped(source);
        }
        uploading.add(Thread.currentThread());
    }

    /// From here on nobody interrupts: a message whose sending is broken off may have arrived.
    private synchronized void end(String source) throws StoreException {
        uploading.remove(Thread.currentThread());
        if (isStopped) {
            // Who waits for the copy is told by other means.
            boolean _ = Thread.interrupted();
            throw stopped(source);
        }
    }

    private static StoreException stopped(String source) {
        return new StoreException("OperationCancelled", Fault.SYSTEM, source + " is not uploaded any more: its copy has ended");
    }

    /// Breaks off the uploads that are under way. What has not been queued will not be.
    public synchronized void stop() {
        isStopped = true;
        uploading.forEach(Thread::interrupt);
    }

    /// Waits until the cluster has dealt with every file.
    public IngestionOutcome await() throws StoreException, InterruptedException {
        return await(() -> {});
    }

    /// Takes note of the files, in the order in which they were queued, that the cluster has dealt with so far, and waits for none.
    ///
    /// @param oneMore is told of each, as it is found done
    public void look(Runnable oneMore) throws StoreException {
        for (Queued file = queued.peek(); file != null; file = queued.peek()) {
            IngestionStatus status;
            try {
                status = status(file.result());
            } catch (StoreException untold) {
                return; // asked again later
            }
            if (status.status == OperationStatus.Pending) {
                return;
            }
            end(file, status, oneMore);
        }
    }

    /// Waits until the cluster has dealt with every file.
    ///
    /// @param oneMore is told of each, as it is found done
    public IngestionOutcome await(Runnable oneMore) throws StoreException, InterruptedException {
        for (Queued file = queued.peek(); file != null; file = queued.peek()) {
            end(file, await(file.source(), file.result()), oneMore);
        }
        return new IngestionOutcome(ended == 0 ? OptionalLong.of(0) : rows(), ended, skipped);
    }

    private void end(Queued file, IngestionStatus status, Runnable oneMore) throws StoreException {
        switch (status.status) {
            case Succeeded, Queued -> {}
            case Skipped -> skipped++;
            case Failed, PartiallySucceeded, Pending -> throw new StoreException(
                    status.errorCodeString == null ? "KustoIngestionFailed" : status.errorCodeString,
                    "Transient".equals(status.getFailureStatus()) ? Fault.SYSTEM : Fault.USER,
                    "Ingestion of " + file.source() + " into table '" + table + "' of database '" + database + "' ended as " + status.status
                            + ": " + status.details);
        }
        queued.remove();
        ended++;
        oneMore.run();
    }

    private IngestionStatus await(String source, IngestionResult result) throws StoreException, InterruptedException {
        Instant since = Instant.now();
        Instant deadline = since.plus(PER_FILE_MAX);
        for (long pauseMillis = Math.clamp(lastMillis / POLL_SHARE, POLL_MILLIS_MIN, POLL_MILLIS_MAX); Instant.now().isBefore(deadline); pauseMillis = Math.min(POLL_MILLIS_MAX, pauseMillis * 10 / 9)) {
            IngestionStatus status = status(result);
            switch (status.status) {
                case Pending -> Thread.sleep(pauseMillis);
                case Succeeded, Failed, Queued, Skipped, PartiallySucceeded -> {
                    lastMillis = Duration.between(since, Instant.now()).toMillis();
                    return status;
                }
            }
        }
        throw new StoreException("KustoIngestionTimeout", Fault.SYSTEM, "The cluster has not finished " + source + " within one hour");
    }

    private static IngestionStatus status(IngestionResult result) throws StoreException {
        try {
            return result.getIngestionStatusCollection().getFirst();
        } catch (Exception failure) {
            throw KustoFailure.of("Reading the ingestion's status", failure);
        }
    }

    private OptionalLong rows() {
        String full = DROP_BY + copy.text();
        try {
            CommandResult extents = cluster.command(database,
                    ".show table " + KustoCluster.quote(table) + " extents where tags has '" + full + "'", Duration.ofMinutes(5));
            long rows = 0;
            for (var extent : extents.objects()) {
                if (List.of(extent.path("Tags").asText().split("\\s+")).contains(full)) {
                    rows += extent.path("RowCount").asLong();
                }
            }
            return OptionalLong.of(rows);
        } catch (StoreException refused) {
            // Seeing extents needs a role that ingesting does not: the rows are stored, only their number is not known.
            return OptionalLong.empty();
        }
    }

    IngestionProperties properties(IngestionSettings settings, BatchId batch) throws StoreException {
        IngestionProperties properties = new IngestionProperties(database, table);
        properties.setDataFormat(settings.format());
        properties.setIgnoreFirstRecord(settings.ignoresFirstRecord());
        properties.setFlushImmediately(settings.flushesImmediately());
        properties.setReportLevel(IngestionProperties.IngestionReportLevel.FAILURES_AND_SUCCESSES);
        properties.setReportMethod(IngestionProperties.IngestionReportMethod.TABLE);
        List<String> stated = List.of();
        List<String> once = new ArrayList<>(List.of(batch.text()));
        Map<String, String> others = new LinkedHashMap<>();
        if (settings.mapping().isPresent()) {
            map(properties, settings.mapping().get(), others);
        }
        for (Map.Entry<String, String> property : settings.properties().entrySet()) {
            switch (property.getKey().toLowerCase(Locale.ROOT)) {
                case "tags" -> stated = list("tags", property.getValue());
                default -> others.put(property.getKey(), property.getValue());
            }
        }
        tag(properties, batch, stated);
        properties.setIngestIfNotExists(once);
        properties.setAdditionalProperties(others);
        return properties;
    }

    private static void map(IngestionProperties properties, Mapping mapping, Map<String, String> others) {
        IngestionMappingKind kind = properties.getDataFormat().getIngestionMappingKind();
        switch (mapping) {
            case Mapping.Named(String name) -> properties.setIngestionMapping(name, kind);
            // The client takes constants in mappings of delimited text alone, and columns with their types; the cluster is not so strict.
            case Mapping.Inline(var fields) when fields.stream().anyMatch(field -> field.target() instanceof Target.Untyped
                    || kind != IngestionMappingKind.CSV && field.place() instanceof Place.Constant) -> {
                ArrayNode columns = JSON.createArrayNode();
                for (IngestionSettings.Field field : fields) {
                    ObjectNode column = columns.addObject().put("Column", field.target().name());
                    type(field.target()).ifPresent(type -> column.put("DataType", type));
                    columnMapping(field).getProperties().forEach(column.putObject("Properties")::put);
                }
                state(columns.toString(), kind, others);
            }
            case Mapping.Stated(String json) -> state(json, kind, others);
            case Mapping.Inline(var fields) -> properties.setIngestionMapping(new IngestionMapping(
                    fields.stream().map(IngestionBatch::columnMapping).toArray(ColumnMapping[]::new), kind));
        }
    }

    private static void state(String json, IngestionMappingKind kind, Map<String, String> others) {
        others.put("ingestionMapping", json);
        others.put("ingestionMappingType", kind.getKustoValue());
    }

    private static Optional<String> type(Target target) {
        return switch (target) {
            case Target.Typed(Column column) -> Optional.of(column.type().kustoName());
            case Target.Untyped _ -> Optional.empty();
        };
    }

    private static ColumnMapping columnMapping(IngestionSettings.Field field) {
        ColumnMapping mapping = new ColumnMapping(field.target().name(), type(field.target()).orElse(""));
        switch (field.place()) {
            case Place.Ordinal(int index) -> mapping.setOrdinal(index);
            case Place.JsonPath(String path) -> mapping.setPath(path);
            case Place.Constant(String value) -> mapping.setConstantValue(value);
        }
        return mapping;
    }

    private void tag(IngestionProperties properties, BatchId batch, List<String> tags) {
        List<String> dropBy = new ArrayList<>(List.of(copy.text()));
        List<String> ingestBy = new ArrayList<>(List.of(batch.text()));
        List<String> plain = new ArrayList<>();
        for (String stated : tags) {
            if (stated.startsWith(DROP_BY)) {
                dropBy.add(stated.substring(DROP_BY.length()));
            } else if (stated.startsWith(INGEST_BY)) {
                ingestBy.add(stated.substring(INGEST_BY.length()));
            } else {
                plain.add(stated);
            }
        }
        properties.setDropByTags(dropBy);
        properties.setIngestByTags(ingestBy);
        properties.setAdditionalTags(plain);
    }

    private static List<String> list(String property, String text) throws StoreException {
        try {
            JsonNode array = JSON.readTree(text);
            if (!array.isArray()) {
                throw StoreException.user("UserErrorKustoInvalidProperty", "The ingestion property '" + property + "' is a JSON array in text, found " + text);
            }
            List<String> items = new ArrayList<>();
            array.forEach(item -> items.add(item.asText()));
            return items;
        } catch (JsonProcessingException notJson) {
            throw StoreException.user("UserErrorKustoInvalidProperty", "The ingestion property '" + property + "' is a JSON array in text, found " + text);
        }
    }
}
