package io.conshelf.streams.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.job.Datasources;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.job.JobDefinition.Ordering;
import io.conshelf.streams.job.JobDefinition.OutputError;
import io.conshelf.streams.job.JobDefinition.Policies;
import io.conshelf.streams.local.LocalEvents;
import io.conshelf.streams.local.LocalRun;
import io.conshelf.streams.operator.EventOrdering.Arrivals;
import io.conshelf.streams.operator.RandomSteps;
import io.conshelf.streams.operator.StepKeys;
import io.conshelf.streams.output.Targets;
import io.conshelf.streams.plan.Plan;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.plan.Window;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.run.JobState;
import io.conshelf.streams.run.RunningJob;
import io.conshelf.streams.run.StartMode;
import io.conshelf.streams.run.StreamJob;
import io.conshelf.streams.run.Surroundings;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.file.SeekableFileInput;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;

/// Jobs on the embedded cluster give what the local run over the same events gives.
class EmbeddedJobTest extends JobTest {
    private static StreamJob job(String id, Plan plan, MemoryInput input) {
        return new StreamJob(id, plan, Context.DEFAULT, Map.of("input", input), Map.of(), Map.of("output", () -> new MemoryTarget(id)), Policies.DEFAULT);
    }

    private static List<String> local(Plan plan, List<Row> rows) {
        LocalEvents events = new LocalEvents(Arrivals.TOLD, rows.stream().map(row -> new LocalEvents.Arrived(row.event(), row.ticks())).toList());
        return new LocalRun(plan, Policies.DEFAULT, Evaluation.in(Context.DEFAULT), _ -> { }).rows(Map.of("input", events), Map.of())
                .getOrDefault("output", List.of()).stream().map(MemoryTarget::text).sorted().toList();
    }

    @Test
    void everyStepGivesWhatTheLocalRunGives() throws Exception {
        JobRunner jobs = runner(2);
        for (int seed = 1; seed <= 12; seed++) {
            Random random = new Random(seed);
            Plan plan = RandomSteps.plan(RandomSteps.step(random));
            List<Row> rows = RandomSteps.rows(random, 400);
            MemoryInput input = MemoryInput.of("steps-" + seed, 1);
            input.add(rows);
            RunningJob job = jobs.start(job("steps-" + seed, plan, input.end()), new StartMode.Everything());
            assertThat(job.await(LIMIT)).as("the job of seed %d ends", seed).isTrue();
            assertThat(job.problem()).as("seed %d", seed).isEmpty();
            assertThat(job.state()).isEqualTo(JobState.STOPPED);
            assertThat(MemoryTarget.shown("steps-" + seed)).as("seed %d, %s", seed, plan.steps().getLast()).isEqualTo(local(plan, rows));
            assertThat(job.metrics().inputEvents()).isGreaterThanOrEqualTo(rows.size());
        }
    }

    @Test
    void aStoppedJobGoesOnWithMoreTasks() throws Exception {
        goesOn("stopped", this::halved, RunningJob::stop, new StartMode.LastStopped());
    }

    @Test
    void aJobThatWasBrokenOffGoesOnFromItsLastCheckpoint() throws Exception {
        goesOn("broken", this::halved, RunningJob::cancel, new StartMode.Continue());
    }

    /// Whatever a job is called, it finds its checkpoints again.
    @Test
    void jobsOfAnyNameGoOn() throws Exception {
        List<String> names = List.of("rooms 1.2", "50 % #1?", "über/.");
        List<Row> rows = RandomSteps.rows(new Random(3), 180);
        List<MemoryInput> inputs = names.stream().map(name -> MemoryInput.of(name, 1)).toList();
        Plan plan = RandomSteps.plan(RandomSteps.step(new Random(3)));
        long sources = plan.steps().stream().filter(Step.Source.class::isInstance).count();
        int given = 0;
        for (StartMode mode : List.of(new StartMode.Everything(), new StartMode.LastStopped(), new StartMode.Continue())) {
            JobRunner jobs = runner(1);
            List<RunningJob> running = new ArrayList<>();
            for (int job = 0; job < names.size(); job++) {
                // Each start finds 60 rows that are new; one that began anew would read those before them too.
                inputs.get(job).add(rows.subList(given, given + 60));
                running.add(jobs.start(job(names.get(job), plan, inputs.get(job)), mode));
            }
            given += 60;
            for (RunningJob job : running) {
                await(() -> job.state() == JobState.RUNNING && job.metrics().inputEvents() >= 60 * sources);
                job.stop();
                assertThat(job.metrics().inputEvents()).as("events read by '%s' that %s", job.name(), mode).isEqualTo(60 * sources);
            }
            runner.close();
        }
    }

