package io.conshelf.connectors.kusto;

import io.conshelf.connectors.Column;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How queued files become rows of a table.
///
/// @param format     the Kusto name of the files' format
/// @param properties further ingestion properties, by the names of the service
public record IngestionSettings(String format, Optional<Mapping> mapping, boolean ignoresFirstRecord,
        boolean flushesImmediately, Map<String, String> properties) {

    /// How fields find their columns.
    public sealed interface Mapping {
        /// A mapping that was created on the table.
        record Named(String name) implements Mapping {}

        /// A mapping that travels with the ingestion and stays nowhere.
        record Inline(List<Field> fields) implements Mapping {
            public Inline {
                fields = List.copyOf(fields);
            }
        }

        /// The same, in the cluster's own JSON.
        record Stated(String json) implements Mapping {}
    }

    /// One column and where its value stands in the source.
    public record Field(Target target, Place place) {}

    /// A column of the table.
    public sealed interface Target {
        String name();

        record Typed(Column column) implements Target {
            @Override
            public String name() {
                return column.name();
            }
        }

        /// One whose type only the table knows.
        record Untyped(String name) implements Target {}
    }

    public sealed interface Place {
        /// The position of a field in a record of delimited text, from 0.
        record Ordinal(int index) implements Place {}

        /// A path into a document, such as `$.a['b c']`.
        record JsonPath(String path) implements Place {}

        /// The same value in every row.
        record Constant(String value) implements Place {}
    }

    public IngestionSettings {
        properties = Map.copyOf(properties);
    }
}
