package io.conshelf.streams.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.input.EventInput;
import io.conshelf.streams.job.JobDefinition.Policies;
import io.conshelf.streams.operator.RandomSteps;
import io.conshelf.streams.plan.Plan;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.plan.TimeUnit;
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
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Substreams (`TIMESTAMP BY … OVER`) whose events come by several inputs, or by several partitions: each goes by its own time there, too.
class MeetingSubstreamsTest extends SubstreamTest {
    private static final Step COUNTS = counts(0);

    private static Step counts(int from) {
        return new Step.Aggregate(from, List.of(KEY), RandomSteps.ORDER_FREE, List.of(new Step.NamedWindow("", new Window.Tumbling(2 * RandomSteps.SECOND, 0))), BY_KEY);
    }

    private static Plan of(Step... steps) {
        return new Plan(List.of(steps), List.of(new Plan.Output("output", steps.length - 1, List.of(), Span.NONE)), 0);
    }

    private static StreamJob job(String id, Plan plan, EventInput left, EventInput right, Policies policies) {
        StreamJob job = new StreamJob(id, plan, Context.DEFAULT, Map.of("input", left, "right", right), Map.of(), Map.of("output", () -> new MemoryTarget(id)), policies);
        for (int step = 0; step < plan.steps().size(); step++) {
            assertThat(StepTimes.of(job).at(step)).as("time of step %d", step).isEqualTo(SubstreamTimes.OWN);
        }
        return job;
    }

    private static Step join(Step.JoinKind kind, int low, int high) {
        return new Step.StreamJoin(0, 1, kind, List.of(new Step.TimeBound(TimeUnit.SECOND, new Expression.Timestamp(Span.NONE), low, high)),
                List.of(new Step.EqualKey(KEY, KEY)), Expression.TRUE, 1, BY_KEY);
    }

    private static Step named(int from) {
        return new Step.Project(from, List.of(new Step.Item.Named("k", KEY), new Step.Item.Named("g", field("g")), new Step.Item.Named("v", field("v"))));
    }

    /// Rows whose value is small, or is not: each is in one of the two.
    private static Step half(int from, Expression.BinaryOperator operator) {
        return new Step.Filter(from, new Expression.Binary(operator, field("v"), new Expression.Literal(Value.of(10), Span.NONE), Span.NONE));
    }

    private static Plan plan(Random random, int kind) {
        return switch (kind) {
            case 0 -> of(source(), source("right"), new Step.Union(List.of(0, 1)), random(random, 2));
            // what comes of a step, and an input
            case 1 -> of(source(), source("right"), counts(0), new Step.Project(2, List.of(item("k", 0), item("g", 1), item("v", 2))), new Step.Union(List.of(3, 1)), named(4),
                    random(random, 5));
            // two ways from one input
            case 2 -> of(source(), source("right"), half(0, Expression.BinaryOperator.LESS), half(0, Expression.BinaryOperator.GREATER_OR_EQUAL), named(3),
                    new Step.Union(List.of(2, 4, 1)), random(random, 5));
            case 3 -> of(source(), source("right"), join(Step.JoinKind.INNER, -3, 3), named(2), counts(3));
            case 4 -> of(source(), source("right"), join(Step.JoinKind.LEFT, random.nextInt(-4, 0), random.nextInt(0, 5)), named(2));
            default -> of(source(), source("right"), counts(0), new Step.Project(2, List.of(item("k", 0), item("v", 1))),
                    new Step.StreamJoin(3, 1, Step.JoinKind.INNER, List.of(new Step.TimeBound(TimeUnit.SECOND, new Expression.Timestamp(Span.NONE), -2, 2)),
                            List.of(new Step.EqualKey(KEY, KEY)), Expression.TRUE, 1, BY_KEY), named(4));
        };
    }

    /// One of the keys that the others have, and one more.
    private static List<Row> others(Random random, int count) {
        return rows(random, count).stream().map(row -> {
            String key = key(row.event().field("k"));
            return event(key.equals("k2") ? "k5" : key, row.ticks(), ((Value.DateTime) row.event().field("t")).ticks(), row.event().field("g"), row.event().field("v"));
        }).toList();
    }

