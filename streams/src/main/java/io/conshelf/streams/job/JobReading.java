package io.conshelf.streams.job;

import io.conshelf.connectors.definition.Problem;
import java.util.List;

/// A job as far as it could be read.
///
/// @param job      without what is wrong
/// @param outline  with what is wrong, too, by its name and type alone: what the query may name
/// @param problems everything that keeps it from running
/// @param remarks  what has no effect, or was assumed
public record JobReading(JobDefinition job, JobDefinition outline, List<Problem> problems, List<Problem> remarks) {
    public JobReading {
        problems = List.copyOf(problems);
        remarks = List.copyOf(remarks);
    }
}
