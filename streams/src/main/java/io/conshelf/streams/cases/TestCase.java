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

    /// @param ignored  fields that may be anything
    /// @param required whether rows that do not match fail the case
    public record Expected(String output, Path file, String shown, List<String> ignored, Need required) {
        public Expected {
            ignored = List.copyOf(ignored);
        }
    }

    public enum Need { REQUIRED, OPTIONAL }
}
