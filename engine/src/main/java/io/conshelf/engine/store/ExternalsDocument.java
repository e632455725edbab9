package io.conshelf.engine.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.engine.store.ExternalTable.FileOptions;
import io.conshelf.engine.store.ExternalTable.Files;
import io.conshelf.engine.store.ExternalTable.Headers;
import io.conshelf.engine.store.ExternalTable.Partition;
import io.conshelf.engine.store.ExternalTable.PathPart;
import io.conshelf.engine.store.ExternalTable.PeriodKind;
import io.conshelf.engine.store.ExternalTable.Rule;
import io.conshelf.engine.store.ExternalTable.Source;
import io.conshelf.engine.store.ExternalTable.Sql;
import io.conshelf.engine.store.ExternalTable.SqlDialect;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// How external tables and continuous exports are written down, as part of their database's document.
final class ExternalsDocument {
    private ExternalsDocument() {}

    static void put(ObjectNode json, Externals externals) {
        var tables = json.putArray("externalTables");
        externals.tablesByName().values().forEach(table -> put(tables.addObject(), table));
        var exports = json.putArray("continuousExports");
        externals.exportsByName().values().forEach(export -> put(exports.addObject(), export));
    }

    /// A document of before there were any has none.
    static Externals read(JsonNode json) {
        var externals = Externals.NONE;
        for (var table : json.path("externalTables")) {
            externals = externals.with(table(table));
        }
        for (var export : json.path("continuousExports")) {
            externals = externals.with(export(export));
        }
        return externals;
    }

    private static void put(ObjectNode json, ExternalTable table) {
        json.put("name", table.name()).put("folder", table.folder()).put("docString", table.docString());
        var columns = json.putArray("columns");
        table.columns().forEach(c -> columns.addObject().put("name", c.name()).put("type", c.type().kustoName()));
        switch (table.source()) {
            case Files files -> put(json.putObject("files"), files);
            case Sql sql -> json.putObject("sql")
                    .put("dialect", sql.dialect().kustoName())
                    .put("table", sql.table())
                    .put("connection", sql.connection())
                    .put("createsTable", sql.createsTable())
                    .put("primaryKey", sql.primaryKey())
                    .put("firesTriggers", sql.firesTriggers());
        }
        SchemaDocument.putMappings(json, table.mappings());
    }

    private static ExternalTable table(JsonNode json) {
        Source source = json.has("files") ? files(json.get("files")) : sql(json.required("sql"));
        return new ExternalTable(
                text(json, "name"),
                list(json.required("columns"), c -> new ColumnSchema(text(c, "name"), type(c))),
                source, text(json, "folder"), text(json, "docString"), SchemaDocument.mappings(json));
    }

    private static void put(ObjectNode json, Files files) {
        json.put("format", files.format());
        files.connections().forEach(json.putArray("connections")::add);
        var partitions = json.putArray("partitions");
        files.partitions().forEach(p -> put(partitions.addObject().put("name", p.name()).put("type", p.type().kustoName()), p.rule()));
        var path = json.putArray("path");
        files.path().forEach(part -> put(path, part));
        var options = files.options();
        json.putObject("options")
                .put("isCompressed", options.isCompressed())
                .put("compressionType", options.compressionType())
                .put("headers", options.headers().name())
                .put("namePrefix", options.namePrefix())
                .put("fileExtension", options.fileExtension())
                .put("hasMark", options.hasMark());
    }

    private static void put(ObjectNode json, Rule rule) {
        switch (rule) {
            case Rule.Virtual _ -> json.put("rule", "virtual");
            case Rule.Value(String column) -> json.put("rule", "value").put("column", column);
            case Rule.Hash(String column, long modulus) -> json.put("rule", "hash").put("column", column).put("modulus", modulus);
            case Rule.Period(String column, PeriodKind kind, long bin) ->
                json.put("rule", "period").put("column", column).put("period", kind.name()).put("binTicks", bin);
        }
    }

    private static void put(ArrayNode path, PathPart part) {
        switch (part) {
            case PathPart.Text(String text) -> path.addObject().put("text", text);
            case PathPart.Value(String partition) -> path.addObject().put("partition", partition);
            case PathPart.Moment(String partition, String pattern) ->
                path.addObject().put("partition", partition).put("pattern", pattern);
        }
    }

    private static Files files(JsonNode json) {
        var options = json.required("options");
        return new Files(
                text(json, "format"),
                list(json.required("connections"), JsonNode::textValue),
                list(json.required("partitions"), p -> new Partition(text(p, "name"), type(p), rule(p))),
                list(json.required("path"), ExternalsDocument::part),
                new FileOptions(
                        options.required("isCompressed").booleanValue(), text(options, "compressionType"),
                        Headers.valueOf(text(options, "headers")), text(options, "namePrefix"), text(options, "fileExtension"),
                        options.required("hasMark").booleanValue()));
    }

    private static Rule rule(JsonNode json) {
        return switch (text(json, "rule")) {
            case "virtual" -> new Rule.Virtual();
            case "value" -> new Rule.Value(text(json, "column"));
            case "hash" -> new Rule.Hash(text(json, "column"), json.required("modulus").longValue());
            case "period" -> new Rule.Period(
                    text(json, "column"), PeriodKind.valueOf(text(json, "period")), json.required("binTicks").longValue());
            default -> throw new IllegalStateException("A stored partition has an unknown rule: " + json);
        };
    }

    private static PathPart part(JsonNode json) {
        if (json.has("text")) {
            return new PathPart.Text(text(json, "text"));
        }
        return json.has("pattern")
                ? new PathPart.Moment(text(json, "partition"), text(json, "pattern"))
                : new PathPart.Value(text(json, "partition"));
    }

    private static Sql sql(JsonNode json) {
        return new Sql(
                SqlDialect.named(text(json, "dialect")).orElseThrow(), text(json, "table"), text(json, "connection"),
                json.required("createsTable").booleanValue(), text(json, "primaryKey"), json.required("firesTriggers").booleanValue());
    }

    private static void put(ObjectNode json, ContinuousExport export) {
        json.put("name", export.name()).put("externalTable", export.externalTable()).put("query", export.query());
        export.scopedTables().forEach(json.putArray("scopedTables")::add);
        json.put("interval", export.settings().interval().toString());
        export.settings().forcedLatency().ifPresent(latency -> json.put("forcedLatency", latency.toString()));
        json.put("properties", export.settings().properties())
                .put("isDisabled", export.settings().isDisabled())
                .put("startCursor", export.startCursor());
    }

    private static ContinuousExport export(JsonNode json) {
        return new ContinuousExport(
                text(json, "name"), text(json, "externalTable"), text(json, "query"),
                list(json.required("scopedTables"), JsonNode::textValue),
                new ContinuousExport.Settings(
                        Duration.parse(text(json, "interval")),
                        Optional.ofNullable(json.get("forcedLatency")).map(latency -> Duration.parse(latency.textValue())),
                        text(json, "properties"), json.required("isDisabled").booleanValue()),
                json.required("startCursor").longValue());
    }

    private static String text(JsonNode json, String name) {
        return json.required(name).textValue();
    }

    private static Type type(JsonNode json) {
        return Type.named(text(json, "type")).orElseThrow();
    }

    private static <T> List<T> list(JsonNode array, Function<JsonNode, T> element) {
        var list = new ArrayList<T>(array.size());
        array.forEach(node -> list.add(element.apply(node)));
        return list;
    }
}
