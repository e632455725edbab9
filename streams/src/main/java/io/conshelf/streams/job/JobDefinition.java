package io.conshelf.streams.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Serializable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// A Stream Analytics job, as a project folder, a template or the management interface defines it. Inputs, outputs and functions keep the JSON of the
/// management interface (`properties`), into which the other forms are translated. Its text shows no secrets.
public record JobDefinition(String name, String query, List<Input> inputs, List<Output> outputs, List<Function> functions, Policies policies) implements Serializable {
    public JobDefinition {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        functions = List.copyOf(functions);
    }

    /// The input of a name, whatever its case.
    public Optional<Input> input(String name) {
        return inputs.stream().filter(input -> input.name().equalsIgnoreCase(name)).findFirst();
    }

    /// The output of a name, whatever its case.
    public Optional<Output> output(String name) {
        return outputs.stream().filter(output -> output.name().equalsIgnoreCase(name)).findFirst();
    }

    public JobDefinition withInputs(List<Input> others) {
        return new JobDefinition(name, query, others, outputs, functions, policies);
    }

    public JobDefinition withOutputs(List<Output> others) {
        return new JobDefinition(name, query, inputs, others, functions, policies);
    }

    public enum InputType { STREAM, REFERENCE }

    /// @param properties `datasource`, `serialization`, `compression`, …, with keys as the management interface spells them
    public record Input(String name, InputType type, JsonNode properties) implements Serializable {
        /// As [Datasources] spells it.
        public String datasource() {
            return properties.path("datasource").path("type").asText();
        }

        public JsonNode settings() {
            return properties.path("datasource").path("properties");
        }

        /// Whether it has an end: what is there is read, and nothing new is waited for.
        public boolean ends() {
            return switch (datasource()) {
                case Datasources.FILE -> !settings().path(Datasources.FOLLOW).asBoolean();
                case Datasources.BLOB -> !settings().path(Datasources.FOLLOW).asBoolean(true);
                case Datasources.RAW -> true;
                default -> false;
            };
        }

        /// The same input read to the end of what is there, where its store is one of files.
        public Optional<Input> replayed() {
            if (ends()) {
                return Optional.of(this);
            }
            if (!List.of(Datasources.FILE, Datasources.BLOB).contains(datasource())) {
                return Optional.empty();
            }
            ObjectNode ending = properties.deepCopy();
            ending.withObjectProperty("datasource").withObjectProperty("properties").put(Datasources.FOLLOW, false);
            return Optional.of(new Input(name, type, ending));
        }

        @Override
        public String toString() {
            return "Input[" + name + ", " + type + ", " + datasource() + "]";
        }
    }

    /// @param properties `datasource`, `serialization`, `timeWindow`, …, with keys as the management interface spells them
    public record Output(String name, JsonNode properties) implements Serializable {
        /// As [Datasources] spells it.
        public String datasource() {
            return properties.path("datasource").path("type").asText();
        }

        public JsonNode settings() {
            return properties.path("datasource").path("properties");
        }

        /// One that writes JSON lines into a file.
        public static Output file(String name, Path file) {
            ObjectNode properties = properties(Datasources.FILE);
            properties.withObjectProperty("datasource").withObjectProperty("properties").put("path", file.toString());
            properties.putObject("serialization").put("type", "Json").putObject("properties").put("format", "LineSeparated");
            return new Output(name, properties);
        }

        /// One that prints.
        public static Output console(String name) {
            return new Output(name, properties(Datasources.CONSOLE));
        }

        private static ObjectNode properties(String datasource) {
            ObjectNode properties = JsonNodeFactory.instance.objectNode();
            properties.putObject("datasource").put("type", datasource).putObject("properties");
            return properties;
        }

        @Override
        public String toString() {
            return "Output[" + name + ", " + datasource() + "]";
        }
    }

    public enum FunctionType { SCALAR, AGGREGATE }

    /// A JavaScript function.
    public record Function(String name, FunctionType type, String script, List<String> inputTypes, String outputType) implements Serializable {
        public Function {
            inputTypes = List.copyOf(inputTypes);
        }
    }

    /// @param lateArrivalMax   empty: wait for ever
    /// @param compatibility    "1.0", "1.1", "1.2"
    /// @param streamingUnits   a hint of how much runs side by side
    public record Policies(Optional<Duration> lateArrivalMax, Duration outOfOrderMax, Ordering ordering, OutputError outputError, String compatibility,
            String dataLocale, int streamingUnits) implements Serializable {
        /// What local runs and new jobs have.
        public static final Policies DEFAULT = new Policies(Optional.empty(), Duration.ZERO, Ordering.ADJUST, OutputError.STOP, "1.2", "en-US", 1);

        private Object writeReplace() {
            return new Written(lateArrivalMax.stream().toList(), outOfOrderMax, ordering, outputError, compatibility, dataLocale, streamingUnits);
        }

        /// As it travels to where a job runs: an Optional does not.
        private record Written(List<Duration> lateArrivalMax, Duration outOfOrderMax, Ordering ordering, OutputError outputError, String compatibility,
                String dataLocale, int streamingUnits) implements Serializable {
            private Object readResolve() {
                return new Policies(lateArrivalMax.stream().findFirst(), outOfOrderMax, ordering, outputError, compatibility, dataLocale, streamingUnits);
            }
        }
    }

    public enum Ordering { ADJUST, DROP }

    /// STOP is also spelled Retry: what cannot be converted is tried again for ever.
    public enum OutputError { STOP, DROP }
}
