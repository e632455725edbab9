package io.conshelf.server;

import com.fasterxml.jackson.core.io.JsonStringEncoder;

/// JSON inside JSON: the few places where the service sends a document as a string.
final class JsonText {
    private JsonText() {}

    static String quote(String text) {
        return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
    }
}
