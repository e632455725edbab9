package io.conshelf.cli.bench.query;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.conshelf.cli.bench.HttpConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Asks by as little as HTTP/1.1 needs: every byte of an answer is read, and none is parsed.
final class PlainHttp implements AutoCloseable {
    private final int port;
    private final String database;
    private Optional<HttpConnection> connection = Optional.empty();

    PlainHttp(int port, String database) {
        this.port = port;
        this.database = database;
    }

    void ask(String kql) throws IOException {
        // A server does not wait long for the first request of a connection.
        if (connection.isEmpty()) {
            connection = Optional.of(new HttpConnection(port));
        }
        byte[] body = JsonNodeFactory.instance.objectNode().put("db", database).put("csl", kql).toString().getBytes(StandardCharsets.UTF_8);
        connection.get().send(HttpConnection.post(port, "/v2/rest/query", "application/json", body));
    }

    @Override
    public void close() throws IOException {
        if (connection.isPresent()) {
            connection.get().close();
        }
    }
}
