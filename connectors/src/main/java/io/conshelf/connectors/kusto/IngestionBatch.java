package io.conshelf.connectors.kusto;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.azure.kusto.ingest.ColumnMapping;
import com.microsoft.azure.kusto.ingest.IngestionMapping;
import com.microsoft.azure.kusto.ingest.IngestionMapping.IngestionMappingKind;
import com.microsoft.azure.kusto.ingest.IngestionProperties;
import com.microsoft.azure.kusto.ingest.result.IngestionResult;
import com.microsoft.azure.kusto.ingest.result.IngestionStatus;
import com.microsoft.azure.kusto.ingest.source.FileSourceInfo;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.StoreException.Fault;
import io.conshelf.connectors.kusto.IngestionSettings.Mapping;
import io.conshelf.connectors.kusto.IngestionSettings.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;

/// Files on their way into one table: queued through the client, then waited for by the status table.
///
/// Each batch carries a tag of its own, `drop-by:conshelf-…`. The cluster merges only extents whose `drop-by` tags are equal, so the row counts
/// of the extents with this tag are exactly the rows of this batch, on any cluster and however late one asks.
public final class IngestionBatch {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PER_FILE_MAX = Duration.ofHours(1);
    private static final long POLL_MILLIS_MIN = 20;
    private static final long POLL_MILLIS_MAX = 2_000;
    private static final String DROP_BY = "drop-by:";
    private static final String INGEST_BY = "ingest-by:";

    private final KustoCluster cluster;
    private final IngestionSettings settings;
    private final String tag = "conshelf-" + UUID.randomUUID();
    private final Map<Path, IngestionResult> queued = new LinkedHashMap<>();

    IngestionBatch(KustoCluster cluster, IngestionSettings settings) {
        this.cluster = cluster;
        this.settings = settings;
    }

    /// Uploads a file and queues it. Returns when the cluster has it, before it has read it.
    public void add(Path file) throws StoreException {
        if (cluster.endpoint().isLoopback() && isText() && !file.toString().endsWith(".gz")) {
            addWrapped(file);
        } else {
            queue(file, file);
        }
    }

    private boolean isText() {
        return switch (settings.format().toLowerCase(Locale.ROOT)) {
            case "parquet", "avro", "apacheavro", "orc", "sstream" -> false;
            default -> true;
        };
    }

    private void addWrapped(Path file) throws StoreException {
        try {
            Path wrapped = Files.createTempFile(file.getFileName() + "-", ".gz");
            try {
                StoredGzip.wrap(file, wrapped);
                queue(file, wrapped);
            } finally {
                Files.deleteIfExists(wrapped);
            }
        } catch (IOException failure) {
            throw StoreException.system("UserErrorFileReadFailure", "'" + file + "' cannot be staged: " + failure.getMessage(), failure);
        }
    }

    private void queue(Path file, Path upload) throws StoreException {
        try {
            queued.put(file, cluster.queue(new FileSourceInfo(upload.toString(), UUID.randomUUID()), properties()));
        } catch (RuntimeException failure) {
            throw KustoFailure.of("Queueing '" + file.getFileName() + "' for table '" + settings.table() + "'", failure);
        }
    }

    /// Waits until the cluster has dealt with every file of the batch.
    public IngestionOutcome await() throws StoreException, InterruptedException {
        int skipped = 0;
        for (Map.Entry<Path, IngestionResult> file : queued.entrySet()) {
            IngestionStatus status = await(file.getKey(), file.getValue());
            switch (status.status) {
                case Succeeded, Queued -> {}
                case Skipped -> skipped++;
                case Failed, PartiallySucceeded, Pending -> throw new StoreException(
                        status.errorCodeString == null ? "KustoIngestionFailed" : status.errorCodeString,
                        "Transient".equals(status.getFailureStatus()) ? Fault.SYSTEM : Fault.USER,
                        "Ingestion of '" + file.getKey().getFileName() + "' into table '" + settings.table() + "' of database '"
                                + settings.database() + "' ended as " + status.status + ": " + status.details);
            }
        }
        return new IngestionOutcome(skipped == queued.size() ? OptionalLong.of(0) : rows(), queued.size(), skipped);
    }

