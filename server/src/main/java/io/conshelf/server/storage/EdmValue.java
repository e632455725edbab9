package io.conshelf.server.storage;

import java.time.Instant;
import java.util.UUID;

/// A property's value in a table, with the type it keeps through every round trip.
public sealed interface EdmValue {
    record Text(String value) implements EdmValue {}

    record Int32(int value) implements EdmValue {}

    record Int64(long value) implements EdmValue {}

    record Real(double value) implements EdmValue {}

    record Bool(boolean value) implements EdmValue {}

    /// Kept to 100 ns.
    record DateTime(Instant value) implements EdmValue {}

    record Guid(UUID value) implements EdmValue {}

    /// The bytes as base64.
    record Binary(String base64) implements EdmValue {}

    static EdmValue of(String value) {
        return new Text(value);
    }

    static EdmValue of(Instant value) {
        return new DateTime(value);
    }

    static EdmValue of(UUID value) {
        return new Guid(value);
    }

    static EdmValue of(boolean value) {
        return new Bool(value);
    }
}
