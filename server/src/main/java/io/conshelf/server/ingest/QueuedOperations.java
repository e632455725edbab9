package io.conshelf.server.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.engine.Engine;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Errors;
import io.conshelf.engine.Principal;
import io.conshelf.server.storage.EdmValue;
import io.conshelf.server.storage.Entity;
import io.conshelf.server.storage.EntityKey;
import io.conshelf.server.storage.EntityStore;
import io.conshelf.server.storage.Storage;
import io.conshelf.server.storage.StorageCode;
import io.conshelf.server.storage.StorageException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// Queued ingestion over REST: the same queue and the same worker, with the messages written here and their outcomes
/// kept under the operation's id in a table of the server's own.
public final class QueuedOperations {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int BLOBS_MAX = 20;
    private static final String CANCELED = "Canceled";
    private static final long BYTES_MAX = 6L << 30;

    private final Engine engine;
    private final Storage storage;
    private final LentStorage lent;
    private final Resources resources;
    private final IdentityTokens tokens;
    private final InstantSource clock;

    QueuedOperations(Engine engine, Storage storage, LentStorage lent, Resources resources, IdentityTokens tokens, InstantSource clock) {
        this.engine = engine;
        this.storage = storage;
        this.lent = lent;
        this.resources = resources;
        this.tokens = tokens;
        this.clock = clock;
    }

    /// What clients ask first: where to upload, and how much at once.
    public String configuration(Principal principal, URI base) {
        engine.requireAnyRole(principal, "the cluster's storage");
        ObjectNode answer = JSON.createObjectNode();
        ObjectNode containers = answer.putObject("containerSettings");
        containers.putArray("containers").addObject().put("path", resources.stagingContainer(base, principal).toString());
        containers.putArray("lakeFolders");
        containers.put("refreshInterval", "01:00:00");
        containers.put("preferredUploadMethod", "Storage");
        ObjectNode settings = answer.putObject("ingestionSettings");
        settings.put("maxBlobsPerBatch", BLOBS_MAX);
        settings.put("maxDataSize", BYTES_MAX);
        settings.put("preferredIngestionMethod", "Rest");
        return answer.toString();
    }

    /// Queues the blobs of a request.
    ///
    /// @return the answer's JSON, with the operation's id
    public String submit(Principal principal, URI base, String database, String table, JsonNode body) {
        JsonNode blobs = body.path("blobs");
        JsonNode properties = body.path("properties");
        check(blobs, properties);
        engine.requireFutureIngestor(principal, database, table);
        boolean isTracked = properties.path("enableTracking").asBoolean(false);
        String operation = enqueue(principal, base, database, table, blobs, properties, isTracked);
        return JSON.createObjectNode()
                .put("ingestionOperationId", isTracked ? operation : "")
                .toString();
    }

    /// Queues blobs, checked already, under an operation's id: all of them, or none where there is no room for all.
    String enqueue(
            Principal principal, URI base, String database, String table, Iterable<JsonNode> blobs, JsonNode properties,
            boolean isTracked) {
        String operation = UUID.randomUUID().toString();
        String statusTable = resources.operationsTable(base).toString();
        List<String> messages = new ArrayList<>();
        List<Runnable> tracking = new ArrayList<>();
        Set<String> sourceIds = new LinkedHashSet<>();
        for (JsonNode blob : blobs) {
            String sourceId = blob.path("sourceId").asText("").isBlank()
                    ? UUID.randomUUID().toString()
                    : blob.path("sourceId").asText();
            ObjectNode message = message(principal, database, table, blob, sourceId, properties);
            message.put(IngestionMessage.OPERATION, operation);
            if (isTracked) {
                sourceIds.add(sourceId);
                tracking.add(() -> track(operation, sourceId, database, table, blob.path("url").asText()));
                message.put("ReportLevel", 2);
                message.put("ReportMethod", 1);
                message.putObject("IngestionStatusInTable")
                        .put("TableConnectionString", statusTable)
                        .put("PartitionKey", operation)
                        .put("RowKey", sourceId);
            }
            messages.add(Base64.getEncoder().encodeToString(message.toString().getBytes(StandardCharsets.UTF_8)));
        }
        try {
            // Before their messages, which are taken at once.
            tracking.forEach(Runnable::run);
            lent.putAllFor(Resources.borrower(principal), Resources.READY_QUEUE, messages, failure -> withdraw(operation, failure));
        } catch (StorageException e) {
            untrack(operation, sourceIds, e);
            throw e.code() == StorageCode.REQUEST_BODY_TOO_LARGE ? refused("what is to be known of a blob is too much: " + e.getMessage()) : e;
        } catch (KustoException e) {
            untrack(operation, sourceIds, e);
            throw e;
        }
        return operation;
    }

