package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.ValueType;
import io.conshelf.factory.definition.Located;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The `additionalColumns` of a source: literals, `$$FILEPATH`, and `$$COLUMN:name` for another column once more.
record AddedColumns(List<Added> columns) {
    private static final String FILE_PATH = "$$FILEPATH";
    private static final String COLUMN = "$$COLUMN:";

    record Added(String name, JsonNode value) {}

    /// What an added column holds.
    sealed interface Value {
        record Constant(JsonNode value) implements Value {}

        /// The value of another column.
        record Copy(String column) implements Value {}
    }

    static AddedColumns of(Located source) {
        List<Added> columns = new ArrayList<>();
        for (Located column : source.at("additionalColumns").items()) {
            columns.add(new Added(column.at("name").text(""), column.at("value").value()));
        }
        return new AddedColumns(List.copyOf(columns));
    }

    List<String> names() {
        return columns.stream().map(Added::name).toList();
    }

    Optional<Value> find(String name, String filePath) {
        return columns.stream().filter(added -> added.name().equals(name)).findFirst().map(added -> {
            String text = added.value().asText();
            return text.startsWith(COLUMN) ? new Value.Copy(text.substring(COLUMN.length())) : new Value.Constant(constant(added, filePath));
        });
    }

    /// Whether every value can stand in an ingestion mapping, which knows constant texts that are not empty.
    boolean areTexts() {
        return columns.stream().allMatch(added -> added.value().isValueNode() && !added.value().isNull() && !added.value().asText().isEmpty());
    }

    boolean isEmpty() {
        return columns.isEmpty();
    }

    /// @param filePath the file's path relative to the dataset's folder, empty for other sources
    void addTo(ObjectNode document, String filePath) {
        for (Added added : columns) {
            String text = added.value().asText();
            document.set(added.name(), text.startsWith(COLUMN) ? document.path(text.substring(COLUMN.length())).deepCopy() : constant(added, filePath));
        }
    }

    private static JsonNode constant(Added added, String filePath) {
        return added.value().asText().equals(FILE_PATH) ? TextNode.valueOf(filePath) : added.value();
    }

    RowReader addTo(RowReader rows, String filePath, String what) throws StoreException {
        if (isEmpty()) {
            return rows;
        }
        List<Column> all = new ArrayList<>(rows.columns());
        List<Integer> copies = new ArrayList<>();
        for (Added added : columns) {
            String text = added.value().asText();
            int copied = text.startsWith(COLUMN) ? MappedRows.position(rows.columns(), new Translator.From.Name(text.substring(COLUMN.length())), what) : -1;
            copies.add(copied);
            all.add(new Column(added.name(), copied >= 0 ? rows.columns().get(copied).type() : ValueType.STRING));
        }
        return new RowReader() {
            @Override
            public List<Column> columns() {
                return all;
            }

            @Override
            public Optional<List<JsonNode>> next() throws StoreException {
                Optional<List<JsonNode>> row = rows.next();
                if (row.isEmpty()) {
                    return row;
                }
                List<JsonNode> cells = new ArrayList<>(row.get());
                for (int i = 0; i < columns.size(); i++) {
                    cells.add(copies.get(i) >= 0 ? row.get().get(copies.get(i)) : constant(columns.get(i), filePath));
                }
                return Optional.of(cells);
            }

            @Override
            public void close() throws StoreException {
                rows.close();
            }
        };
    }
}
