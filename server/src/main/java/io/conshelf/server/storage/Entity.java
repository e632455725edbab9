package io.conshelf.server.storage;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// A stored entity. `timestamp` changes with every write and is the ETag.
public record Entity(EntityKey key, Instant timestamp, Map<String, EdmValue> properties) {
    public Entity {
        properties = Collections.unmodifiableMap(new LinkedHashMap<>(properties));
    }

    public String etag() {
        return "W/\"datetime'" + EdmText.percentEncode(EdmText.dateTime(timestamp)) + "'\"";
    }
}
