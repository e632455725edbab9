package io.conshelf.cli.eval;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;

/// Management commands over HTTP against a cluster of its own: lines run in order in one scratch database.
final class CommandSuite implements Suite {
    private static final String DATABASE = "MyDatabase";
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private final ObjectMapper mapper = new ObjectMapper();
    private final HttpClient client = HttpClient.newHttpClient();
    private final Server server;

    private CommandSuite(Server server) {
        this.server = server;
    }

    static CommandSuite start() {
        return new CommandSuite(Server.start(ServerConfig.local().withDatabases(List.of(DATABASE))));
    }

    @Override
    public String answer(String line) {
        var answer = JsonNodeFactory.instance.objectNode();
        try {
            var request = mapper.readTree(line);
            answer.set("id", request.path("id"));
            for (var command : request.path("prepare")) {
                run(command.asText());
            }
            var response = run(request.path("command").asText());
            if (response.has("error")) {
                answer.put("error", response.path("error").path("@message").asText());
            } else {
                fill(answer, response.path("Tables").path(0));
            }
        } catch (JsonProcessingException e) {
            answer.put("error", "the line is not JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            answer.put("error", "the server did not answer: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            answer.put("error", "interrupted");
        }
        return answer.toString();
    }

    private static void fill(ObjectNode answer, JsonNode table) {
        var columns = answer.putArray("columns");
        table.path("Columns").forEach(column -> columns.add(column.path("ColumnName").asText()));
        answer.set("rows", table.path("Rows"));
    }

    private JsonNode run(String command) throws IOException, InterruptedException {
        var body = JsonNodeFactory.instance.objectNode().put("db", DATABASE).put("csl", command);
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/v1/rest/mgmt"))
                .header("Content-Type", "application/json")
                .timeout(TIMEOUT)
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                .build();
        return mapper.readTree(client.send(request, BodyHandlers.ofString()).body());
    }

    @Override
    public void close() {
        server.close();
    }
}
