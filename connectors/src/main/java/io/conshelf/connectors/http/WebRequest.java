package io.conshelf.connectors.http;

import java.net.URI;
import java.util.Map;

/// @param body empty for none
public record WebRequest(String method, URI uri, Map<String, String> headers, byte[] body) {
    public WebRequest {
        headers = Map.copyOf(headers);
    }
}
