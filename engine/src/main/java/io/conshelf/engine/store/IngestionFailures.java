package io.conshelf.engine.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.conshelf.engine.ObfuscatedText;
import io.conshelf.engine.ServiceError;
import io.conshelf.engine.store.LogEntry.Kind;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/// Ingestion that failed: by command, from the queue, or by an update policy that fails alone.
public final class IngestionFailures {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Storage storage;
    private final WorkLog log;

    IngestionFailures(Storage storage, WorkLog log) {
        this.storage = storage;
        this.log = log;
    }

    /// @param source                     of the data, without what opens it; empty if it is no file
    /// @param operationKind              what failed, as [io.conshelf.engine.command] calls it
    /// @param originatesFromUpdatePolicy an update policy failed, with the rows of the table's source or alone
    /// @param principal                  fully qualified, empty where the cluster itself was at work
    public record Failure(
            UUID operationId, String database, String table, Instant failedOn, String source, String code, String message,
            boolean isPermanent, UUID activityId, String operationKind, boolean originatesFromUpdatePolicy, String principal,
            String user, String properties) {

        /// @param by who asked for the ingestion
        public static Failure of(
                UUID operationId, String database, String table, Instant failedOn, String source, ServiceError error,
                String operationKind, ChangeOrigin.Author by, String properties) {
            return new Failure(
                    operationId, database, table, failedOn, ObfuscatedText.ofRequest(source), error.code(),
                    ObfuscatedText.ofRequest(error.message()), error.isPermanent(), by.activityId(), operationKind,
                    error.code().startsWith(ServiceError.UPDATE_POLICY_CODES),
                    by.principal(), by.user(), properties);
        }

        public static Failure ofUpdatePolicy(String database, String table, Instant failedOn, ServiceError error, ChangeOrigin.Author by) {
            return new Failure(
                    UUID.randomUUID(), database, table, failedOn, "", error.code(), ObfuscatedText.ofRequest(error.message()),
                    error.isPermanent(), by.activityId(), "UpdatePolicy", true, by.principal(), by.user(), "");
        }
    }

    /// Remembers a failure soon.
    public void add(Failure failure) {
        log.add(home(failure), List.of(entry(failure)));
    }

    /// For whoever writes it down together with other entries.
    public LogEntry entry(Failure failure) {
        return log.entry(Kind.INGESTION_FAILURE, failure.operationId().toString(), true, JSON.createObjectNode()
                .put("operationId", failure.operationId().toString())
                .put("database", failure.database())
                .put("table", failure.table())
                .put("failedOn", failure.failedOn().toString())
                .put("source", failure.source())
                .put("code", failure.code())
                .put("message", failure.message())
                .put("isPermanent", failure.isPermanent())
                .put("activityId", failure.activityId().toString())
                .put("operationKind", failure.operationKind())
                .put("originatesFromUpdatePolicy", failure.originatesFromUpdatePolicy())
                .put("principal", failure.principal())
                .put("user", failure.user())
                .put("properties", failure.properties())
                .toString());
    }

    /// All of them, the latest first.
    public List<Failure> all() {
        return log.read(log.homes(), Kind.INGESTION_FAILURE).reversed().stream().map(IngestionFailures::parse).toList();
    }

    /// Those of an operation.
    public List<Failure> of(UUID operation) {
        return log.read(log.homes(), Kind.INGESTION_FAILURE, List.of(operation)).reversed().stream()
                .map(IngestionFailures::parse)
                .toList();
    }

    private LogHome home(Failure failure) {
        return storage.snapshot().database(failure.database()).map(LogHome::of).orElse(LogHome.CLUSTER);
    }

    private static Failure parse(LogEntry entry) {
        JsonNode json;
        try {
            json = JSON.readTree(entry.json());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("An ingestion failure cannot be read: " + e.getOriginalMessage(), e);
        }
        return new Failure(
                UUID.fromString(json.required("operationId").textValue()),
                json.required("database").textValue(),
                json.required("table").textValue(),
                Instant.parse(json.required("failedOn").textValue()),
                json.required("source").textValue(),
                json.required("code").textValue(),
                json.required("message").textValue(),
                json.required("isPermanent").booleanValue(),
                UUID.fromString(json.required("activityId").textValue()),
                json.required("operationKind").textValue(),
                json.required("originatesFromUpdatePolicy").booleanValue(),
                json.required("principal").textValue(),
                json.required("user").textValue(),
                json.required("properties").textValue());
    }
}
