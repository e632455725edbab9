package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.RunningQuery.Kind;
import io.conshelf.engine.duck.DuckInstance;
import io.conshelf.engine.external.ExternalTables;
import io.conshelf.engine.store.RequestLimits;
import io.conshelf.engine.store.Storage;
import io.conshelf.kql.bind.Bound;
import io.conshelf.kql.function.Lowering;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.Chunk;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Limits, deadlines and cancellation, with plans made by hand.
class QueryRunnerTest {
    private static final Column NUMBER = new Column(1, "x", Type.LONG);

    @TempDir
    Path folder;

    private Limits limits = Limits.ofThisMachine().withMemoryBytes(1L << 30);
    private DuckInstance duck;
    private Storage storage;
    private QueryRunner runner;

    private QueryRunner runner() {
        if (runner == null) {
            EngineConfig config = EngineConfig.inMemory(folder).withLimits(limits);
            duck = DuckInstance.open(config);
            storage = Storage.open(config, duck);
            runner = new QueryRunner(limits, duck, storage, new ExternalTables(config, duck, storage, ExternalStorage.NONE));
        }
        return runner;
    }

    @AfterEach
    void close() {
        if (runner != null) {
            runner.close();
            storage.close();
            duck.close();
        }
    }

    @Test
    void rowsStreamInOrder() {
        try (Answer answer = start(request("a"), numbers(10_000))) {
            assertThat(rows(answer)).hasSize(10_000).startsWith(1L, 2L).endsWith(10_000L);
        }
    }

    @Test
    void resultsBeyondTheRecordLimitEndWithTheServicesErrorAfterTheRows() {
        Request request = request("a", Map.of("truncationmaxrecords", 2_500L));
        try (Answer answer = start(request, numbers(10_000))) {
            var seen = new ArrayList<Long>();
            assertThatThrownBy(() -> rows(answer, seen))
                    .isInstanceOf(KustoException.class)
                    .hasMessageContaining("80DA0003")
                    .hasMessageContaining("2500 records");
            assertThat(seen).hasSize(2_500);
        }
    }

    @Test
    void resultsBeyondTheSizeLimitEndWithTheServicesError() {
        try (Answer answer = start(request("a", Map.of("truncationmaxsize", 50_000L)), numbers(100_000))) {
            assertThatThrownBy(() -> rows(answer)).hasMessageContaining("80DA0003").hasMessageContaining("50000 bytes");
        }
    }

    @Test
    void notruncationLiftsBothLimits() {
        try (Answer answer = start(request("a", Map.of("notruncation", true)), numbers(600_000))) {
            assertThat(rows(answer)).hasSize(600_000);
        }
    }

    @Test
    void notruncationSaysNothingBesideALimit() {
        for (String limit : List.of("truncationmaxrecords", "truncationmaxsize")) {
            try (Answer answer = start(request("a", Map.of("notruncation", true, limit, 10L)), numbers(10_000))) {
                assertThatThrownBy(() -> rows(answer)).as(limit).hasMessageContaining("80DA0003");
            }
        }
    }

    @Test
    void ofALimitThatIsGivenTwiceTheLeastHolds() {
        RequestLimits none = RequestLimits.NONE;
        for (String name : List.of("truncationmaxrecords", "truncationmaxsize", "query_take_max_records",
                "max_memory_consumption_per_query_per_node", "maxmemoryconsumptionperiterator")) {
            long least = 1L << 30;
            var alone = QueryOptions.of(request("a", Map.of(name, least)), List.of(), limits, none);
            assertThat(QueryOptions.of(request("a", Map.of(name, least)), said(name, 2 * least), limits, none)).as(name).isEqualTo(alone);
            assertThat(QueryOptions.of(request("a", Map.of(name, 2 * least)), said(name, least), limits, none)).as(name).isEqualTo(alone);
        }
    }

    private static List<Bound.Option> said(String name, long value) {
        return List.of(new Bound.Option(name, Long.toString(value)), new Bound.Option(name, Long.toString(value + 1)));
    }

    @Test
    void takeMaxRecordsCutsSilently() {
        try (Answer answer = start(request("a", Map.of("query_take_max_records", 3L)), numbers(10_000))) {
            assertThat(rows(answer)).containsExactly(1L, 2L, 3L);
        }
    }

    @Test
    void aCancelledQueryTellsItsReaderAndLeavesItsSlot() throws Exception {
        limits = limits.withConcurrentQueries(1, 1, Duration.ofMinutes(5));
        CompletableFuture<Throwable> failure = inBackground("long", endless());
        awaitRunning("long");
        assertThat(runner().cancel(Principal.LOCAL_ADMINISTRATOR, "long")).isEqualTo(1);
        assertThat(failure.get(5, TimeUnit.MINUTES)).isInstanceOf(KustoException.class).hasMessageContaining("cancelled");
        awaitNoneRunning();
        try (Answer answer = start(request("next"), numbers(3))) {
            assertThat(rows(answer)).hasSize(3);
        }
        assertThat(runner().log().ended()).anySatisfy(query -> {
            assertThat(query.clientRequestId()).isEqualTo("long");
            assertThat(query.state()).isEqualTo(RunningQuery.State.CANCELLED);
        });
    }

