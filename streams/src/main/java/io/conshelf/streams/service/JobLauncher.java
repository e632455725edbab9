package io.conshelf.streams.service;

import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.run.ReadyJob;
import io.conshelf.streams.run.RunningJob;
import io.conshelf.streams.run.StartMode;
import io.conshelf.streams.run.Surroundings;
import java.util.List;

/// Starts jobs where the service is.
public interface JobLauncher extends AutoCloseable {
    /// Returns when the outputs have been found to fit and the job is accepted. A job that goes on does so whether its outputs answer or not: it waits for them.
    ///
    /// @param name     the same for every run of a job: where it was is kept under it
    /// @param identity the client id of the job's managed identity; empty for that of the machine
    /// @throws LaunchException where it cannot start, with everything that is in the way
    RunningJob start(String name, ReadyJob job, StartMode mode, String identity) throws LaunchException, InterruptedException;

    /// Everything in which outputs differ from what the query gives them.
    ///
    /// @param job some of whose inputs and outputs may be missing
    List<String> differences(ReadyJob job, String identity) throws InterruptedException;

    /// What a job of this identity may reach.
    Surroundings surroundings(String identity);

    /// Forgets where a job was.
    void forget(String name);

    /// Tries one input or output; returns when it answers.
    ///
    /// @throws LaunchException with what is in the way
    void tryInput(JobDefinition.Input input, String identity) throws LaunchException, InterruptedException;

    void tryOutput(JobDefinition.Output output, String identity) throws LaunchException, InterruptedException;

    /// Ends what runs, so that it goes on when the service starts again.
    @Override
    void close();
}
