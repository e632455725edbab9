package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.format.JsonDocumentReader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/// JSON documents as rows: one a document, or one an element of the collection in it.
final class DocumentRows implements RowReader {
    private final JsonDocumentReader documents;
    private final AddedColumns added;
    private final String filePath;
    private final Translator translator;
    private final List<Column> columns;
    private final List<JsonPath> paths;
    private ObjectNode document;
    private Iterator<JsonNode> elements = Collections.emptyIterator();

    /// @param columns one for each field of the translator
    DocumentRows(JsonDocumentReader documents, AddedColumns added, String filePath, Translator translator, List<Column> columns) throws StoreException {
        this.documents = documents;
        this.added = added;
        this.filePath = filePath;
        this.translator = translator;
        this.columns = columns;
        List<JsonPath> resolved = new ArrayList<>();
        for (Translator.Field field : translator.fields()) {
            resolved.add(path(field.from()));
        }
        this.paths = List.copyOf(resolved);
    }

    static JsonPath path(Translator.From from) throws StoreException {
        return switch (from) {
            case Translator.From.Name(String name) -> JsonPath.ofName(name);
            case Translator.From.Path(JsonPath path) -> path;
            case Translator.From.Ordinal _ -> throw StoreException.user("UserErrorInvalidTranslator",
                    "A mapping of JSON documents names a property or a path, not an ordinal");
        };
    }

    @Override
    public List<Column> columns() {
        return columns;
    }

    @Override
    public Optional<List<JsonNode>> next() throws StoreException {
        while (!elements.hasNext()) {
            Optional<ObjectNode> next = documents.next();
            if (next.isEmpty()) {
                return Optional.empty();
            }
            document = next.get();
            added.addTo(document, filePath);
            elements = translator.collection().isPresent() ? translator.collection().get().select(document).iterator() : List.<JsonNode>of(document).iterator();
        }
        JsonNode element = elements.next();
        List<JsonNode> cells = new ArrayList<>(paths.size());
        for (JsonPath path : paths) {
            JsonNode value = path.select(path.isFromRoot() ? document : element);
            cells.add(value.isContainerNode() && translator.mapsComplexValuesToText() ? TextNode.valueOf(value.toString()) : value);
        }
        return Optional.of(cells);
    }

    @Override
    public void close() throws StoreException {
        documents.close();
    }
}
