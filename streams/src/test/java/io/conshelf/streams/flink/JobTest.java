package io.conshelf.streams.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.streams.run.JobState;
import io.conshelf.streams.run.RunningJob;
import io.conshelf.streams.run.StartMode;
import io.conshelf.streams.run.StreamJob;
import io.conshelf.streams.value.Row;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/// Jobs on the embedded cluster, and how they go on after they were ended.
abstract class JobTest {
    static final Duration LIMIT = Duration.ofMinutes(2);

    @TempDir
    Path folder;

    JobRunner runner;

    @AfterEach
    void stop() {
        if (runner != null) {
            runner.close();
        }
    }

    JobRunner runner(int parallelism) {
        return runner(parallelism, Duration.ofMillis(200));
    }

    JobRunner runner(int parallelism, Duration checkpoints) {
        runner = new JobRunner(JobRunner.Settings.DEFAULT.withFolder(folder).withParallelism(parallelism).withCheckpoints(checkpoints));
        return runner;
    }

    static void await(BooleanSupplier condition) {
        Instant end = Instant.now().plus(LIMIT);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).as("the condition holds in time").isBefore(end);
            LockSupport.parkNanos(5_000_000);
        }
    }

    /// @param rows     that its input is given, in two halves
    /// @param of       the job over that input
    /// @param expected what it shows when all have been read
    /// @param shown    what it is, for messages
    record Halved(List<Row> rows, Function<MemoryInput, StreamJob> of, List<String> expected, Object shown) {}

    @FunctionalInterface
    interface Jobs {
        Halved job(String name, Random random);
    }

    @FunctionalInterface
    interface Ending {
        void end(RunningJob job) throws InterruptedException;
    }

    /// Ends a job half way, and goes on with more tasks.
    void goesOn(String id, Jobs jobs, Ending ending, StartMode mode) throws Exception {
        goesOn(id, 4, jobs, ending, mode);
    }

    void goesOn(String id, int seeds, Jobs jobs, Ending ending, StartMode mode) throws Exception {
        for (int seed = 1; seed <= seeds; seed++) {
            String name = id + seed;
            Halved halved = jobs.job(name, new Random(seed));
            int half = halved.rows().size() / 2;
            // what comes later arrived just behind the first half, however long the stop takes: time that went on by itself would be beyond it
            MemoryInput input = MemoryInput.of(name, 1).opaque();
            input.add(halved.rows().subList(0, half));
            JobRunner first = runner(2);
            RunningJob job = first.start(halved.of().apply(input), new StartMode.Everything());
            // the plan may read the input twice, and the end comes wherever the other reading is
            await(() -> job.metrics().inputEvents() >= half);
            ending.end(job);
            assertThat(job.problem()).isEmpty();
            assertThat(job.state()).isEqualTo(JobState.STOPPED);
            first.close();

            input.add(halved.rows().subList(half, halved.rows().size()));
            input.end();
            RunningJob again = runner(3).start(halved.of().apply(input), mode);
            assertThat(again.await(LIMIT)).as("the job of seed %d ends", seed).isTrue();
            assertThat(again.problem()).isEmpty();
            assertThat(MemoryTarget.shown(name)).as("seed %d, %s", seed, halved.shown()).isEqualTo(halved.expected());
            runner.close();
        }
    }
}
