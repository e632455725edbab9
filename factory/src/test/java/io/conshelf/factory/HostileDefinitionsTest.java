package io.conshelf.factory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.conshelf.connectors.definition.ArmTemplate;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Reading;
import io.conshelf.factory.definition.ArmExport;
import io.conshelf.factory.definition.Factory;
import io.conshelf.factory.definition.FactoryTemplate;
import io.conshelf.factory.definition.InvalidFactoryException;
import io.conshelf.factory.definition.Kind;
import io.conshelf.factory.definition.Resource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Definitions that are not what they should be: whatever stands in them, checking ends with a list of mistakes.
class HostileDefinitionsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int ROUNDS = 1_000;
    private static final Map<Kind, String> SOUND = Map.of(
            Kind.FACTORY, """
                    {"name": "f", "properties": {"globalParameters": {"g": {"type": "int", "value": 1}}}}""",
            Kind.LINKED_SERVICE, """
                    {"name": "ls", "properties": {"type": "FileServer", "connectVia": {"referenceName": "ir", "type": "IntegrationRuntimeReference"}, "parameters": {"h": {"type": "string", "defaultValue": "."}}, "typeProperties": {"host": "@{linkedService().h}"}}}""",
            Kind.DATASET, """
                    {"name": "d", "properties": {"type": "DelimitedText", "linkedServiceName": {"referenceName": "ls", "type": "LinkedServiceReference", "parameters": {"h": "x"}}, "parameters": {"f": {"type": "string"}},
                     "typeProperties": {"location": {"type": "FileServerLocation", "fileName": "@dataset().f"}, "columnDelimiter": ","}}}""",
            Kind.PIPELINE, """
                    {"name": "p", "properties": {"concurrency": 1, "parameters": {"n": {"type": "int", "defaultValue": 1}}, "variables": {"a": {"type": "Array", "defaultValue": []}}, "activities": [
                     {"name": "L", "type": "Lookup", "policy": {"timeout": "0.12:00:00", "retry": 1}, "typeProperties": {"source": {"type": "DelimitedTextSource", "storeSettings": {"type": "FileServerReadSettings", "recursive": true}}, "dataset": {"referenceName": "d", "type": "DatasetReference", "parameters": {"f": {"value": "@string(pipeline().parameters.n)", "type": "Expression"}}}}},
                     {"name": "E", "type": "ForEach", "dependsOn": [{"activity": "L", "dependencyConditions": ["Succeeded"]}], "typeProperties": {"items": "@activity('L').output.value", "batchCount": 3, "activities": [
                       {"name": "A", "type": "AppendVariable", "typeProperties": {"variableName": "a", "value": "@item()"}},
                       {"name": "S", "type": "Switch", "typeProperties": {"on": "@item().x", "cases": [{"value": "1", "activities": [{"name": "W", "type": "WebActivity", "typeProperties": {"method": "GET", "url": "http://localhost", "authentication": {"type": "Basic", "username": "u", "password": "p"}}}]}]}}]}},
                     {"name": "U", "type": "Until", "typeProperties": {"expression": "@equals(1, 1)", "timeout": "0.00:10:00", "activities": [{"name": "G", "type": "GetMetadata", "typeProperties": {"dataset": {"referenceName": "d", "type": "DatasetReference", "parameters": {"f": "x"}}, "fieldList": ["exists"]}}]}},
                     {"name": "C", "type": "Copy", "inputs": [{"referenceName": "d", "type": "DatasetReference", "parameters": {"f": "x"}}], "outputs": [{"referenceName": "d", "type": "DatasetReference", "parameters": {"f": "y"}}], "typeProperties": {"source": {"type": "DelimitedTextSource"}, "sink": {"type": "DelimitedTextSink"}, "translator": {"type": "TabularTranslator"}}},
                     {"name": "X", "type": "ExecutePipeline", "state": "Inactive", "typeProperties": {"pipeline": {"referenceName": "p", "type": "PipelineReference"}, "parameters": {"n": 2}}},
                     {"name": "D", "type": "Delete", "typeProperties": {"dataset": {"referenceName": "d", "type": "DatasetReference", "parameters": {"f": "x"}}, "enableLogging": false}}]}}""",
            Kind.DATA_FLOW, """
                    {"name": "df", "properties": {"type": "MappingDataFlow", "typeProperties": {"sources": [{"name": "s", "dataset": {"referenceName": "d", "type": "DatasetReference"}}], "scriptLines": ["x"]}}}""",
            Kind.TRIGGER, """
                    {"name": "t", "properties": {"type": "TumblingWindowTrigger", "pipeline": {"pipelineReference": {"referenceName": "p", "type": "PipelineReference"}, "parameters": {"n": "@trigger().outputs.windowStartTime"}}, "typeProperties": {"frequency": "Hour", "interval": 1, "startTime": "2024-01-01T00:00:00Z", "maxConcurrency": 1, "dependsOn": [{"type": "SelfDependencyTumblingWindowTriggerReference", "offset": "-01:00:00"}]}}}""",
            Kind.INTEGRATION_RUNTIME, """
                    {"name": "ir", "properties": {"type": "SelfHosted", "typeProperties": {}}}""",
            Kind.CREDENTIAL, """
                    {"name": "c", "properties": {"type": "ManagedIdentity", "typeProperties": {}}}""");
    private static final String TEMPLATE = """
            {"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", "contentVersion": "1.0.0.0",
             "parameters": {"factoryName": {"type": "string", "defaultValue": "f"}, "host": {"type": "string", "defaultValue": "[concat(parameters('factoryName'), '-in')]"},
              "key": {"type": "secureString"}, "query": {"type": "object", "defaultValue": {"value": "@item()", "type": "Expression"}}},
             "variables": {"factoryId": "[concat('Microsoft.DataFactory/factories/', parameters('factoryName'))]", "all": "[split(toLower('A,B'), ',')]"},
             "resources": [
              {"name": "[concat(parameters('factoryName'), '/ls')]", "type": "Microsoft.DataFactory/factories/linkedServices", "apiVersion": "2018-06-01", "dependsOn": [],
               "properties": {"type": "FileServer", "typeProperties": {"host": "[parameters('host')]", "password": {"type": "SecureString", "value": "[parameters('key')]"}}}},
              {"name": "[parameters('factoryName')]", "type": "Microsoft.DataFactory/factories", "location": "[resourceGroup().location]", "properties": {}, "resources": [
               {"name": "d", "type": "datasets", "condition": "[equals(first(variables('all')), 'a')]", "properties": {"type": "Json", "linkedServiceName": {"referenceName": "ls", "type": "LinkedServiceReference"},
                "typeProperties": {"location": {"type": "FileServerLocation", "folderPath": "[if(empty(parameters('host')), '', format('{0}/{1}', 'x', json('1')))]"}}}}]},
              {"name": "inner", "type": "Microsoft.Resources/deployments", "properties": {"mode": "Incremental", "parameters": {"n": {"value": "[variables('factoryId')]"}},
               "template": {"parameters": {"n": {"type": "string"}}, "resources": [{"name": "[concat(parameters('factoryName'), '/p')]", "type": "Microsoft.DataFactory/factories/pipelines",
                "dependsOn": ["[resourceId('Microsoft.DataFactory/factories/datasets', parameters('factoryName'), 'd')]"],
                "properties": {"description": "[[kept]", "activities": [{"name": "W", "type": "Wait", "typeProperties": {"waitTimeInSeconds": 1}}]}}]}}}]}""";
    private static final List<JsonNode> ODD = new ArrayList<>();

    static {
        for (String text : List.of("null", "true", "-1", "1e400", "9999999999999999999999", "\"\"", "\"@\"", "\"@{\"", "\"@concat(\"", "\"@pipeline().parameters.zzz\"", "[]", "{}",
                "[[[]]]", "{\"value\": \"@item(\", \"type\": \"Expression\"}", "{\"type\": \"Expression\"}", "\"@activity('L').output\"", "\"99999999999.99:99:99\"", "\"p\"", "\"d\"", "[null, 1, \"x\"]")) {
            try {
                ODD.add(JSON.readTree(text));
            } catch (JsonProcessingException impossible) {
                throw new AssertionError(impossible);
            }
        }
        ODD.add(TextNode.valueOf("@" + "concat(".repeat(5_000)));
        for (String text : List.of("[", "[[", "[]", "[concat(", "[parameters('none')]", "[parameters('host')]", "[variables('all')]", "[variables('factoryId')]", "[json('{')]",
                "[split('', '')]", "[first(createArray())]", "[concat(createArray(1), 'x')]", "[listKeys('x', '1').keys[0]]", "[parameters('query').value.none[3]]", "[if(1, 2)]",
                "[copyIndex()]", "[resourceId('/')]", "[equals(1e400, 1)]", "[json('')]", "[last(json('{}'))]", "[replace('x', '', 'y')]", "[" + "concat(".repeat(5_000) + ")".repeat(5_000) + "]", "[format('{9}{')]", "[createObject('a')]")) {
            ODD.add(TextNode.valueOf(text));
        }
        ODD.add(TextNode.valueOf("\u0000\uD800 '"));
        ODD.add(TextNode.valueOf("x".repeat(10_000)));
    }

    private static Factory factory(Map<Kind, JsonNode> definitions) {
        List<Resource> resources = new ArrayList<>();
        definitions.forEach((kind, json) -> resources.add(new Resource(kind, json.path("name").asText("x"), new Located(kind.folder() + "/x.json", "", json))));
        return Factory.of(Path.of("."), "f", resources);
    }

    private static Map<Kind, JsonNode> sound() throws Exception {
        Map<Kind, JsonNode> definitions = new EnumMap<>(Kind.class);
        for (Map.Entry<Kind, String> entry : SOUND.entrySet()) {
            definitions.put(entry.getKey(), JSON.readTree(entry.getValue()));
        }
        return definitions;
    }

    /// Changes, removes, repeats or moves one value somewhere inside.
    private static void mutate(JsonNode node, Random random) {
        List<JsonNode> containers = new ArrayList<>();
        collect(node, containers);
        JsonNode at = containers.get(random.nextInt(containers.size()));
        JsonNode odd = random.nextInt(3) == 0 ? containers.get(random.nextInt(containers.size())).deepCopy() : ODD.get(random.nextInt(ODD.size())).deepCopy();
        switch (at) {
            case ObjectNode object when !object.isEmpty() -> {
                List<String> keys = new ArrayList<>();
                object.fieldNames().forEachRemaining(keys::add);
                String key = keys.get(random.nextInt(keys.size()));
                switch (random.nextInt(3)) {
                    case 0 -> object.remove(key);
                    case 1 -> object.set(key, odd);
                    default -> object.set(key.toUpperCase(Locale.ROOT), odd);
                }
            }
            case ArrayNode array when random.nextBoolean() && !array.isEmpty() -> array.set(random.nextInt(array.size()), odd);
            case ArrayNode array -> array.add(odd);
            default -> {}
        }
    }

    private static void collect(JsonNode node, List<JsonNode> containers) {
        if (node.isContainerNode()) {
            containers.add(node);
            node.forEach(inner -> collect(inner, containers));
        }
    }

    @Test
    void readingEndsWhateverStandsInATemplate(@TempDir Path folder) throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        Path file = folder.resolve("template.json");
        for (int round = 0; round < ROUNDS; round++) {
            JsonNode template = JSON.readTree(TEMPLATE);
            for (int i = round == 0 ? 0 : random.nextInt(4) + 1; i > 0; i--) {
                mutate(template, random);
            }
            Files.write(file, template.toString().getBytes(StandardCharsets.UTF_8));
            int told = round;
            assertThatCode(() -> {
                try {
                    Factory factory = FactoryTemplate.load(file, ArmTemplate.Given.nothing(), Reading.STRICT);
                    Validation.of(factory).toJson();
                    assertThat(told > 0 || factory.pipelines().containsKey("p") && factory.datasets().containsKey("d")).as("all of the sound one").isTrue();
                } catch (InvalidFactoryException refused) {
                    assertThat(refused.problems()).isNotEmpty();
                    assertThat(told).as("%s", refused.problems()).isPositive();
                }
            }).as("seed %d, round %d: %s", seed, round, template).doesNotThrowAnyException();
        }
    }

    @Test
    void whatIsSoundHasNoMistakes() throws Exception {
        assertThat(Validation.of(factory(sound())).problems()).isEmpty();
    }

    @Test
    void checkingEndsWhateverStandsInADefinition() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            Map<Kind, JsonNode> definitions = sound();
            List<Kind> kinds = List.copyOf(definitions.keySet());
            for (int i = random.nextInt(4); i >= 0; i--) {
                mutate(definitions.get(kinds.get(random.nextInt(kinds.size()))), random);
            }
            Factory factory = factory(definitions);
            assertThatCode(() -> {
                Validation validation = Validation.of(factory);
                validation.toJson();
                ArmExport.of(factory);
            }).as("seed %d, round %d: %s", seed, round, definitions).doesNotThrowAnyException();
        }
    }
}
