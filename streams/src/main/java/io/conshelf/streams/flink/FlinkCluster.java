package io.conshelf.streams.flink;

import io.conshelf.streams.input.EventInput.Start;
import io.conshelf.streams.operator.EventOrdering;
import io.conshelf.streams.run.JobHost;
import io.conshelf.streams.run.JobMetrics;
import io.conshelf.streams.run.Places;
import io.conshelf.streams.run.RunningJob;
import io.conshelf.streams.run.StartMode;
import io.conshelf.streams.run.StreamJob;
import io.conshelf.streams.value.Ticks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.client.program.rest.RestClusterClient;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.SecurityOptions;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobmaster.JobResult;

/// Gives jobs to a Flink cluster elsewhere, by its REST address, with a jar of what they need. The job goes on there when this is closed.
///
/// Its checkpoints lie where the cluster's settings say. What such a job began with is not kept here, so it is started at a time, and not gone on with.
public final class FlinkCluster implements JobHost {
    private final RestClusterClient<String> client;
    private final int parallelism;
    private final Duration checkpoints;
    private final Path jar;

    public FlinkCluster(URI rest, int parallelism, Duration checkpoints) {
        Configuration configuration = new Configuration();
        configuration.set(RestOptions.ADDRESS, rest.getHost());
        configuration.set(RestOptions.PORT, rest.getPort() >= 0 ? rest.getPort() : rest.getScheme().equals("https") ? 443 : 8081);
        configuration.set(JobManagerOptions.ADDRESS, rest.getHost());
        if (rest.getScheme().equals("https")) {
            configuration.set(SecurityOptions.SSL_REST_ENABLED, true);
        }
        this.parallelism = Math.min(parallelism, JobPlan.PARALLELISM_MAX);
        this.checkpoints = checkpoints;
        try {
            this.client = new RestClusterClient<>(configuration, rest.toString());
            this.jar = JobJar.write();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (Exception e) {
            throw new IllegalStateException("'" + rest + "' cannot be used as the REST address of a Flink cluster: " + e.getMessage(), e);
        }
    }

    @Override
    public RunningJob start(StreamJob job, StartMode mode) throws InterruptedException {
        RunId id = new RunId(job.name() + '-' + UUID.randomUUID().toString().substring(0, 8));
        RunRecord record = switch (mode) {
            case StartMode.Now _ -> begin(id, job, Ticks.of(Instant.now()));
            case StartMode.From(long ticks) -> begin(id, job, ticks);
            case StartMode.Everything _ -> new RunRecord(id, new Start.Earliest(), Long.MIN_VALUE, "", Places.UNKNOWN);
            case StartMode.LastStopped _, StartMode.Continue _ -> throw new IllegalStateException(
                    "a job on a Flink cluster is started at a time; '%s' cannot go on from where it was".formatted(job.name()));
        };
        JobGraph graph = JobPlan.graph(job, record, id.text(), parallelism, HeldRoom.ROWS_MAX, JobRunner.common(checkpoints)).getJobGraph();
        graph.addJar(new org.apache.flink.core.fs.Path(jar.toUri()));
        try {
            JobID submitted = client.submitJob(graph).get();
            return new FlinkJob(job.name(), new Remote(submitted));
        } catch (ExecutionException e) {
            throw new IllegalStateException("the Flink cluster at %s did not take the job: %s".formatted(client.getClusterId(), e.getCause().getMessage()),
                    e.getCause());
        }
    }

    private static RunRecord begin(RunId id, StreamJob job, long firstTicks) {
        long read = Math.max(0, firstTicks - job.plan().lookBackTicks() - EventOrdering.EARLY_MAX);
        return new RunRecord(id, new Start.From(read), firstTicks, "", Places.UNKNOWN);
    }

    private final class Remote implements Control {
        private final JobID id;

        private Remote(JobID id) {
            this.id = id;
        }

        @Override
        public CompletableFuture<JobStatus> status() {
            return client.getJobStatus(id);
        }

        @Override
        public CompletableFuture<JobResult> result() {
            return client.requestJobResult(id);
        }

        @Override
        public CompletableFuture<String> stop() {
            // where to, the cluster's own settings say
            return client.stopWithSavepoint(id, false, null, SavepointFormatType.NATIVE);
        }

        @Override
        public CompletableFuture<?> cancel() {
            return client.cancel(id);
        }

        @Override
        public CompletableFuture<Optional<String>> interruption() {
            return CompletableFuture.completedFuture(Optional.empty());
        }

        @Override
        public Counted counted() {
            try {
                return CountersOfRun.counted(client.getAccumulators(id, FlinkCluster.class.getClassLoader()).get(10, TimeUnit.SECONDS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return new Counted(JobMetrics.NONE, List.of(), Optional.empty(), true);
            } catch (ExecutionException | TimeoutException e) {
                return new Counted(JobMetrics.NONE, List.of(), Optional.of("the Flink cluster does not answer"), true);
            }
        }

        @Override
        public Counted counted(JobResult ended) {
            return CountersOfRun.counted(ended);
        }

        @Override
        public void ended() {}
    }

    /// The jobs go on.
    @Override
    public void close() {
        client.close();
        RunFolder.delete(jar);
    }
}
