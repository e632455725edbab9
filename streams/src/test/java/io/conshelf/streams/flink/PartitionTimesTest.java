package io.conshelf.streams.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.input.EventInput;
import io.conshelf.streams.input.EventPartition;
import io.conshelf.streams.input.InputException;
import io.conshelf.streams.job.JobDefinition.InputType;
import io.conshelf.streams.job.JobDefinition.Ordering;
import io.conshelf.streams.job.JobDefinition.OutputError;
import io.conshelf.streams.job.JobDefinition.Policies;
import io.conshelf.streams.local.LocalEvents;
import io.conshelf.streams.local.LocalRun;
import io.conshelf.streams.operator.EventOrdering.Arrivals;
import io.conshelf.streams.operator.RandomSteps;
import io.conshelf.streams.plan.Plan;
import io.conshelf.streams.plan.Queries;
import io.conshelf.streams.plan.QueryContext;
import io.conshelf.streams.run.JobState;
import io.conshelf.streams.run.RunningJob;
import io.conshelf.streams.run.StartMode;
import io.conshelf.streams.run.StepTimes;
import io.conshelf.streams.run.StreamJob;
import io.conshelf.streams.run.SubstreamTimes;
import io.conshelf.streams.value.Compatibility;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Jobs whose partitions are hours apart: each goes by its own time where the query keeps them apart, and what waits for the slowest is limited where it does
/// not.
class PartitionTimesTest extends JobTest {
    private static final long HOUR = 3600 * RandomSteps.SECOND;
    private static final long BEGIN = Ticks.of(Instant.parse("2026-02-01T00:00:00Z"));
    private static final Shape SHAPE = Shape.of(List.of("PartitionId", "device", "room", "v", "t"));

    /// Events of hubs, whose partitions never end.
    private record Hub(MemoryInput of, List<String> partitionedBy) implements EventInput {
        @Override
        public List<String> partitions() {
            return of.partitions();
        }

        @Override
        public EventPartition open(String partition, Start start) throws InputException, InterruptedException {
            return of.open(partition, start);
        }
    }

    private static Policies policies(String level) {
        return new Policies(Optional.empty(), Duration.ZERO, Ordering.ADJUST, OutputError.STOP, level, "en-US", 1);
    }

    private static Plan plan(String query, String level) {
        return Queries.compile(query, new QueryContext(Map.of("input", InputType.STREAM), Set.of(), Set.of(), Compatibility.of(level).orElseThrow())).plan()
                .orElseThrow();
    }

    private static StreamJob job(String id, Plan plan, String level, MemoryInput input, String... partitionedBy) {
        return new StreamJob(id, plan, Context.DEFAULT, Map.of("input", new Hub(input, List.of(partitionedBy))), Map.of(),
                Map.of("output", () -> new MemoryTarget(id)), policies(level));
    }

    /// A device is in one partition, a room in all of them; partitions are hours apart.
    private static List<Row> rows(int partition, int count) {
        return IntStream.range(0, count).mapToObj(i -> {
            long ticks = BEGIN + partition * 7 * HOUR + i * RandomSteps.SECOND / 2;
            return Row.event(ticks, new Value.Record(SHAPE, new Value[] {new Value.BigInt(partition), new Value.Text("d" + partition + (i % 3)),
                new Value.Text("r" + i % 2), new Value.BigInt(i), new Value.DateTime(ticks)}));
        }).toList();
    }

    private static List<String> local(Plan plan, List<Row> rows) {
        LocalEvents events = new LocalEvents(Arrivals.TOLD, rows.stream().map(row -> new LocalEvents.Arrived(row.event(), row.ticks())).toList());
        return new LocalRun(plan, policies("1.2"), Evaluation.in(Context.DEFAULT), _ -> { }).rows(Map.of("input", events), Map.of())
                .getOrDefault("output", List.of()).stream().map(MemoryTarget::text).sorted().toList();
    }

    /// What each partition gives by itself, up to the last window that its own time has passed.
    private static List<String> known(Plan plan, Map<Integer, List<Row>> byPartition) {
        List<String> known = new ArrayList<>();
        byPartition.values().forEach(rows -> {
            long time = rows.getLast().ticks();
            known.addAll(local(plan, rows).stream().filter(row -> Ticks.of(Instant.parse(row.substring(0, row.indexOf(' ')))) < time).toList());
        });
        return known.stream().sorted().toList();
    }

    private static final String BY_ID = """
            WITH s AS (SELECT PartitionId AS p, room, COUNT(*) AS c FROM input TIMESTAMP BY t PARTITION BY PartitionId
                       GROUP BY PartitionId, room, TumblingWindow(second, 10))
            SELECT p, room, SUM(c) AS c INTO output FROM s PARTITION BY p
            GROUP BY p, room, TumblingWindow(second, 20)""";

    @Test
    void windowsOfEachPartitionComeAtItsOwnTimeThroughStepsAndInterruptions() throws Exception {
        for (String level : List.of("1.1", "1.2")) {
            String id = "partitions-" + level;
            Plan plan = plan(BY_ID, level);
            MemoryInput input = MemoryInput.of(id, 3);
            Map<Integer, List<Row>> given = new TreeMap<>();
            for (int partition : List.of(0, 1)) {
                given.put(partition, rows(partition, 200));
                input.add(partition, given.get(partition));
            }
            StreamJob job = job(id, plan, level, input, "PartitionId");
            RunningJob first = runner(2).start(job, new StartMode.Everything());
            // the third is silent, and holds up none of the others
            List<String> ofTwo = known(plan, given);
            await(() -> MemoryTarget.shown(id).equals(ofTwo));
            assertThat(MemoryTarget.shown(id)).hasSizeGreaterThan(8);
            assertThat(first.state()).isEqualTo(JobState.RUNNING);
            first.cancel();
            runner.close();

            input.add(1, rows(1, 400).subList(200, 400));
            input.add(2, rows(2, 300));
            given.put(1, rows(1, 400));
            given.put(2, rows(2, 300));
            RunningJob again = runner(3).start(job, new StartMode.Continue());
            List<String> all = known(plan, given);
            await(() -> MemoryTarget.shown(id).equals(all));
            again.cancel();
            runner.close();
        }
    }

