package io.conshelf.server.storage;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// Entities as the table service's JSON has them.
final class ODataJson {
    /// How much a client wants to be told about types and addresses.
    enum Metadata {
        NONE("nometadata"), MINIMAL("minimalmetadata"), FULL("fullmetadata");

        private final String text;

        Metadata(String text) {
            this.text = text;
        }

        String contentType() {
            return "application/json;odata=" + text + ";streaming=true;charset=utf-8";
        }

        /// From `$format` or `Accept`.
        static Metadata in(String mediaTypes) {
            String folded = mediaTypes.toLowerCase(Locale.ROOT);
            return folded.contains("odata=" + FULL.text) ? FULL : folded.contains("odata=" + NONE.text) ? NONE : MINIMAL;
        }
    }

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String TYPE_SUFFIX = "@odata.type";
    private static final String PARTITION_KEY = "PartitionKey";
    private static final String ROW_KEY = "RowKey";
    private static final String TIMESTAMP = "Timestamp";

    private ODataJson() {}

    /// What a client sends: the keys, which may be left out where the address has them, and the properties.
    record Received(Map<String, String> keys, Map<String, EdmValue> properties) {
        /// The key, when it isn't in the address.
        EntityKey key() {
            if (!keys.containsKey(PARTITION_KEY) || !keys.containsKey(ROW_KEY)) {
                throw new StorageException(StorageCode.PROPERTIES_NEED_VALUE, "The entity needs a PartitionKey and a RowKey.");
            }
            return new EntityKey(keys.get(PARTITION_KEY), keys.get(ROW_KEY));
        }
    }

    static JsonNode object(byte[] document) {
        try {
            JsonNode node = MAPPER.readTree(document);
            if (node != null && node.isObject()) {
                return node;
            }
            throw invalid("The request's body is not a JSON object.");
        } catch (JsonProcessingException e) {
            // What is too long, such as a name, has no place.
            throw invalid("The request's JSON is not valid: " + Optional.ofNullable(e.getLocation())
                    .map(at -> "line %d, column %d.".formatted(at.getLineNr(), at.getColumnNr())).orElse(e.getOriginalMessage()));
        } catch (IOException e) {
            throw new AssertionError("reading from memory does not fail", e);
        }
    }

