package io.conshelf.connectors.management;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// An answer of the management interface.
///
/// @param body absent where the status has none
public record ManagementAnswer(int status, Optional<JsonNode> body, Map<String, String> headers) {
    public ManagementAnswer {
        headers = Map.copyOf(headers);
    }

    public static ManagementAnswer ok(JsonNode body) {
        return new ManagementAnswer(200, Optional.of(body), Map.of());
    }

    public static ManagementAnswer empty(int status) {
        return new ManagementAnswer(status, Optional.empty(), Map.of());
    }

    public ManagementAnswer with(String header, String value) {
        Map<String, String> all = new HashMap<>(headers);
        all.put(header, value);
        return new ManagementAnswer(status, body, all);
    }
}
