package io.conshelf.processor.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.conshelf.connectors.definition.DefinitionText;
import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.connectors.definition.Reading;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A definition is given out as it was written, in whichever form is asked for, and read again from there.
class DefinitionFormsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    /// With members that nobody here knows, a number that is no double, and what only the portal looks at.
    private static final String PROPERTIES = """
            {"enabled": true, "description": "d", "x-team": {"on": ["call", null]},
             "input": {"type": "input/mqtt@v1", "broker": "tcp://localhost:1883", "topics": ["a"], "qos": 1, "viewOptions": {"position": {"x": 0, "y": 80.50}}, "next": ["one"]},
             "stages": {
               "one": {"displayName": "Filter", "type": "processor/filter@v1", "unknown": 12345678901234567890123, "expression": "true", "next": ["output"]},
               "output": {"type": "output/refdata@v1", "dataset": "assets", "viewOptions": {"position": {"x": 1, "y": 2}}}}}""";
    private static final String DATASET = """
            {"type": "Microsoft.IoTOperationsDataProcessor/instances/datasets", "name": "assets", "properties": {"ttl": "1h", "colour": "red"}}""";

    @TempDir
    private Path folder;

    private static JsonNode json(String text) throws Exception {
        return DefinitionText.read(text, Reading.STRICT);
    }

    private static PipelineDefinition read(String file, String text) throws Exception {
        JsonNode list = JSON.createArrayNode().add(json(text)).add(json(DATASET));
        return Definitions.read(file, list.toString()).pipelines().getFirst();
    }

    @Test
    void whatIsWrittenIsGivenOutAgain() throws Exception {
        String resource = """
                {"type": "Microsoft.IoTOperationsDataProcessor/instances/pipelines", "apiVersion": "2023-10-04-preview", "id": "/subscriptions/s", "name": "instance/ovens",
                 "location": "westus3", "extendedLocation": {"type": "CustomLocation", "name": "n"}, "tags": {"a": "b"}, "properties": %s}""".formatted(PROPERTIES);
        Resource stored = read("any.json", resource).resource();
        assertThat(stored.properties().toString()).isEqualTo(json(PROPERTIES).toString());
        assertThat(stored.armResource().toString()).isEqualTo("{\"type\":\"Microsoft.IoTOperationsDataProcessor/instances/pipelines\",\"apiVersion\":\"2023-10-04-preview\","
                + "\"name\":\"ovens\",\"location\":\"westus3\",\"extendedLocation\":{\"type\":\"CustomLocation\",\"name\":\"n\"},\"tags\":{\"a\":\"b\"},\"properties\":" + json(PROPERTIES) + "}");
    }

    @Test
    void everyFormIsReadAsTheOthers() throws Exception {
        PipelineDefinition alone = read("the-ovens.json", PROPERTIES);
        assertThat(alone.name()).isEqualTo("the-ovens");
        for (ObjectNode form : List.of(alone.resource().armResource(), alone.resource().customResource(), alone.resource().properties())) {
            PipelineDefinition again = read("the-ovens.json", form.toString());
            assertThat(again.resource().properties()).isEqualTo(alone.resource().properties());
            assertThat(again.name()).isEqualTo("the-ovens");
            assertThat(again.input()).isEqualTo(alone.input());
            assertThat(again.stages()).isEqualTo(alone.stages());
            assertThat(again.output()).isEqualTo(alone.output());
        }
        Path yaml = Files.writeString(folder.resolve("ovens.yaml"), new YAMLMapper().writeValueAsString(alone.resource().customResource()));
        Path dataset = Files.writeString(folder.resolve("assets.json"), DATASET);
        Definitions fromYaml = Definitions.read(List.of(yaml, dataset));
        assertThat(fromYaml.pipelines().getFirst().stages()).isEqualTo(alone.stages());
        assertThat(fromYaml.pipelines().getFirst().resource().properties().path("input")).isEqualTo(alone.resource().properties().path("input"));
        assertThat(Definitions.read(List.of(folder)).pipelines()).hasSize(1);
    }

    @Test
    void anExpressionIsStoredUnderItsNewName() throws Exception {
        String older = PROPERTIES.replace("\"expression\"", "\"query\"");
        assertThat(read("any.json", older).resource().properties().toString()).isEqualTo(json(PROPERTIES).toString());
    }

    @Test
    void templatesAreEvaluated() throws Exception {
        Path file = Files.writeString(folder.resolve("template.json"), """
                {
                  // what the portal's deployment looks like
                  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
                  "contentVersion": "1.0.0.0",
                  "parameters": {"instance": {"type": "string", "defaultValue": "processor"}, "topic": {"type": "string", "defaultValue": "plant/+"}},
                  "resources": [
                    {"type": "Microsoft.IoTOperationsDataProcessor/instances", "name": "[parameters('instance')]", "apiVersion": "2023-10-04-preview", "location": "l", "properties": {}},
                    {"type": "Microsoft.IoTOperationsDataProcessor/instances/pipelines", "name": "[concat(parameters('instance'), '/ovens')]", "apiVersion": "2023-10-04-preview",
                     "location": "l", "dependsOn": ["[parameters('instance')]"],
                     "properties": {"enabled": false, "input": {"type": "input/mqtt@v1", "broker": "tcp://localhost:1883", "topics": ["[parameters('topic')]"], "next": ["output"]},
                       "stages": {"output": {"type": "output/refdata@v1", "dataset": "assets"}}}},
                    {"type": "Microsoft.IoTOperationsDataProcessor/instances/datasets", "name": "[concat(parameters('instance'), '/assets')]", "apiVersion": "2023-10-04-preview",
                     "location": "l", "properties": {}},
                    {"type": "Microsoft.Storage/storageAccounts", "name": "another", "properties": {"enabled": "[nothing()]"}}
                  ]
                }""");
        Definitions read = Definitions.read(List.of(file));
        assertThat(read.pipelines().getFirst().name()).isEqualTo("ovens");
        assertThat(read.pipelines().getFirst().input().settings().toString()).contains("topics=[plant/+]");
        assertThat(read.datasets()).extracting(DatasetDefinition::name).containsExactly("assets");
        assertThat(read.remarks()).singleElement().extracting(remark -> remark.message()).asString().startsWith("has no effect: an instance");
    }

    @Test
    void mistakesOfAllFilesAreToldAtOnce() throws Exception {
        Path one = Files.writeString(folder.resolve("one.json"), "{\"enabled\": 1, \"input\": {\"type\": \"input/http@v1\"}, \"stages\": {}}");
        Path two = Files.writeString(folder.resolve("two.json"), "{");
        Path three = Files.write(folder.resolve("three.json"), "{\"\u00e9\"".getBytes(StandardCharsets.ISO_8859_1));
        Path missing = folder.resolve("missing.json");
        assertThatThrownBy(() -> Definitions.read(List.of(one, two, three, missing))).isInstanceOfSatisfying(InvalidDefinitionException.class, invalid -> {
            assertThat(invalid.problems()).extracting(problem -> Path.of(problem.file()).getFileName().toString()).contains("one.json", "two.json", "three.json", "missing.json");
            assertThat(invalid.problems()).filteredOn(problem -> problem.file().endsWith("one.json")).extracting(problem -> problem.path()).contains("enabled", "input.url", "stages");
            assertThat(invalid.getMessage()).contains("is not there").contains("is no text in UTF-8");
        });
    }

    @Test
    void twoOfOneNameAreAMistake() throws Exception {
        assertThatThrownBy(() -> Definitions.read("any.json", "[" + DATASET + "," + DATASET + "]")).isInstanceOf(InvalidDefinitionException.class)
                .hasMessageContaining("there are two datasets 'assets'");
    }

    @Test
    void deepNestingIsRefusedWhereItIsRead() {
        for (String name : List.of("deep.json", "deep.yaml")) {
            assertThatThrownBy(() -> Definitions.read(name, "[".repeat(50_000))).isInstanceOf(InvalidDefinitionException.class).hasMessageContaining("deep");
        }
    }
}
