package io.conshelf.cli.it;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.streams.flink.JobRunner;
import io.conshelf.streams.job.Datasources;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.job.JobDefinition.Input;
import io.conshelf.streams.job.JobDefinition.InputType;
import io.conshelf.streams.job.JobDefinition.Ordering;
import io.conshelf.streams.job.JobDefinition.Output;
import io.conshelf.streams.job.JobDefinition.OutputError;
import io.conshelf.streams.job.JobDefinition.Policies;
import io.conshelf.streams.run.Diagnosed;
import io.conshelf.streams.run.ReadyJob;
import io.conshelf.streams.run.RunningJob;
import io.conshelf.streams.run.StartMode;
import io.conshelf.streams.run.StreamJob;
import io.conshelf.streams.run.StreamJobs;
import io.conshelf.streams.run.Surroundings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// Runs the job of [LiveJobTest] and tells how it goes, a line of JSON at a time.
final class LiveJobProcess {
    private static final ObjectMapper JSON = new ObjectMapper();
    static final String QUERY = """
            WITH readings AS (
                SELECT device, number, value, System.Timestamp() AS at FROM kafka TIMESTAMP BY at
                UNION
                SELECT device, number, value, System.Timestamp() AS at FROM mqtt TIMESTAMP BY at)
            SELECT device, System.Timestamp() AS windowEnd, AVG(value) AS average, COUNT(*) AS readings
            INTO averages FROM readings GROUP BY device, TumblingWindow(second, 10)

            SELECT device, number, LAG(number) OVER (PARTITION BY device LIMIT DURATION(hour, 1)) AS before
            INTO lags FROM readings
            """;

    private LiveJobProcess() {}

    /// @param args folder, cluster, Kafka's address, MQTT's port, how it starts
    public static void main(String[] args) throws Exception {
        JobDefinition definition = new JobDefinition("live", QUERY,
                List.of(input("kafka", Datasources.KAFKA, Map.of("bootstrapServers", args[2], "topicName", "readings")),
                        input("mqtt", Datasources.MQTT, Map.of("broker", "127.0.0.1:" + args[3], "topicName", "readings/#", "qos", 1))),
                List.of(output("averages", "Averages"), output("lags", "Lags")), List.of(),
                new Policies(Optional.empty(), Duration.ofSeconds(30), Ordering.ADJUST, OutputError.STOP, "1.2", "en-US", 1));
        List<String> obstacles = new ArrayList<>();
        StreamJob job = StreamJobs.bind("live", ReadyJob.of(definition), Surroundings.free(URI.create(args[1]), Surroundings.Role.EMBEDDED, List.of(),
                Path.of(args[0])), obstacles);
        if (!obstacles.isEmpty()) {
            throw new IllegalStateException(obstacles.toString());
        }
        JobRunner runner = new JobRunner(JobRunner.Settings.DEFAULT.withFolder(Path.of(args[0])).withParallelism(2).withCheckpoints(Duration.ofSeconds(1)));
        RunningJob running = runner.start(job, args[4].equals("continue") ? new StartMode.Continue() : new StartMode.Everything());
        while (!running.await(Duration.ofMillis(200))) {
            tell(running);
        }
        tell(running);
        System.exit(1);
    }

    private static void tell(RunningJob running) throws Exception {
        System.out.println(JSON.writeValueAsString(Map.of("state", running.state().title(), "problem", running.problem().orElse(""),
                "metrics", running.metrics().byName(), "errors", running.diagnostics().stream().collect(Collectors.toMap(
                        diagnosed -> diagnosed.example().source() + ' ' + diagnosed.example().type(), Diagnosed::count, Long::sum)))));
    }

    private static Input input(String name, String type, Map<String, Object> settings) {
        return new Input(name, InputType.STREAM, JSON.valueToTree(Map.of("datasource", Map.of("type", type, "properties", settings), "serialization",
                Map.of("type", "Json"))));
    }

    private static Output output(String name, String table) {
        return new Output(name, JSON.valueToTree(Map.of("datasource", Map.of("type", Datasources.KUSTO, "properties", Map.of("cluster",
                "https://lab.westeurope.kusto.windows.net", "database", "Lab", "table", table, "authenticationMode", "Msi", "deliveryMode", "Queued",
                "flushImmediately", true)))));
    }
}
