package io.conshelf.streams.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.streams.run.JobMetrics;
import io.conshelf.streams.run.JobState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.junit.jupiter.api.Test;

class FlinkJobTest {
    /// A cluster that tells what a test lets it tell.
    private record Told(CompletableFuture<JobResult> result, CompletableFuture<String> savepoint, CompletableFuture<Boolean> asked) implements Control {
        Told() {
            this(new CompletableFuture<>(), new CompletableFuture<>(), new CompletableFuture<>());
        }

        @Override
        public CompletableFuture<JobStatus> status() {
            return CompletableFuture.completedFuture(JobStatus.RUNNING);
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
        public void ended() {}
    }

    @Test
    void aJobIsOverOnlyWhenWhatItsStopLeavesIsKept() throws Exception {
        Told told = new Told();
        FlinkJob job = new FlinkJob("job", told);
        Thread stop = Thread.ofVirtual().start(() -> {
            try {
                job.stop();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        told.asked().join();
        told.result().complete(new JobResult.Builder().jobId(new JobID()).jobName("job").jobStatus(JobStatus.FINISHED).netRuntime(1).build());
        assertThat(job.await(Duration.ZERO)).isFalse();
        assertThat(job.state()).isEqualTo(JobState.STOPPING);

        told.savepoint().complete("savepoint-1");
        stop.join();
        assertThat(job.await(Duration.ZERO)).isTrue();
        assertThat(job.state()).isEqualTo(JobState.STOPPED);
    }
}
