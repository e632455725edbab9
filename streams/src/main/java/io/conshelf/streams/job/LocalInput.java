package io.conshelf.streams.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.streams.job.JobDefinition.Input;
import io.conshelf.streams.job.JobDefinition.InputType;
import java.nio.file.Path;
import java.util.Locale;

/// A file that stands for an input in local runs and test cases.
///
/// @param alias         the input that it stands for
/// @param serialization `{"type", "properties"}` as in [JobDefinition.Input#properties]
public record LocalInput(String alias, InputType type, JsonNode serialization, Path file) {
    static ObjectNode serialization(String format) {
        ObjectNode serialization = JsonNodeFactory.instance.objectNode();
        String type = Formats.find(format).map(Formats.FormatType::type).orElse(format);
        ObjectNode properties = serialization.put("type", type).putObject("properties");
        if (type.toLowerCase(Locale.ROOT).equals("csv")) {
            properties.put("fieldDelimiter", ",");
        }
        return serialization;
    }

    /// As an input of a job that reads the file to its end.
    public Input asInput() {
        ObjectNode properties = JsonNodeFactory.instance.objectNode();
        properties.putObject("datasource").put("type", Datasources.FILE).putObject("properties").put("path", file.toString());
        properties.set("serialization", serialization);
        return new Input(alias, type, properties);
    }
}
