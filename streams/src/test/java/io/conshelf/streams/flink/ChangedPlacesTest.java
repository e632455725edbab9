package io.conshelf.streams.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.input.EventInput;
import io.conshelf.streams.input.EventPartition;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.job.JobDefinition.Output;
import io.conshelf.streams.job.JobDefinition.Policies;
import io.conshelf.streams.job.StorePlace;
import io.conshelf.streams.operator.RandomSteps;
import io.conshelf.streams.output.CheckpointUnreadable;
import io.conshelf.streams.output.EventTarget;
import io.conshelf.streams.output.OutputException;
import io.conshelf.streams.output.RowsLost;
import io.conshelf.streams.output.Targets;
import io.conshelf.streams.plan.Plan;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.run.Places;
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
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// A job that was stopped, or broken off, and goes on with an output or an input in another place: nothing of one place comes into the other, and no row is
/// missing.
class ChangedPlacesTest extends JobTest {
    private static final Plan PLAN = RandomSteps.plan(new Step.Project(0,
            List.of(new Step.Item.Named("n", new Expression.Field(new Expression.Slot(0, Span.NONE), "v", Span.NONE)))));

    private static List<Row> numbered(long from, long to) {
        return LongStream.range(from, to).mapToObj(n -> Row.event(Ticks.of(Instant.parse("2026-01-31T08:00:00Z")) + n,
                new Value.Record(Shape.of(List.of("v")), new Value[] {Value.of(n)}))).toList();
    }

    private static List<Long> numbers(long from, long to) {
        return LongStream.range(from, to).boxed().toList();
    }

    private static StreamJob job(String name, EventInput input, String inputPlace, String target, String targetPlace) {
        return new StreamJob(name, PLAN, Context.DEFAULT, Map.of("input", input), Map.of(), Map.of("output", () -> new MemoryTarget(target)), Policies.DEFAULT,
                new Places(Map.of("input", inputPlace), Map.of("output", targetPlace)));
    }

    private static List<Long> shown(String target) {
        return MemoryTarget.shown(target).stream().map(row -> Long.parseLong(row.replaceAll(".*:(\\d+)}.*", "$1"))).sorted().toList();
    }

    @Test
    void whatWasShownInOnePlaceIsNotShownInAnotherAfterAStop() throws Exception {
        MemoryInput input = MemoryInput.of("moved-stopped", 1);
        input.add(numbered(0, 100));
        RunningJob first = runner(2).start(job("moved-stopped", input, "in", "moved-a", "a"), new StartMode.Everything());
        await(() -> first.metrics().outputEvents() == 100);
        first.stop();
        assertThat(shown("moved-a")).isEqualTo(numbers(0, 100));
        runner.close();

        input.add(numbered(100, 200));
        input.end();
        RunningJob again = runner(3).start(job("moved-stopped", input, "in", "moved-b", "b"), new StartMode.LastStopped());
        assertThat(again.await(LIMIT)).isTrue();
        assertThat(again.problem()).isEmpty();
        assertThat(shown("moved-a")).isEqualTo(numbers(0, 100));
        assertThat(shown("moved-b")).isEqualTo(numbers(100, 200));
    }

    /// An event input that keeps nothing of what was read.
    private record Once(MemoryInput of) implements EventInput {
        @Override
        public boolean canBeReadAgain() {
            return false;
        }

        @Override
        public boolean isBounded() {
            return true;
        }

        @Override
        public List<String> partitions() {
            return of.partitions();
        }

        @Override
        public EventPartition open(String partition, Start start) {
            return of.open(partition, start);
        }
    }

