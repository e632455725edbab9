package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.ValueType;
import io.conshelf.connectors.definition.Located;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Columns that rows get beside their own: the `additionalColumns` of a source (literals, `$$FILEPATH`, and `$$COLUMN:name` for another column
/// once more), and what the folders of a file say. One of the same name as a column of the source takes its place.
record AddedColumns(List<Added> columns) {
    static final AddedColumns NONE = new AddedColumns(List.of());
    private static final String FILE_PATH = "$$FILEPATH";
    private static final String COLUMN = "$$COLUMN:";

    record Added(String name, Value value) {}

    /// What an added column holds.
    sealed interface Value {
        record Constant(JsonNode value) implements Value {}

        /// The file's path relative to the dataset's folder.
        record FilePath() implements Value {}

        /// The value of another column.
        record Copy(String column) implements Value {}
    }

    static AddedColumns of(Located source) {
        List<Added> columns = new ArrayList<>();
        for (Located column : source.at("additionalColumns").items()) {
            columns.add(new Added(column.at("name").text(""), value(column.at("value").value())));
        }
        return new AddedColumns(List.copyOf(columns));
    }

    private static Value value(JsonNode stated) {
        String text = stated.asText();
        if (text.startsWith(COLUMN)) {
            return new Value.Copy(text.substring(COLUMN.length()));
        }
        return text.equals(FILE_PATH) ? new Value.FilePath() : new Value.Constant(stated);
    }

    /// Those and the columns that folders give, which are texts whatever stands in them; without a value where a file's folders say nothing.
    /// What a source adds by name comes before what a folder says.
    AddedColumns and(List<String> names, Map<String, String> folders) {
        List<Added> all = new ArrayList<>(columns);
        for (String name : names) {
            String text = folders.getOrDefault(name, "");
            if (!names().contains(name)) {
                all.add(new Added(name, new Value.Constant(text.isEmpty() ? NullNode.getInstance() : TextNode.valueOf(text))));
            }
        }
        return new AddedColumns(List.copyOf(all));
    }

    List<String> names() {
        return columns.stream().map(Added::name).toList();
    }

    Optional<Value> find(String name) {
        return columns.stream().filter(added -> added.name().equals(name)).findFirst().map(Added::value);
    }

    /// Whether every value can stand in an ingestion mapping, which knows constant texts that are not empty, or be left out of it.
    boolean areTexts() {
        return columns.stream().allMatch(added -> switch (added.value()) {
            case Value.Constant(JsonNode value) -> value.isNull() || value.isValueNode() && !value.asText().isEmpty();
            case Value.FilePath _, Value.Copy _ -> true;
        });
    }

    boolean isEmpty() {
        return columns.isEmpty();
    }

    /// @param filePath the file's path relative to the dataset's folder, empty for other sources
    void addTo(ObjectNode document, String filePath) {
        List<JsonNode> values = columns.stream().map(added -> switch (added.value()) {
            case Value.Constant(JsonNode value) -> value;
            case Value.FilePath _ -> TextNode.valueOf(filePath);
            case Value.Copy(String column) -> document.path(column).<JsonNode>deepCopy();
        }).toList();
        for (int i = 0; i < values.size(); i++) {
            document.set(columns.get(i).name(), values.get(i));
        }
    }

    RowReader addTo(RowReader rows, String filePath, String what) throws StoreException {
        if (isEmpty()) {
            return rows;
        }
        List<Column> all = new ArrayList<>(rows.columns());
        int[] places = new int[columns.size()];
        List<Cell> values = new ArrayList<>();
        for (int i = 0; i < places.length; i++) {
            Added added = columns.get(i);
            ValueType type = ValueType.STRING;
            switch (added.value()) {
                case Value.Constant(JsonNode value) -> values.add(_ -> value);
                case Value.FilePath _ -> values.add(_ -> TextNode.valueOf(filePath));
                case Value.Copy(String column) -> {
                    int copied = MappedRows.position(rows.columns(), new Translator.From.Name(column), what);
                    type = rows.columns().get(copied).type();
                    values.add(row -> row.get(copied));
                }
            }
            Column column = new Column(added.name(), type);
            places[i] = all.stream().map(Column::name).toList().indexOf(added.name());
            if (places[i] < 0) {
                places[i] = all.size();
                all.add(column);
            } else {
                all.set(places[i], column);
            }
        }
        List<Column> stated = List.copyOf(all);
        return new RowReader() {
            @Override
            public List<Column> columns() {
                return stated;
            }

            @Override
            public Optional<List<JsonNode>> next() throws StoreException {
                Optional<List<JsonNode>> row = rows.next();
                if (row.isEmpty()) {
                    return row;
                }
                List<JsonNode> cells = new ArrayList<>(row.get());
                for (int i = 0; i < places.length; i++) {
                    JsonNode cell = values.get(i).of(row.get());
                    if (places[i] < cells.size()) {
                        cells.set(places[i], cell);
                    } else {
                        cells.add(cell);
                    }
                }
                return Optional.of(cells);
            }

            @Override
            public void close() throws StoreException {
                rows.close();
            }
        };
    }

    /// Gives the value of an added column for a row.
    @FunctionalInterface
    private interface Cell {
        JsonNode of(List<JsonNode> row);
    }
}
