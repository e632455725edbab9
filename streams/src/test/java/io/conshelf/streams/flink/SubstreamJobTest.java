package io.conshelf.streams.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.job.JobDefinition.Ordering;
import io.conshelf.streams.job.JobDefinition.OutputError;
import io.conshelf.streams.job.JobDefinition.Policies;
import io.conshelf.streams.operator.RandomSteps;
import io.conshelf.streams.plan.Plan;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.plan.Window;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.run.JobState;
import io.conshelf.streams.run.RunningJob;
import io.conshelf.streams.run.StartMode;
import io.conshelf.streams.run.StepTimes;
import io.conshelf.streams.run.StreamJob;
import io.conshelf.streams.run.SubstreamTimes;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/// Jobs whose substreams (`TIMESTAMP BY … OVER`) have times that are hours apart.
class SubstreamJobTest extends SubstreamTest {
    @Test
    void everyStepGivesWhatTheLocalRunGives() throws Exception {
        JobRunner jobs = runner(3);
        for (int seed = 1; seed <= 12; seed++) {
            Random random = new Random(seed);
            Plan plan = random(random);
            List<Row> rows = rows(random, 400);
            MemoryInput input = MemoryInput.of("apart-" + seed, 1);
            input.add(rows);
            RunningJob job = jobs.start(job("apart-" + seed, plan, Shaped.file(input.end())), new StartMode.Everything());
            assertThat(job.await(LIMIT)).as("the job of seed %d ends", seed).isTrue();
            assertThat(job.problem()).as("seed %d", seed).isEmpty();
            assertThat(MemoryTarget.shown("apart-" + seed)).as("seed %d, %s", seed, plan.steps().getLast()).isEqualTo(texts(local(plan, rows)));
        }
    }

    @Test
    void aStoppedJobGoesOnWithMoreTasks() throws Exception {
        goesOn("apart-stopped", this::halved, RunningJob::stop, new StartMode.LastStopped());
    }

    @Test
    void aJobThatWasBrokenOffGoesOnFromItsLastCheckpoint() throws Exception {
        goesOn("apart-broken", this::halved, RunningJob::cancel, new StartMode.Continue());
    }

    private Halved halved(String name, Random random) {
        Plan plan = random(random);
        List<Row> rows = rows(random, 600);
        return new Halved(rows, input -> job(name, plan, Shaped.file(input)), texts(local(plan, rows)), plan.steps().getLast());
    }

    /// The key that is furthest behind decides where another query begins.
    @Test
    void anotherQueryMissesNoRowOfASlowKey() throws Exception {
        List<Row> rows = rows(new Random(9), 600);
        MemoryInput input = MemoryInput.of("apart-changed", 1);
        input.add(rows.subList(0, 300));
        Plan one = numbers("a");
        JobRunner first = runner(2);
        RunningJob job = first.start(job("apart-changed", one, Shaped.file(input)), new StartMode.Everything());
        await(() -> job.metrics().lastOutputEventTicks() > 0 && job.metrics().inputEvents() >= 300 && job.metrics().backloggedInputEvents() == 0);
        job.cancel();
        first.close();

        input.add(rows.subList(300, 600));
        input.end();
        Plan other = numbers("b");
        RunningJob again = runner(3).start(job("apart-changed", other, Shaped.file(input)), new StartMode.Continue());
        assertThat(again.await(LIMIT)).isTrue();
        assertThat(again.problem()).isEmpty();
        List<String> shown = MemoryTarget.shown("apart-changed").stream().map(row -> row.replace("\"b\":", "\"a\":")).toList();
        assertThat(shown).containsAll(texts(local(one, rows)));
        assertThat(MemoryTarget.shown("apart-changed")).anyMatch(row -> row.contains("\"a\":")).anyMatch(row -> row.contains("\"b\":"));
    }

    private static Plan numbers(String column) {
        return plan(new Step.Project(0, List.of(new Step.Item.Named(column, field("v")), new Step.Item.Named("k", field("k")))));
    }

    /// Two parts of a live input, each with keys of its own, and a key that fell silent days ago: windows of the others come, up to the last that can be known,
    /// through two steps and across an interruption.
    @Test
    void windowsOfEachKeyComeAtItsOwnTime() throws Exception {
        windowsOfEachKey("own", Shaped::live, NO_LIMIT);
    }

    /// A limit of days delays nothing.
    @Test
    void windowsOfEachKeyComeAtItsOwnTimeAlsoWhereWhatIsLateIsLimited() throws Exception {
        windowsOfEachKey("own-limited", Shaped::byKey, policies(Optional.of(Duration.ofDays(7))));
    }