    private Halved halved(String name, Random random) {
        Plan plan = RandomSteps.plan(RandomSteps.step(random));
        List<Row> rows = RandomSteps.rows(random, 600);
        return new Halved(rows, input -> job(name, plan, input), local(plan, rows), plan.steps().getLast());
    }

    @Test
    void nothingIsReadAgainAfterAStopWhereTasksHaveNothingToRead() throws Exception {
        for (int seed = 1; seed <= 3; seed++) {
            String name = "idle-tasks-" + seed;
            Plan plan = RandomSteps.plan(RandomSteps.step(new Random(seed)));
            List<Row> rows = RandomSteps.rows(new Random(seed), 600);
            // as in goesOn
            MemoryInput input = MemoryInput.of(name, 1).opaque();
            input.add(rows.subList(0, 300));
            // none but at the beginning, where Flink takes one whatever the interval, and that of the stop
            runner(3, Duration.ofHours(1));
            RunningJob job = runner.start(job(name, plan, input), new StartMode.Everything());
            long read = 300 * plan.steps().stream().filter(Step.Source.class::isInstance).count();
            await(() -> job.metrics().inputEvents() == read);
            job.stop();
            assertThat(job.problem()).isEmpty();
            runner.close();

            input.add(rows.subList(300, 600));
            input.end();
            RunningJob again = runner(3).start(job(name, plan, input), new StartMode.LastStopped());
            assertThat(again.await(LIMIT)).isTrue();
            assertThat(again.problem()).isEmpty();
            assertThat(again.metrics().inputEvents()).as("seed %d, %s", seed, plan.steps().getLast()).isEqualTo(read);
            assertThat(MemoryTarget.shown(name)).as("seed %d, %s", seed, plan.steps().getLast()).isEqualTo(local(plan, rows));
        }
    }

    @Test
    void rowsMeetTheReferenceDataOfTheirTimeAlsoAfterARestart() throws Exception {
        List<Row> rows = new java.util.ArrayList<>(RandomSteps.rows(new Random(13), 600));
        // while nothing comes, time goes on by itself
        rows.subList(300, 600).replaceAll(row -> new Row(row.ticks() + 3_600 * RandomSteps.SECOND, row.slots()));
        long begin = rows.getFirst().ticks();
        long[] from = {begin, rows.get(100).ticks(), rows.get(200).ticks(), rows.get(400).ticks(), rows.get(500).ticks()};
        MemoryReference reference = new MemoryReference("restarted");
        for (int i = 0; i < 3; i++) {
            reference.put(from[i], i);
        }
        MemoryInput input = MemoryInput.of("restarted", 1);
        input.add(rows.subList(0, 300));
        Expression n = new Expression.Field(new Expression.Slot(1, Span.NONE), "n", Span.NONE);
        Plan plan = new Plan(List.of(new Step.Source("input", List.of(), new Step.EventTime.Arrival(), Step.Partitioning.NONE, Span.NONE),
                new Step.Reference("reference", List.of(), Span.NONE),
                new Step.ReferenceJoin(0, 1, Step.JoinKind.INNER, List.of(), Expression.TRUE, 1), new Step.Project(2, List.of(new Step.Item.Named("n", n)))),
                List.of(new Plan.Output("output", 3, List.of(), Span.NONE)), 0);
        StreamJob job = new StreamJob("restarted", plan, Context.DEFAULT, Map.of("input", input), Map.of("reference", reference),
                Map.of("output", () -> new MemoryTarget("restarted")), Policies.DEFAULT);
        JobRunner first = runner(2);
        RunningJob running = first.start(job, new StartMode.From(begin));
        await(() -> running.metrics().outputEvents() >= 300);
        running.stop();
        assertThat(running.problem()).isEmpty();
        first.close();

        reference.put(from[3], 3);
        reference.put(from[4], 4);
        input.add(rows.subList(300, 600));
        input.end();
        // more tasks than partitions, and than before
        RunningJob again = runner(3).start(job, new StartMode.Continue());
        assertThat(again.await(LIMIT)).isTrue();
        assertThat(again.problem()).isEmpty();
        assertThat(again.metrics().inputEvents()).isEqualTo(300);
        assertThat(MemoryTarget.shown("restarted")).isEqualTo(rows.stream().map(row -> {
            int valid = 4;
            while (from[valid] > row.ticks()) {
                valid--;
            }
            return Ticks.text(row.ticks()) + " [{\"n\":" + valid + "}]";
        }).sorted().toList());
    }

