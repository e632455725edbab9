package io.conshelf.streams.job;

import io.conshelf.connectors.definition.Problem;
import java.util.List;
import java.util.Optional;

/// A project as far as it could be read.
///
/// @param project  without what is wrong; empty where there is no query, or what holds it cannot be read
/// @param outline  what its query may name, as in [JobReading]; empty where that is not known, because a file cannot be read
/// @param problems everything that is wrong with its definitions
public record ProjectReading(Optional<Project> project, Optional<JobDefinition> outline, List<Problem> problems) {
    public ProjectReading {
        problems = List.copyOf(problems);
    }
}