    static Received entity(byte[] document) {
        JsonNode object = object(document);
        Map<String, String> keys = new LinkedHashMap<>();
        Map<String, EdmValue> properties = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            String name = field.getKey();
            JsonNode value = field.getValue();
            if (name.contains("odata.") || name.equals(TIMESTAMP) || value.isNull()) {
                continue; // annotations are read with their property; the timestamp is ours; a null is no property
            }
            if (name.equals(PARTITION_KEY) || name.equals(ROW_KEY)) {
                if (!value.isTextual()) {
                    throw invalid("%s is not a string.".formatted(name));
                }
                keys.put(name, value.textValue());
            } else {
                JsonNode type = object.get(name + TYPE_SUFFIX);
                properties.put(name, type == null ? inferred(name, value) : typed(name, type.asText(), value));
            }
        }
        return new Received(keys, properties);
    }

    private static EdmValue inferred(String name, JsonNode value) {
        if (value.isTextual()) {
            return new EdmValue.Text(value.textValue());
        }
        if (value.isBoolean()) {
            return new EdmValue.Bool(value.booleanValue());
        }
        if (value.isInt()) {
            return new EdmValue.Int32(value.intValue());
        }
        if (value.isFloatingPointNumber()) {
            return new EdmValue.Real(value.doubleValue());
        }
        throw invalid("Property '%s' is %s without an @odata.type that fits.".formatted(
                name, value.isNumber() ? "a number beyond Edm.Int32" : "an object or array"));
    }

    private static EdmValue typed(String name, String type, JsonNode value) {
        String text = value.asText();
        try {
            return switch (type) {
                case "Edm.String" -> new EdmValue.Text(text);
                case "Edm.Int32" -> new EdmValue.Int32(Integer.parseInt(text));
                case "Edm.Int64" -> new EdmValue.Int64(Long.parseLong(text));
                case "Edm.Double" -> new EdmValue.Real(real(text));
                case "Edm.Boolean" -> new EdmValue.Bool(bool(text));
                case "Edm.DateTime" -> new EdmValue.DateTime(dateTime(text));
                case "Edm.Guid" -> new EdmValue.Guid(guid(text));
                case "Edm.Binary" -> new EdmValue.Binary(Base64.getEncoder().encodeToString(Base64.getDecoder().decode(text)));
                default -> throw invalid("Property '%s' has the type '%s', which tables don't have.".formatted(name, type));
            };
        } catch (IllegalArgumentException | DateTimeException _) {
            throw invalid("Property '%s' has the value '%s', which is not an %s.".formatted(name, text, type));
        }
    }

    static UUID guid(String text) {
        if (text.length() != 36) {
            throw new IllegalArgumentException("not a guid");
        }
        return UUID.fromString(text);
    }

    /// With any offset; without one the time is UTC.
    static Instant dateTime(String text) {
        boolean hasOffset = text.endsWith("Z") || text.endsWith("z") || text.lastIndexOf('-') > 7 && text.indexOf('T') >= 0
                && (text.lastIndexOf('-') > text.indexOf('T') || text.indexOf('+') > 0) || text.indexOf('+') > 0;
        return OffsetDateTime.parse(hasOffset ? text : text + "Z").toInstant();
    }

    private static double real(String text) {
        return switch (text) {
            case "Infinity", "INF" -> Double.POSITIVE_INFINITY;
            case "-Infinity", "-INF" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    private static boolean bool(String text) {
        if (!text.equals("true") && !text.equals("false")) {
            throw new IllegalArgumentException("not a boolean");
        }
        return text.equals("true");
    }

    /// Writes the fields of an entity into an open object.
    ///
    /// @param address where the account is, for the addresses of full metadata
    /// @param select  the properties asked for; empty for all
    static void write(JsonGenerator out, Entity entity, String address, String table, Metadata metadata, List<String> select) throws IOException {
        if (metadata == Metadata.FULL) {
            String link = editLink(table, entity.key());
            out.writeStringField("odata.type", StorageAccount.TABLE.account() + "." + table);
            out.writeStringField("odata.id", address + "/" + link);
            out.writeStringField("odata.editLink", link);
        }
        if (metadata != Metadata.NONE) {
            out.writeStringField("odata.etag", entity.etag());
        }
        if (isSelected(PARTITION_KEY, select)) {
            out.writeStringField(PARTITION_KEY, entity.key().partitionKey());
        }
        if (isSelected(ROW_KEY, select)) {
            out.writeStringField(ROW_KEY, entity.key().rowKey());
        }
        if (isSelected(TIMESTAMP, select)) {
            if (metadata == Metadata.FULL) {
                out.writeStringField(TIMESTAMP + TYPE_SUFFIX, "Edm.DateTime");
            }
            out.writeStringField(TIMESTAMP, EdmText.dateTime(entity.timestamp()));
        }
        for (Map.Entry<String, EdmValue> property : entity.properties().entrySet()) {
            if (isSelected(property.getKey(), select)) {
                write(out, property.getKey(), property.getValue(), metadata != Metadata.NONE);
            }
        }
    }

    private static boolean isSelected(String name, List<String> select) {
        return select.isEmpty() || select.contains(name);
    }

    private static void write(JsonGenerator out, String name, EdmValue value, boolean withTypes) throws IOException {
        switch (value) {
            case EdmValue.Text(String text) -> out.writeStringField(name, text);
            case EdmValue.Int32(int number) -> out.writeNumberField(name, number);
            case EdmValue.Bool(boolean isTrue) -> out.writeBooleanField(name, isTrue);
            case EdmValue.Real(double number) when Double.isFinite(number) -> out.writeNumberField(name, number);
            case EdmValue.Real(double number) -> annotated(out, name, "Edm.Double", Double.toString(number), withTypes);
            case EdmValue.Int64(long number) -> annotated(out, name, "Edm.Int64", Long.toString(number), withTypes);
            case EdmValue.DateTime(Instant instant) -> annotated(out, name, "Edm.DateTime", EdmText.dateTime(instant), withTypes);
            case EdmValue.Guid(UUID guid) -> annotated(out, name, "Edm.Guid", guid.toString(), withTypes);
            case EdmValue.Binary(String base64) -> annotated(out, name, "Edm.Binary", base64, withTypes);
        }
    }

    private static void annotated(JsonGenerator out, String name, String type, String text, boolean withTypes) throws IOException {
        if (withTypes) {
            out.writeStringField(name + TYPE_SUFFIX, type);
        }
        out.writeStringField(name, text);
    }

    static String editLink(String table, EntityKey key) {
        return "%s(PartitionKey='%s',RowKey='%s')".formatted(table, quoted(key.partitionKey()), quoted(key.rowKey()));
    }

    private static String quoted(String key) {
        return UriText.encode(key.replace("'", "''"));
    }

    private static StorageException invalid(String why) {
        return new StorageException(StorageCode.INVALID_INPUT, why);
    }
}
