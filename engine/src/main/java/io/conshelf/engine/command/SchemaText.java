package io.conshelf.engine.command;

import io.conshelf.engine.ObfuscatedText;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.MaterializedView;
import io.conshelf.engine.store.StoredFunction;
import io.conshelf.engine.store.Table;
import io.conshelf.kql.type.ColumnSchema;
import java.util.List;
import java.util.stream.Collectors;

/// Schemas as the service prints them.
final class SchemaText {
    private SchemaText() {}

    /// `a:string,['b c']:long`
    static String csl(List<ColumnSchema> columns) {
        return columns.stream().map(c -> name(c.name()) + ":" + c.type()).collect(Collectors.joining(","));
    }

    /// A name as a query must write it.
    static String name(String name) {
        return ColumnSchema.written(name);
    }

    /// A string as a query must write it.
    static String literal(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + "'";
    }

    static ObjectNode table(Table table) {
        var json = JsonNodeFactory.instance.objectNode();
        json.put("Name", table.name());
        json.put("Folder", table.folder());
        json.put("DocString", table.docString());
        var columns = json.putArray("OrderedColumns");
        for (var column : table.columns()) {
            var entry = columns.addObject()
                    .put("Name", column.name())
                    .put("Type", column.type().clrName())
                    .put("CslType", column.type().kustoName());
            if (!column.docString().isEmpty()) {
                entry.put("DocString", column.docString());
            }
        }
        return json;
    }

    static ObjectNode view(MaterializedView view, List<ColumnSchema> columns) {
        var json = JsonNodeFactory.instance.objectNode();
        json.put("Name", view.name());
        json.put("Folder", view.folder());
        json.put("DocString", view.docString());
        json.set("OrderedColumns", columns(columns));
        return json;
    }

    static ArrayNode columns(List<ColumnSchema> columns) {
        var array = JsonNodeFactory.instance.arrayNode();
        columns.forEach(column -> array.addObject()
                .put("Name", column.name())
                .put("Type", column.type().clrName())
                .put("CslType", column.type().kustoName()));
        return array;
    }

    static ObjectNode function(StoredFunction function) {
        var json = JsonNodeFactory.instance.objectNode();
        json.put("Name", function.name());
        json.set("InputParameters", FunctionParameters.json(function.parameters()));
        json.put("Body", ObfuscatedText.masked(function.body()));
        json.put("Folder", function.folder());
        json.put("DocString", function.docString());
        json.put("FunctionKind", "Unknown");
        json.putArray("OutputColumns");
        return json;
    }

    static ObjectNode database(Database database) {
        var json = JsonNodeFactory.instance.objectNode();
        json.put("Name", database.name());
        var tables = json.putObject("Tables");
        database.tables().forEach(table -> tables.set(table.name(), table(table)));
        var externals = json.putObject("ExternalTables");
        database.externals().tablesByName().values().forEach(table -> externals.set(table.name(), ExternalTableText.schema(table)));
        json.putObject("MaterializedViews");
        json.put("MajorVersion", 1);
        json.put("MinorVersion", database.version());
        var functions = json.putObject("Functions");
        database.functions().forEach(function -> functions.set(function.name(), function(function)));
        json.put("DatabaseAccessMode", "ReadWrite");
        return json;
    }

    /// `v1.7`: moves with every change of the schema.
    static String version(Database database) {
        return "v1." + database.version();
    }
}