    @Test
    void rowsThatWereNotShownAreMadeAgainForTheOtherPlaceOrTheStartIsRefused() throws Exception {
        MemoryInput input = MemoryInput.of("moved-broken", 1);
        input.add(numbered(0, 100));
        RunningJob first = runner(1).start(batches("moved-broken", input, "Avro", folder.resolve("one")), new StartMode.Everything());
        // a checkpoint has them all
        await(() -> first.metrics().outputEvents() == 100 && first.metrics().lastOutputEventTicks() > 0);
        first.cancel();
        runner.close();
        assertThat(numbersIn(folder.resolve("one"))).isEmpty();

        JobRunner jobs = runner(1);
        assertThatThrownBy(() -> jobs.start(batches("moved-broken", new Once(input), "Json", folder.resolve("other")), new StartMode.LastStopped()))
                .isInstanceOf(IllegalStateException.class).hasMessageContaining("what input 'input' gave cannot be read again").hasMessageContaining("File '")
                .hasMessageContaining("start it now or at a time");

        input.add(numbered(100, 200));
        input.end();
        // lines of JSON are not held back
        RunningJob again = jobs.start(batches("moved-broken", input, "Json", folder.resolve("other")), new StartMode.LastStopped());
        assertThat(again.await(LIMIT)).isTrue();
        assertThat(again.problem()).isEmpty();
        assertThat(numbersIn(folder.resolve("other"))).isEqualTo(numbers(0, 200));
    }

    @Test
    void rowsThatAreHeldBackAgainAfterARestartAreNotTakenAsShown() throws Exception {
        MemoryInput input = MemoryInput.of("moved-held", 1);
        input.add(numbered(0, 100));
        RunningJob first = runner(1).start(batches("moved-held", input, "Avro", folder.resolve("one")), new StartMode.Everything());
        await(() -> first.metrics().outputEvents() == 100 && first.metrics().lastOutputEventTicks() > 0);
        first.cancel();
        runner.close();

        // no checkpoint comes before it ends
        RunningJob second = runner(1, Duration.ofHours(1)).start(batches("moved-held", input, "Avro", folder.resolve("one")), new StartMode.Continue());
        await(() -> second.metrics().lastOutputEventTicks() > 0);
        second.cancel();
        runner.close();

        input.end();
        RunningJob again = runner(1).start(batches("moved-held", input, "Json", folder.resolve("other")), new StartMode.LastStopped());
        assertThat(again.await(LIMIT)).isTrue();
        assertThat(again.problem()).isEmpty();
        assertThat(numbersIn(folder.resolve("other"))).isEqualTo(numbers(0, 100));
    }

    @Test
    void anOutputWhoseStoreIsAwayAfterARestartHoldsTheTimeOfTheLastOutput() throws Exception {
        MemoryInput input = MemoryInput.of("moved-away", 1);
        input.add(numbered(0, 100));
        StreamJob avro = batches("moved-away", input, "Avro", folder.resolve("one"));
        RunningJob first = runner(1).start(with(avro, avro.outputs().get("output")), new StartMode.Everything());
        // one has shown its rows, and the other holds them back
        await(() -> first.metrics().outputEvents() == 200 && first.metrics().lastOutputEventTicks() > 0 && shown("moved-away").size() == 100);
        first.cancel();
        runner.close();

        RunningJob second = runner(1).start(with(avro, () -> {
            throw new OutputException("the store is away");
        }), new StartMode.Continue());
        await(() -> second.metrics().lastOutputEventTicks() > 0 && second.problem().isPresent());
        second.cancel();
        runner.close();

        input.end();
        StreamJob json = batches("moved-away", input, "Json", folder.resolve("other"));
        RunningJob again = runner(1).start(with(json, json.outputs().get("output")), new StartMode.LastStopped());
        assertThat(again.await(LIMIT)).isTrue();
        assertThat(again.problem()).isEmpty();
        assertThat(numbersIn(folder.resolve("other"))).isEqualTo(numbers(0, 100));
    }

    /// The job with another output beside its own.
    private static StreamJob with(StreamJob job, StreamJob.TargetRecipe own) {
        Plan.Output output = job.plan().outputs().getFirst();
        Plan plan = new Plan(job.plan().steps(), List.of(new Plan.Output("beside", output.step(), List.of(), Span.NONE), output), 0);
        String target = job.name();
        return new StreamJob(job.name(), plan, Context.DEFAULT, job.inputs(), Map.of(), Map.of("output", own, "beside", () -> new MemoryTarget(target)),
                Policies.DEFAULT, job.places());
    }

