package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.spec.ResultText;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Commands and ingestion end when their time is over or someone stops them, and leave nothing behind.
class StoppedWritingTest {
    private static final String ENDLESS =
            "range x from 1 to 4000000000 step 1 | summarize n = count() by h = hash(x, 1000)";
    /// One call of a function that takes hours.
    private static final String ENDLESS_CALL = "extend b = series_fir(range(a, 1000000), repeat(1, 1000000)) | project n = array_length(b)";

    private static final Duration LONG = Duration.ofMinutes(10);

    @TempDir
    private Path folder;

    private Limits limits = Limits.ofThisMachine().withMemoryBytes(1L << 30);
    private Engine engine;

    private Engine engine() {
        if (engine == null) {
            engine = Engine.open(new EngineConfig(
                    Optional.empty(), folder, List.of(folder), List.of(), limits, InstantSource.system()));
        }
        return engine;
    }

    @AfterEach
    void close() {
        if (engine != null) {
            engine.close();
        }
    }

    @Test
    void aCommandThatIsLateCommitsNothing() {
        assertThatThrownBy(() -> run("late", Duration.ofMillis(300), ".set Late <| " + ENDLESS)).satisfies(timedOut());
        awaitNoneRunning();
        assertThat(engine().endedQueries().getFirst().state()).isEqualTo(RunningQuery.State.CANCELLED);
        assertThat(tables()).doesNotContain("Late");
        assertThat(run("next", LONG, ".set Late <| print a = 1")).hasSize(2);
    }

    @Test
    void aCommandThatIsLateIsReplacedByNothing() {
        run("first", LONG, ".set Kept <| print h = 1, n = 1");
        assertThatThrownBy(() -> run("late", Duration.ofMillis(300), ".set-or-replace Kept <| " + ENDLESS))
                .satisfies(timedOut());
        awaitNoneRunning();
        assertThat(run("count", LONG, "Kept | count").getLast()).isEqualTo("1");
    }

    @Test
    void cancellingReachesTheStatementOfACommand() throws Exception {
        var failure = inBackground("long", ".set Cancelled <| " + ENDLESS);
        Await.until("the command to run", () -> engine().runningQueries().stream().anyMatch(q -> q.state() == RunningQuery.State.RUNNING));
        assertThat(engine().cancel(Principal.LOCAL_ADMINISTRATOR, "long")).isEqualTo(1);
        assertThat(failure.get(5, TimeUnit.MINUTES)).hasMessageContaining("cancelled");
        awaitNoneRunning();
        assertThat(tables()).doesNotContain("Cancelled");
    }

    @Test
    void aCommandEndsWithinACallOfAFunction() {
        for (String command : List.of(
                ".set Stopped <| print a = 1 | ", ".set-or-replace Stopped <| print a = 1 | ",
                ".append Kept <| print a = 1 | ", ".export to csv (h@'" + folder.resolve("out") + "') <| print a = 1 | ")) {
            run("prepare", LONG, ".create-merge table Kept (n:long)");
            assertThatThrownBy(() -> run("late", Duration.ofMillis(500), command + ENDLESS_CALL)).as(command).satisfies(timedOut());
            awaitNoneRunning();
        }
    }

    @Test
    void anUpdatePolicyEndsWithinACallOfAFunction() {
        prepareStreaming();
        run("policy", LONG, ".create table Derived (n:long)");
        run("policy", LONG, ".alter table Derived policy update ```[{\"IsEnabled\": true, \"Source\": \"Raw\","
                + "\"IsTransactional\": true, \"Query\": \"Raw | " + ENDLESS_CALL + "\"}]```");
        assertThatThrownBy(() -> run("late", Duration.ofMillis(500), ".append Raw <| print a = 1")).satisfies(timedOut());
        awaitNoneRunning();
        assertThatThrownBy(() -> engine().ingestStream(request("stream", Duration.ofMillis(500), false), stream()))
                .satisfies(timedOut());
        // The call itself would take hours.
        awaitNoneRunning();
        assertThat(run("count", LONG, "Raw | count").getLast()).isEqualTo("0");
    }

    @Test
    void aCommandEndsWhenTheProcessTakesTooMuchMemory() throws Exception {
        limits = limits.withProcessMemoryBytesMax(1);
        assertThat(inBackground("hungry", ".set Hungry <| " + ENDLESS).get(5, TimeUnit.MINUTES))
                .isInstanceOfSatisfying(KustoException.class,
                        e -> assertThat(e.error().code()).isEqualTo("LowMemoryCondition"));
        awaitNoneRunning();
    }

