package io.conshelf.connectors.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpHeaders;

/// An answer that says it went well; its body is read while it arrives.
public record WebAnswer(int status, URI uri, HttpHeaders headers, InputStream body) implements AutoCloseable {
    @Override
    public void close() throws IOException {
        body.close();
    }
}
