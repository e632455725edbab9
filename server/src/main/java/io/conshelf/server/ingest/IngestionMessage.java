package io.conshelf.server.ingest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
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
/// @param operation    of this server, which may have been refused; messages of clients have none
/// @param properties   ingestion properties, names in lower case, values as text
/// @param malformed    what is wrong with its fields, if anything is
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
        Optional<String> operation,
        String application,
        Map<String, String> properties,
        List<String> malformed) {
    static final String OPERATION = "IngestionOperationId";
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
        List<String> malformed = new ArrayList<>();
        return new IngestionMessage(
                text(fields, "id").orElse(""),
                blob,
                rawBytes(fields, malformed),
                text(fields, "databasename").orElse(""),
                text(fields, "tablename").orElse(""),
                flag(fields, "RetainBlobOnSuccess", malformed),
                flag(fields, "FlushImmediately", malformed),
                reportLevel(fields, malformed),
                reportMethod(fields, malformed),
                statusEntity(fields.get("ingestionstatusintable")),
                text(fields, OPERATION.toLowerCase(Locale.ROOT)),
                text(fields, "applicationfortracing").orElse(""),
                properties(fields, malformed),
                List.copyOf(malformed));
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

    private static boolean flag(Map<String, JsonNode> fields, String name, List<String> malformed) {
        Optional<String> text = text(fields, name.toLowerCase(Locale.ROOT));
        Optional<Boolean> flag = text.flatMap(IngestionMessage::flag);
        if (text.isPresent() && flag.isEmpty()) {
            malformed.add("'" + name + "' of the message must be true or false");
        }
        return flag.orElse(false);
    }

    /// Empty for what is neither true nor false.
    static Optional<Boolean> flag(String text) {
        return switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "true", "1" -> Optional.of(true);
            case "false", "0" -> Optional.of(false);
            default -> Optional.empty();
        };
    }

    private static OptionalLong rawBytes(Map<String, JsonNode> fields, List<String> malformed) {
        Optional<String> text = text(fields, "rawdatasize");
        if (text.isEmpty()) {
            return OptionalLong.empty();
        }
        try {
            long bytes = new BigDecimal(text.get().strip()).longValueExact();
            // Clients that don't know it say 0, or less.
            return bytes > 0 ? OptionalLong.of(bytes) : OptionalLong.empty();
        } catch (ArithmeticException | NumberFormatException _) {
            malformed.add("'RawDataSize' of the message must be a number of bytes");
            return OptionalLong.empty();
        }
    }

    private static ReportLevel reportLevel(Map<String, JsonNode> fields, List<String> malformed) {
        return switch (text(fields, "reportlevel").orElse("0").strip().toLowerCase(Locale.ROOT)) {
            case "0", "failuresonly" -> ReportLevel.FAILURES_ONLY;
            case "1", "none", "donotreport" -> ReportLevel.NONE;
            case "2", "failuresandsuccesses" -> ReportLevel.FAILURES_AND_SUCCESSES;
            default -> {
                malformed.add("'ReportLevel' of the message must be 0 (failures), 1 (nothing) or 2 (all)");
                yield ReportLevel.FAILURES_ONLY;
            }
        };
    }

    private static ReportMethod reportMethod(Map<String, JsonNode> fields, List<String> malformed) {
        return switch (text(fields, "reportmethod").orElse("0").strip().toLowerCase(Locale.ROOT)) {
            case "0", "queue" -> ReportMethod.QUEUE;
            case "1", "table" -> ReportMethod.TABLE;
            case "2", "queueandtable" -> ReportMethod.QUEUE_AND_TABLE;
            // A monitoring service that is not part of this cluster.
            case "3" -> ReportMethod.NOWHERE;
            default -> {
                malformed.add("'ReportMethod' of the message must be 0 (queue), 1 (table) or 2 (both)");
                yield ReportMethod.QUEUE;
            }
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

    private static Map<String, String> properties(Map<String, JsonNode> fields, List<String> malformed) {
        Map<String, String> properties = new LinkedHashMap<>();
        JsonNode additional = fields.get("additionalproperties");
        if (additional != null && additional.isObject()) {
            fields(additional).forEach((name, value) -> properties.put(name, asText(value)));
        } else if (additional != null) {
            malformed.add("'AdditionalProperties' of the message must be an object");
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