    @Test
    void aCommandThatWaitsForALoadEndsInTime() throws Exception {
        run("first", LONG, ".set Busy <| print h = 1, n = 1");
        var failure = inBackground("long", ".append Busy <| " + ENDLESS + " | project h, n");
        // Until the load has begun, such a command is not kept waiting and appends its no rows.
        Await.until("a command that is kept waiting", () -> endsLate("waits", ".append Busy <| print h = 2, n = 2 | where false"));
        engine().cancel(Principal.LOCAL_ADMINISTRATOR, "long");
        assertThat(failure.get(5, TimeUnit.MINUTES)).hasMessageContaining("cancelled");
        awaitNoneRunning();
        assertThat(run("count", LONG, "Busy | count").getLast()).isEqualTo("1");
    }

    @Test
    void ingestionThatIsLateStoresNothing() {
        prepareStreaming();
        run("policy", LONG, ".set Derived <| print h = 1, n = 1 | take 0");
        run("policy", LONG, ".alter table Derived policy update ```[{\"IsEnabled\": true, \"Source\": \"Raw\","
                + "\"IsTransactional\": true, \"Query\": \"Raw | join kind=inner (" + ENDLESS
                + ") on $left.a == $right.n | project h, n\"}]```");
        assertThatThrownBy(() -> engine().ingestStream(request("stream", Duration.ofMillis(500), false), stream()))
                .satisfies(timedOut());
        assertThat(run("count", LONG, "Raw | count").getLast()).isEqualTo("0");
    }

    @Test
    void aReadOnlyRequestIngestsNothing() {
        prepareStreaming();
        var batch = new BatchIngestion("NetDefaultDB", "Raw", "csv", List.of(), new BatchIngestion.Mapping.Identity(),
                Set.of(), Set.of(), Optional.empty(), false,
                new BatchIngestion.Validation(BatchIngestion.Validation.Check.CONSTANT_COLUMNS, false), Optional.empty());
        assertThatThrownBy(() -> engine().ingestStream(request("stream", LONG, true), stream())).satisfies(forbidden());
        assertThatThrownBy(() -> engine().ingestBatch(request("batch", LONG, true), batch)).satisfies(forbidden());
        assertThat(run("count", LONG, "Raw | count").getLast()).isEqualTo("0");
    }

    private void prepareStreaming() {
        run("prepare", LONG, ".create table Raw (a:long)");
        run("prepare", LONG, ".alter table Raw policy streamingingestion enable");
    }

    private static StreamingIngestion stream() {
        return new StreamingIngestion("NetDefaultDB", "Raw", "csv", Optional.empty(),
                new ByteArrayInputStream("1\n2\n".getBytes(StandardCharsets.UTF_8)), Optional.empty());
    }

    private static Consumer<Throwable> timedOut() {
        return hasStatus(504);
    }

    private static Consumer<Throwable> forbidden() {
        return hasStatus(403);
    }

    private static Consumer<Throwable> hasStatus(int status) {
        return e -> assertThat(e).isInstanceOfSatisfying(KustoException.class,
                known -> assertThat(known.error().httpStatus()).as(known.getMessage()).isEqualTo(status));
    }

    private boolean endsLate(String id, String text) {
        try {
            run(id, Duration.ofMillis(300), text);
            return false;
        } catch (KustoException e) {
            assertThat(e).satisfies(timedOut());
            return true;
        }
    }

    private List<String> tables() {
        return run("tables", LONG, ".show tables | project TableName");
    }

    private List<String> run(String id, Duration timeout, String text) {
        var request = request(id, timeout, false);
        try (var answer = text.startsWith(".") ? engine().command(request, text) : engine().query(request, text)) {
            return ResultText.of(answer);
        }
    }

    private static Request request(String id, Duration timeout, boolean isReadOnly) {
        return new Request(Principal.LOCAL_ADMINISTRATOR, "NetDefaultDB", id, UUID.randomUUID(), Map.of(), Map.of(), "test",
                "test", Instant.parse("2026-03-01T10:00:00Z"), timeout, isReadOnly);
    }

    private CompletableFuture<Throwable> inBackground(String id, String text) {
        engine();
        var failure = new CompletableFuture<Throwable>();
        Thread.ofVirtual().start(() -> {
            try {
                run(id, LONG, text);
                failure.completeExceptionally(new AssertionError("the command ended"));
            } catch (RuntimeException | Error e) {
                failure.complete(e);
            }
        });
        return failure;
    }

    private void awaitNoneRunning() {
        Await.until("the end of all that runs", () -> engine().runningQueries().isEmpty());
    }
}
