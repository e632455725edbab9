package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A query that wants too much ends in an error that says so, gives back what it had, and leaves the others in peace.
///
/// `-Dconshelf.full=true` runs all of [HostileQuery], with more time for each.
class HostileQueryTest {
    private static final boolean IS_FULL = Boolean.getBoolean("conshelf.full");
    private static final Duration TIMEOUT = Duration.ofSeconds(IS_FULL ? 15 : 3);

    /// From the error to the end of the last native call.
    private static final Duration END_MAX = Duration.ofSeconds(20);

    private static final int LATENCY_FACTOR_MAX = 3;
    private static final double TOLERANCE_MS = 25;

    @TempDir
    static Path folder;

    private static Engine engine;

    @BeforeAll
    static void open() {
        engine = Engine.open(EngineConfig.inMemory(folder).withLimits(
                Limits.ofThisMachine().withMemoryBytes(1L << 30).withSpillBytesMax(2L << 30)
                        .withProcessMemoryBytesMax(Runtime.getRuntime().maxMemory() + (2L << 30))));
        for (int i = 0; i < 100; i++) {
            light();
        }
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    static List<HostileQuery> queries() {
        return IS_FULL ? HostileQuery.all() : HostileQuery.few();
    }

    @ParameterizedTest
    @MethodSource("queries")
    void endsInItsOwnErrorWhileALightQueryGoesOn(HostileQuery hostile) throws Exception {
        double idleMs = median(lightFor(40));
        var beside = new ArrayList<Double>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            CompletableFuture<String> end = CompletableFuture.supplyAsync(() -> endOf(hostile), threads);
            while (!end.isDone()) {
                beside.add(light());
            }
            String said = end.get(60, TimeUnit.SECONDS);
            assertThat(hostile.ends()).as("'" + said + "' is one of the expected ends").anyMatch(
                    expected -> expected.isEmpty() ? said.isEmpty() : said.contains(expected));
        }
        // Whatever its thread was still in has ended too.
        long end = System.nanoTime() + END_MAX.toNanos();
        while (engine.requestsInWork() > 0) {
            assertThat(System.nanoTime()).as("the query's thread goes on after its end").isLessThan(end);
            Thread.onSpinWait();
            Thread.yield();
        }
        if (beside.size() >= 10) {
            assertThat(median(beside)).as("ms of a light query beside it; alone " + idleMs)
                    .isLessThan(LATENCY_FACTOR_MAX * idleMs + TOLERANCE_MS);
        }
    }

    private static String endOf(HostileQuery hostile) {
        try (Answer answer = engine.query(request(TIMEOUT), hostile.text())) {
            read(answer);
            return "";
        } catch (KustoException e) {
            return e.getMessage();
        }
    }

    private static List<Double> lightFor(int times) {
        var all = new ArrayList<Double>();
        for (int i = 0; i < times; i++) {
            all.add(light());
        }
        return all;
    }

    private static double light() {
        long started = System.nanoTime();
        try (Answer answer = engine.query(request(Duration.ofSeconds(30)), "print 1")) {
            read(answer);
        }
        return (System.nanoTime() - started) / 1e6;
    }

    private static void read(Answer answer) {
        for (var table = answer.nextTable(); table.isPresent(); table = answer.nextTable()) {
            for (var chunk = table.get().next(); chunk.isPresent(); chunk = table.get().next()) {
                assertThat(chunk.get().rows()).isPositive();
            }
        }
    }

    private static double median(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static Request request(Duration timeout) {
        return new Request(Principal.LOCAL_ADMINISTRATOR, "NetDefaultDB", "hostile", UUID.randomUUID(), Map.of(), Map.of(),
                "test", "test", Instant.now(), timeout, false);
    }
}
