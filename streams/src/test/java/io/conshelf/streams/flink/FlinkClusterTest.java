package io.conshelf.streams.flink;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.format.EventSink;
import io.conshelf.streams.format.InputFormat;
import io.conshelf.streams.input.DataError;
import io.conshelf.streams.input.EventInput;
import io.conshelf.streams.input.Inputs;
import io.conshelf.streams.job.Datasources;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.job.JobDefinition.Input;
import io.conshelf.streams.job.JobDefinition.InputType;
import io.conshelf.streams.job.JobDefinition.Policies;
import io.conshelf.streams.local.LocalEvents;
import io.conshelf.streams.local.LocalRun;
import io.conshelf.streams.plan.Plan;
import io.conshelf.streams.plan.Queries;
import io.conshelf.streams.plan.QueryContext;
import io.conshelf.streams.run.JobState;
import io.conshelf.streams.run.RunningJob;
import io.conshelf.streams.run.StartMode;
import io.conshelf.streams.run.StreamJob;
import io.conshelf.streams.run.Surroundings;
import io.conshelf.streams.value.Compatibility;
import io.conshelf.streams.value.Value;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A job on a Flink cluster of several processes, one of which ends while it runs.
class FlinkClusterTest {
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final String QUERY = """
            WITH averages AS (
                SELECT k, System.Timestamp() AS windowEnd, AVG(v) AS average, COUNT(*) AS events
                FROM input TIMESTAMP BY t GROUP BY k, TumblingWindow(second, 10))
            SELECT k, windowEnd, average, events, LAG(average) OVER (PARTITION BY k LIMIT DURATION(minute, 5)) AS before INTO output FROM averages
            """;

    @TempDir
    Path folder;

    @Test
    void aJobLosesNothingWithATaskManager() throws Exception {
        Path events = Files.createDirectories(folder.resolve("events"));
        Path rows = Files.createDirectories(folder.resolve("rows"));
        Path home = Files.createDirectories(folder.resolve("flink"));
        List<String> all = events();
        Plan plan = Queries.compile(QUERY, new QueryContext(Map.of("input", InputType.STREAM), Set.of(), Set.of(), Compatibility.V1_2)).plan().orElseThrow();
        String target = rows.toString();
        StreamJob job = new StreamJob("elsewhere", plan, Context.DEFAULT, Map.of("input", input(events)), Map.of(), Map.of("output", () -> new FolderTarget(target)),
                Policies.DEFAULT);
        try (SessionCluster cluster = new SessionCluster(home, 2); FlinkCluster flink = connect(cluster)) {
            cluster.awaitTaskManagers(2);
            RunningJob running = flink.start(job, new StartMode.Everything());
            Files.write(events.resolve("1.json"), all.subList(0, 3_000));
            await(() -> !FolderTarget.shown(rows).isEmpty(), running, cluster);

            await(() -> areKnown(cluster.tasks()), running, cluster);
            // both tasks may be in one of the two
            String killed = cluster.tasks().getLast().taskManager();
            cluster.killTaskManager(killed);
            Files.write(events.resolve("2.json"), all.subList(3_000, 6_000));
            List<String> expected = expected(plan, all);
            await(() -> FolderTarget.shown(rows).size() >= expected.size(), running, cluster);
            assertThat(FolderTarget.shown(rows)).isEqualTo(expected);
            await(() -> beganAnew(cluster.tasks(), killed), running, cluster);
            // The cluster tells its figures every few seconds.
            await(() -> running.metrics().outputEvents() > 0, running, cluster);

            running.cancel();
            assertThat(running.state()).isEqualTo(JobState.STOPPED);
        }
    }

    /// The cluster tells it late where its tasks are.
    private static boolean areKnown(List<SessionCluster.Task> tasks) {
        return !tasks.isEmpty() && tasks.stream().allMatch(task -> task.taskManager().startsWith("taskmanager"));
    }

    private static boolean beganAnew(List<SessionCluster.Task> tasks, String killed) {
        return areKnown(tasks) && tasks.stream().allMatch(task -> task.attempt() > 0 && !task.taskManager().equals(killed));
    }

    private static FlinkCluster connect(SessionCluster cluster) {
        return new FlinkCluster(cluster.address(), 2, Duration.ofMillis(500));
    }

    private EventInput input(Path events) throws Exception {
        JobDefinition job = new JobDefinition("job", "", List.of(), List.of(), List.of(), Policies.DEFAULT);
        Surroundings surroundings = Surroundings.free(URI.create("http://127.0.0.1:1"), Surroundings.Role.EMBEDDED, List.of(), folder);
        return new Inputs(job, surroundings).of(new Input("input", InputType.STREAM, new ObjectMapper().valueToTree(Map.of("datasource",
                Map.of("type", Datasources.FILE, "properties", Map.of("path", events.toString(), "follow", true)), "serialization", Map.of("type", "Json")))),
                List.of());
    }

    /// A few minutes of events; the last one is far behind the others, so that it closes all windows before.
    private static List<String> events() {
        Random random = new Random(1);
        List<String> events = new ArrayList<>();
        Instant time = Instant.parse("2024-01-01T00:00:00Z");
        for (int i = 0; i < 5_999; i++) {
            time = time.plusMillis(random.nextInt(100));
            events.add("{\"k\":\"k%d\",\"v\":%d,\"t\":\"%s\"}".formatted(random.nextInt(7), random.nextInt(1000), time));
        }
        events.add("{\"k\":\"end\",\"v\":0,\"t\":\"%s\"}".formatted(time.plusSeconds(3600)));
        return events;
    }

    /// Of the windows that are closed.
    private static List<String> expected(Plan plan, List<String> lines) {
        List<LocalEvents.Arrived> arrived = new ArrayList<>();
        new InputFormat("input", InputFormat.Type.JSON, ',', io.conshelf.connectors.format.Compression.NONE, Compatibility.V1_2,
                InputFormat.Metadata.LEFT_OUT, List.of()).reader()
                .message(String.join("\n", lines).getBytes(StandardCharsets.UTF_8), "events", new EventSink() {
                    @Override
                    public void event(Value.Record event) {
                        arrived.add(new LocalEvents.Arrived(event, 0));
                    }

                    @Override
                    public void broken(DataError error) {
                        throw new AssertionError(error.message());
                    }
                });
        return new LocalRun(plan, Policies.DEFAULT, Evaluation.in(Context.DEFAULT), _ -> { })
                .rows(Map.of("input", LocalEvents.ofFile(arrived.stream().map(LocalEvents.Arrived::event).toList(), 0)), Map.of()).get("output").stream()
                .map(MemoryTarget::text).filter(row -> !row.contains("\"end\"")).sorted().toList();
    }

    private static void await(BooleanSupplier condition, RunningJob job, SessionCluster cluster) throws InterruptedException {
        Instant end = Instant.now().plus(LIMIT);
        while (!condition.getAsBoolean()) {
            assertThat(job.await(Duration.ofMillis(50))).as("the job ended: %s", job.problem()).isFalse();
            assertThat(Instant.now()).as(() -> "in time; the logs: " + cluster.logs()).isBefore(end);
        }
    }
}
