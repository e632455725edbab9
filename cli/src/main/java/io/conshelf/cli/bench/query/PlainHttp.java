package io.conshelf.cli.bench.query;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.conshelf.cli.bench.HttpConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// Asks by as little as HTTP/1.1 needs: every byte of an answer is read, and none is parsed.
final class PlainHttp implements AutoCloseable {
    private final int port;
    private final String database;
    private final HttpConnection connection;

    PlainHttp(int port, String database) throws IOException {
        this.port = port;
        this.database = database;
        this.connection = new HttpConnection(port);
    }

    void ask(String kql) throws IOException {
        byte[] body = JsonNodeFactory.instance.objectNode().put("db", database).put("csl", kql).toString().getBytes(StandardCharsets.UTF_8);
        connection.send(HttpConnection.post(port, "/v2/rest/query", "application/json", body));
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