    private IngestionStatus await(Path file, IngestionResult result) throws StoreException, InterruptedException {
        Instant deadline = Instant.now().plus(PER_FILE_MAX);
        for (long pauseMillis = POLL_MILLIS_MIN; Instant.now().isBefore(deadline); pauseMillis = Math.min(POLL_MILLIS_MAX, pauseMillis * 10 / 9)) {
            IngestionStatus status = status(result);
            switch (status.status) {
                case Pending -> Thread.sleep(pauseMillis);
                case Succeeded, Failed, Queued, Skipped, PartiallySucceeded -> {
                    return status;
                }
            }
        }
        throw new StoreException("KustoIngestionTimeout", Fault.SYSTEM, "The cluster has not finished '" + file.getFileName() + "' within one hour");
    }

    private static IngestionStatus status(IngestionResult result) throws StoreException {
        try {
            return result.getIngestionStatusCollection().getFirst();
        } catch (Exception failure) {
            throw KustoFailure.of("Reading the ingestion's status", failure);
        }
    }

    private OptionalLong rows() {
        String full = DROP_BY + tag;
        try {
            CommandResult extents = cluster.command(settings.database(),
                    ".show table " + KustoCluster.quote(settings.table()) + " extents where tags has '" + full + "'", Duration.ofMinutes(5));
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

    private IngestionProperties properties() throws StoreException {
        IngestionProperties properties = new IngestionProperties(settings.database(), settings.table());
        properties.setDataFormat(settings.format());
        properties.setIgnoreFirstRecord(settings.ignoresFirstRecord());
        properties.setFlushImmediately(settings.flushesImmediately());
        properties.setReportLevel(IngestionProperties.IngestionReportLevel.FAILURES_AND_SUCCESSES);
        properties.setReportMethod(IngestionProperties.IngestionReportMethod.TABLE);
        properties.setDropByTags(new ArrayList<>(List.of(tag)));
        if (settings.mapping().isPresent()) {
            map(properties, settings.mapping().get());
        }
        Map<String, String> others = new LinkedHashMap<>();
        for (Map.Entry<String, String> property : settings.properties().entrySet()) {
            switch (property.getKey().toLowerCase(Locale.ROOT)) {
                case "tags" -> tag(properties, list("tags", property.getValue()));
                case "ingestifnotexists" -> properties.setIngestIfNotExists(list("ingestIfNotExists", property.getValue()));
                default -> others.put(property.getKey(), property.getValue());
            }
        }
        properties.setAdditionalProperties(others);
        return properties;
    }

    private void map(IngestionProperties properties, Mapping mapping) {
        IngestionMappingKind kind = properties.getDataFormat().getIngestionMappingKind();
        switch (mapping) {
            case Mapping.Named(String name) -> properties.setIngestionMapping(name, kind);
            case Mapping.Inline(var fields) -> properties.setIngestionMapping(new IngestionMapping(
                    fields.stream().map(IngestionBatch::columnMapping).toArray(ColumnMapping[]::new), kind));
        }
    }

    private static ColumnMapping columnMapping(IngestionSettings.Field field) {
        Column column = field.column();
        ColumnMapping mapping = new ColumnMapping(column.name(), column.type().kustoName());
        switch (field.place()) {
            case Place.Ordinal(int index) -> mapping.setOrdinal(index);
            case Place.JsonPath(String path) -> mapping.setPath(path);
        }
        return mapping;
    }

    private void tag(IngestionProperties properties, List<String> tags) {
        List<String> dropBy = new ArrayList<>(List.of(tag));
        List<String> ingestBy = new ArrayList<>();
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
