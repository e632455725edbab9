package io.conshelf.engine.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.kql.plan.Plan.TableId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;

/// The graph models of a database, and how they are written down as part of its document.
public record GraphModels(SortedMap<String, GraphModel> byName) {
    static final GraphModels NONE = new GraphModels(new TreeMap<>());

    public GraphModels {
        byName = Collections.unmodifiableSortedMap(new TreeMap<>(byName));
    }

    /// Names are case-sensitive.
    public Optional<GraphModel> model(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    public long snapshotCount() {
        return byName.values().stream().mapToLong(model -> model.snapshotsByName().size()).sum();
    }

    public GraphModels with(GraphModel model) {
        var models = new TreeMap<>(byName);
        models.put(model.name(), model);
        return new GraphModels(models);
    }

    public GraphModels without(String name) {
        var models = new TreeMap<>(byName);
        models.remove(name);
        return new GraphModels(models);
    }

    /// The characters of all definitions that are kept, which are part of the database's document.
    public long characters() {
        return byName.values().stream().flatMap(model -> model.versions().stream()).mapToLong(version -> version.definition().length()).sum();
    }

    /// The snapshot whose nodes or edges a table is.
    public Optional<GraphSnapshot> snapshotOf(TableId id) {
        return snapshots().filter(snapshot -> snapshot.tables().anyMatch(table -> table.id().tableId().equals(id.tableId()))).findFirst();
    }

    private Stream<GraphSnapshot> snapshots() {
        return byName.values().stream().flatMap(model -> model.snapshotsByName().values().stream());
    }

    Stream<Table> tables() {
        return snapshots().flatMap(GraphSnapshot::tables);
    }

    void put(ObjectNode json) {
        ArrayNode models = json.putArray("graphModels");
        for (GraphModel model : byName.values()) {
            ObjectNode one = models.addObject().put("name", model.name());
            ArrayNode versions = one.putArray("versions");
            model.versions().forEach(version -> versions.addObject()
                    .put("id", version.id().toString())
                    .put("createdOn", version.createdOn().toString())
                    .put("definition", version.definition()));
            ArrayNode snapshots = one.putArray("snapshots");
            model.snapshotsByName().values().forEach(snapshot -> {
                ObjectNode made = snapshots.addObject()
                        .put("name", snapshot.name())
                        .put("madeOn", snapshot.madeOn().toString())
                        .put("modelId", snapshot.modelId().toString())
                        .put("modelCreatedOn", snapshot.modelCreatedOn().toString())
                        .put("nodeCount", snapshot.nodeCount())
                        .put("edgeCount", snapshot.edgeCount());
                put(made, "nodes", snapshot.nodes());
                put(made, "edges", snapshot.edges());
                ArrayNode reads = made.putArray("reads");
                snapshot.reads().forEach(id -> reads.addObject().put("id", id.tableId()).put("name", id.name()));
            });
        }
    }

    private static void put(ObjectNode json, String name, Table table) {
        json.put(name + "Id", table.id().tableId()).put(name, SchemaDocument.of(table));
    }

    /// A document of before there were any has none.
    static GraphModels read(String databaseId, JsonNode json) {
        GraphModels models = NONE;
        for (JsonNode one : json.path("graphModels")) {
            var versions = new ArrayList<GraphModel.Version>();
            one.required("versions").forEach(version -> versions.add(new GraphModel.Version(
                    UUID.fromString(version.required("id").textValue()),
                    Instant.parse(version.required("createdOn").textValue()),
                    version.required("definition").textValue())));
            var model = new GraphModel(one.required("name").textValue(), versions, new TreeMap<>());
            for (JsonNode made : one.required("snapshots")) {
                model = model.with(new GraphSnapshot(
                        made.required("name").textValue(),
                        Instant.parse(made.required("madeOn").textValue()),
                        UUID.fromString(made.required("modelId").textValue()),
                        Instant.parse(made.required("modelCreatedOn").textValue()),
                        table(databaseId, made, "nodes"),
                        table(databaseId, made, "edges"),
                        made.required("nodeCount").longValue(),
                        made.required("edgeCount").longValue(),
                        reads(databaseId, made)));
            }
            models = models.with(model);
        }
        return models;
    }

    private static List<TableId> reads(String databaseId, JsonNode json) {
        var reads = new ArrayList<TableId>();
        json.path("reads").forEach(id -> reads.add(new TableId(databaseId, id.required("id").textValue(), id.required("name").textValue())));
        return reads;
    }

    private static Table table(String databaseId, JsonNode json, String name) {
        return SchemaDocument.table(databaseId, json.required(name + "Id").textValue(), json.required(name).textValue());
    }

    Optional<Table> table(TableId id) {
        return tables().filter(table -> table.id().tableId().equals(id.tableId())).findFirst();
    }
}
