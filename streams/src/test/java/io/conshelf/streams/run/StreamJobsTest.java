package io.conshelf.streams.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.streams.job.Datasources;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.job.JobDefinition.Input;
import io.conshelf.streams.job.JobDefinition.InputType;
import io.conshelf.streams.job.JobDefinition.Ordering;
import io.conshelf.streams.job.JobDefinition.Output;
import io.conshelf.streams.job.JobDefinition.OutputError;
import io.conshelf.streams.job.JobDefinition.Policies;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What keeps a job from starting, told before anything is reached.
class StreamJobsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String UNION = """
            WITH both AS (
              SELECT device, v FROM a TIMESTAMP BY t OVER device
              UNION SELECT device, v FROM b TIMESTAMP BY t OVER device)
            SELECT device, COUNT(*) AS c INTO out FROM both GROUP BY device, TumblingWindow(second, 10)""";
    private static final String JOIN = """
            SELECT a.device
            INTO out FROM a TIMESTAMP BY t OVER device
            JOIN b TIMESTAMP BY t OVER device ON DATEDIFF(second, a, b) BETWEEN 0 AND 10 AND a.device = b.device""";
    private static final String GROUPED = """
            WITH pairs AS (
              SELECT a.device, b.v FROM a TIMESTAMP BY t OVER device
              LEFT JOIN b TIMESTAMP BY t OVER device ON DATEDIFF(second, a, b) BETWEEN 0 AND 10 AND a.device = b.device)
            SELECT device, COUNT(*) AS c INTO out FROM pairs GROUP BY device, TumblingWindow(second, 10)""";
    private static final String REFERENCE = """
            SELECT a.device, r.room INTO out

                FROM a TIMESTAMP BY t OVER device
            JOIN r ON a.device = r.device""";

    @TempDir
    Path folder;

    private List<String> obstacles(String query, Optional<Duration> late) throws Exception {
        JobDefinition definition = new JobDefinition("job", query, List.of(kafka("a"), kafka("b"),
                new Input("ends", InputType.STREAM, source(Datasources.RAW, Map.of("payload", "{\"device\": 1}"))),
                new Input("r", InputType.REFERENCE, source(Datasources.RAW, Map.of("payload", "{\"device\": 1, \"room\": 2}")))),
                List.of(new Output("out", source(Datasources.CONSOLE, Map.of())), new Output("other", source(Datasources.CONSOLE, Map.of()))), List.of(),
                new Policies(late, Duration.ZERO, Ordering.ADJUST, OutputError.STOP, "1.2", "en-US", 1));
        List<String> obstacles = new ArrayList<>();
        StreamJobs.bind("job", ReadyJob.of(definition), Surroundings.free(URI.create("http://127.0.0.1:1"), Surroundings.Role.EMBEDDED, List.of(), folder), obstacles);
        return obstacles;
    }

    private static Input kafka(String name) {
        return new Input(name, InputType.STREAM, source(Datasources.KAFKA, Map.of("bootstrapServers", "127.0.0.1:9092", "topicName", name)));
    }

    private static JsonNode source(String type, Map<String, ?> properties) {
        return JSON.valueToTree(Map.of("datasource", Map.of("type", type, "properties", properties), "serialization", Map.of("type", "Json")));
    }

    private static String needsALimit(String input, int line, int column) {
        return "input '%s': TIMESTAMP BY … OVER needs 'eventsLateArrivalMaxDelayInSeconds' to be limited where reference data is joined, where rows of a LEFT JOIN are grouped or joined, and beside inputs that end (line %d, column %d)"
                .formatted(input, line, column);
    }

    @Test
    void substreamsThatShareTheirTimeNeedALimitForWhatIsLate() throws Exception {
        assertThat(obstacles(GROUPED, Optional.empty())).containsExactlyInAnyOrder(needsALimit("a", 2, 29), needsALimit("b", 3, 13));
        assertThat(obstacles(REFERENCE, Optional.empty())).containsExactly(needsALimit("a", 3, 10));
    }

    @Test
    void besideAnInputThatEndsALiveOneNeedsALimit() throws Exception {
        String query = UNION.replace("b TIMESTAMP", "ends TIMESTAMP");
        assertThat(query).contains("ends");
        assertThat(obstacles(query, Optional.empty())).singleElement().asString().contains("'a': TIMESTAMP BY … OVER needs").contains("beside inputs that end");
        assertThat(obstacles(query, Optional.of(Duration.ofSeconds(5)))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {UNION, JOIN, GROUPED, REFERENCE})
    void withALimitTheyAreRun(String query) throws Exception {
        assertThat(obstacles(query, Optional.of(Duration.ofSeconds(5)))).isEmpty();
    }

    @Test
    void substreamsOfTheirOwnNeedNone() throws Exception {
        assertThat(obstacles("SELECT device, COUNT(*) AS c INTO out FROM a TIMESTAMP BY t OVER device GROUP BY device, TumblingWindow(second, 10)", Optional.empty()))
                .isEmpty();
        assertThat(obstacles(UNION, Optional.empty())).isEmpty();
        assertThat(obstacles(JOIN, Optional.empty())).isEmpty();
    }

    /// Each statement by itself: that one of them joins holds nothing against the other.
    @Test
    void statementsThatRowsDoNotFlowBetweenAreLookedAtApart() throws Exception {
        assertThat(obstacles("""
                SELECT device, COUNT(*) AS c INTO out FROM a TIMESTAMP BY t OVER device GROUP BY device, TumblingWindow(second, 10)
                SELECT b.device, r.room INTO other FROM b TIMESTAMP BY t OVER device JOIN r ON b.device = r.device""", Optional.empty()))
                .containsExactly(needsALimit("b", 2, 41));
    }
}
