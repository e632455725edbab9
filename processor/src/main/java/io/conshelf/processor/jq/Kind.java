package io.conshelf.processor.jq;

import io.conshelf.processor.value.Value;

/// The kinds of values, in the order in which jq sorts them; false stands before true.
enum Kind {
    NULL("null"), FALSE("boolean"), TRUE("boolean"), NUMBER("number"), TEXT("string"), BINARY("binary"), ARRAY("array"), OBJECT("object");

    private final String text;

    Kind(String text) {
        this.text = text;
    }

    /// As `type` tells it.
    String text() {
        return text;
    }

    static Kind of(Value value) {
        return switch (value) {
            case Value.Null _ -> NULL;
            case Value.Truth(boolean is) -> is ? TRUE : FALSE;
            case Value.Whole _, Value.Large _, Value.Real _ -> NUMBER;
            case Value.Text _ -> TEXT;
            case Value.Binary _ -> BINARY;
            case Value.Items _ -> ARRAY;
            case Value.Members _ -> OBJECT;
        };
    }
}
