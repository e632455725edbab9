package io.conshelf.streams.flink;

import io.conshelf.streams.run.Diagnosed;
import io.conshelf.streams.run.JobMetrics;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.runtime.jobmaster.JobResult;

/// How a job is asked and told, here or on a cluster elsewhere.
interface Control {
    CompletableFuture<JobStatus> status();

    CompletableFuture<JobResult> result();

    /// Returns where it put what it remembered.
    CompletableFuture<String> stop();

    CompletableFuture<?> cancel();

    /// Why its tasks start anew; empty where that is not told.
    CompletableFuture<Optional<String>> interruption();

    /// As far as it is known here: the figures of a job elsewhere are some seconds old.
    Counted counted();

    /// All that there is of a job that is over.
    Counted counted(JobResult ended);

    /// When the job is over.
    void ended();

    /// What its tasks have counted.
    ///
    /// @param isReading whether all inputs are open
    record Counted(JobMetrics metrics, List<Diagnosed> diagnosed, Optional<String> problem, boolean isReading) {}
}
