package io.conshelf.engine.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;

/// A stored function's parameter list, split where its commas are.
public final class FunctionParameters {
    private FunctionParameters() {}

    /// Scalars with their type, tables with their columns, as schemas print them.
    public static ArrayNode json(String parameters) {
        var array = JsonNodeFactory.instance.arrayNode();
        for (var parameter : split(inside(parameters))) {
            int colon = parameter.indexOf(':');
            if (colon < 0) {
                continue;
            }
            var entry = array.addObject().put("Name", parameter.substring(0, colon).strip());
            var type = parameter.substring(colon + 1).strip();
            if (type.startsWith("(")) {
                var columns = entry.putArray("Columns");
                split(inside(type)).forEach(column -> {
                    var parts = column.split(":", 2);
                    if (parts.length == 2) {
                        scalar(columns.addObject().put("Name", parts[0].strip()), parts[1].strip());
                    }
                });
            } else {
                scalar(entry, type);
            }
        }
        return array;
    }

    /// Columns as schemas print them: `a:long,['b c']:string`.
    public static String csl(List<ColumnSchema> columns) {
        return SchemaText.csl(columns);
    }

    private static void scalar(ObjectNode entry, String text) {
        int equals = text.indexOf('=');
        var name = (equals < 0 ? text : text.substring(0, equals)).strip();
        Type.named(name).ifPresent(type -> entry.put("Type", type.clrName()).put("CslType", type.kustoName()));
        if (equals >= 0) {
            entry.put("CslDefaultValue", text.substring(equals + 1).strip());
        }
    }

    private static String inside(String brackets) {
        var text = brackets.strip();
        return text.length() < 2 ? "" : text.substring(1, text.length() - 1);
    }

    private static List<String> split(String list) {
        var parts = new ArrayList<String>();
        int depth = 0;
        int start = 0;
        char quote = 0;
        for (int i = 0; i < list.length(); i++) {
            char c = list.charAt(i);
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '\'' || c == '"') {
                quote = c;
            } else if ("([{".indexOf(c) >= 0) {
                depth++;
            } else if (")]}".indexOf(c) >= 0) {
                depth--;
            } else if (c == ',' && depth == 0) {
                parts.add(list.substring(start, i));
                start = i + 1;
            }
        }
        if (!list.substring(start).isBlank()) {
            parts.add(list.substring(start));
        }
        return parts;
    }
}
