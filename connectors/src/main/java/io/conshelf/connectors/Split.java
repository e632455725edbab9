package io.conshelf.connectors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.file.StoredFile;
import java.util.List;

/// A part of a source that can be read by itself, in any process that can open the source. It is JSON without secrets.
public sealed interface Split {
    /// A file, or the bytes of it from `from` to before `to`.
    record OfFile(StoredFile file, long from, long to) implements Split {
        public static OfFile whole(StoredFile file) {
            return new OfFile(file, 0, file.sizeBytes());
        }
    }

    /// Everything one query returns.
    record OfQuery(String query) implements Split {}

    /// One of several queries that together return each row once.
    ///
    /// @param number    from 0
    /// @param arguments the values of the query's parameters, as text
    record OfPartition(int number, String query, List<String> arguments) implements Split {
        public OfPartition {
            arguments = List.copyOf(arguments);
        }
    }

    /// Pages that can only be read one after another.
    record OfPages(String firstPage) implements Split {}

    default JsonNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        switch (this) {
            case OfFile(StoredFile file, long from, long to) -> json.put("kind", "file").put("path", file.path()).put("sizeBytes", file.sizeBytes())
                    .put("lastModified", file.lastModified().toString()).put("from", from).put("to", to);
            case OfQuery(String query) -> json.put("kind", "query").put("query", query);
            case OfPartition(int number, String query, List<String> arguments) -> {
                json.put("kind", "partition").put("number", number).put("query", query);
                arguments.forEach(json.putArray("arguments")::add);
            }
            case OfPages(String firstPage) -> json.put("kind", "pages").put("firstPage", firstPage);
        }
        return json;
    }
}
