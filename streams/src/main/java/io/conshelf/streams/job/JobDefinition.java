package io.conshelf.streams.job;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// A Stream Analytics job, as a project folder, a template or the management interface defines it. Inputs, outputs and functions keep the JSON of the
/// management interface (`properties`), into which the other forms are translated.
public record JobDefinition(String name, String query, List<Input> inputs, List<Output> outputs, List<Function> functions, Policies policies) {
    public JobDefinition {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        functions = List.copyOf(functions);
    }

    public enum InputType { STREAM, REFERENCE }

    /// @param properties `datasource`, `serialization`, `compression`, …
    public record Input(String name, InputType type, JsonNode properties) {}

    /// @param properties `datasource`, `serialization`, `timeWindow`, …
    public record Output(String name, JsonNode properties) {}

    public enum FunctionType { SCALAR, AGGREGATE }

    /// A JavaScript function.
    public record Function(String name, FunctionType type, String script, List<String> inputTypes, String outputType) {
        public Function {
            inputTypes = List.copyOf(inputTypes);
        }
    }

    /// @param lateArrivalMax   empty: wait for ever
    /// @param compatibility    "1.0", "1.1", "1.2"
    /// @param streamingUnits   a hint of how much runs side by side
    public record Policies(Optional<Duration> lateArrivalMax, Duration outOfOrderMax, Ordering ordering, OutputError outputError, String compatibility,
            String dataLocale, int streamingUnits) {
        /// What local runs and new jobs have.
        public static final Policies DEFAULT = new Policies(Optional.empty(), Duration.ZERO, Ordering.ADJUST, OutputError.STOP, "1.2", "en-US", 1);
    }

    public enum Ordering { ADJUST, DROP }

    /// STOP is also spelled Retry: what cannot be converted is tried again for ever.
    public enum OutputError { STOP, DROP }
}