    /// What its writers prepared, none of a later version reads.
    private record OfAnotherVersion() implements EventTarget {
        @Override
        public List<String> check(List<String> columns) {
            return List.of();
        }

        @Override
        public Writer open(String writer) {
            return new Writer() {
                @Override
                public void write(Row row) {}

                @Override
                public byte[] prepare(long checkpoint) {
                    return new byte[1];
                }

                @Override
                public void commit(byte[] prepared) throws OutputException {
                    throw new CheckpointUnreadable(new IOException("it is of another version"));
                }

                @Override
                public void close() {}
            };
        }

        @Override
        public void close() {}
    }

    @Test
    void whatCannotBeReadOfACheckpointEndsTheJobWithAdvice() throws Exception {
        MemoryInput input = MemoryInput.of("unreadable", 1);
        input.add(numbered(0, 10));
        RunningJob job = runner(1).start(new StreamJob("unreadable", PLAN, Context.DEFAULT, Map.of("input", input), Map.of(),
                Map.of("output", OfAnotherVersion::new), Policies.DEFAULT, Places.UNKNOWN), new StartMode.Everything());
        assertThat(job.await(LIMIT)).isTrue();
        assertThat(job.problem()).hasValueSatisfying(problem -> assertThat(problem).contains("it is of another version").contains("start the job now or at a time"));
    }

    /// What its writers prepared has gone, until the test has it otherwise.
    private record Losing(MemoryTarget of) implements EventTarget {
        private static final AtomicBoolean IS_GONE = new AtomicBoolean();

        @Override
        public List<String> check(List<String> columns) {
            return List.of();
        }

        @Override
        public Writer open(String writer) throws OutputException {
            Writer own = of.open(writer);
            return new Writer() {
                @Override
                public void write(Row row) throws OutputException, InterruptedException {
                    own.write(row);
                }

                @Override
                public byte[] prepare(long checkpoint) throws OutputException, InterruptedException {
                    return own.prepare(checkpoint);
                }

                @Override
                public void commit(byte[] prepared) throws OutputException, InterruptedException {
                    if (IS_GONE.get()) {
                        throw new RowsLost("its file has gone", new IOException());
                    }
                    own.commit(prepared);
                }

                @Override
                public void close() {
                    own.close();
                }
            };
        }

        @Override
        public void close() {}
    }

    private static StreamJob losing(EventInput input) {
        return new StreamJob("lost", PLAN, Context.DEFAULT, Map.of("input", input), Map.of(), Map.of("output", () -> new Losing(new MemoryTarget("lost"))),
                Policies.DEFAULT, Places.UNKNOWN);
    }

    @Test
    void rowsThatAreLostBeforeTheyAreShownAreMadeAgain() throws Exception {
        MemoryInput input = MemoryInput.of("lost", 1);
        input.add(numbered(0, 100));
        RunningJob first = runner(1).start(losing(input), new StartMode.Everything());
        await(() -> shown("lost").size() == 100 && first.metrics().lastOutputEventTicks() > 0);
        Losing.IS_GONE.set(true);
        input.add(numbered(100, 200));
        assertThat(first.await(LIMIT)).isTrue();
        assertThat(first.problem()).hasValueSatisfying(problem -> assertThat(problem).contains("output 'output': its file has gone")
                .contains("start the job as it was last stopped"));
        runner.close();

        Losing.IS_GONE.set(false);
        JobRunner jobs = runner(1);
        assertThatThrownBy(() -> jobs.start(losing(new Once(input)), new StartMode.LastStopped())).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("what input 'input' gave cannot be read again");
        input.end();
        RunningJob again = jobs.start(losing(input), new StartMode.LastStopped());
        assertThat(again.await(LIMIT)).isTrue();
        assertThat(again.problem()).isEmpty();
        assertThat(shown("lost").stream().distinct()).containsExactlyElementsOf(numbers(0, 200));
    }

