package io.conshelf.streams.output;

import io.conshelf.streams.value.JsonPrint;
import io.conshelf.streams.value.Value;

/// Values as the plain texts that messages and databases take.
final class Cells {
    private Cells() {}

    /// Null for NULL.
    static String text(Value value) {
        return switch (value) {
            case Value.Null _ -> null;
            case Value.Text(String text) -> text;
            case Value.BigInt _, Value.FloatingPoint _, Value.Bit _, Value.Record _, Value.Array _ -> unquoted(JsonPrint.text(value));
            case Value.DateTime _ -> unquoted(JsonPrint.text(value));
        };
    }

    private static String unquoted(String json) {
        return json.startsWith("\"") ? json.substring(1, json.length() - 1) : json;
    }
}
