package io.conshelf.connectors.kusto;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The table a management command answered with.
public record CommandResult(List<Column> columns, List<List<JsonNode>> rows) {
    public CommandResult {
        columns = List.copyOf(columns);
        rows = List.copyOf(rows);
    }

    /// The rows as objects, keyed by column.
    public List<ObjectNode> objects() {
        List<ObjectNode> objects = new ArrayList<>(rows.size());
        for (List<JsonNode> row : rows) {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            for (int i = 0; i < columns.size(); i++) {
                object.set(columns.get(i).name(), row.get(i));
            }
            objects.add(object);
        }
        return objects;
    }

    Optional<JsonNode> cell(int row, String column) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().equals(column)) {
                return Optional.of(rows.get(row).get(i));
            }
        }
        return Optional.empty();
    }
}
