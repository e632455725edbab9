package io.conshelf.streams.cases;

import io.conshelf.streams.job.LocalInput;
import java.nio.file.Path;
import java.util.List;

/// One case: what goes in, and what is to come out.
public record TestCase(String name, List<LocalInput> inputs, List<Expected> outputs) {
    public TestCase {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /// The rows of an output.
    ///
    /// @param shown the file as the case names it
    public sealed interface Expected {
        String output();

        String shown();

        /// @param ignored fields that may be anything
        record Rows(String output, Path file, String shown, List<String> ignored) implements Expected {
            public Rows {
                ignored = List.copyOf(ignored);
            }
        }

        /// Not looked at: `Required` is false, and the file need not be there.
        record Anything(String output, String shown) implements Expected {}
    }
}
