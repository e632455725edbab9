package io.conshelf.streams.output;

import io.conshelf.streams.job.Datasources;
import io.conshelf.streams.job.JobDefinition.Output;
import io.conshelf.streams.job.JobDefinition.Policies;
import io.conshelf.streams.run.Surroundings;

/// Opens what an output's definition names.
public final class Targets {
    private Targets() {}

    /// @throws OutputException where it cannot be opened as it is defined
    public static EventTarget open(Output output, Policies policies, Surroundings surroundings) throws OutputException {
        return switch (output.datasource()) {
            case Datasources.CONSOLE -> new ConsoleTarget(output.name(), System.out);
            default -> throw new OutputException("output '" + output.name() + "': '" + output.datasource() + "' is not written yet");
        };
    }
}