    @Test
    void timeThatWentOnByItselfOutlivesAStop() throws Exception {
        List<Row> rows = new ArrayList<>(RandomSteps.rows(new Random(31), 200));
        rows.subList(100, 200).replaceAll(row -> new Row(row.ticks() + 3_600 * RandomSteps.SECOND, row.slots()));
        Step windows = new Step.Aggregate(0, List.of(), RandomSteps.ORDER_FREE, List.of(new Step.NamedWindow("", new Window.Tumbling(RandomSteps.SECOND, 0))),
                Step.Partitioning.NONE);
        Plan plan = new Plan(List.of(arriving("input"), windows), List.of(new Plan.Output("output", 1, List.of(), Span.NONE)), 0);
        MemoryInput input = MemoryInput.of("went-on", 1);
        input.add(rows.subList(0, 100));
        RunningJob first = runner(2).start(job("went-on", plan, input), new StartMode.Everything());
        // the last window, which no event closes
        List<String> half = local(plan, rows.subList(0, 100));
        await(() -> MemoryTarget.shown("went-on").equals(half));
        first.stop();
        assertThat(first.problem()).isEmpty();
        runner.close();

        input.add(rows.subList(100, 200));
        RunningJob again = runner(3).start(job("went-on", plan, input.end()), new StartMode.LastStopped());
        assertThat(again.await(LIMIT)).isTrue();
        assertThat(again.problem()).isEmpty();
        assertThat(again.metrics().inputEvents()).isEqualTo(100);
        assertThat(MemoryTarget.shown("went-on")).isEqualTo(local(plan, rows));
    }

    private static Plan numbers(String column, Span span) {
        Expression value = new Expression.Field(new Expression.Slot(0, span), "v", span);
        return RandomSteps.plan(new Step.Project(0, List.of(new Step.Item.Named(column, value))));
    }

    @Test
    void anotherQueryBeginsBehindWhatWasShownAndNotBehindWhatWasWritten() throws Exception {
        List<Row> rows = RandomSteps.rows(new Random(17), 300);
        MemoryInput input = MemoryInput.of("changed", 1);
        input.add(rows);
        // Flink takes a first one at once where there are any
        runner = new JobRunner(JobRunner.Settings.DEFAULT.withFolder(folder).withCheckpoints(Duration.ZERO));
        RunningJob first = runner.start(job("changed", numbers("a", Span.NONE), input), new StartMode.Everything());
        await(() -> first.metrics().outputEvents() == 300);
        assertThat(first.metrics().lastOutputEventTicks()).as("nothing is shown without a checkpoint").isZero();
        first.cancel();
        runner.close();

        Plan other = numbers("b", Span.NONE);
        RunningJob again = runner(1).start(job("changed", other, input.end()), new StartMode.Continue());
        assertThat(again.await(LIMIT)).isTrue();
        assertThat(again.problem()).isEmpty();
        assertThat(MemoryTarget.shown("changed")).isEqualTo(local(other, rows));
    }

