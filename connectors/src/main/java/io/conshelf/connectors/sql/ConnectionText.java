package io.conshelf.connectors.sql;

import io.conshelf.connectors.StoreException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// Reads `name=value;…`, the form in which ADO.NET and Npgsql write connections: a value in quotes may hold semicolons, and its quote twice.
final class ConnectionText {
    private final String text;
    private final Map<String, String> pairs = new LinkedHashMap<>();
    private int at;

    private ConnectionText(String text) {
        this.text = text;
    }

    /// The settings by their names in lower case. The last of two equal names counts, as in ADO.NET.
    static Map<String, String> parse(String text) throws StoreException {
        ConnectionText reading = new ConnectionText(text);
        while (reading.skipEmpty()) {
            reading.pair();
        }
        return reading.pairs;
    }

    private boolean skipEmpty() {
        while (at < text.length() && (text.charAt(at) == ';' || Character.isWhitespace(text.charAt(at)))) {
            at++;
        }
        return at < text.length();
    }

    private void pair() throws StoreException {
        int equals = text.indexOf('=', at);
        int end = text.indexOf(';', at);
        if (equals < 0 || end >= 0 && end < equals) {
            throw SqlFailure.badConnection("a setting is 'name=value', and settings are separated by ';'");
        }
        String name = text.substring(at, equals).strip().toLowerCase(Locale.ROOT);
        at = equals + 1;
        while (at < text.length() && text.charAt(at) != ';' && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        pairs.put(name, at < text.length() && (text.charAt(at) == '"' || text.charAt(at) == '\'') ? quoted(name) : plain());
    }

    private String plain() {
        int end = text.indexOf(';', at);
        String value = text.substring(at, end < 0 ? text.length() : end).strip();
        at = end < 0 ? text.length() : end + 1;
        return value;
    }

    private String quoted(String name) throws StoreException {
        char quote = text.charAt(at++);
        StringBuilder value = new StringBuilder();
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c != quote) {
                value.append(c);
            } else if (at < text.length() && text.charAt(at) == quote) {
                value.append(quote);
                at++;
            } else {
                if (!plain().isEmpty()) {
                    throw SqlFailure.badConnection("text follows the closing quote of '" + name + "'");
                }
                return value.toString();
            }
        }
        throw SqlFailure.badConnection("the quote of '" + name + "' is not closed");
    }
}