    @Test
    void whatTheInputIsPartitionedByNeedsNoPartitionByFromLevel12On() throws Exception {
        Plan plan = plan("""
                SELECT device, COUNT(*) AS c, SUM(v) AS s INTO output FROM input TIMESTAMP BY t GROUP BY device, HoppingWindow(second, 20, 10)""", "1.2");
        MemoryInput input = MemoryInput.of("implicit", 3);
        Map<Integer, List<Row>> given = new TreeMap<>(Map.of(0, rows(0, 200), 2, rows(2, 200)));
        given.forEach(input::add);
        runner(2).start(job("implicit", plan, "1.2", input, "device", "PartitionId"), new StartMode.Everything());
        List<String> expected = known(plan, given);
        assertThat(expected).hasSizeGreaterThan(20);
        await(() -> MemoryTarget.shown("implicit").equals(expected));
    }

    @Test
    void timeIsSharedWherePartitionsMeet() {
        MemoryInput input = MemoryInput.of("meet", 2);
        assertThat(times(BY_ID, "1.1", input)).isEqualTo(SubstreamTimes.OF_PARTITIONS);
        assertThat(times("SELECT COUNT(*) AS c FROM input PARTITION BY PartitionId GROUP BY TumblingWindow(second, 1)", "1.0", input))
                .isEqualTo(SubstreamTimes.OF_PARTITIONS);
        assertThat(times("SELECT *, LAG(v) OVER (PARTITION BY PartitionId, room LIMIT DURATION(hour, 1)) AS l FROM input", "1.2", input))
                .isEqualTo(SubstreamTimes.OF_PARTITIONS);
        assertThat(times("SELECT *, LAG(v) OVER (PARTITION BY PartitionId, room LIMIT DURATION(hour, 1)) AS l FROM input", "1.1", input))
                .isEqualTo(SubstreamTimes.SHARED);
        assertThat(times("SELECT room, COUNT(*) AS c FROM input GROUP BY room, TumblingWindow(second, 1)", "1.2", input)).isEqualTo(SubstreamTimes.SHARED);
        assertThat(times("SELECT room, COUNT(*) AS c FROM input PARTITION BY room GROUP BY room, TumblingWindow(second, 1)", "1.2", input))
                .isEqualTo(SubstreamTimes.SHARED);
        assertThat(times("""
                WITH s AS (SELECT room AS PartitionId, v FROM input)
                SELECT PartitionId, COUNT(*) AS c FROM s GROUP BY PartitionId, TumblingWindow(second, 1)""", "1.2", input)).isEqualTo(SubstreamTimes.SHARED);
        assertThat(times("""
                WITH s AS (SELECT PartitionId, COUNT(*) AS c FROM input PARTITION BY PartitionId GROUP BY PartitionId, TumblingWindow(second, 1))
                SELECT SUM(c) AS c FROM s GROUP BY TumblingWindow(second, 1)""", "1.2", input)).isEqualTo(SubstreamTimes.SHARED);
        assertThat(times("SELECT * FROM input PARTITION BY PartitionId WHERE v > 3", "1.2", input)).isEqualTo(SubstreamTimes.SHARED);
    }


    private static SubstreamTimes times(String query, String level, MemoryInput input) {
        return StepTimes.of(job("any", plan(query, level), level, input, "PartitionId")).at(0);
    }

    @Test
    void whatWaitsForASilentPartitionIsLimitedAndTold() throws Exception {
        Plan plan = plan("SELECT v, LAG(v) OVER (PARTITION BY room LIMIT DURATION(hour, 1)) AS l INTO output FROM input TIMESTAMP BY t", "1.2");
        MemoryInput input = MemoryInput.of("held", 2);
        // many more than wait and are on their way between the tasks
        int count = 20_000;
        List<Row> ahead = rows(0, count);
        input.add(0, ahead);
        runner = new JobRunner(JobRunner.Settings.DEFAULT.withFolder(folder).withParallelism(2).withCheckpoints(Duration.ofMillis(200)).withHeldRowsMax(1_000));
        RunningJob job = runner.start(job("held", plan, "1.2", input, "PartitionId"), new StartMode.Everything());
        await(() -> job.problem().isPresent());
        assertThat(job.problem()).get().asString().contains("input 'input'").contains("rows wait for partition '1'").contains("eventsLateArrivalMaxDelayInSeconds");
        assertThat(job.state()).isEqualTo(JobState.DEGRADED);
        assertThat(job.metrics().inputEvents()).isGreaterThanOrEqualTo(1_000).isLessThan(count);
        // it comes, from the same time on: both are read to their ends
        List<Row> behind = rows(0, count).stream().map(row -> Row.event(row.ticks(), row.event())).toList();
        input.add(1, behind);
        List<Row> all = IntStream.range(0, count).boxed().flatMap(i -> List.of(ahead.get(i), behind.get(i)).stream()).toList();
        List<String> expected = known(plan, Map.of(0, all));
        await(() -> MemoryTarget.shown("held").equals(expected));
        await(() -> job.state() == JobState.RUNNING);
        assertThat(job.metrics().inputEvents()).isEqualTo(2 * count);
    }
}