    @Test
    void aJobThatWasBrokenOffGoesOnWithAnotherQueryFromItsLastOutput() throws Exception {
        List<Row> rows = RandomSteps.rows(new Random(19), 300);
        long last = rows.getLast().ticks();
        MemoryInput input = MemoryInput.of("killed", 1);
        input.add(rows);
        RunningJob first = runner(2).start(job("killed", numbers("a", Span.NONE), input), new StartMode.Everything());
        await(() -> keeps("killed", rows.getLast()));
        first.cancel();
        runner.close();

        Plan other = numbers("b", Span.NONE);
        RunningJob again = runner(2).start(job("killed", other, input.end()), new StartMode.Continue());
        assertThat(again.await(LIMIT)).isTrue();
        assertThat(MemoryTarget.shown("killed").stream().filter(row -> row.contains("{\"b\""))).isNotEmpty()
                .isEqualTo(local(other, rows).stream().filter(row -> row.startsWith(Ticks.text(last))).toList());
    }

    @Test
    void aQueryThatIsOnlyWrittenOtherwiseGoesOn() throws Exception {
        List<Row> rows = RandomSteps.rows(new Random(23), 300);
        MemoryInput input = MemoryInput.of("moved", 1);
        input.add(rows);
        RunningJob first = runner(1).start(job("moved", numbers("a", new Span(1, 8, 1, 9)), input), new StartMode.Everything());
        await(() -> MemoryTarget.shown("moved").size() == 300);
        first.stop();
        runner.close();

        Plan moved = numbers("a", new Span(3, 4, 3, 5));
        RunningJob again = runner(1).start(job("moved", moved, input.end()), new StartMode.Continue());
        assertThat(again.await(LIMIT)).isTrue();
        assertThat(MemoryTarget.shown("moved")).isEqualTo(local(moved, rows));
    }

    /// Flink does not run again what was over when the job was broken off.
    @Test
    void theTimeOfTheLastOutputGoesOnWhereAnotherOutputWasOverBefore() throws Exception {
        String id = "half-over";
        Step.Item all = new Step.Item.Named("v", new Expression.Field(new Expression.Slot(0, Span.NONE), "v", Span.NONE));
        Plan plan = new Plan(List.of(arriving("ended"), arriving("live"), new Step.Project(0, List.of(all)), new Step.Project(1, List.of(all))),
                List.of(new Plan.Output("a", 2, List.of(), Span.NONE), new Plan.Output("b", 3, List.of(), Span.NONE)), 0);
        List<Row> rows = RandomSteps.rows(new Random(29), 200);
        MemoryInput ended = MemoryInput.of(id + "-ended", 1);
        ended.add(rows.subList(0, 50));
        MemoryInput live = MemoryInput.of(id + "-live", 1).opaque();
        live.add(rows.subList(0, 100));
        StreamJob job = new StreamJob(id, plan, Context.DEFAULT, Map.of("ended", ended.end(), "live", live), Map.of(),
                Map.of("a", () -> new MemoryTarget(id + "-a"), "b", () -> new MemoryTarget(id + "-b")), Policies.DEFAULT);
        RunningJob first = runner(1).start(job, new StartMode.Everything());
        await(() -> MemoryTarget.shown(id + "-a").size() == 50 && keeps(id, rows.get(99)));
        first.cancel();
        runner.close();

        live.add(rows.subList(100, 200));
        runner(2).start(job, new StartMode.Continue());
        await(() -> keeps(id, rows.get(199)));
        assertThat(MemoryTarget.shown(id + "-a")).hasSize(50);
    }

    private static Step arriving(String input) {
        return new Step.Source(input, List.of(), new Step.EventTime.Arrival(), Step.Partitioning.NONE, Span.NONE);
    }

    private boolean keeps(String id, Row last) {
        return StoppedAt.read(new RunFolder(folder, id).path()).filter(ticks -> ticks == last.ticks()).isPresent();
    }

    private record OfOneWriter(String id) implements StreamJob.TargetRecipe {
        @Override
        public MemoryTarget open() {
            return new MemoryTarget(id);
        }

        @Override
        public int writersMax() {
            return 1;
        }
    }

