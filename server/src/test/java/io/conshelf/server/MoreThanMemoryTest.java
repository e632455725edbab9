package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.engine.Limits;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Queries whose intermediate rows are more than the engine's memory.
class MoreThanMemoryTest {
    private static final Limits LITTLE = Limits.ofThisMachine().withMemoryBytes(64L << 20).withDuckThreads(2);

    private static final String ROWS = """
            let Rows = range x from 1 to 1000000 step 1
            | extend k = x * 7919 % 1000000
            | extend t = strcat('the text of ', k, ' takes some room in memory, and is no number');
            """;

    /// Each with the row that it answers with.
    private static final Map<String, List<Long>> QUESTIONS = Map.of(
            "Rows | sort by t asc | extend before = prev(t) | summarize count(), countif(strcmp(before, t) > 0)", List.of(1_000_000L, 0L),
            "Rows | join kind=inner (Rows | project t, y = k) on t | summarize count(), sum(y - k)", List.of(1_000_000L, 0L),
            "union Rows, Rows | distinct t | count", List.of(1_000_000L),
            "Rows | summarize n = count(), max(x) by t | summarize count(), sum(n)", List.of(1_000_000L, 1_000_000L),
            "range x from 1 to 50000 step 1 | mv-expand y = range(1, 20, 1) to typeof(long)"
                    + " | extend t = strcat('the text of ', x, ' and ', y, ' takes some room in memory') | distinct t | count", List.of(1_000_000L));

    /// Arrays are states of aggregates until they are whole, which cannot go to disk.
    private static final String SERIES = "Rows | make-series texts = take_any(t) default = '' on b = k % 50 from 0 to 50 step 1 by key = k / 50"
            + " | summarize count(), sum(strlen(tostring(texts)))";

    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();

    @Test
    void whatMemoryHasNoRoomForGoesToDiskAndIsAnswered() throws Exception {
        try (var server = Server.start(ServerConfig.local().withEngineLimits(LITTLE))) {
            for (var question : QUESTIONS.entrySet()) {
                var answer = ask(server, ROWS + question.getKey());
                assertThat(answer.statusCode()).as("%s: %s", question.getKey(), answer.body()).isEqualTo(200);
                var cells = json.readTree(answer.body()).at("/Tables/0/Rows/0");
                for (int i = 0; i < question.getValue().size(); i++) {
                    assertThat(cells.get(i).asLong()).as(question.getKey()).isEqualTo(question.getValue().get(i));
                }
            }
        }
    }

    @Test
    void whatCannotGoToDiskEndsTheQueryAndNothingElse() throws Exception {
        try (var server = Server.start(ServerConfig.local().withEngineLimits(LITTLE))) {
            assertThat(ask(server, ROWS + SERIES).body()).contains("E_LOW_MEMORY_CONDITION");
            assertThat(ask(server, "print 1").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void withoutDiskItEndsTheQueryAndNothingElse() throws Exception {
        try (var server = Server.start(ServerConfig.local().withEngineLimits(LITTLE.withSpillBytesMax(1 << 20)))) {
            for (String question : QUESTIONS.keySet()) {
                var answer = ask(server, ROWS + question);
                assertThat(answer.body()).as(question).contains("E_LOW_MEMORY_CONDITION");
            }
            assertThat(ask(server, "print 1").statusCode()).isEqualTo(200);
        }
    }

    private HttpResponse<String> ask(Server server, String kql) throws IOException, InterruptedException {
        var body = json.writeValueAsString(Map.of("db", "NetDefaultDB", "csl", kql));
        return http.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/v1/rest/query"))
                .header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body)).build(), HttpResponse.BodyHandlers.ofString());
    }
}
