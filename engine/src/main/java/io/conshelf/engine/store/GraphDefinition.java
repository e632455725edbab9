package io.conshelf.engine.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.conshelf.kql.bind.StoredGraph;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// The JSON that defines a graph model: `{"Schema": {"Nodes": …, "Edges": …}, "Definition": {"Steps": […]}}`.
public final class GraphDefinition {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int STEPS_MAX = 1_000;
    private static final int CHARACTERS_MAX = 1 << 20;

    private final String model;

    private GraphDefinition(String model) {
        this.model = model;
    }

    /// @throws IllegalArgumentException telling what is wrong
    public static StoredGraph.Model read(String database, String model, String json) {
        return new GraphDefinition(model).read(database, json);
    }

    /// The same JSON in one line.
    ///
    /// @throws IllegalArgumentException where it is none, or too long to be kept
    public static String oneLine(String json) {
        if (json.length() > CHARACTERS_MAX) {
            throw new IllegalArgumentException("it has more than " + CHARACTERS_MAX + " characters");
        }
        return parsed(json).toString();
    }

    private static JsonNode parsed(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("it is no JSON: " + e.getOriginalMessage(), e);
        }
    }

    private StoredGraph.Model read(String database, String json) {
        JsonNode all = object(parsed(json), "the definition", Set.of("Schema", "Definition"));
        JsonNode schema = all.has("Schema") && !all.get("Schema").isNull() ? object(all.get("Schema"), "'Schema'", Set.of("Nodes", "Edges")) : JSON.createObjectNode();
        JsonNode definition = object(all.path("Definition"), "'Definition'", Set.of("Steps"));
        if (!definition.path("Steps").isArray() || definition.get("Steps").isEmpty() || definition.get("Steps").size() > STEPS_MAX) {
            throw new IllegalArgumentException("'Definition' has an array 'Steps' of 1 to " + STEPS_MAX + " steps");
        }
        var steps = new ArrayList<StoredGraph.Step>();
        for (JsonNode step : definition.get("Steps")) {
            steps.add(step(step, "step " + steps.size()));
        }
        return new StoredGraph.Model(database, model, steps, properties(schema, "Nodes"), properties(schema, "Edges"));
    }

    private static StoredGraph.Step step(JsonNode step, String where) {
        String kind = step.path("Kind").asText();
        return switch (kind) {
            case "AddNodes" -> {
                object(step, where, Set.of("Kind", "Query", "NodeIdColumn", "Labels", "LabelsColumn"));
                yield new StoredGraph.AddNodes(text(step, "Query", where), text(step, "NodeIdColumn", where), labels(step, where), labelsColumn(step, where));
            }
            case "AddEdges" -> {
                object(step, where, Set.of("Kind", "Query", "SourceColumn", "TargetColumn", "Labels", "LabelsColumn"));
                yield new StoredGraph.AddEdges(text(step, "Query", where), text(step, "SourceColumn", where), text(step, "TargetColumn", where),
                        labels(step, where), labelsColumn(step, where));
            }
            case String other -> throw new IllegalArgumentException(where + " has the 'Kind' '" + other + "'; expected 'AddNodes' or 'AddEdges'");
        };
    }

    private static JsonNode object(JsonNode node, String where, Set<String> known) {
        if (!node.isObject()) {
            throw new IllegalArgumentException(where + " is no object");
        }
        node.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                throw new IllegalArgumentException(where + " has '" + name + "'; it may have " + String.join(", ", new TreeSet<>(known)));
            }
        });
        return node;
    }

    private static String text(JsonNode step, String name, String where) {
        if (!step.path(name).isTextual() || step.get(name).textValue().isBlank()) {
            throw new IllegalArgumentException(where + " has no text '" + name + "'");
        }
        return step.get(name).textValue();
    }

    private static Optional<String> labelsColumn(JsonNode step, String where) {
        return step.path("LabelsColumn").isMissingNode() || step.path("LabelsColumn").isNull() ? Optional.empty() : Optional.of(text(step, "LabelsColumn", where));
    }

    private static List<String> labels(JsonNode step, String where) {
        JsonNode labels = step.path("Labels");
        var all = new ArrayList<String>();
        if (!labels.isMissingNode() && !labels.isNull() && !labels.isArray()) {
            throw new IllegalArgumentException(where + " has 'Labels' that are no array");
        }
        for (JsonNode label : labels) {
            if (!label.isTextual()) {
                throw new IllegalArgumentException(where + " has a label that is no text");
            }
            all.add(label.textValue());
        }
        return all;
    }

    /// The types of the properties of all labels. What two labels give different types is dynamic.
    private static Map<String, Type> properties(JsonNode schema, String kind) {
        var types = new HashMap<String, Type>();
        JsonNode labels = schema.path(kind);
        if (!labels.isMissingNode() && !labels.isNull() && !labels.isObject()) {
            throw new IllegalArgumentException("'" + kind + "' of 'Schema' is no object");
        }
        for (Map.Entry<String, JsonNode> label : labels.properties()) {
            if (!label.getValue().isObject()) {
                throw new IllegalArgumentException("the label '" + label.getKey() + "' of 'Schema' is no object");
            }
            for (Map.Entry<String, JsonNode> property : label.getValue().properties()) {
                Type type = Type.named(property.getValue().asText()).orElseThrow(() -> new IllegalArgumentException("the property '" + property.getKey()
                        + "' of the label '" + label.getKey() + "' has the type '" + property.getValue().asText() + "', which there is not"));
                types.merge(property.getKey(), type, (one, other) -> one == other ? one : Type.DYNAMIC);
            }
        }
        return types;
    }
}
