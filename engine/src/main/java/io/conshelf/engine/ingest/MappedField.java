package io.conshelf.engine.ingest;

import io.conshelf.kql.type.Type;
import java.util.Optional;

/// One element of an ingestion mapping.
///
/// @param type what the mapping says of the column, to create it where it is missing
record MappedField(String column, Optional<Type> type, Origin origin, Transform transform) {
    /// Where the value comes from.
    sealed interface Origin {
        record Ordinal(int position) implements Origin {}

        record Path(JsonPath path) implements Origin {}

        record Constant(String text) implements Origin {}

        /// The transformation alone makes the value.
        record None() implements Origin {}
    }
}
