package io.conshelf.server.vault;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Locale;

/// One version of a secret.
///
/// @param number     counts all versions of all secrets, so that the newest is known
/// @param attributes `enabled`, `nbf`, `exp` as they were set
record Secret(String vault, String name, String version, long number, String value, String contentType, ObjectNode tags, ObjectNode attributes,
        Instant created, Instant updated) {

    String key() {
        return vault + "/" + name.toLowerCase(Locale.ROOT) + "/" + version;
    }

    String document() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("vault", vault).put("name", name).put("version", version).put("number", number).put("value", value).put("contentType", contentType);
        json.set("tags", tags);
        json.set("attributes", attributes);
        return json.put("created", created.getEpochSecond()).put("updated", updated.getEpochSecond()).toString();
    }

    static Secret of(JsonNode json) {
        return new Secret(json.path("vault").asText(), json.path("name").asText(), json.path("version").asText(), json.path("number").asLong(),
                json.path("value").asText(), json.path("contentType").asText(), json.withObject("/tags"), json.withObject("/attributes"),
                Instant.ofEpochSecond(json.path("created").asLong()), Instant.ofEpochSecond(json.path("updated").asLong()));
    }

    boolean isEnabled() {
        return attributes.path("enabled").asBoolean(true);
    }

    Secret with(String otherContentType, ObjectNode otherTags, ObjectNode otherAttributes, Instant now) {
        return new Secret(vault, name, version, number, value, otherContentType, otherTags, otherAttributes, created, now);
    }

    /// What the service tells of it in lists.
    ObjectNode described(String id) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("id", id);
        ObjectNode shown = attributes.deepCopy();
        shown.put("enabled", isEnabled()).put("created", created.getEpochSecond()).put("updated", updated.getEpochSecond())
                .put("recoveryLevel", "Purgeable").put("recoverableDays", 0);
        json.set("attributes", shown);
        if (!contentType.isEmpty()) {
            json.put("contentType", contentType);
        }
        if (!tags.isEmpty()) {
            json.set("tags", tags);
        }
        return json;
    }

    String id() {
        return "https://" + vault + ".vault.azure.net/secrets/" + name;
    }

    ObjectNode bundle() {
        return described(id() + "/" + version).put("value", value);
    }

    @Override
    public String toString() {
        return "Secret[" + key() + "]";
    }
}
