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
import io.conshelf.streams.query.Span;
import io.conshelf.streams.run.JobState;
import io.conshelf.streams.run.RunningJob;
import io.conshelf.streams.run.StartMode;
import io.conshelf.streams.run.StreamJob;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Ticks;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What the state of a job tells of its reference data.
class RefreshedReferenceTest extends JobTest {
    /// Gives the number of the snapshot that an event meets.
    private static StreamJob joined(String name, MemoryInput input, MemoryReference reference) {
        Expression n = new Expression.Field(new Expression.Slot(1, Span.NONE), "n", Span.NONE);
        Plan plan = new Plan(List.of(new Step.Source("input", List.of(), new Step.EventTime.Arrival(), Step.Partitioning.NONE, Span.NONE),
                new Step.Reference("reference", List.of(), Span.NONE),
                new Step.ReferenceJoin(0, 1, Step.JoinKind.INNER, List.of(), Expression.TRUE, 1), new Step.Project(2, List.of(new Step.Item.Named("n", n)))),
                List.of(new Plan.Output("output", 3, List.of(), Span.NONE)), 0);
        return new StreamJob(name, plan, Context.DEFAULT, Map.of("input", input), Map.of("reference", reference),
                Map.of("output", () -> new MemoryTarget(name)), new Policies(Optional.empty(), Duration.ZERO, Ordering.ADJUST, OutputError.STOP, "1.2", "en-US", 1));
    }

    @Test
    void whatIsReadFromItsBeginningMeetsTheReferenceDataOfItsTime() throws Exception {
        List<Row> rows = RandomSteps.rows(new Random(7), 300);
        MemoryReference reference = new MemoryReference("of-its-time");
        for (int snapshot = 0; snapshot < 5; snapshot++) {
            // the first becomes valid behind the first rows, and one cannot be read
            reference.put(rows.get(40 + 50 * snapshot).ticks(), snapshot == 2 ? -1 : snapshot);
        }
        MemoryInput input = MemoryInput.of("of-its-time", 1);
        input.add(rows);
        RunningJob job = runner(1).start(joined("of-its-time", input.end(), reference), new StartMode.Everything());
        assertThat(job.await(LIMIT)).isTrue();
        assertThat(job.problem()).isEmpty();
        assertThat(MemoryTarget.shown("of-its-time")).isEqualTo(rows.stream().map(row -> {
            int valid = 0;
            for (int snapshot = 1; snapshot < 5; snapshot++) {
                valid = snapshot != 2 && rows.get(40 + 50 * snapshot).ticks() <= row.ticks() ? snapshot : valid;
            }
            return Ticks.text(row.ticks()) + " [{\"n\":" + valid + "}]";
        }).sorted().toList());
    }

    /// A partition that is far ahead asks for all snapshots there are; the other one, which comes behind, for each of them once more.
    @Test
    void rowsMeetTheReferenceDataOfTheirTimeHoweverMuchThereIsOfIt() throws Exception {
        List<Row> rows = RandomSteps.rows(new Random(9), 700);
        MemoryReference reference = new MemoryReference("much");
        for (int snapshot = 0; snapshot < 350; snapshot++) {
            // one is as the one before
            reference.put(rows.get(2 * snapshot).ticks(), snapshot == 101 ? 100 : snapshot);
        }
        MemoryInput input = MemoryInput.of("much", 2).opaque();
        input.add(1, rows.subList(699, 700));
        RunningJob job = runner(1).start(joined("much", input, reference), new StartMode.Everything());
        await(() -> job.metrics().outputEvents() == 1);

        // its equal is there, and the newest is at hand
        reference.remove(rows.get(200).ticks());
        reference.remove(rows.get(698).ticks());

        // rows wait for what the store does not tell just now
        reference.answers(Optional.of("nobody answers"));
        input.add(0, rows.subList(0, 300));
        await(() -> job.problem().filter(problem -> problem.contains("input 'reference': nobody answers")).isPresent());
        reference.answers(Optional.empty());
        await(() -> job.metrics().outputEvents() == 301);

        // and meet the one before where it is gone
        reference.remove(rows.get(400).ticks());
        input.add(0, rows.subList(300, 699));
        input.end();
        assertThat(job.await(LIMIT)).isTrue();
        assertThat(job.problem()).isEmpty();
        assertThat(MemoryTarget.shown("much")).isEqualTo(IntStream.range(0, 700).mapToObj(row -> {
            int valid = (int) IntStream.range(0, 350).filter(snapshot -> rows.get(2 * snapshot).ticks() <= rows.get(row).ticks()).count() - 1;
            return Ticks.text(rows.get(row).ticks()) + " [{\"n\":" + (valid == 200 ? 199 : valid == 101 ? 100 : valid) + "}]";
        }).sorted().toList());
        assertThat(job.diagnostics()).singleElement().satisfies(one -> assertThat(one.example().message()).startsWith("the reference data of ").contains("was deleted"));
    }