    /// What may be queued of a request that was refused is not ingested when it is received: whoever repeats the request would have it twice.
    private void withdraw(String operation, RuntimeException refusal) {
        despite(refusal, () -> storage.tables().insertOrReplace(Resources.OPERATIONS_TABLE, withdrawn(operation), Map.of("Status", EdmValue.of(CANCELED))));
    }

    private void untrack(String operation, Set<String> sourceIds, RuntimeException refusal) {
        sourceIds.forEach(sourceId -> despite(refusal, () -> untrack(operation, sourceId)));
    }

    /// Why a request was refused is what its sender is told, also where what follows from it fails.
    private static void despite(RuntimeException refusal, Runnable consequence) {
        try {
            consequence.run();
        } catch (RuntimeException e) {
            refusal.addSuppressed(e);
        }
    }

    /// No source has an empty id.
    private static EntityKey withdrawn(String operation) {
        return new EntityKey(operation, "");
    }

    private void untrack(String operation, String sourceId) {
        var key = new EntityKey(operation, sourceId);
        if (storage.tables().find(Resources.OPERATIONS_TABLE, key).isPresent()) {
            storage.tables().delete(Resources.OPERATIONS_TABLE, key, EntityStore.ANY);
        }
    }

    /// One source of a tracked operation.
    record Tracked(
            String sourceId, String status, String database, String table, String path, Instant startedOn, Instant updatedOn,
            String details) {}

    /// The sources of an operation; none where nothing is tracked under the id.
    List<Tracked> tracked(String operation) {
        return entities(operation).stream()
                .map(e -> new Tracked(
                        e.key().rowKey(), text(e, "Status"), text(e, "Database"), text(e, "Table"), text(e, "IngestionSourcePath"),
                        moment(e, "StartedOn"), moment(e, "UpdatedOn"), text(e, "Details")))
                .toList();
    }

    /// Sources that no batch has taken yet will not be ingested.
    void cancel(String operation) {
        for (Entity entity : entities(operation)) {
            if (text(entity, "Status").equals("Pending")) {
                storage.tables().insertOrMerge(
                        Resources.OPERATIONS_TABLE, entity.key(),
                        Map.of("Status", EdmValue.of(CANCELED), "UpdatedOn", EdmValue.of(clock.instant())));
            }
        }
    }

    /// Whether a message's source was canceled, or the request refused that it came with.
    boolean isCanceled(IngestionMessage message) {
        return message.operation().flatMap(operation -> storage.tables().find(Resources.OPERATIONS_TABLE, withdrawn(operation))).isPresent() || message.statusEntity()
                .flatMap(entity -> storage.tables().find(Resources.OPERATIONS_TABLE, new EntityKey(entity.partitionKey(), entity.rowKey())))
                .filter(entity -> text(entity, "Status").equals(CANCELED))
                .isPresent();
    }

    private List<Entity> entities(String operation) {
        List<Entity> entities = new ArrayList<>();
        Optional<EntityKey> from = Optional.of(new EntityKey(operation, ""));
        while (from.isPresent() && from.get().partitionKey().equals(operation)) {
            // As many as an operation has: others stand behind them.
            var page = storage.tables().query(Resources.OPERATIONS_TABLE, from.get(), _ -> true, BLOBS_MAX);
            page.entities().stream().filter(entity -> entity.key().partitionKey().equals(operation)).forEach(entities::add);
            from = page.next();
        }
        return entities;
    }

    /// The state of a tracked operation, as JSON; empty when there is none of that id.
    ///
    /// @throws KustoException when the principal may neither ingest into the table nor read it
    public Optional<String> status(Principal principal, String database, String table, String operation, boolean hasDetails) {
        engine.requireIngestorOrViewer(principal, database, table);
        List<Entity> entities = entities(operation).stream()
                .filter(e -> text(e, "Database").equalsIgnoreCase(database) && text(e, "Table").equals(table))
                .toList();
        if (entities.isEmpty()) {
            return Optional.empty();
        }
        Instant started = Instant.MAX;
        Instant updated = Instant.MIN;
        Map<String, Integer> counts = new HashMap<>();
        ArrayNode details = JSON.createArrayNode();
        for (Entity entity : entities) {
            Instant startedOn = moment(entity, "StartedOn");
            Instant updatedOn = moment(entity, "UpdatedOn");
            started = startedOn.isBefore(started) ? startedOn : started;
            updated = updatedOn.isAfter(updated) ? updatedOn : updated;
            String state = state(text(entity, "Status"));
            counts.merge(state, 1, Integer::sum);
            details.add(detail(entity, state, startedOn, updatedOn));
        }
        ObjectNode answer = JSON.createObjectNode();
        answer.put("startTime", started.toString());
        answer.put("lastUpdated", updated.toString());
        answer.putObject("status")
                .put("succeeded", counts.getOrDefault("Succeeded", 0))
                .put("failed", counts.getOrDefault("Failed", 0))
                .put("inProgress", counts.getOrDefault("InProgress", 0))
                .put("canceled", counts.getOrDefault(CANCELED, 0));
        answer.set("details", hasDetails ? details : JSON.createArrayNode());
        return Optional.of(answer.toString());
    }