    @Test
    void positionsInOneInputAreNotThoseInAnother() throws Exception {
        MemoryInput input = MemoryInput.of("moved-input-a", 1);
        input.add(numbered(0, 100));
        RunningJob first = runner(2).start(job("moved-input", input, "a", "moved-input", "out"), new StartMode.Everything());
        await(() -> first.metrics().outputEvents() == 100);
        first.stop();
        runner.close();

        MemoryInput other = MemoryInput.of("moved-input-b", 1);
        other.add(numbered(90, 150));
        other.end();
        RunningJob again = runner(2).start(job("moved-input", other, "b", "moved-input", "out"), new StartMode.LastStopped());
        assertThat(again.await(LIMIT)).isTrue();
        assertThat(again.problem()).isEmpty();
        // from the last row that was shown on
        assertThat(shown("moved-input")).isEqualTo(Stream.concat(numbers(0, 100).stream(), numbers(99, 150).stream()).sorted().toList());
    }

    @Test
    void aPlaceIsToldWithoutWhatSignsIn() throws Exception {
        assertThat(StorePlace.of(output("""
                {"datasource": {"type": "Microsoft.Kusto/clusters/databases", "properties": {"cluster": "https://me:secret@lab.kusto.windows.net/?token=secret",
                "database": "Lab", "table": "Rows"}}}"""))).isEqualTo("Azure Data Explorer 'https://lab.kusto.windows.net' 'Lab' 'Rows'");
        assertThat(StorePlace.of(output("""
                {"datasource": {"type": "Microsoft.Storage/Blob", "properties": {"storageAccounts": [{"accountName": "lab", "accountKey": "secret"}],
                "container": "rows", "pathPattern": "{date}"}}}"""))).isEqualTo("Blob Storage 'lab' 'rows' '{date}'");
        assertThat(StorePlace.of(output("""
                {"datasource": {"type": "Microsoft.ServiceBus/EventHub", "properties": {"serviceBusNamespace": "lab", "eventHubName": "rows",
                "sharedAccessPolicyKey": "secret"}}}"""))).isEqualTo("Event Hub 'lab' 'rows'");
    }

    private static Output output(String properties) throws IOException {
        return new Output("output", new ObjectMapper().readTree(properties));
    }

    private StreamJob batches(String name, EventInput input, String format, Path files) throws IOException {
        ObjectNode properties = (ObjectNode) output("{\"datasource\": {\"type\": \"File\", \"properties\": {}}}").properties();
        properties.withObjectProperty("datasource").withObjectProperty("properties").put("path", files.toString());
        properties.putObject("serialization").put("type", format);
        if (format.equals("Avro")) {
            properties.put("sizeWindow", 10_000).put("timeWindow", "02:00:00");
        }
        Output output = new Output("output", properties);
        JobDefinition definition = new JobDefinition(name, "", List.of(), List.of(output), List.of(), Policies.DEFAULT);
        Surroundings surroundings = Surroundings.free(URI.create("http://127.0.0.1:1"), Surroundings.Role.EMBEDDED, List.of(), folder);
        String place = Targets.of(output, definition, surroundings).keeps().map(kept -> StorePlace.of(output) + " in " + kept).orElse("");
        return new StreamJob(name, PLAN, Context.DEFAULT, Map.of("input", input), Map.of(), Map.of("output", () -> Targets.of(output, definition, surroundings)),
                Policies.DEFAULT, new Places(Map.of("input", "in"), Map.of("output", place)));
    }

    /// Of files of JSON.
    private static List<Long> numbersIn(Path files) throws IOException {
        if (Files.notExists(files)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(files)) {
            StringBuilder text = new StringBuilder();
            for (Path file : all.toList()) {
                text.append(Files.readString(file));
            }
            return Pattern.compile("\"n\":(\\d+)").matcher(text).results().map(found -> Long.parseLong(found.group(1))).sorted().toList();
        }
    }
}
