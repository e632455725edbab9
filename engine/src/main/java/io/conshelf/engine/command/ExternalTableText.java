package io.conshelf.engine.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.engine.ObfuscatedText;
import io.conshelf.engine.external.ExternalTables;
import io.conshelf.engine.store.ExternalTable;
import io.conshelf.engine.store.ExternalTable.Files;
import io.conshelf.engine.store.ExternalTable.Partition;
import io.conshelf.engine.store.ExternalTable.PathPart;
import io.conshelf.engine.store.ExternalTable.PeriodKind;
import io.conshelf.engine.store.ExternalTable.Rule;
import io.conshelf.engine.store.ExternalTable.Sql;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.TimeSpanText;
import java.util.Locale;
import java.util.stream.Collectors;

/// External tables as the service prints them, without what opens their storage.
final class ExternalTableText {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private ExternalTableText() {}

    static String type(ExternalTable table) {
        return switch (table.source()) {
            case Files _ -> "Blob";
            case Sql _ -> "Sql";
        };
    }

    static String properties(ExternalTable table) {
        var json = JSON.objectNode();
        switch (table.source()) {
            case Files files -> {
                var options = files.options();
                json.put("Format", formatName(files.format()));
                json.put("Compressed", options.isCompressed());
                json.put("CompressionType", orNull(options.compressionType()));
                json.put("FileExtension", orNull(options.fileExtension()));
                json.put("IncludeHeaders", options.headers().kustoName());
                json.put("Encoding", options.hasMark() ? "UTF8BOM" : null);
                json.put("NamePrefix", orNull(options.namePrefix()));
            }
            case Sql sql -> {
                json.put("TargetEntityKind", "sqltable");
                json.put("TargetEntityName", sql.table());
                json.put("TargetEntityConnectionString", ObfuscatedText.ofConnection(sql.connection()));
                json.put("SqlDialect", sql.dialect().kustoName());
                json.put("FireTriggers", sql.firesTriggers());
                json.put("CreateIfNotExists", sql.createsTable());
                json.put("PrimaryKey", orNull(sql.primaryKey()));
            }
        }
        return json.toString();
    }

    private static String orNull(String text) {
        return text.isEmpty() ? null : text;
    }

    private static String formatName(String format) {
        return switch (format) {
            case "apacheavro" -> "ApacheAvro";
            case "multijson" -> "MultiJson";
            case "w3clogfile" -> "W3CLogFile";
            default -> format.substring(0, 1).toUpperCase(Locale.ROOT) + format.substring(1);
        };
    }

    static String connections(ExternalTable table) {
        var json = JSON.arrayNode();
        switch (table.source()) {
            case Files files -> files.connections().forEach(c -> json.add(ExternalTables.masked(c)));
            case Sql sql -> json.add(ObfuscatedText.ofConnection(sql.connection()));
        }
        return json.toString();
    }

    static String partitions(ExternalTable table) {
        var json = JSON.arrayNode();
        if (table.source() instanceof Files files) {
            for (Partition partition : files.partitions()) {
                put(json.addObject(), partition, json.size() - 1);
            }
        }
        return json.toString();
    }

    private static void put(ObjectNode json, Partition partition, int ordinal) {
        var column = switch (partition.rule()) {
            case Rule.Virtual _ -> {
                if (partition.type() == Type.DATETIME) {
                    json.putNull("Function");
                }
                yield (String) null;
            }
            case Rule.Value(String of) -> of;
            case Rule.Hash(String of, long modulus) -> {
                json.put("Mod", modulus);
                yield of;
            }
            case Rule.Period(String of, PeriodKind kind, long bin) -> {
                json.put("Function", kind.kustoName());
                if (kind == PeriodKind.BIN) {
                    json.put("PartitionBy", TimeSpanText.format(bin));
                }
                yield of;
            }
        };
        json.put("Name", partition.name()).put("ColumnName", column).put("Ordinal", ordinal);
    }

    static String pathFormat(ExternalTable table) {
        if (!(table.source() instanceof Files files)) {
            return "";
        }
        return files.path().stream().map(part -> switch (part) {
            case PathPart.Text(String text) -> quoted(text);
            case PathPart.Value(String partition) -> SchemaText.name(partition);
            case PathPart.Moment(String partition, String pattern) ->
                "datetime_pattern(" + quoted(pattern) + "," + SchemaText.name(partition) + ")";
        }).collect(Collectors.joining(" "));
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    static ObjectNode schema(ExternalTable table) {
        var json = JSON.objectNode();
        json.put("Name", table.name()).put("Folder", table.folder()).put("DocString", table.docString());
        var columns = json.putArray("OrderedColumns");
        table.schema().forEach(column -> columns.addObject()
                .put("Name", column.name())
                .put("Type", column.type().clrName())
                .put("CslType", column.type().kustoName()));
        return json;
    }

    /// The columns as `.alter external table` answers with them.
    static String columns(ExternalTable table) {
        var json = JSON.arrayNode();
        table.columns().forEach(c -> json.addObject().put("Name", c.name()).put("CslType", c.type().kustoName()));
        return json.toString();
    }

}
