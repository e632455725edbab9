package io.conshelf.streams.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.job.JobDefinition.Policies;
import io.conshelf.streams.operator.RandomSteps;
import io.conshelf.streams.output.LinesInWholeFiles;
import io.conshelf.streams.plan.Plan;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.run.RunningJob;
import io.conshelf.streams.run.StartMode;
import io.conshelf.streams.run.StreamJob;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Rows that wait for their file, in jobs that are broken off and go on with more tasks, and with fewer.
class WaitingRowsTest extends JobTest {
    private static final Plan PLAN = RandomSteps.plan(new Step.Project(0,
            List.of(new Step.Item.Named("n", new Expression.Field(new Expression.Slot(0, Span.NONE), "v", Span.NONE)))));

    private static StreamJob job(String name, MemoryInput input, StreamJob.TargetRecipe target) {
        return new StreamJob(name, PLAN, Context.DEFAULT, Map.of("input", input), Map.of(), Map.of("output", target), Policies.DEFAULT);
    }

    private static List<Row> rows(String first, long from, long to) {
        return LongStream.range(from, to).mapToObj(n -> Row.event(Ticks.of(Instant.parse(first)) + n - from,
                new Value.Record(Shape.of(List.of("v")), new Value[] {Value.of(n)}))).toList();
    }

    private static List<Long> numbers(long from, long to) {
        return LongStream.range(from, to).boxed().toList();
    }

    private static List<Path> files(Path folder) {
        if (Files.notExists(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(path -> path.toString().endsWith(".json")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Long> written(Path folder) {
        List<Long> numbers = new ArrayList<>();
        for (Path file : files(folder)) {
            try {
                Pattern.compile("\"n\":(\\d+)").matcher(Files.readString(file)).results().forEach(found -> numbers.add(Long.parseLong(found.group(1))));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return numbers.stream().sorted().toList();
    }

    /// Lets the job read everything that is there, and breaks it off when a checkpoint has it.
    private void breakOff(int tasks, StreamJob job, StartMode mode, long rows) throws Exception {
        RunningJob running = runner(tasks).start(job, mode);
        await(() -> running.metrics().outputEvents() == rows);
        long[] under = new long[1];
        await(() -> (under[0] = checkpoint(job.name())) > 0);
        await(() -> checkpoint(job.name()) >= under[0] + 2);
        running.cancel();
        assertThat(running.problem()).isEmpty();
        runner.close();
    }

    /// The number of the newest that is complete; 0 where it is not known.
    private long checkpoint(String job) {
        try (Stream<Path> all = Files.walk(folder.resolve(job))) {
            return all.filter(path -> path.endsWith("_metadata")).map(path -> path.getParent().getFileName().toString()).filter(name -> name.startsWith("chk-"))
                    .mapToLong(name -> Long.parseLong(name.substring("chk-".length()))).max().orElse(0);
        } catch (IOException | UncheckedIOException gone) {
            // the one before is deleted just now
            return 0;
        }
    }

    @Test
    void everyRowIsInAFileOnceAlsoWhereTheTasksAreOthers() throws Exception {
        Path files = folder.resolve("files");
        MemoryInput input = MemoryInput.of("waiting", 3);
        String place = files.toString();
        StreamJob job = job("waiting", input, () -> LinesInWholeFiles.ofManyRows(place));
        input.add(rows("2026-01-31T08:00:00Z", 0, 300));
        breakOff(3, job, new StartMode.Everything(), 300);
        input.add(rows("2026-01-31T08:00:01Z", 300, 400));
        breakOff(1, job, new StartMode.Continue(), 100);
        input.add(rows("2026-01-31T08:00:02Z", 400, 500));
        breakOff(2, job, new StartMode.Continue(), 100);
        assertThat(files(files)).isEmpty();

        input.end();
        RunningJob last = runner(3).start(job, new StartMode.Continue());
        assertThat(last.await(LIMIT)).isTrue();
        assertThat(last.problem()).isEmpty();
        assertThat(written(files)).isEqualTo(numbers(0, 500));
        assertThat(files(files)).hasSizeLessThanOrEqualTo(3);
    }

    @Test
    void aFileOfAnHourComesWhenTheJobsTimeHasPassedIt() throws Exception {
        Path files = folder.resolve("files");
        MemoryInput input = MemoryInput.of("hours", 2);
        String place = files.toString();
        StreamJob job = job("hours", input, () -> LinesInWholeFiles.ofHours(place));
        input.add(rows("2026-01-31T08:59:00Z", 0, 100));
        breakOff(2, job, new StartMode.Everything(), 100);
        assertThat(files(files)).isEmpty();

        // one part of the input is still in the hour
        input.add(0, rows("2026-01-31T09:00:01Z", 100, 150));
        breakOff(1, job, new StartMode.Continue(), 50);
        assertThat(files(files)).isEmpty();

        input.add(1, rows("2026-01-31T09:00:01Z", 150, 200));
        RunningJob last = runner(2).start(job, new StartMode.Continue());
        await(() -> !files(files).isEmpty() && written(files).size() >= 100);
        assertThat(written(files)).isEqualTo(numbers(0, 100));
        assertThat(files(files)).allSatisfy(file -> assertThat(files.relativize(file).toString()).startsWith("2026/01/31/08/"));
        input.end();
        assertThat(last.await(LIMIT)).isTrue();
        assertThat(last.problem()).isEmpty();
        assertThat(written(files)).isEqualTo(numbers(0, 200));
        assertThat(files(files.resolve("2026/01/31/09"))).hasSizeBetween(1, 2);
    }
}
