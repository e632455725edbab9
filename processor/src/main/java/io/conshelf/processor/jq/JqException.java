package io.conshelf.processor.jq;

import io.conshelf.processor.value.JsonText;
import io.conshelf.processor.value.Value;

/// An error that a program raised, which `try` and `?` catch. It carries a value, most often a text.
public final class JqException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final int SHOWN_MAX = 64;

    private final transient Value value;

    JqException(Value value) {
        super(text(value), null, false, false);
        this.value = value;
    }

    JqException(String message) {
        this(Value.of(message));
    }

    Value value() {
        return value;
    }

    private static String text(Value value) {
        return value instanceof Value.Text(String text) ? text : JsonText.write(value);
    }

    /// A value's kind and its beginning, as messages name values.
    static String shown(Value value) {
        String text = JsonText.write(value);
        return Kind.of(value).text() + " (" + (text.length() > SHOWN_MAX ? text.substring(0, text.offsetByCodePoints(0, Math.min(SHOWN_MAX, text.codePointCount(0, text.length())))) + "..." : text) + ")";
    }
}
