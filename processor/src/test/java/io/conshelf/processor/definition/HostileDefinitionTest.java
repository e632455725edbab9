package io.conshelf.processor.definition;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.InvalidDefinitionException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Definitions with anything anywhere are read, or refused with what is wrong; nothing else.
class HostileDefinitionTest {
    private static final String SAMPLE = """
            [{"type": "Microsoft.IoTOperationsDataProcessor/instances/pipelines", "name": "ovens", "properties": {
               "enabled": true, "description": "d",
               "input": {"type": "input/mqtt@v1", "broker": "tls://localhost:8883", "topics": ["a/+"], "qos": 1, "cleanSession": false, "partitionCount": 2,
                 "authentication": {"type": "usernamePassword", "username": "u", "password": "p"}, "format": {"type": "csv", "header": true, "columns": [{"name": "a", "path": ".a"}]},
                 "partitionStrategy": {"type": "key", "expression": ".topic"}, "next": ["window"]},
               "stages": {
                 "window": {"type": "processor/aggregate@v1", "window": {"type": "tumbling", "size": "10s"},
                   "properties": [{"function": "sum", "inputPath": ".a", "outputPath": ".b"}], "next": ["join"]},
                 "join": {"type": "processor/enrich@v1", "dataset": "assets", "outputPath": ".x", "limit": 3,
                   "conditions": [{"type": "keyMatch", "inputPath": ".k", "property": "k"}, {"type": "pastNearest", "inputPath": ".t"}], "next": ["known"]},
                 "known": {"type": "processor/lkv@v1", "properties": [{"inputPath": ".a", "outputPath": ".a", "expirationTime": "1h", "timestampPath": ".t"}], "next": ["call"]},
                 "call": {"type": "processor/http@v1", "url": "http://localhost/a", "request": {"body": {"type": "json", "path": ".a"},
                   "headers": [{"key": {"type": "static", "value": "k"}, "value": {"type": "dynamic", "value": ".v"}}]},
                   "response": {"body": {"format": "json", "path": ".r"}, "headers": ".h", "status": ".s"}, "retry": {"type": "exponential", "maxInterval": "3s"}, "next": ["output"]},
                 "output": {"type": "output/dataexplorer@v1", "clusterUrl": "https://c.kusto.windows.net", "database": "d", "table": "t",
                   "authentication": {"type": "servicePrincipal", "tenantId": "t", "clientId": "c", "clientSecret": "s"}, "batch": {"time": "5s", "path": ".payload"},
                   "columns": [{"name": "a"}, {"name": "b", "path": ".x"}], "retry": {"type": "fixed", "interval": "20s", "maxRetries": 4}}}}},
             {"type": "Microsoft.IoTOperationsDataProcessor/instances/datasets", "name": "assets", "properties": {
               "payload": ".payload", "timestamp": ".t", "ttl": "1h", "keys": {"k": {"path": ".k", "primaryKey": true}}}}]""";
    private static final List<String> TEXTS = List.of("", " ", ".", ".a[", "1d", "-1s", "99999999999999999999h", "https://", "http://[", "tls://:1", "input/mqtt@v1", "output/file@v1",
            "processor/filter@v1", "raw", "default", "static", "dynamic", "none", "\u0000", "\uD800", "[concat('a')]", "output", "known", "if", "..", "a b", "{{{", "9".repeat(400), "#", "$share/");

    private static JsonNode any(Random random) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        return switch (random.nextInt(10)) {
            case 0 -> nodes.nullNode();
            case 1 -> nodes.booleanNode(random.nextBoolean());
            case 2 -> nodes.numberNode(random.nextInt(5) - 2);
            case 3 -> nodes.numberNode(new java.math.BigDecimal("1e" + random.nextInt(500)));
            case 4 -> nodes.arrayNode();
            case 5 -> nodes.arrayNode().add(any(random));
            case 6 -> nodes.objectNode();
            case 7 -> nodes.objectNode().set(TEXTS.get(random.nextInt(TEXTS.size())), any(random));
            default -> nodes.textNode(TEXTS.get(random.nextInt(TEXTS.size())));
        };
    }

    private static void places(JsonNode node, List<Runnable> changes, Random random) {
        switch (node) {
            case ObjectNode object -> {
                for (String name : List.copyOf(object.properties().stream().map(java.util.Map.Entry::getKey).toList())) {
                    changes.add(() -> object.set(name, any(random)));
                    changes.add(() -> object.remove(name));
                    places(object.get(name), changes, random);
                }
            }
            case ArrayNode array -> {
                changes.add(() -> array.add(any(random)));
                for (int i = 0; i < array.size(); i++) {
                    int at = i;
                    changes.add(() -> {
                        if (at < array.size()) {
                            array.set(at, any(random));
                        }
                    });
                    places(array.get(i), changes, random);
                }
            }
            default -> {}
        }
    }

    @Test
    void anythingAnywhereIsReadOrRefused() throws Exception {
        ObjectMapper json = new ObjectMapper();
        JsonNode sample = json.readTree(SAMPLE);
        assertThat(Definitions.read("any.json", SAMPLE).pipelines()).hasSize(1);
        int refused = 0;
        for (int seed = 0; seed < 800; seed++) {
            Random random = new Random(seed);
            JsonNode changed = sample.deepCopy();
            List<Runnable> changes = new ArrayList<>();
            places(changed, changes, random);
            for (int i = random.nextInt(3); i >= 0; i--) {
                changes.get(random.nextInt(changes.size())).run();
            }
            String text = json.writeValueAsString(changed);
            try {
                Definitions.read("any.json", text);
            } catch (InvalidDefinitionException told) {
                refused++;
                assertThat(told.problems()).as("seed %d", seed).isNotEmpty().allMatch(problem -> !problem.message().isBlank());
            } catch (RuntimeException unexpected) {
                throw new AssertionError("seed " + seed + ": " + text, unexpected);
            }
        }
        assertThat(refused).isGreaterThan(100);
    }
}