    private static ObjectNode detail(Entity entity, String state, Instant startedOn, Instant updatedOn) {
        boolean hasFailed = state.equals("Failed");
        ObjectNode detail = JSON.createObjectNode();
        detail.put("sourceId", entity.key().rowKey());
        detail.put("status", state);
        detail.put("startedAt", startedOn.toString());
        detail.put("lastUpdateTime", updatedOn.toString());
        detail.put("errorCode", hasFailed ? text(entity, "ErrorCode") : null);
        detail.put("failureStatus", hasFailed ? text(entity, "FailureStatus") : null);
        detail.put("details", hasFailed ? text(entity, "Details") : null);
        return detail;
    }

    private static String state(String status) {
        return switch (status) {
            case "Pending" -> "InProgress";
            // Its rows are there already, which is what the client wanted.
            case "Skipped" -> "Succeeded";
            default -> status;
        };
    }

    private static void check(JsonNode blobs, JsonNode properties) {
        if (!blobs.isArray() || blobs.isEmpty()) {
            throw refused("'blobs' must be a JSON array with at least one blob");
        }
        if (blobs.size() > BLOBS_MAX) {
            throw refused("'blobs' has " + blobs.size() + " blobs; up to " + BLOBS_MAX + " are allowed in one request");
        }
        Set<String> urls = new HashSet<>();
        for (JsonNode blob : blobs) {
            String url = blob.path("url").asText("");
            if (url.isBlank()) {
                throw refused("a blob of 'blobs' has no 'url'");
            }
            if (!urls.add(BlobName.withoutSignature(url))) {
                throw refused("the blob '" + BlobName.withoutSignature(url) + "' is there twice");
            }
        }
        if (properties.path("format").asText("").isBlank()) {
            throw refused("'properties.format' is missing");
        }
        for (String name : List.of("extend_schema", "recreate_schema", "ignoreLastRecordIfInvalid")) {
            if (properties.path(name).asBoolean(false)) {
                throw refused("'properties." + name + "' is not supported yet");
            }
        }
    }

    private ObjectNode message(
            Principal principal, String database, String table, JsonNode blob, String sourceId, JsonNode properties) {
        ObjectNode message = JSON.createObjectNode();
        message.put("Id", sourceId);
        message.put("BlobPath", blob.path("url").asText());
        if (blob.path("rawSize").asLong(0) > 0) {
            message.put("RawDataSize", blob.path("rawSize").asLong());
        }
        message.put("DatabaseName", database);
        message.put("TableName", table);
        message.put("RetainBlobOnSuccess", !properties.path("deleteAfterDownload").asBoolean(false));
        message.put("FlushImmediately", properties.path("skipBatching").asBoolean(false));
        message.put("ReportLevel", 1);
        ObjectNode additional = message.putObject("AdditionalProperties");
        properties.properties().forEach(property -> {
            if (!property.getValue().isNull() && !isOurs(property.getKey())) {
                JsonNode value = property.getValue();
                additional.put(property.getKey(), value.isValueNode() ? value.asText() : value.toString());
            }
        });
        if (blob.has("creationTime")) {
            additional.put("creationTime", blob.path("creationTime").asText());
        }
        // Last, so that nothing in the request stands in for it.
        additional.put("authorizationContext", tokens.issue(principal));
        return message;
    }

    private static boolean isOurs(String property) {
        return Set.of("enabletracking", "skipbatching", "deleteafterdownload", "authorizationcontext")
                .contains(property.toLowerCase(Locale.ROOT));
    }

    private void track(String operation, String sourceId, String database, String table, String url) {
        Instant now = clock.instant();
        Map<String, EdmValue> properties = new LinkedHashMap<>();
        properties.put("Status", EdmValue.of("Pending"));
        properties.put("Database", EdmValue.of(database));
        properties.put("Table", EdmValue.of(table));
        properties.put("IngestionSourcePath", EdmValue.of(BlobName.withoutSignature(url)));
        properties.put("StartedOn", EdmValue.of(now));
        properties.put("UpdatedOn", EdmValue.of(now));
        storage.tables().insertOrReplace(Resources.OPERATIONS_TABLE, new EntityKey(operation, sourceId), properties);
    }

    private static String text(Entity entity, String name) {
        return entity.properties().get(name) instanceof EdmValue.Text(String text) ? text : "";
    }

    private static Instant moment(Entity entity, String name) {
        return entity.properties().get(name) instanceof EdmValue.DateTime(Instant moment) ? moment : entity.timestamp();
    }

    private static KustoException refused(String what) {
        return new KustoException(Errors.badRequest(what));
    }
}
