package io.conshelf.streams.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.streams.input.DataError;
import io.conshelf.streams.run.Diagnosed;
import io.conshelf.streams.run.JobMetrics;
import io.conshelf.streams.run.JobMetrics.OutputCount;
import io.conshelf.streams.run.JobState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.util.OptionalFailure;
import org.apache.flink.util.SerializedValue;
import org.junit.jupiter.api.Test;

class FlinkJobTest {
    /// A cluster that tells what a test lets it tell.
    private record Told(CompletableFuture<JobStatus> status, CompletableFuture<JobResult> result, CompletableFuture<String> savepoint,
            CompletableFuture<Boolean> asked) implements Control {
        Told(JobStatus now) {
            this(CompletableFuture.completedFuture(now), new CompletableFuture<>(), new CompletableFuture<>(), new CompletableFuture<>());
        }

        @Override
        public CompletableFuture<String> stop() {
            asked.complete(true);
            return savepoint;
        }

        @Override
        public CompletableFuture<?> cancel() {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletableFuture<Optional<String>> interruption() {
            return CompletableFuture.completedFuture(Optional.empty());
        }

        @Override
        public Counted counted() {
            return new Counted(JobMetrics.NONE, List.of(), Optional.empty(), true);
        }

        @Override
        public Counted counted(JobResult ended) {
            return CountersOfRun.counted(ended);
        }

        @Override
        public void ended() {}
    }

    @Test
    void aJobIsOverOnlyWhenWhatItsStopLeavesIsKept() throws Exception {
        Told told = new Told(JobStatus.RUNNING);
        FlinkJob job = new FlinkJob("job", told);
        Thread stop = Thread.ofVirtual().start(() -> {
            try {
                job.stop();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        told.asked().join();
        told.result().complete(finished(Map.of()));
        assertThat(job.await(Duration.ZERO)).isFalse();
        assertThat(job.state()).isEqualTo(JobState.STOPPING);

        told.savepoint().complete("savepoint-1");
        stop.join();
        assertThat(job.await(Duration.ZERO)).isTrue();
        assertThat(job.state()).isEqualTo(JobState.STOPPED);
    }

    /// What a cluster tells of a job is older than what it ended with.
    @Test
    void theFiguresOfAJobThatIsOverAreThoseThatItEndedWith() throws Exception {
        Told told = new Told(JobStatus.FINISHED);
        FlinkJob job = new FlinkJob("job", told);
        assertThat(job.state()).as("what it counted is not here yet").isEqualTo(JobState.STOPPING);
        assertThat(job.metrics().outputs()).isEmpty();

        RunId run = new RunId("ended");
        CountersOfRun counted;
        try {
            RunCounters counters = run.counters();
            counters.wrote(counters.output("values"));
            counters.refused(counters.output("values"), new DataError("values", "OutputDataConversionError.TypeConversionError", "'v' is not a number", "{}"));
            counted = CountersOfRunTest.sent(new CountersOfRun(run));
        } finally {
            RunCounters.forget(run);
        }
        told.result().complete(finished(Map.of(CountersOfRun.NAME, new SerializedValue<>(OptionalFailure.of(counted.getLocalValue())))));
        assertThat(job.state()).isEqualTo(JobState.STOPPED);
        assertThat(job.metrics().outputs()).isEqualTo(Map.of("values", new OutputCount(1, 1)));
        assertThat(job.diagnostics()).extracting(Diagnosed::count).containsExactly(1L);
    }

    private static JobResult finished(Map<String, SerializedValue<OptionalFailure<Object>>> counted) {
        return new JobResult.Builder().jobId(new JobID()).jobName("job").jobStatus(JobStatus.FINISHED).netRuntime(1).accumulatorResults(counted).build();
    }
}