    @Test
    void anOutputOfOneWriterIsWrittenByOneTask() throws Exception {
        Random random = new Random(5);
        JobRunner jobs = runner(2);
        Step step = Stream.generate(() -> RandomSteps.analytics(random)).filter(analytics -> !StepKeys.isSingle(analytics)).findFirst().orElseThrow();
        Plan plan = RandomSteps.plan(step);
        List<Row> rows = RandomSteps.rows(random, 400);
        for (String id : List.of("many-writers", "one-writer")) {
            MemoryInput input = MemoryInput.of(id, 1);
            input.add(rows);
            StreamJob job = new StreamJob(id, plan, Context.DEFAULT, Map.of("input", input.end()), Map.of(),
                    Map.of("output", id.equals("one-writer") ? new OfOneWriter(id) : () -> new MemoryTarget(id)), Policies.DEFAULT);
            assertThat(jobs.start(job, new StartMode.Everything()).await(LIMIT)).isTrue();
            assertThat(MemoryTarget.shown(id)).isNotEmpty().isEqualTo(local(plan, rows));
        }
        assertThat(MemoryTarget.writers("many-writers")).hasSize(2);
        assertThat(MemoryTarget.writers("one-writer")).hasSize(1);
    }

    @Test
    void aJobHasATaskForEachSixStreamingUnitsThatProcessorsAreThereFor() throws Exception {
        Random random = new Random(5);
        Step step = Stream.generate(() -> RandomSteps.analytics(random)).filter(analytics -> !StepKeys.isSingle(analytics)).findFirst().orElseThrow();
        Plan plan = RandomSteps.plan(step);
        List<Row> rows = RandomSteps.rows(random, 400);
        JobRunner jobs = runner(1);
        for (int units : List.of(3, 12)) {
            String id = "units-" + units;
            MemoryInput input = MemoryInput.of(id, 1);
            input.add(rows);
            Policies policies = new Policies(Optional.empty(), Duration.ZERO, Ordering.ADJUST, OutputError.STOP, "1.2", "en-US", units);
            StreamJob job = new StreamJob(id, plan, Context.DEFAULT, Map.of("input", input.end()), Map.of(), Map.of("output", () -> new MemoryTarget(id)), policies);
            assertThat(jobs.start(job, new StartMode.Everything()).await(LIMIT)).isTrue();
            assertThat(MemoryTarget.shown(id)).isEqualTo(local(plan, rows));
        }
        assertThat(MemoryTarget.writers("units-3")).hasSize(1);
        assertThat(MemoryTarget.writers("units-12")).hasSize(Math.min(2, Runtime.getRuntime().availableProcessors()));
    }

    /// Files of 100 rows, however many checkpoints pass meanwhile.
    @Test
    void rowsThatWaitForTheirFileOutliveTheJob() throws Exception {
        for (boolean isStopped : new boolean[] {true, false}) {
            String name = isStopped ? "batches-stopped" : "batches-broken";
            Path files = folder.resolve("files-" + name);
            List<Row> rows = numbered(500);
            MemoryInput input = MemoryInput.of(name, 1);
            StreamJob job = batches(name, input, files);
            input.add(rows.subList(0, 50));
            RunningJob first = runner(1).start(job, new StartMode.Everything());
            await(() -> first.metrics().outputEvents() == 50);
            if (isStopped) {
                first.stop();
                // nobody has to start it again to see its rows
                assertThat(avro(files)).hasSize(50);
            } else {
                first.cancel();
                assertThat(avro(files)).isEmpty();
            }
            runner.close();
            input.add(rows.subList(50, 500));
            RunningJob again = runner(2).start(job, new StartMode.Continue());
            await(() -> again.metrics().outputEvents() >= 450);
            input.end();
            assertThat(again.await(LIMIT)).isTrue();
            assertThat(again.problem()).isEmpty();
            assertThat(avro(files)).containsExactlyElementsOf(Stream.iterate(0L, n -> n + 1).limit(500).toList());
            try (Stream<Path> all = Files.list(files)) {
                assertThat(all).hasSizeLessThanOrEqualTo(7);
            }
            runner.close();
        }
    }