    @Test
    void aJobEndsWhereThereIsNoMemoryForItsFirstReferenceData() throws Exception {
        MemoryReference reference = new MemoryReference("too-large-first");
        reference.put(1, MemoryReference.TOO_LARGE);
        endsFor(runner(1).start(joined("too-large-first", MemoryInput.of("too-large-first", 1), reference), new StartMode.Everything()));
    }

    /// Rows of its time wait for it until it is there.
    @Test
    void aJobEndsWhereThereIsNoMemoryForReferenceDataThatRowsWaitFor() throws Exception {
        List<Row> rows = RandomSteps.rows(new Random(11), 20);
        MemoryReference reference = new MemoryReference("too-large-later");
        reference.put(rows.get(0).ticks(), 1);
        reference.put(rows.get(10).ticks(), MemoryReference.TOO_LARGE);
        MemoryInput input = MemoryInput.of("too-large-later", 1);
        input.add(rows);
        endsFor(runner(1).start(joined("too-large-later", input, reference), new StartMode.Everything()));
    }

    @Test
    void aJobEndsWhereReferenceDataHasGrownThatIsReadOnceMore() throws Exception {
        List<Row> rows = RandomSteps.rows(new Random(9), 700);
        MemoryReference reference = new MemoryReference("grown");
        for (int snapshot = 0; snapshot < 350; snapshot++) {
            reference.put(rows.get(2 * snapshot).ticks(), snapshot);
        }
        MemoryInput input = MemoryInput.of("grown", 2).opaque();
        input.add(1, rows.subList(699, 700));
        RunningJob job = runner(1).start(joined("grown", input, reference), new StartMode.Everything());
        await(() -> job.metrics().outputEvents() == 1);
        reference.put(rows.get(200).ticks(), MemoryReference.TOO_LARGE);
        input.add(0, rows.subList(0, 300));
        endsFor(job);
    }

    @Test
    void aJobEndsWhereItsReferenceDataHasGrown() throws Exception {
        MemoryReference reference = new MemoryReference("refreshed-too-large");
        reference.put(1, 1);
        MemoryInput input = MemoryInput.of("refreshed-too-large", 1);
        input.add(RandomSteps.rows(new Random(5), 10));
        RunningJob job = runner(1).start(joined("refreshed-too-large", input, reference), new StartMode.Everything());
        await(() -> job.state() == JobState.RUNNING && job.metrics().outputEvents() == 10);
        reference.put(2, MemoryReference.TOO_LARGE);
        endsFor(job);
    }

    private static void endsFor(RunningJob job) throws InterruptedException {
        assertThat(job.await(LIMIT)).as("it ends").isTrue();
        assertThat(job.state()).isEqualTo(JobState.FAILED);
        assertThat(job.problem()).hasValueSatisfying(told -> assertThat(told)
                .startsWith("input 'reference': the reference data takes more than ").endsWith("or give the process more memory"));
    }

    @Test
    void aJobIsDegradedWhileItsReferenceDataIsNotRefreshed() throws Exception {
        MemoryReference reference = new MemoryReference("refreshed");
        reference.put(1, 1);
        MemoryInput input = MemoryInput.of("refreshed", 1);
        input.add(RandomSteps.rows(new Random(5), 10));
        RunningJob job = runner(2).start(joined("refreshed", input, reference), new StartMode.Everything());
        await(() -> job.state() == JobState.RUNNING && job.metrics().outputEvents() == 10);

        reference.answers(Optional.of("nobody answers"));
        await(() -> job.state() == JobState.DEGRADED);
        assertThat(job.problem()).contains("input 'reference': nobody answers");
        input.add(RandomSteps.rows(new Random(6), 10));
        await(() -> job.metrics().outputEvents() == 20);
        reference.answers(Optional.empty());
        await(() -> job.state() == JobState.RUNNING);

        reference.put(2, -1);
        await(() -> job.state() == JobState.DEGRADED);
        assertThat(job.problem()).contains("input 'reference': it is broken; the snapshot before stays valid until there is one that can be read");
        assertThat(job.diagnostics()).singleElement().satisfies(one -> assertThat(one.example().type()).isEqualTo("InputDeserializerError.InvalidData"));
        reference.put(3, 3);
        await(() -> job.state() == JobState.RUNNING);
        assertThat(job.problem()).isEmpty();
        job.cancel();
    }
}