    @Test
    void aQueryThatTakesTooLongTimesOut() {
        Request request = request("slow", Map.of(), Duration.ofMillis(200));
        assertThatThrownBy(() -> {
                    try (Answer answer = start(request, endless())) {
                        rows(answer);
                    }
                })
                .isInstanceOfSatisfying(KustoException.class, e -> assertThat(e.error().httpStatus()).isEqualTo(504));
    }

    @Test
    void queriesOverTheConcurrencyLimitAreThrottled() throws Exception {
        limits = limits.withConcurrentQueries(1, 1, Duration.ofMillis(20));
        CompletableFuture<Throwable> failure = inBackground("long", endless());
        awaitRunning("long");
        assertThatThrownBy(() -> start(request("second"), numbers(1)))
                .isInstanceOfSatisfying(KustoException.class, e -> assertThat(e.error().httpStatus()).isEqualTo(429));
        assertThat(runner().log().ended().getFirst().state()).isEqualTo(RunningQuery.State.THROTTLED);
        assertThat(runner().log().running()).hasSize(1);
        runner().cancel(Principal.LOCAL_ADMINISTRATOR, "long");
        failure.get(5, TimeUnit.MINUTES);
    }

    @Test
    void commandsAnswerWhileEveryQuerySlotIsTaken() throws Exception {
        limits = limits.withConcurrentQueries(8, 8, Duration.ofMinutes(5));
        var failures = new ArrayList<CompletableFuture<Throwable>>();
        for (int i = 0; i < 8; i++) {
            failures.add(inBackground("long" + i, endless()));
            awaitRunning("long" + i);
        }
        try (Answer answer = runner().run(request("command"), Kind.COMMAND, "", binding(numbers(3)), Map.of())) {
            assertThat(rows(answer)).hasSize(3);
        }
        assertThat(runner().log().running()).hasSize(8);
        for (int i = 0; i < 8; i++) {
            runner().cancel(Principal.LOCAL_ADMINISTRATOR, "long" + i);
        }
        for (var failure : failures) {
            assertThat(failure.get(5, TimeUnit.MINUTES)).hasMessageContaining("cancelled");
        }
    }

    @Test
    void theQueryThatTookTheMemoryEndsAndNotTheOneThatRunsLongest() throws Exception {
        limits = limits.withProcessMemoryBytesMax(MemoryWatch.resident().orElseThrow() + (400L << 20));
        theHungryEndsAndNotTheLongest();
    }

    @Test
    void theQueryThatTookWhatOthersFreedEndsAndNotTheOneThatRunsLongest() throws Exception {
        assertThat(rowsOf(request("freed"), listed(20_000_000))).containsExactly(20_000_000L);
        theHungryEndsAndNotTheLongest();
    }

    private void theHungryEndsAndNotTheLongest() throws Exception {
        CompletableFuture<Throwable> longest = inBackground("longest", endless());
        // It is known for what it is before the other comes.
        await(() -> runner().log().running().stream()
                .anyMatch(query -> query.clientRequestId().equals("longest") && query.usage().elapsedMicros() >= 2_000_000));
        assertThat(inBackground("hungry", everything()).get(5, TimeUnit.MINUTES)).isInstanceOfSatisfying(
                KustoException.class, e -> assertThat(e.error().code()).isEqualTo("LowMemoryCondition"));
        assertThat(longest).isNotDone();
        assertThat(runner().log().ended()).anySatisfy(query -> {
            assertThat(query.clientRequestId()).isEqualTo("hungry");
            assertThat(query.usage().peakMemoryBytes()).isGreaterThan(100L << 20);
        });
        runner().cancel(Principal.LOCAL_ADMINISTRATOR, "longest");
        assertThat(longest.get(5, TimeUnit.MINUTES)).hasMessageContaining("cancelled");
    }

    @Test
    void aQueryEndsThatTakesMoreMemoryThanItAskedToBeAllowed() {
        Request request = request("greedy", Map.of("max_memory_consumption_per_query_per_node", 64L << 20));
        assertThatThrownBy(() -> {
                    try (Answer answer = start(request, everything())) {
                        rows(answer);
                    }
                })
                .hasMessageContaining("E_RUNAWAY_QUERY")
                .hasMessageContaining("67108864 bytes");
    }