    private StreamJob batches(String name, MemoryInput input, Path files) {
        Surroundings surroundings = Surroundings.free(URI.create("http://127.0.0.1:1"), Surroundings.Role.EMBEDDED, List.of(), folder);
        ObjectNode properties = JsonNodeFactory.instance.objectNode().put("sizeWindow", 100).put("timeWindow", "02:00:00");
        properties.putObject("datasource").put("type", Datasources.FILE).putObject("properties").put("path", files.toString());
        properties.putObject("serialization").put("type", "Avro");
        JobDefinition.Output output = new JobDefinition.Output("output", properties);
        JobDefinition definition = new JobDefinition(name, "", List.of(), List.of(output), List.of(), Policies.DEFAULT);
        return new StreamJob(name, numbers("n", Span.NONE), Context.DEFAULT, Map.of("input", input), Map.of(),
                Map.of("output", () -> Targets.of(output, definition, surroundings)), Policies.DEFAULT);
    }

    private static List<Row> numbered(long count) {
        return Stream.iterate(0L, n -> n + 1).limit(count).map(n -> Row.event(Ticks.of(Instant.parse("2026-01-31T08:00:00Z")) + n,
                new Value.Record(Shape.of(List.of("v")), new Value[] {Value.of(n)}))).toList();
    }

    @Test
    void rowsThatWaitForTheirFileAreWrittenAtTheEndOfAProcessThatKeepsNothing() throws Exception {
        Path files = folder.resolve("files");
        MemoryInput input = MemoryInput.of("batches-kept-nowhere", 1);
        input.add(numbered(50));
        runner = new JobRunner(JobRunner.Settings.DEFAULT);
        RunningJob job = runner.start(batches("batches-kept-nowhere", input, files), new StartMode.Everything());
        await(() -> job.metrics().outputEvents() == 50 && job.state() == JobState.RUNNING);
        assertThat(avro(files)).isEmpty();
        runner.close();
        assertThat(avro(files)).hasSize(50);
    }

    private static List<Long> avro(Path folder) throws IOException {
        List<Long> numbers = new ArrayList<>();
        if (Files.notExists(folder)) {
            return numbers;
        }
        try (Stream<Path> all = Files.list(folder)) {
            for (Path file : all.filter(path -> path.toString().endsWith(".avro")).toList()) {
                try (var rows = new DataFileReader<GenericRecord>(new SeekableFileInput(file.toFile()), new GenericDatumReader<>())) {
                    rows.forEach(row -> numbers.add((Long) row.get("n")));
                }
            }
        }
        return numbers.stream().sorted().toList();
    }

    @Test
    void rowsBeforeTheStartAreReadAndNotWritten() throws Exception {
        Random random = new Random(7);
        Plan bare = RandomSteps.plan(RandomSteps.analytics(random));
        Plan plan = new Plan(bare.steps(), bare.outputs(), 20 * RandomSteps.SECOND);
        List<Row> rows = RandomSteps.rows(random, 600);
        long start = rows.get(400).ticks();
        MemoryInput input = MemoryInput.of("start", 1);
        input.add(rows);
        RunningJob job = runner(2).start(job("start", plan, input.end()), new StartMode.From(start));
        assertThat(job.await(LIMIT)).isTrue();
        assertThat(job.problem()).isEmpty();
        assertThat(MemoryTarget.shown("start")).isNotEmpty()
                .isEqualTo(local(plan, rows).stream().filter(row -> row.compareTo(Ticks.text(start)) >= 0).toList());
    }

    @Test
    void timeStandsAsLongAsNobodyKnowsWhatWaits() throws Exception {
        Random random = new Random(11);
        Plan plan = RandomSteps.plan(RandomSteps.step(random));
        List<Row> rows = RandomSteps.rows(random, 200);
        MemoryInput input = MemoryInput.of("silent", 1);
        input.add(rows);
        RunningJob job = runner(1).start(job("silent", plan, input.end().silent()), new StartMode.Everything());
        await(() -> input.asked() > 20);
        input.answer();
        assertThat(job.await(LIMIT)).isTrue();
        assertThat(job.problem()).isEmpty();
        assertThat(MemoryTarget.shown("silent")).isNotEmpty().isEqualTo(local(plan, rows));
    }

