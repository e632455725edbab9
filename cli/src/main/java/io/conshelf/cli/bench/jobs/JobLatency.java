package io.conshelf.cli.bench.jobs;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.cli.TemporaryFolder;
import io.conshelf.cli.bench.Benchmark;
import io.conshelf.cli.bench.Benchmark.Effort;
import io.conshelf.cli.bench.Benchmark.Figure;
import io.conshelf.cli.bench.ClusterProcess;
import io.conshelf.cli.bench.HttpConnection;
import io.conshelf.streams.flink.JobRunner;
import io.conshelf.streams.job.Datasources;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.job.JobDefinition.Input;
import io.conshelf.streams.job.JobDefinition.InputType;
import io.conshelf.streams.job.JobDefinition.Output;
import io.conshelf.streams.job.JobDefinition.Policies;
import io.conshelf.streams.output.Targets;
import io.conshelf.streams.run.ReadyJob;
import io.conshelf.streams.run.RunningJob;
import io.conshelf.streams.run.StartMode;
import io.conshelf.streams.run.StreamJob;
import io.conshelf.streams.run.Surroundings;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Value;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// From an event that a job is given to its row in the answer of a query, with streaming ingestion: a hundred events a second, a query as soon as the last
/// has answered. Beside it, the same rows each in a request of streaming ingestion, without a job.
final class JobLatency {
    private static final int EVENTS = 1_000;
    private static final int WARM_UP = 300;
    private static final long EVERY_NS = 10_000_000;
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Shape SHAPE = Shape.of(List.of("Id", "Temperature"));
    private static final String COLUMNS = " (Id:long, Temperature:real)";

    private JobLatency() {}

    @FunctionalInterface
    private interface Send {
        void event(long id) throws Exception;
    }

    /// In milliseconds.
    private record Percentiles(double median, double ninetyNinth) {}

    static void measure(Effort effort, Consumer<Figure> figures) throws Exception {
        Path data = Files.createTempDirectory("conshelf-bench-");
        List<Percentiles> ours = new ArrayList<>();
        List<Percentiles> theirs = new ArrayList<>();
        try (ClusterProcess cluster = ClusterProcess.start(data);
                JobRunner runner = new JobRunner(JobRunner.Settings.DEFAULT)) {
            // the first round is for the compiler
            for (int round = 0; round <= effort.rounds(); round++) {
                Percentiles their = direct(cluster, "Direct" + round);
                Percentiles our = throughJob(cluster, runner, "Job" + round);
                Benchmark.say("event to row: through a job p50 %.0f ms, p99 %.0f ms; without p50 %.0f ms, p99 %.0f ms".formatted(our.median, our.ninetyNinth,
                        their.median, their.ninetyNinth));
                if (round > 0) {
                    theirs.add(their);
                    ours.add(our);
                }
            }
        } finally {
            TemporaryFolder.delete(data);
        }
        String peer = "a request of streaming ingestion a row, without a job";
        figures.accept(Figure.of("jobs: median from event to row", ours.stream().map(Percentiles::median).toList(),
                theirs.stream().map(Percentiles::median).toList(), peer, "ms"));
        figures.accept(Figure.of("jobs: 99th percentile from event to row", ours.stream().map(Percentiles::ninetyNinth).toList(),
                theirs.stream().map(Percentiles::ninetyNinth).toList(), peer, "ms"));
    }

    private static Percentiles direct(ClusterProcess cluster, String table) throws Exception {
        create(cluster, table);
        try (HttpConnection connection = new HttpConnection(cluster.port())) {
            return latencies(cluster, table, id -> connection.send(HttpConnection.post(cluster.port(),
                    "/v1/rest/ingest/NetDefaultDB/" + table + "?streamFormat=csv", "text/csv", (id + ",21.5\n").getBytes(StandardCharsets.UTF_8))));
        }
    }

    private static Percentiles throughJob(ClusterProcess cluster, JobRunner runner, String table) throws Exception {
        create(cluster, table);
        ObjectNode kusto = JsonNodeFactory.instance.objectNode();
        kusto.putObject("datasource").put("type", Datasources.KUSTO).putObject("properties").put("cluster", "https://bench.westeurope.kusto.windows.net")
                .put("database", "NetDefaultDB").put("table", table).put("authenticationMode", "Msi").put("deliveryMode", "Streaming");
        Output output = new Output("adx", kusto);
        JobDefinition definition = new JobDefinition(table, "SELECT Id, Temperature INTO adx FROM events",
                List.of(new Input("events", InputType.STREAM, JsonNodeFactory.instance.objectNode())), List.of(output), List.of(), Policies.DEFAULT);
        ReadyJob ready = ReadyJob.of(definition);
        Surroundings surroundings = Surroundings.free(URI.create("http://127.0.0.1:" + cluster.port()), Surroundings.Role.EMBEDDED, List.of(), Path.of("."));
        RunningJob running = runner.start(new StreamJob(table, ready.plan(), ready.context(), Map.of("events", new Feed()), Map.of(),
                Map.of("adx", () -> Targets.of(output, definition, surroundings)), definition.policies()), new StartMode.Everything());
        try {
            return latencies(cluster, table, id -> Feed.give(new Value.Record(SHAPE, new Value[] {Value.of(id), Value.of(21.5)})));
        } finally {
            running.cancel();
        }
    }

    private static void create(ClusterProcess cluster, String table) throws Exception {
        cluster.command(".create table " + table + COLUMNS);
        cluster.command(".alter table " + table + " policy streamingingestion enable");
    }

    private static Percentiles latencies(ClusterProcess cluster, String table, Send send) throws Exception {
        AtomicLongArray sent = new AtomicLongArray(EVENTS);
        // the first row is there before the clock is looked at: whatever starts has started
        send.event(0);
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (newest(cluster, table) < 0) {
            requireTime(deadline);
        }
        Thread sender = Thread.ofPlatform().start(() -> {
            long next = System.nanoTime();
            for (int id = 1; id < EVENTS; id++) {
                next += EVERY_NS;
                LockSupport.parkNanos(next - System.nanoTime());
                sent.set(id, System.nanoTime());
                try {
                    send.event(id);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
        });
        List<Double> latencies = new ArrayList<>();
        for (int seen = 0; seen < EVENTS - 1;) {
            int newest = (int) newest(cluster, table);
            long now = System.nanoTime();
            for (int id = seen + 1; id <= newest; id++) {
                if (id > WARM_UP) {
                    latencies.add((now - sent.get(id)) / 1e6);
                }
            }
            seen = Math.max(seen, newest);
            requireTime(deadline);
        }
        sender.join();
        double[] sorted = latencies.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return new Percentiles(sorted[sorted.length / 2], sorted[Math.min(sorted.length - 1, sorted.length * 99 / 100)]);
    }

    private static long newest(ClusterProcess cluster, String table) throws Exception {
        return cluster.number(table + " | summarize newest = max(Id) | project newest = coalesce(newest, long(-1))");
    }

    private static void requireTime(long deadline) {
        if (System.nanoTime() > deadline) {
            throw new IllegalStateException("rows do not arrive within " + LIMIT);
        }
    }
}
