package io.conshelf.processor.eval;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.processor.definition.DatasetDefinition;
import io.conshelf.processor.definition.Definitions;
import io.conshelf.processor.definition.PipelineDefinition;
import io.conshelf.processor.value.JsonText;
import io.conshelf.processor.value.Value;
import java.io.IOException;
import java.io.UncheckedIOException;

/// Puts the part of a pipeline that a case is about into a whole one, so that it is read and checked as in a pipeline.
final class CaseDefinition {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String STAGE = "stage";
    private static final String OUTPUT = "output";

    private CaseDefinition() {}

    /// A pipeline with this stage alone.
    static PipelineDefinition withStage(Value stage) throws InvalidDefinitionException {
        ObjectNode properties = pipeline(input(), STAGE);
        ObjectNode stages = properties.putObject("stages");
        stages.set(STAGE, with(json(stage), "next", JsonNodeFactory.instance.arrayNode().add(OUTPUT)));
        stages.set(OUTPUT, mqtt("{\"type\": \"json\", \"path\": \".payload\"}"));
        return read(properties);
    }

    /// A pipeline that ends in this stage.
    static PipelineDefinition withOutput(Value output) throws InvalidDefinitionException {
        ObjectNode properties = pipeline(input(), OUTPUT);
        properties.putObject("stages").set(OUTPUT, json(output));
        return read(properties);
    }

    /// A pipeline whose input has these properties.
    static PipelineDefinition withInput(Value settings) throws InvalidDefinitionException {
        ObjectNode input = input();
        json(settings).properties().stream().filter(property -> !property.getKey().equals("type")).forEach(property -> input.set(property.getKey(), property.getValue()));
        ObjectNode properties = pipeline(input, OUTPUT);
        properties.putObject("stages").set(OUTPUT, mqtt("{\"type\": \"json\", \"path\": \".payload\"}"));
        return read(properties);
    }

    /// A pipeline that writes messages in a format of the case.
    static PipelineDefinition withFormat(Value format) throws InvalidDefinitionException {
        ObjectNode properties = pipeline(input(), OUTPUT);
        properties.putObject("stages").set(OUTPUT, mqtt(JsonText.write(format)));
        return read(properties);
    }

    /// A pipeline that writes batches in a format of the case.
    static PipelineDefinition withBatches(Value format, Value batch) throws InvalidDefinitionException {
        ObjectNode properties = pipeline(input(), OUTPUT);
        ObjectNode file = properties.putObject("stages").putObject(OUTPUT).put("type", "output/file@v1").put("rootDirectory", "files");
        file.set("format", json(format));
        file.set("batch", json(batch));
        return read(properties);
    }

    static DatasetDefinition dataset(String name, Value properties) throws InvalidDefinitionException {
        ObjectNode resource = JsonNodeFactory.instance.objectNode();
        resource.set("properties", json(properties));
        return Definitions.dataset(name, resource);
    }

    private static PipelineDefinition read(ObjectNode properties) throws InvalidDefinitionException {
        ObjectNode resource = JsonNodeFactory.instance.objectNode();
        resource.set("properties", properties);
        return Definitions.pipeline("case", resource);
    }

    private static ObjectNode pipeline(ObjectNode input, String first) {
        ObjectNode properties = JsonNodeFactory.instance.objectNode().put("enabled", true);
        properties.set("input", with(input, "next", JsonNodeFactory.instance.arrayNode().add(first)));
        return properties;
    }

    private static ObjectNode input() {
        ObjectNode input = JsonNodeFactory.instance.objectNode().put("type", "input/mqtt@v1").put("broker", "tcp://localhost:1883");
        input.putArray("topics").add("#");
        return input;
    }

    private static ObjectNode mqtt(String format) {
        ObjectNode output = JsonNodeFactory.instance.objectNode().put("type", "output/mqtt@v1").put("broker", "tcp://localhost:1883").put("topic", "case");
        try {
            output.set("format", JSON.readTree(format));
        } catch (IOException written) {
            throw new UncheckedIOException(written);
        }
        return output;
    }

    private static ObjectNode with(ObjectNode object, String name, JsonNode value) {
        object.set(name, value);
        return object;
    }

    private static ObjectNode json(Value value) {
        try {
            return JSON.readTree(JsonText.write(value)) instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode();
        } catch (IOException written) {
            throw new UncheckedIOException(written);
        }
    }
}