    @Test
    void aValueThatEndsTheJobIsToldWithItsPlace() throws Exception {
        Span place = new Span(3, 8, 3, 24);
        Expression cast = new Expression.Cast(new Expression.Field(new Expression.Slot(0, Span.NONE), "k", Span.NONE), Expression.Type.ARRAY,
                Expression.OnFailure.ERROR, place);
        Plan plan = RandomSteps.plan(new Step.Project(0, List.of(new Step.Item.Named("x", cast))));
        MemoryInput input = MemoryInput.of("fault", 1);
        input.add(RandomSteps.rows(new Random(1), 10));
        RunningJob job = runner(1).start(job("fault", plan, input), new StartMode.Everything());
        assertThat(job.await(LIMIT)).isTrue();
        assertThat(job.state()).isEqualTo(JobState.FAILED);
        assertThat(job.problem()).get().asString().startsWith("Cannot cast value of type 'nvarchar(max)' to type 'array'").contains("At line '3' and column '8'");
    }

    /// Each key has a time of its own, and a window closes when no key can have an earlier event.
    @Test
    void windowsOfSubstreamsCloseWhileTheInputGoesOn() throws Exception {
        Expression key = new Expression.Field(new Expression.Slot(0, Span.NONE), "k", Span.NONE);
        Step source = new Step.Source("input", List.of(), new Step.EventTime.By(new Expression.Timestamp(Span.NONE), List.of(key)),
                new Step.Partitioning(List.of(key)), Span.NONE);
        Step groups = new Step.Aggregate(0, List.of(key), RandomSteps.ORDER_FREE, List.of(new Step.NamedWindow("", new Window.Tumbling(5 * RandomSteps.SECOND, 0))),
                new Step.Partitioning(List.of(key)));
        Plan plan = new Plan(List.of(source, groups), List.of(new Plan.Output("output", 1, List.of(), Span.NONE)), 0);
        Policies policies = new Policies(Optional.of(Duration.ofSeconds(10)), Duration.ZERO, Ordering.ADJUST, OutputError.STOP, "1.2", "en-US", 1);
        List<Row> rows = RandomSteps.rows(new Random(5), 400);
        MemoryInput input = MemoryInput.of("substreams", 1);
        input.add(rows);
        RunningJob job = runner(2).start(new StreamJob("substreams", plan, Context.DEFAULT, Map.of("input", input), Map.of(),
                Map.of("output", () -> new MemoryTarget("substreams")), policies), new StartMode.Everything());
        String closed = Ticks.text(rows.getLast().ticks() - 11 * RandomSteps.SECOND);
        List<String> expected = local(plan, rows).stream().filter(row -> row.compareTo(closed) < 0).toList();
        assertThat(expected).isNotEmpty();
        await(() -> MemoryTarget.shown("substreams").stream().filter(row -> row.compareTo(closed) < 0).toList().equals(expected));
        assertThat(job.state()).isEqualTo(JobState.RUNNING);
    }

    @Test
    void severalJobsRunBesideOneAnother() throws Exception {
        JobRunner jobs = runner(1);
        Random random = new Random(3);
        Plan plan = RandomSteps.plan(RandomSteps.step(random));
        List<Row> rows = RandomSteps.rows(random, 100);
        MemoryInput open = MemoryInput.of("open", 1);
        open.add(rows);
        MemoryInput ended = MemoryInput.of("ended", 1);
        ended.add(rows);
        RunningJob one = jobs.start(job("open", plan, open), new StartMode.Everything());
        RunningJob other = jobs.start(job("ended", plan, ended.end()), new StartMode.Everything());
        assertThat(other.await(LIMIT)).isTrue();
        await(() -> one.state() == JobState.RUNNING);
        assertThatThrownBy(() -> jobs.start(job("open", plan, open), new StartMode.Now())).hasMessage("job 'open' is Running");
        open.end();
        assertThat(one.await(LIMIT)).isTrue();
        assertThat(MemoryTarget.shown("open")).isEqualTo(MemoryTarget.shown("ended")).isEqualTo(local(plan, rows));
    }
}