    private void windowsOfEachKey(String id, Function<MemoryInput, Shaped> shape, Policies policies) throws Exception {
        Random random = new Random(5);
        Step groups = new Step.Aggregate(0, List.of(KEY), RandomSteps.ORDER_FREE,
                List.of(new Step.NamedWindow("", new Window.Tumbling(2 * RandomSteps.SECOND, 0))), BY_KEY);
        Step named = new Step.Project(1, List.of(item("k", 0), item("v", 1)));
        Step again = new Step.Aggregate(2, List.of(KEY), RandomSteps.ORDER_FREE,
                List.of(new Step.NamedWindow("", new Window.Tumbling(6 * RandomSteps.SECOND, 0))), BY_KEY);
        Plan plan = plan(groups, named, again);
        List<Row> rows = new ArrayList<>(rows(random, 600));
        rows.addFirst(event("silent", rows.getFirst().ticks(), rows.getFirst().ticks() - 100 * HOUR, new Value.BigInt(0), new Value.BigInt(1)));
        MemoryInput input = MemoryInput.of(id, 2);
        spread(input, rows.subList(0, 300));
        RunningJob job = runner(2).start(job(id, plan, shape.apply(input), policies), new StartMode.Everything());
        List<String> before = known(plan, rows.subList(0, 300));
        await(() -> without(before, MemoryTarget.shown(id)).isEmpty());
        assertThat(job.state()).isEqualTo(JobState.RUNNING);
        job.cancel();
        runner.close();

        spread(input, rows.subList(300, rows.size()));
        RunningJob goesOn = runner(3).start(job(id, plan, shape.apply(input), policies), new StartMode.Continue());
        List<String> expected = known(plan, rows);
        assertThat(expected).anyMatch(row -> row.contains("\"k0\"")).anyMatch(row -> row.contains("\"k1\"")).anyMatch(row -> row.contains("\"k2\""))
                .noneMatch(row -> row.contains("silent"));
        await(() -> without(expected, MemoryTarget.shown(id)).isEmpty());
        // what waits longer than a minute is let go
        assertThat(without(MemoryTarget.shown(id), texts(local(plan, rows)))).isEmpty();
        assertThat(goesOn.state()).isEqualTo(JobState.RUNNING);
    }

    @Test
    void eachKeyMeetsTheReferenceDataOfItsOwnTime() throws Exception {
        List<Row> rows = rows(new Random(3), 300);
        // between the times of the keys
        long change = rows.getFirst().ticks() - 3 * HOUR;
        MemoryReference reference = new MemoryReference("own-reference");
        reference.put(change - 1_000 * HOUR, 1);
        reference.put(change, 2);
        Plan plan = new Plan(List.of(source(), new Step.Reference("reference", List.of(), Span.NONE),
                new Step.ReferenceJoin(0, 1, Step.JoinKind.INNER, List.of(), Expression.TRUE, 1),
                new Step.Project(2, List.of(new Step.Item.Named("k", KEY), new Step.Item.Named("v", new Expression.Field(new Expression.Slot(1, Span.NONE), "n", Span.NONE)))),
                new Step.Aggregate(3, List.of(KEY), RandomSteps.ORDER_FREE, List.of(new Step.NamedWindow("", new Window.Tumbling(2 * RandomSteps.SECOND, 0))), BY_KEY)),
                List.of(new Plan.Output("output", 4, List.of(), Span.NONE)), 0);
        MemoryInput input = MemoryInput.of("own-reference", 1);
        StreamJob job = new StreamJob("own-reference", plan, Context.DEFAULT, Map.of("input", Shaped.byKey(input)), Map.of("reference", reference),
                Map.of("output", () -> new MemoryTarget("own-reference")), policies(Optional.of(Duration.ofDays(3))));
        assertThat(StepTimes.of(job).at(0)).isEqualTo(SubstreamTimes.OWN);
        input.add(rows.subList(0, 150));
        RunningJob first = runner(2).start(job, new StartMode.From(change - 900 * HOUR));
        await(() -> first.metrics().inputEvents() == 150 && !MemoryTarget.shown("own-reference").isEmpty());
        first.cancel();
        runner.close();
        input.add(rows.subList(150, 300));
        RunningJob again = runner(3).start(job, new StartMode.Continue());
        // as the rows without reference data, whose value is that of the key's time
        List<Row> valued = rows.stream().map(row -> event(key(row.event().field("k")), row.ticks(), ((Value.DateTime) row.event().field("t")).ticks(),
                Value.of(0), Value.of(((Value.DateTime) row.event().field("t")).ticks() < change ? 1 : 2))).toList();
        Plan bare = plan(new Step.Aggregate(0, List.of(KEY), RandomSteps.ORDER_FREE, List.of(new Step.NamedWindow("", new Window.Tumbling(2 * RandomSteps.SECOND, 0))), BY_KEY));
        List<String> expected = known(bare, valued);
        assertThat(expected).anyMatch(row -> row.contains("\"k0\"")).anyMatch(row -> row.contains("\"k1\""));
        await(() -> without(expected, MemoryTarget.shown("own-reference")).isEmpty());
        assertThat(without(MemoryTarget.shown("own-reference"), texts(local(bare, valued)))).isEmpty();
        assertThat(again.state()).isEqualTo(JobState.RUNNING);
    }