    @Test
    void whatMeetsGivesWhatTheLocalRunGives() throws Exception {
        JobRunner jobs = runner(3);
        for (int seed = 0; seed < 12; seed++) {
            Random random = new Random(seed);
            Plan plan = plan(random, seed % 6);
            List<Row> left = rows(random, 300);
            List<Row> right = others(random, 200);
            MemoryInput one = MemoryInput.of("meeting-left-" + seed, 1);
            one.add(left);
            MemoryInput other = MemoryInput.of("meeting-right-" + seed, 1);
            other.add(right);
            RunningJob job = jobs.start(job("meeting-" + seed, plan, Shaped.file(one.end()), Shaped.file(other.end()), NO_LIMIT), new StartMode.Everything());
            assertThat(job.await(LIMIT)).as("the job of seed %d ends", seed).isTrue();
            assertThat(job.problem()).as("seed %d", seed).isEmpty();
            assertThat(job.metrics().outOfOrderEvents()).as("seed %d", seed).isZero();
            assertThat(MemoryTarget.shown("meeting-" + seed)).as("seed %d, %s", seed, plan.steps().getLast()).isNotEmpty()
                    .isEqualTo(texts(local(plan, Map.of("input", left, "right", right))));
        }
    }

    @Test
    void aJobOfTwoInputsThatWasBrokenOffGoesOnWithMoreTasks() throws Exception {
        Map<String, Integer> kinds = Map.of("meeting-broken1", 0, "meeting-broken2", 3, "meeting-broken3", 5);
        goesOn("meeting-broken", 3, (name, random) -> {
            // both inputs are read of one store: whose rows of one time come first is not told
            Plan plan = kinds.get(name) == 0 ? of(source(), source("right"), new Step.Union(List.of(0, 1)), counts(2)) : plan(random, kinds.get(name));
            List<Row> rows = rows(random, 400);
            return new Halved(rows, input -> job(name, plan, Shaped.file(input), Shaped.file(input), NO_LIMIT), texts(local(plan, Map.of("input", rows, "right", rows))),
                    plan.steps().get(2));
        }, RunningJob::cancel, new StartMode.Continue());
    }

    /// Live, and nothing limits what is late: what both inputs have of a key comes at once, what one has when both have been read a minute beyond, across an
    /// interruption; hours between keys and days without events delay nothing. Without a limit, what has nothing left has been read up to now.
    @Test
    void aKeyGoesOnWithoutAnInputThatIsSilentOfIt() throws Exception {
        silent("silent-union", Optional.empty());
        silent("silent-union-limited", Optional.of(Duration.ofDays(7)));
    }

    private void silent(String id, Optional<Duration> late) throws Exception {
        Plan plan = of(source(), source("right"), new Step.Union(List.of(0, 1)), counts(2));
        long begin = Ticks.of(Instant.now().truncatedTo(ChronoUnit.MINUTES)) - 5 * HOUR;
        MemoryInput left = MemoryInput.of(id + "-left", 1);
        MemoryInput right = MemoryInput.of(id + "-right", 1);
        left.add(spaced("both", begin, begin, 60));
        left.add(spaced("left", begin + 60 * RandomSteps.SECOND, begin - 3 * HOUR, 60));
        right.add(spaced("right", begin, begin - 7 * HOUR, 60));
        right.add(spaced("both", begin + 60 * RandomSteps.SECOND, begin, 60));
        StreamJob job = job(id, plan, Shaped.byKey(left), Shaped.byKey(right), policies(late));
        RunningJob first = runner(2).start(job, new StartMode.Everything());
        // both have told of it up to 59 seconds, less what may be out of order
        await(() -> sum(id, "both") >= 110);
        first.cancel();
        runner.close();
        if (late.isPresent()) {
            left.add(spaced("other", begin + 240 * RandomSteps.SECOND, begin, 1));
            right.add(spaced("another", begin + 240 * RandomSteps.SECOND, begin, 1));
        }
        RunningJob again = runner(3).start(job, new StartMode.Continue());
        // the last of them wait for the next event of their key
        await(() -> sum(id, "left") >= 56 && sum(id, "right") >= 56 && sum(id, "both") >= 110);
        await(() -> again.state() == JobState.RUNNING);
        assertThat(again.metrics().outOfOrderEvents()).isZero();
        again.cancel();
        runner.close();
        assertThat(sum(id, "left")).isLessThanOrEqualTo(60);
        assertThat(sum(id, "right")).isLessThanOrEqualTo(60);
        assertThat(sum(id, "both")).isLessThanOrEqualTo(120);
    }

    private static List<Row> spaced(String key, long arrival, long from, int count) {
        return spaced(key, arrival, from, count, RandomSteps.SECOND);
    }

