package io.conshelf.cli.it;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;

/// A cluster asked over plain HTTP.
final class Rest {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Rest() {}

    /// The body of the answer to a query, whatever its status.
    static String query(String url, String database, String csl) {
        return post(url + "/v1/rest/query", database, csl);
    }

    static String command(String url, String database, String csl) {
        return post(url + "/v1/rest/mgmt", database, csl);
    }

    private static String post(String endpoint, String database, String csl) {
        try {
            var body = MAPPER.writeValueAsString(Map.of("db", database, "csl", csl));
            var request = HttpRequest.newBuilder(URI.create(endpoint))
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(body))
                    .build();
            return CLIENT.send(request, BodyHandlers.ofString()).body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
