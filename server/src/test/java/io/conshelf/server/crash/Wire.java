package io.conshelf.server.crash;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// A cluster as its clients speak to it. What is not answered with success ends in an IOException.
final class Wire {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(5)).build();

    private final URI base;

    Wire(URI base) {
        this.base = base;
    }

    List<List<String>> command(String text) throws IOException {
        return rows("/v1/rest/mgmt", text);
    }

    List<List<String>> query(String text) throws IOException {
        return rows("/v1/rest/query", text);
    }

    private List<List<String>> rows(String path, String text) throws IOException {
        var body = JSON.writeValueAsString(Map.of("db", ServedFolder.DATABASE, "csl", text));
        var answer = send(HttpRequest.newBuilder(base.resolve(path)).POST(BodyPublishers.ofString(body)), 200);
        var rows = new ArrayList<List<String>>();
        for (JsonNode row : JSON.readTree(answer).path("Tables").path(0).path("Rows")) {
            var cells = new ArrayList<String>();
            row.forEach(cell -> cells.add(cell.asText()));
            rows.add(cells);
        }
        return rows;
    }

    /// Streams rows; the same source again changes nothing.
    void stream(String table, UUID source, String csv) throws IOException {
        send(HttpRequest.newBuilder(base.resolve("/v1/rest/ingest/" + ServedFolder.DATABASE + "/" + table + "?streamFormat=csv"))
                .header("x-ms-client-request-id", "KPC.executeManagedStreamingIngest;" + source + ";0")
                .POST(BodyPublishers.ofString(csv)), 200);
    }

    /// What queued ingestion needs to know: the staging container, the queue and a token.
    record Ways(String container, String queue, String token) {}

    Ways ways() throws IOException {
        var byType = new HashMap<String, String>();
        command(".get ingestion resources").forEach(row -> byType.put(row.get(0), row.get(1)));
        return new Ways(
                byType.get("TempStorage"), byType.get("SecuredReadyForAggregationQueue"),
                command(".get kusto identity token").getFirst().getFirst());
    }

    /// Uploads rows and puts the message that names them.
    void enqueue(Ways ways, String table, String csv, boolean isFlushed) throws IOException {
        String blob = ways.container().replace("?", "/" + UUID.randomUUID() + ".csv?");
        send(HttpRequest.newBuilder(URI.create(blob)).header("x-ms-blob-type", "BlockBlob").PUT(BodyPublishers.ofString(csv)), 201);
        var message = JSON.createObjectNode();
        message.put("Id", UUID.randomUUID().toString()).put("BlobPath", blob).put("RawDataSize", csv.length())
                .put("DatabaseName", ServedFolder.DATABASE).put("TableName", table).put("FlushImmediately", isFlushed)
                .put("RetainBlobOnSuccess", false).put("ReportLevel", 2);
        message.putObject("AdditionalProperties").put("format", "csv").put("authorizationContext", ways.token());
        String text = Base64.getEncoder().encodeToString(message.toString().getBytes(StandardCharsets.UTF_8));
        send(HttpRequest.newBuilder(URI.create(ways.queue().replace("?", "/messages?")))
                .POST(BodyPublishers.ofString("<QueueMessage><MessageText>" + text + "</MessageText></QueueMessage>")), 201);
    }

    String backup(Path target) throws IOException {
        return send(HttpRequest.newBuilder(base.resolve("/v1/rest/backup"))
                .POST(BodyPublishers.ofString(JSON.writeValueAsString(Map.of("target", target.toString())))), 200);
    }

    String metrics() throws IOException {
        return send(HttpRequest.newBuilder(base.resolve("/metrics")), 200);
    }

    private static String send(HttpRequest.Builder request, int expected) throws IOException {
        try {
            HttpResponse<String> answer =
                    CLIENT.send(request.timeout(Duration.ofSeconds(60)).build(), BodyHandlers.ofString());
            if (answer.statusCode() != expected) {
                throw new RefusedException(answer.statusCode(), answer.body());
            }
            return answer.body();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    /// The server answered, but not with success.
    static final class RefusedException extends IOException {
        private static final long serialVersionUID = 1;
        private final int status;

        RefusedException(int status, String body) {
            super(status + " " + body);
            this.status = status;
        }

        int status() {
            return status;
        }
    }
}