    private static List<Row> spaced(String key, long arrival, long from, int count, long apart) {
        return IntStream.range(0, count).mapToObj(n -> event(key, arrival + n * apart, from + n * apart, Value.of(1), Value.of(n))).toList();
    }

    /// Of the counts of a key.
    private static long sum(String id, String key) {
        return MemoryTarget.shown(id).stream().filter(row -> row.contains("[\"" + key + "\", ")).mapToLong(row -> Long.parseLong(row.replaceFirst(".*? \\[\"" + key + "\", (\\d+),.*", "$1"))).sum();
    }

    /// What has left a partition does not wait for it, and loses none of the events that wait there for others out of order.
    @Test
    void aKeyThatMovesToAnotherPartitionGoesOnThere() throws Exception {
        String id = "moved";
        long begin = Ticks.of(Instant.now().truncatedTo(ChronoUnit.MINUTES)) - 5 * HOUR;
        MemoryInput input = MemoryInput.of(id, 2).opaque();
        input.add(0, spaced("k1", begin, begin, 60));
        RunningJob job = runner(2).start(job(id, plan(COUNTS), Shaped.live(input), NO_LIMIT), new StartMode.Everything());
        await(() -> sum(id, "k1") >= 55);
        input.add(1, spaced("k1", begin + 60 * RandomSteps.SECOND, begin + 60 * RandomSteps.SECOND, 60));
        // the partition goes on with other keys
        input.add(0, spaced("k2", begin + 60 * RandomSteps.SECOND, begin, 200));
        input.add(1, spaced("k3", begin + 120 * RandomSteps.SECOND, begin, 140));
        await(() -> sum(id, "k1") >= 116);
        assertThat(sum(id, "k1")).isLessThanOrEqualTo(120);
        assertThat(job.state()).isEqualTo(JobState.RUNNING);
        assertThat(job.metrics().outOfOrderEvents()).isZero();
    }

    /// More than may wait come in less than a minute: what has waited longest goes on, is told of, and what still comes of it is out of order.
    @Test
    void onlySoManyRowsWaitForAnInputThatIsSilentOfTheirKey() throws Exception {
        int count = 20_000;
        String id = "one-sided";
        Plan plan = of(source(), source("right"), join(Step.JoinKind.LEFT, 0, 3), named(2));
        MemoryInput left = MemoryInput.of(id + "-left", 1);
        MemoryInput right = MemoryInput.of(id + "-right", 1);
        long begin = Ticks.of(Instant.now().truncatedTo(ChronoUnit.MINUTES)) - 5 * HOUR;
        left.add(spaced("k1", begin, begin, count, RandomSteps.SECOND / 1000));
        runner = new JobRunner(JobRunner.Settings.DEFAULT.withFolder(folder).withParallelism(2).withCheckpoints(Duration.ofMillis(200)).withHeldRowsMax(1_000));
        RunningJob job = runner.start(job(id, plan, Shaped.byKey(left), Shaped.byKey(right), NO_LIMIT), new StartMode.Everything());
        await(() -> MemoryTarget.shown(id).size() >= count / 4 && job.state() == JobState.DEGRADED);
        assertThat(job.problem()).get().asString().contains("input 'input', 'right'").contains("[\"k1\"]");
        List<Row> behind = new ArrayList<>(spaced("k1", begin, begin, 50, RandomSteps.SECOND / 1000));
        // what is beyond the tolerance of its own input lets go what waits there for others
        behind.add(event("k1", begin, begin + 2 * TOLERANCE, Value.of(1), Value.of(50)));
        right.add(behind);
        await(() -> job.metrics().outOfOrderEvents() == 50);
    }

