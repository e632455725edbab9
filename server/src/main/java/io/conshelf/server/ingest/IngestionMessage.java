package io.conshelf.server.ingest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// One message of the ready queue, however its client spells it: Java writes camelCase and texts, the others PascalCase
/// with numbers and booleans.
///
/// @param sourceId     the client's id of the source
/// @param blobUri      with its signature: not to be printed
/// @param rawBytes     uncompressed size as the client knows it
/// @param keepsBlob    the blob stays after success
/// @param statusEntity where the client looks for the outcome
/// @param properties   ingestion properties, names in lower case, values as text
record IngestionMessage(
        String sourceId,
        String blobUri,
        OptionalLong rawBytes,
        String database,
        String table,
        boolean keepsBlob,
        boolean flushesImmediately,
        ReportLevel reportLevel,
        ReportMethod reportMethod,
        Optional<StatusEntity> statusEntity,
        String application,
        Map<String, String> properties) {
    private static final int NESTING_MAX = 50;
    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(NESTING_MAX).build())
            .build());

    /// Which outcomes the client wants to hear of.
    enum ReportLevel { FAILURES_ONLY, NONE, FAILURES_AND_SUCCESSES }

    /// Where it wants to hear of them.
    enum ReportMethod {
        QUEUE, TABLE, QUEUE_AND_TABLE, NOWHERE;

        boolean usesQueue() {
            return this == QUEUE || this == QUEUE_AND_TABLE;
        }

        boolean usesTable() {
            return this == TABLE || this == QUEUE_AND_TABLE;
        }
    }

    /// @param tableUri with its signature: not to be printed
    record StatusEntity(String tableUri, String partitionKey, String rowKey) {
        @Override
        public String toString() {
            return "StatusEntity[" + partitionKey + ", " + rowKey + "]";
        }
    }

    /// The text is not a message anybody could act on.
    static final class CorruptedException extends Exception {
        CorruptedException(String message) {
            super(message);
        }
    }

    @Override
    public String toString() {
        return "IngestionMessage[" + sourceId + " into " + database + "." + table + "]";
    }

    Optional<String> property(String name) {
        return Optional.ofNullable(properties.get(name)).filter(value -> !value.isBlank());
    }

    /// Reads base64 of JSON, or JSON itself, as the samples of the documentation send it.
    static IngestionMessage parse(String text) throws CorruptedException {
        Map<String, JsonNode> fields = fields(json(text));
        String blob = text(fields, "blobpath")
                .orElseThrow(() -> new CorruptedException("'BlobPath' is missing"));
        return new IngestionMessage(
                text(fields, "id").orElse(""),
                blob,
                rawBytes(fields),
                text(fields, "databasename").orElse(""),
                text(fields, "tablename").orElse(""),
                bool(fields, "retainblobonsuccess"),
                bool(fields, "flushimmediately"),
                reportLevel(fields.get("reportlevel")),
                reportMethod(fields.get("reportmethod")),
                statusEntity(fields.get("ingestionstatusintable")),
                text(fields, "applicationfortracing").orElse(""),
                properties(fields));
    }

    private static JsonNode json(String text) throws CorruptedException {
        String plain = text.strip();
        try {
            String json = plain.startsWith("{")
                    ? plain
                    : new String(Base64.getMimeDecoder().decode(plain), StandardCharsets.UTF_8);
            JsonNode node = JSON.readTree(json);
            if (node == null || !node.isObject()) {
                throw new CorruptedException("the message is not a JSON object");
            }
            return node;
        } catch (IllegalArgumentException | JsonProcessingException e) {
            // The parser's words could repeat signatures out of the message.
            throw new CorruptedException("the message is neither JSON nor base64 of JSON");
        }
    }

    private static Map<String, JsonNode> fields(JsonNode object) {
        Map<String, JsonNode> fields = new LinkedHashMap<>();
        object.properties().forEach(field -> {
            if (!field.getValue().isNull()) {
                fields.putIfAbsent(field.getKey().toLowerCase(Locale.ROOT), field.getValue());
            }
        });
        return fields;
    }

    private static Optional<String> text(Map<String, JsonNode> fields, String name) {
        return Optional.ofNullable(fields.get(name)).map(IngestionMessage::asText).filter(text -> !text.isBlank());
    }

    private static boolean bool(Map<String, JsonNode> fields, String name) {
        return text(fields, name).map(IngestionMessage::isTrue).orElse(false);
    }

    static boolean isTrue(String text) {
        return text.equalsIgnoreCase("true") || text.equals("1");
    }

    private static OptionalLong rawBytes(Map<String, JsonNode> fields) {
        JsonNode node = fields.get("rawdatasize");
        return node != null && node.isNumber() && node.asLong() > 0
                ? OptionalLong.of(node.asLong())
                : OptionalLong.empty();
    }

    private static ReportLevel reportLevel(JsonNode node) {
        return switch (node == null ? "0" : node.asText().toLowerCase(Locale.ROOT)) {
            case "1", "none", "donotreport" -> ReportLevel.NONE;
            case "2", "failuresandsuccesses" -> ReportLevel.FAILURES_AND_SUCCESSES;
            default -> ReportLevel.FAILURES_ONLY;
        };
    }

    private static ReportMethod reportMethod(JsonNode node) {
        return switch (node == null ? "0" : node.asText().toLowerCase(Locale.ROOT)) {
            case "1", "table" -> ReportMethod.TABLE;
            case "2", "queueandtable" -> ReportMethod.QUEUE_AND_TABLE;
            // A monitoring service that is not part of this cluster.
            case "3" -> ReportMethod.NOWHERE;
            default -> ReportMethod.QUEUE;
        };
    }

    private static Optional<StatusEntity> statusEntity(JsonNode node) {
        if (node == null || !node.isObject()) {
            return Optional.empty();
        }
        Map<String, JsonNode> fields = fields(node);
        Optional<String> table = text(fields, "tableconnectionstring");
        Optional<String> partition = text(fields, "partitionkey");
        Optional<String> row = text(fields, "rowkey");
        return table.isPresent() && partition.isPresent() && row.isPresent()
                ? Optional.of(new StatusEntity(table.get(), partition.get(), row.get()))
                : Optional.empty();
    }

    private static Map<String, String> properties(Map<String, JsonNode> fields) {
        Map<String, String> properties = new LinkedHashMap<>();
        JsonNode additional = fields.get("additionalproperties");
        if (additional != null && additional.isObject()) {
            fields(additional).forEach((name, value) -> properties.put(name, asText(value)));
        }
        // Java puts its validation policy beside the additional properties, the others inside.
        JsonNode validation = fields.get("validationpolicy");
        if (validation != null) {
            properties.putIfAbsent("validationpolicy", asText(validation));
        }
        return properties;
    }

    private static String asText(JsonNode node) {
        return node.isValueNode() ? node.asText() : node.toString();
    }
}