    @Test
    void whatEarlierResultsTookIsNotOfWhatALaterOneMayTakeOfMemory() {
        limits = limits.withMemoryBytes(2L << 30);
        var bound = new Bound(
                List.of(new Bound.Result("first", listed(30_000_000), false), new Bound.Result("second", counted(50_000_000), false, 1, Optional.empty())),
                said("max_memory_consumption_per_query_per_node", 128L << 20), List.of(), List.of());
        try (Answer answer = runner().run(request("a"), Kind.QUERY, "made by hand", (_, _) -> bound, Map.of())) {
            assertThat(rows(answer)).containsExactly(30_000_000L);
            assertThat(rows(answer)).hasSize(1_000);
        }
    }

    @Test
    void whatOneQueryMayTakeOfMemoryDoesNotHoldForTheNext() {
        Expr setting = new Expr.Call("setting", new Lowering.Sql("coalesce(len(current_setting('operator_memory_limit')), 0) + {0} * 0"),
                List.of(new Expr.Ref(NUMBER)), Type.LONG);
        Plan length = new Plan.Project(numbers(1), List.of(new Plan.Assignment(new Column(2, "l", Type.LONG), setting)));
        List<Long> before = rowsOf(request("before"), length);
        assertThat(rowsOf(request("little", Map.of("max_memory_consumption_per_query_per_node", 64L << 20)), length)).isNotEqualTo(before);
        assertThat(rowsOf(request("after"), length)).isEqualTo(before);
    }

    private List<Long> rowsOf(Request request, Plan plan) {
        try (Answer answer = start(request, plan)) {
            return rows(answer);
        }
    }

    @Test
    void whatDuckDbHasNoMemoryForIsALowMemoryCondition() {
        limits = limits.withMemoryBytes(20L << 20);
        Plan sorted = new Plan.Sort(numbers(30_000_000), List.of(new Plan.SortKey(
                new Expr.Call("hash", new Lowering.Sql("repeat(hash({0})::VARCHAR, 20)"), List.of(new Expr.Ref(NUMBER)),
                        Type.STRING), true, false)));
        Plan wide = new Plan.Aggregate(sorted, List.of(), List.of(new Plan.Assignment(new Column(2, "l", Type.LONG),
                new Expr.Call("len", new Lowering.Sql("len(list({0}))"), List.of(new Expr.Ref(NUMBER)), Type.LONG))));
        assertThatThrownBy(() -> {
                    try (Answer answer = start(request("hungry"), wide)) {
                        rows(answer);
                    }
                })
                .isInstanceOfSatisfying(KustoException.class,
                        e -> assertThat(e.error().code()).isEqualTo("LowMemoryCondition"));
    }

    @Test
    void aQueryThatEndedLeavesNoDeadline() {
        int before = runner().deadlinesWaiting();
        try (Answer answer = start(request("a"), numbers(3))) {
            assertThat(runner().deadlinesWaiting()).isEqualTo(before + 1);
            rows(answer);
        }
        await(() -> runner().deadlinesWaiting() == before);
    }

    @Test
    void onlyAConnectionWhoseQueryWasReadToItsEndWaitsForTheNext() {
        rowsOf(request("cut", Map.of("query_take_max_records", 3L)), numbers(1_000_000));
        await(() -> runner().inWork() == 0);
        assertThat(runner().connectionsWaiting()).isZero();
        try (Answer left = start(request("left"), numbers(1_000_000))) {
            assertThat(left.nextTable().orElseThrow().next()).isPresent();
        }
        await(() -> runner().inWork() == 0);
        assertThat(runner().connectionsWaiting()).isZero();
        rowsOf(request("whole"), numbers(10_000));
        await(() -> runner().inWork() == 0);
        assertThat(runner().connectionsWaiting()).isEqualTo(1);
    }

    @Test
    void aQueryThatIsAtWorkEndsWhenItsReaderLeaves() {
        runner();
        var reader = Thread.ofVirtual().start(() -> {
            try (Answer answer = start(request("left"), endless())) {
                rows(answer);
            } catch (KustoException e) {
                // It is told that it was interrupted.
                return;
            }
        });
        awaitRunning("left");
        reader.interrupt();
        await(() -> runner().inWork() == 0);
        assertThat(runner().connectionsWaiting()).isZero();
        assertThat(runner().log().ended().getFirst().state()).isEqualTo(RunningQuery.State.CANCELLED);
    }

