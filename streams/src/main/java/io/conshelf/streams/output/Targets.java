package io.conshelf.streams.output;

import io.conshelf.streams.job.Datasources;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.job.JobDefinition.Output;
import io.conshelf.streams.run.Surroundings;
import java.util.List;

/// Opens what an output's definition names. Nothing is reached before it is checked or written.
public final class Targets {
    private Targets() {}

    public static EventTarget of(Output output, JobDefinition job, Surroundings surroundings) {
        return switch (output.datasource()) {
            case Datasources.CONSOLE -> new ConsoleTarget(output.name(), System.out);
            default -> new Unwritten(output);
        };
    }

    /// A kind of store that is declared and has no writer.
    private record Unwritten(Output output) implements EventTarget {
        @Override
        public List<String> check(List<String> columns) throws OutputException {
            throw new OutputException("output '" + output.name() + "': '" + output.datasource() + "' is not written yet");
        }

        @Override
        public Writer open(String writer) throws OutputException {
            throw new OutputException("output '" + output.name() + "': '" + output.datasource() + "' is not written yet");
        }

        @Override
        public void close() {
            // nothing is open
        }
    }
}
