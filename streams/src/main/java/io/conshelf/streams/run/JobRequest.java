package io.conshelf.streams.run;

import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.plan.Plan;
import java.nio.file.Path;

/// A job that is to run.
///
/// @param id     the same for every run of a job: its checkpoints are kept under it
/// @param state  the folder of checkpoints
public record JobRequest(String id, JobDefinition job, Plan plan, JobStart start, Surroundings surroundings, Path state) {}