    @Test
    void aQueryThatGetsNoThreadLeavesItsSlotAndTheLog() {
        limits = limits.withConcurrentQueries(1, 1, Duration.ofMillis(20));
        runner().close();
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> start(request("late"), numbers(3))).isInstanceOf(RejectedExecutionException.class);
        }
        assertThat(runner().log().running()).isEmpty();
    }

    @Test
    void whateverAQueryFailsWithIsInTheLog() {
        assertThatThrownBy(() -> runner().run(request("deep"), Kind.QUERY, "deep", (_, _) -> {
                    throw new StackOverflowError();
                }, Map.of()))
                .isInstanceOf(StackOverflowError.class);
        assertThat(runner().log().ended().getFirst())
                .satisfies(query -> assertThat(query.state()).isEqualTo(RunningQuery.State.FAILED))
                .satisfies(query -> assertThat(query.failureReason()).contains("StackOverflowError"));
    }

    @Test
    void whatDuckDbHasNoDiskForIsALowMemoryCondition() {
        limits = limits.withMemoryBytes(60L << 20).withSpillBytesMax(1L << 20);
        Plan sorted = new Plan.Sort(numbers(20_000_000), List.of(new Plan.SortKey(
                new Expr.Call("hash", new Lowering.Sql("hash({0})"), List.of(new Expr.Ref(NUMBER)), Type.LONG), true, false)));
        assertThatThrownBy(() -> {
                    try (Answer answer = start(request("wide"), sorted)) {
                        rows(answer);
                    }
                })
                .isInstanceOfSatisfying(KustoException.class,
                        e -> assertThat(e.error().code()).isEqualTo("LowMemoryCondition"));
    }

    @Test
    void aRefusedOptionIsNamed() {
        assertThatThrownBy(() -> start(request("a", Map.of("query_language", "gql")), numbers(1)))
                .hasMessageContaining("'query_language'");
    }

    private CompletableFuture<Throwable> inBackground(String id, Plan plan) {
        runner();
        var failure = new CompletableFuture<Throwable>();
        Executors.newVirtualThreadPerTaskExecutor().execute(() -> {
            try (Answer answer = start(request(id), plan)) {
                rows(answer);
                failure.completeExceptionally(new AssertionError("the query ended"));
            } catch (KustoException e) {
                failure.complete(e);
            } catch (Throwable e) {
                failure.completeExceptionally(e);
            }
        });
        return failure;
    }

    private void awaitRunning(String id) {
        await(() -> runner().log().running().stream()
                .anyMatch(q -> q.clientRequestId().equals(id) && q.state() == RunningQuery.State.RUNNING));
    }

    private void awaitNoneRunning() {
        await(() -> runner().log().running().isEmpty());
    }

    private static void await(java.util.function.BooleanSupplier condition) {
        Await.until("what runs beside the test", condition);
    }

    private Answer start(Request request, Plan plan) {
        return runner().run(request, Kind.QUERY, "made by hand", binding(plan), Map.of());
    }

    private static QueryRunner.Binding binding(Plan plan) {
        return (_, _) -> new Bound(List.of(new Bound.Result("", plan, false)), List.of(), List.of(),
                List.of());
    }

    private static Plan numbers(long count) {
        return new Plan.Range(NUMBER, constant(1), constant(count), constant(1));
    }

    // Sorting keeps every row back until all are counted.
    private static Plan endless() {
        return counted(4_000_000_000L);
    }

    private static Plan counted(long count) {
        Expr key = new Expr.Call("hash", new Lowering.Sql("hash({0}) % 1000"), List.of(new Expr.Ref(NUMBER)), Type.LONG);
        return new Plan.Aggregate(numbers(count), List.of(new Plan.Assignment(new Column(2, "k", Type.LONG), key)), List.of());
    }

    // A list of all rows, which grows until there is nothing left.
    private static Plan everything() {
        return listed(4_000_000_000L);
    }

    private static Plan listed(long count) {
        Expr all = new Expr.Call("len", new Lowering.Sql("len(list({0}))"), List.of(new Expr.Ref(NUMBER)), Type.LONG);
        return new Plan.Aggregate(numbers(count), List.of(), List.of(new Plan.Assignment(new Column(2, "l", Type.LONG), all)));
    }

    private static Expr constant(long value) {
        return new Expr.Constant(Type.LONG, value);
    }

    private static List<Long> rows(Answer answer) {
        var rows = new ArrayList<Long>();
        rows(answer, rows);
        return rows;
    }

    private static void rows(Answer answer, List<Long> rows) {
        ResultTable table = answer.nextTable().orElseThrow();
        for (Optional<Chunk> chunk = table.next(); chunk.isPresent(); chunk = table.next()) {
            for (int row = 0; row < chunk.get().rows(); row++) {
                rows.add(chunk.get().int64(0, row));
            }
        }
    }

    private static Request request(String id) {
        return request(id, Map.of());
    }

    private static Request request(String id, Map<String, Object> options) {
        return request(id, options, Duration.ofMinutes(4));
    }

    private static Request request(String id, Map<String, Object> options, Duration timeout) {
        return new Request(Principal.LOCAL_ADMINISTRATOR, "NetDefaultDB", id, UUID.randomUUID(), options, Map.of(), "test",
                "test", Instant.now(), timeout, false);
    }
}