    @Test
    void aSilentKeyGoesByWhatMayStillComeOfIt() throws Exception {
        Step groups = new Step.Aggregate(0, List.of(KEY), RandomSteps.ORDER_FREE,
                List.of(new Step.NamedWindow("", new Window.Tumbling(2 * RandomSteps.SECOND, 0))), BY_KEY);
        Step named = new Step.Project(1, List.of(item("k", 0), item("v", 1)));
        Step again = new Step.Aggregate(2, List.of(KEY), RandomSteps.ORDER_FREE,
                List.of(new Step.NamedWindow("", new Window.Tumbling(6 * RandomSteps.SECOND, 0))), BY_KEY);
        Plan plan = plan(groups, named, again);
        List<Row> rows = rows(new Random(7), 200);
        MemoryInput input = MemoryInput.of("silent-key", 1);
        input.add(rows);
        Policies policies = policies(Optional.of(Duration.ofDays(2)));
        RunningJob job = runner(2).start(job("silent-key", plan, Shaped.byKey(input), policies), new StartMode.Everything());
        List<String> before = known(plan, rows);
        await(() -> without(before, MemoryTarget.shown("silent-key")).isEmpty());
        // three days later another key has an event
        long later = rows.getLast().ticks() + 72 * HOUR;
        input.add(List.of(event("k9", later, later, new Value.BigInt(1), new Value.BigInt(1))));
        await(() -> MemoryTarget.shown("silent-key").equals(texts(local(plan, rows))));
        assertThat(job.state()).isEqualTo(JobState.RUNNING);
        // it comes again, as late as may be
        input.add(List.of(event("k1", later, later - 48 * HOUR, new Value.BigInt(1), new Value.BigInt(1)),
                event("k1", later, later, new Value.BigInt(1), new Value.BigInt(1))));
        String since = Ticks.text(later - 49 * HOUR);
        await(() -> MemoryTarget.shown("silent-key").stream().anyMatch(row -> row.contains("k1") && row.compareTo(since) > 0));
        assertThat(job.problem()).isEmpty();
    }

    /// Where the senders do not keep to one partition for each key: the events that come behind are out of order, by the policy for that, and the job runs on.
    @Test
    void eventsOfAKeyThatAreBehindInAnotherPartitionAreOutOfOrder() throws Exception {
        for (Ordering ordering : Ordering.values()) {
            for (Optional<Duration> late : List.of(Optional.<Duration>empty(), Optional.of(Duration.ofDays(3)))) {
                String id = "behind-" + ordering + late.isPresent();
                Policies policies = new Policies(late, Duration.ofSeconds(3), ordering, OutputError.STOP, "1.2", "en-US", 1);
                Plan plan = plan(new Step.Aggregate(0, List.of(KEY), RandomSteps.ORDER_FREE,
                        List.of(new Step.NamedWindow("", new Window.Tumbling(2 * RandomSteps.SECOND, 0))), BY_KEY));
                MemoryInput input = MemoryInput.of(id, 2);
                // what arrived long ago would be late in itself
                long begin = Ticks.of(Instant.now().truncatedTo(ChronoUnit.MINUTES)) - 2 * HOUR;
                input.add(0, spaced(begin, begin, 60));
                RunningJob job = runner(2).start(job(id, plan, Shaped.byKey(input), policies), new StartMode.Everything());
                await(() -> !MemoryTarget.shown(id).isEmpty());
                input.add(1, spaced(begin, begin - HOUR, 60));
                // the last of them wait for whatever may come before them
                await(() -> job.metrics().outOfOrderEvents() >= 50);
                long later = begin + HOUR;
                input.add(0, spaced(later, later, 60));
                input.add(1, spaced(later, later, 60));
                int whole = ordering == Ordering.ADJUST ? 240 : 180;
                // those of the last windows wait
                await(() -> MemoryTarget.shown(id).stream().mapToLong(SubstreamJobTest::count).sum() >= whole - 20);
                assertThat(job.state()).isEqualTo(JobState.RUNNING);
                assertThat(job.metrics().runtimeErrors()).isZero();
                assertThat(job.metrics().outOfOrderEvents()).isEqualTo(60);
                assertThat(job.diagnostics()).singleElement().satisfies(told -> {
                    assertThat(told.example().source()).isEqualTo("input");
                    assertThat(told.example().message()).contains("PartitionId").endsWith(ordering == Ordering.ADJUST ? "(adjusted)" : "(dropped)");
                });
                runner.close();
                assertThat(MemoryTarget.shown(id).stream().mapToLong(SubstreamJobTest::count).sum()).isLessThanOrEqualTo(whole);
            }
        }
    }
}
