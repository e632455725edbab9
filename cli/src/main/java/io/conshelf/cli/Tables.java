package io.conshelf.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.conshelf.cli.output.TableWriter;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.ValueType;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// Tables of what commands have found out, as results of queries are shown.
final class Tables {
    private Tables() {}

    static JsonNode text(String text) {
        return JsonNodeFactory.instance.textNode(text);
    }

    static JsonNode number(long number) {
        return JsonNodeFactory.instance.numberNode(number);
    }

    static Column column(String name) {
        return new Column(name, ValueType.STRING);
    }

    static Column number(String name) {
        return new Column(name, ValueType.LONG);
    }

    /// Texts that end in a unit stand as numbers do.
    static Column right(String name) {
        return new Column(name, ValueType.REAL);
    }

    static void print(List<Column> columns, List<List<JsonNode>> rows) throws IOException {
        var out = new OutputStreamWriter(System.out, StandardCharsets.UTF_8);
        var writer = new TableWriter(out, Terminal.columns());
        writer.begin(columns, Optional.empty());
        for (var row : rows) {
            writer.row(row);
        }
        writer.end();
        out.flush();
    }
}
