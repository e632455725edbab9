package io.conshelf.streams.flink;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.input.EventInput;
import io.conshelf.streams.input.Inputs;
import io.conshelf.streams.job.Datasources;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.job.JobDefinition.Input;
import io.conshelf.streams.job.JobDefinition.InputType;
import io.conshelf.streams.job.JobDefinition.Policies;
import io.conshelf.streams.output.EventTarget;
import io.conshelf.streams.output.OutputException;
import io.conshelf.streams.plan.Plan;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.run.RunningJob;
import io.conshelf.streams.run.StartMode;
import io.conshelf.streams.run.StreamJob;
import io.conshelf.streams.run.Surroundings;
import io.conshelf.streams.value.Row;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// A job over what lies in a folder, to its end, that writes into that folder.
class ReplayedFolderTest extends JobTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int FILES = 20;
    private static final int ROWS_BEFORE_FAILING = 6;

    private enum Fails { BEHIND_SOME_ROWS, BEHIND_A_CHECKPOINT }

    /// Writes each row into the folder that is read, too, and fails once.
    private record FailingOnce(String id, Path folder, Fails fails) implements EventTarget {
        @Override
        public List<String> check(List<String> columns) {
            return List.of();
        }

        @Override
        public Writer open(String writer) throws OutputException {
            Writer kept = new MemoryTarget(id).open(writer);
            return new Writer() {
                private int rows;

                @Override
                public void write(Row row) throws OutputException, InterruptedException {
                    kept.write(row);
                    rows++;
                    try {
                        Files.writeString(Files.createTempFile(folder, "a-row-", ".json"), "{\"n\": -1}");
                        if (fails == Fails.BEHIND_SOME_ROWS && rows == ROWS_BEFORE_FAILING) {
                            failOnce();
                        }
                    } catch (IOException e) {
                        throw new OutputException(e.getMessage(), e);
                    }
                }

                private void failOnce() throws IOException {
                    Path failed = folder.resolveSibling(id + ".failed");
                    if (Files.notExists(failed)) {
                        Files.createFile(failed);
                        throw new IllegalStateException("it fails once");
                    }
                }

                @Override
                public byte[] prepare(long checkpoint) throws OutputException, InterruptedException {
                    return kept.prepare(checkpoint);
                }

                @Override
                public void commit(byte[] prepared) throws OutputException, InterruptedException {
                    if (fails == Fails.BEHIND_A_CHECKPOINT) {
                        try {
                            failOnce();
                        } catch (IOException e) {
                            throw new OutputException(e.getMessage(), e);
                        }
                    }
                    kept.commit(prepared);
                }

                @Override
                public void close() {}
            };
        }

        @Override
        public void close() {}
    }

    /// @return how many rows it has written, those included that it wrote again
    private int replay(String id, Duration checkpoints, Fails fails) throws Exception {
        Path in = Files.createDirectories(folder.resolve("in").resolve(id));
        for (int file = 0; file < FILES; file++) {
            Files.writeString(in.resolve("in-%02d.json".formatted(file)), "{\"n\": " + file + "}");
        }
        // it travels as text
        String folderRead = in.toString();
        Input read = new Input("input", InputType.STREAM, JSON.valueToTree(Map.of("datasource", Map.of("type", Datasources.FILE, "properties", Map.of("path", in.toString())),
                "serialization", Map.of("type", "Json"))));
        EventInput input = new Inputs(new JobDefinition(id, "", List.of(read), List.of(), List.of(), Policies.DEFAULT),
                Surroundings.free(URI.create("http://127.0.0.1:1"), Surroundings.Role.EMBEDDED, List.of(), folder)).of(read, List.of());
        Expression n = new Expression.Field(new Expression.Slot(0, Span.NONE), "n", Span.NONE);
        Plan plan = new Plan(List.of(new Step.Source("input", List.of(), new Step.EventTime.Arrival(), Step.Partitioning.NONE, Span.NONE),
                new Step.Project(0, List.of(new Step.Item.Named("n", n)))), List.of(new Plan.Output("output", 1, List.of(), Span.NONE)), 0);
        RunningJob job = runner(1, checkpoints).start(new StreamJob(id, plan, Context.DEFAULT, Map.of("input", input), Map.of(), Map.of("output", () -> new FailingOnce(id, Path.of(folderRead), fails)),
                Policies.DEFAULT), new StartMode.Everything());
        assertThat(job.await(LIMIT)).as("it ends").isTrue();
        assertThat(job.problem()).isEmpty();
        assertThat(in.resolveSibling(id + ".failed")).exists();
        assertThat(MemoryTarget.shown(id)).allSatisfy(row -> assertThat(row).containsPattern("\"n\":-?\\d+"))
                .extracting(row -> Integer.valueOf(row.replaceFirst(".*\"n\":(-?\\d+).*", "$1")))
                .containsExactlyInAnyOrderElementsOf(IntStream.range(0, FILES).boxed().toList());
        runner.close();
        try (Stream<Path> files = Files.list(in)) {
            return (int) files.filter(file -> file.getFileName().toString().startsWith("a-row-")).count();
        }
    }

    @Test
    void whatItHasWrittenItselfIsNotReadWhenItBeginsAnew() throws Exception {
        assertThat(replay("without-checkpoint", Duration.ZERO, Fails.BEHIND_SOME_ROWS)).as("some, and then all").isEqualTo(ROWS_BEFORE_FAILING + FILES);
    }

    /// Flink takes a checkpoint as soon as all tasks run, however far apart they are: before the first row, or behind one of those before the failure.
    @Test
    void norWhenTheOnlyCheckpointIsFromItsBeginning() throws Exception {
        assertThat(replay("first-checkpoint", Duration.ofHours(1), Fails.BEHIND_SOME_ROWS)).as("some, and then all but what the checkpoint has")
                .isBetween(FILES + 1, ROWS_BEFORE_FAILING + FILES);
    }

    @Test
    void norWhenItGoesOnFromACheckpoint() throws Exception {
        assertThat(replay("with-checkpoints", Duration.ofMillis(10), Fails.BEHIND_A_CHECKPOINT)).as("what the checkpoint has is not written again")
                .isBetween(FILES, 2 * FILES - 1);
    }
}
