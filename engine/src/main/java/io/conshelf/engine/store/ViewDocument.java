package io.conshelf.engine.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/// How materialized views are written down in their database's document.
final class ViewDocument {
    private ViewDocument() {}

    static void put(ObjectNode json, MaterializedView view) {
        var definition = view.definition();
        json.put("name", view.name()).put("source", view.source()).put("query", view.query());
        view.since().ifPresent(since -> json.put("since", since.toString()));
        json.put("isEnabled", view.isEnabled())
                .put("folder", view.folder())
                .put("docString", view.docString())
                .put("updatesSchema", view.options().updatesSchema());
        view.options().lookback().ifPresent(lookback -> json.put("lookback", lookback.toString()));
        json.put("lookbackColumn", view.options().lookbackColumn())
                .put("isOverView", definition.isOverView())
                .put("isGrouped", definition.isGrouped());
        var columns = json.putArray("columns");
        definition.columns().forEach(column ->
                columns.addObject().put("name", column.name()).put("type", column.type().kustoName()));
        definition.keys().forEach(json.putArray("keys")::add);
        definition.dimensionTables().forEach(json.putArray("dimensionTables")::add);
        view.part().ifPresent(part -> json.put("partId", part.id().tableId()).put("part", SchemaDocument.of(part)));
    }

    static SortedMap<String, MaterializedView> read(String databaseId, JsonNode json) {
        var views = new TreeMap<String, MaterializedView>();
        json.path("materializedViews").forEach(view -> views.put(view.required("name").textValue(), view(databaseId, view)));
        return views;
    }

    // What the first format did not have is absent in what it wrote.
    private static MaterializedView view(String databaseId, JsonNode json) {
        return new MaterializedView(
                json.required("name").textValue(),
                new MaterializedView.Definition(
                        json.required("source").textValue(),
                        json.path("isOverView").booleanValue(),
                        json.required("query").textValue(),
                        list(json.path("columns"), c -> new ColumnSchema(
                                c.required("name").textValue(), Type.named(c.required("type").textValue()).orElseThrow())),
                        list(json.path("keys"), JsonNode::textValue),
                        json.path("isGrouped").booleanValue(),
                        list(json.path("dimensionTables"), JsonNode::textValue)),
                new MaterializedView.Options(
                        json.required("isEnabled").booleanValue(),
                        json.required("folder").textValue(),
                        json.required("docString").textValue(),
                        json.required("updatesSchema").booleanValue(),
                        Optional.ofNullable(json.get("lookback")).map(lookback -> Duration.parse(lookback.textValue())),
                        json.path("lookbackColumn").asText("")),
                Optional.ofNullable(json.get("since")).map(since -> Instant.parse(since.textValue())),
                Optional.ofNullable(json.get("part")).map(part ->
                        SchemaDocument.table(databaseId, json.required("partId").textValue(), part.textValue())));
    }

    private static <T> List<T> list(JsonNode array, Function<JsonNode, T> element) {
        var list = new ArrayList<T>(array.size());
        array.forEach(node -> list.add(element.apply(node)));
        return list;
    }
}