    /// What too many waiting rows have let go is given once, whoever takes the key over.
    @Test
    void windowsThatWereLetGoAreNotGivenAgainByMoreTasks() throws Exception {
        String id = "let-go";
        // rows wait where their order counts
        Plan plan = of(source(), source("right"), new Step.Union(List.of(0, 1)), new Step.Aggregate(2, List.of(KEY), RandomSteps.BY_ORDER,
                List.of(new Step.NamedWindow("", new Window.Tumbling(2 * RandomSteps.SECOND, 0))), BY_KEY));
        long begin = Ticks.of(Instant.now().truncatedTo(ChronoUnit.MINUTES)) - 5 * HOUR;
        // so that nothing goes on by the clock
        MemoryInput left = MemoryInput.of(id + "-left", 1).opaque();
        MemoryInput right = MemoryInput.of(id + "-right", 1).opaque();
        // so that it is not the one that is read alone
        right.add(spaced("other", begin + HOUR, begin, 1));
        left.add(IntStream.range(0, 4_000).mapToObj(n -> event("k" + n % 20, begin, begin + n * RandomSteps.SECOND / 100, Value.of(1), Value.of(n))).toList());
        StreamJob job = job(id, plan, Shaped.byKey(left), Shaped.byKey(right), NO_LIMIT);
        runner = new JobRunner(JobRunner.Settings.DEFAULT.withFolder(folder).withParallelism(2).withCheckpoints(Duration.ofMillis(200)).withHeldRowsMax(200));
        RunningJob first = runner.start(job, new StartMode.Everything());
        await(() -> MemoryTarget.shown(id).size() >= 100);
        first.cancel();
        runner.close();
        List<Row> behind = new ArrayList<>();
        IntStream.range(0, 20).forEach(key -> behind.addAll(spaced("k" + key, begin, begin, 60)));
        right.add(behind);
        RunningJob again = runner(3).start(job, new StartMode.Continue());
        await(() -> again.metrics().inputEvents() >= 1_200);
        // what the second shows is behind every window that rows before it may have opened
        for (long end = begin + HOUR; end <= begin + 2 * HOUR; end += HOUR) {
            long ticks = end;
            List<Row> last = IntStream.range(0, 20).mapToObj(key -> event("k" + key, ticks, ticks, Value.of(1), Value.of(0))).toList();
            left.add(last);
            right.add(last);
        }
        String end = Ticks.text(begin + HOUR);
        await(() -> MemoryTarget.shown(id).stream().filter(row -> row.contains("[\"k") && row.compareTo(end) > 0).count() >= 20);
        assertThat(again.metrics().outOfOrderEvents()).isGreaterThanOrEqualTo(20);
        again.stop();
        List<String> windows = MemoryTarget.shown(id).stream().map(row -> row.replaceFirst("(\"k\\d+\"),.*", "$1")).toList();
        assertThat(windows).doesNotHaveDuplicates();
    }

    /// The rows of a substream that wait in several tasks, of which one has gone on, come into one: those behind its time are counted.
    @Test
    void rowsThatAFurtherTaskTakesOverAreOutOfOrder() throws Exception {
        String id = "taken-over";
        Plan plan = of(source(), source("right"), new Step.Union(List.of(0, 1)), new Step.Aggregate(2, List.of(KEY, field("g")), RandomSteps.BY_ORDER,
                List.of(new Step.NamedWindow("", new Window.Tumbling(2 * RandomSteps.SECOND, 0))), BY_KEY));
        long begin = Ticks.of(Instant.now().truncatedTo(ChronoUnit.MINUTES)) - 5 * HOUR;
        MemoryInput left = MemoryInput.of(id + "-left", 1).opaque();
        MemoryInput right = MemoryInput.of(id + "-right", 1).opaque();
        right.add(spaced("other", begin + HOUR, begin, 1));
        // some of them are in the task that has few
        left.add(IntStream.range(0, 12).mapToObj(g -> event("k1", begin, begin, Value.of(1 + g), Value.of(g))).toList());
        left.add(IntStream.range(0, 4_000).mapToObj(n -> event("k1", begin, begin + n * RandomSteps.SECOND / 100, Value.of(0), Value.of(n))).toList());
        StreamJob job = job(id, plan, Shaped.byKey(left), Shaped.byKey(right), NO_LIMIT);
        runner = new JobRunner(JobRunner.Settings.DEFAULT.withFolder(folder).withParallelism(2).withCheckpoints(Duration.ofMillis(200)).withHeldRowsMax(200));
        RunningJob first = runner.start(job, new StartMode.Everything());
        await(() -> MemoryTarget.shown(id).stream().anyMatch(row -> row.contains("[\"k1\", 0,")));
        first.cancel();
        runner.close();
        List<Row> last = spaced("k1", begin + HOUR, begin + HOUR, 1);
        left.add(last);
        right.add(last);
        RunningJob again = runner(1).start(job, new StartMode.Continue());
        await(() -> again.metrics().outOfOrderEvents() > 0);
        assertThat(again.metrics().outOfOrderEvents()).isLessThanOrEqualTo(12);
    }

    /// Each of two files begins with the key with which the other ends: both are read to their ends, however much waits.
    @Test
    void whereInputsEndNothingGoesOnWithoutThem() throws Exception {
        int count = 3_000;
        String id = "crosswise";
        Plan plan = of(source(), source("right"), new Step.Union(List.of(0, 1)), counts(2));
        long begin = Ticks.of(Instant.now().truncatedTo(ChronoUnit.MINUTES)) - 5 * HOUR;
        long later = begin + count * RandomSteps.SECOND;
        List<Row> left = new ArrayList<>(spaced("k1", begin, begin, count));
        left.addAll(spaced("k2", later, later, count));
        List<Row> right = new ArrayList<>(spaced("k2", begin, later, count));
        right.addAll(spaced("k1", later, begin, count));
        MemoryInput one = MemoryInput.of(id + "-left", 1);
        one.add(left);
        MemoryInput other = MemoryInput.of(id + "-right", 1);
        other.add(right);
        runner = new JobRunner(JobRunner.Settings.DEFAULT.withFolder(folder).withParallelism(2).withCheckpoints(Duration.ofMillis(200)).withHeldRowsMax(100));
        RunningJob job = runner.start(job(id, plan, Shaped.file(one.end()), Shaped.file(other.end()), NO_LIMIT), new StartMode.Everything());
        assertThat(job.await(LIMIT)).isTrue();
        assertThat(job.problem()).isEmpty();
        assertThat(job.metrics().outOfOrderEvents()).isZero();
        assertThat(MemoryTarget.shown(id)).isEqualTo(texts(local(plan, Map.of("input", left, "right", right))));
    }

    /// Pairs come as soon as both sides of their key have come so far.
    @Test
    void pairsOfEachKeyComeAtItsOwnTime() throws Exception {
        Plan plan = of(source(), source("right"), join(Step.JoinKind.INNER, 0, 3), named(2));
        List<Row> rows = new ArrayList<>(rows(new Random(5), 400));
        rows.addFirst(event("silent", rows.getFirst().ticks(), rows.getFirst().ticks() - 100 * HOUR, new Value.BigInt(0), new Value.BigInt(1)));
        MemoryInput input = MemoryInput.of("meeting-pairs", 2);
        spread(input, rows.subList(0, 200));
        StreamJob job = job("meeting-pairs", plan, Shaped.live(input), Shaped.live(input), NO_LIMIT);
        RunningJob first = runner(2).start(job, new StartMode.Everything());
        List<String> before = pairs(plan, rows.subList(0, 200));
        await(() -> without(before, MemoryTarget.shown("meeting-pairs")).isEmpty());
        first.cancel();
        runner.close();
        spread(input, rows.subList(200, rows.size()));
        RunningJob again = runner(3).start(job, new StartMode.Continue());
        List<String> expected = pairs(plan, rows);
        assertThat(expected).anyMatch(row -> row.contains("\"k0\"")).anyMatch(row -> row.contains("\"k1\""));
        await(() -> without(expected, MemoryTarget.shown("meeting-pairs")).isEmpty());
        assertThat(without(MemoryTarget.shown("meeting-pairs"), texts(local(plan, Map.of("input", rows, "right", rows))))).isEmpty();
        assertThat(again.state()).isEqualTo(JobState.RUNNING);
        assertThat(again.metrics().outOfOrderEvents()).isZero();
    }

    private static List<String> pairs(Plan plan, List<Row> rows) {
        return known(rows, local(plan, Map.of("input", rows, "right", rows)));
    }

    /// Of an input that has ended nothing is waited for.
    @Test
    void pairsWithAnInputThatHasEndedComeAtOnce() throws Exception {
        Plan plan = of(source(), source("right"), join(Step.JoinKind.INNER, 0, 3), named(2));
        List<Row> rows = rows(new Random(8), 200);
        MemoryInput left = MemoryInput.of("meeting-ended-left", 1);
        left.add(rows.subList(0, 100));
        MemoryInput live = MemoryInput.of("meeting-ended-right", 1);
        live.add(rows);
        RunningJob job = runner(2).start(job("meeting-ended", plan, Shaped.file(left.end()), Shaped.byKey(live), policies(Optional.of(Duration.ofDays(7)))), new StartMode.Everything());
        List<Row> all = local(plan, Map.of("input", rows.subList(0, 100), "right", rows));
        List<String> expected = known(rows, all);
        assertThat(expected).isNotEmpty();
        await(() -> without(expected, MemoryTarget.shown("meeting-ended")).isEmpty());
        assertThat(without(MemoryTarget.shown("meeting-ended"), texts(all))).isEmpty();
        assertThat(job.state()).isEqualTo(JobState.RUNNING);
    }
}
