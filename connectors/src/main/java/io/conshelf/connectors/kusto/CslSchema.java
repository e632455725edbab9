package io.conshelf.connectors.kusto;

import java.util.ArrayList;
import java.util.List;

/// Reads `a:long,['b c']:string`, the form in which a cluster writes a table's columns.
final class CslSchema {
    private CslSchema() {}

    static List<String> split(String schema) {
        List<String> columns = new ArrayList<>();
        char quote = 0;
        int from = 0;
        for (int i = 0; i < schema.length(); i++) {
            char c = schema.charAt(i);
            if (quote != 0) {
                if (c == '\\') {
                    i++;
                } else if (c == quote) {
                    quote = 0;
                }
            } else if (c == '\'' || c == '"') {
                quote = c;
            } else if (c == ',') {
                columns.add(schema.substring(from, i));
                from = i + 1;
            }
        }
        if (!schema.isBlank()) {
            columns.add(schema.substring(from));
        }
        return columns;
    }

    static String unquote(String name) {
        String trimmed = name.strip();
        if (!trimmed.startsWith("[")) {
            return trimmed;
        }
        String inner = trimmed.substring(2, trimmed.length() - 2);
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < inner.length(); i++) {
            if (inner.charAt(i) == '\\' && i + 1 < inner.length()) {
                i++;
            }
            plain.append(inner.charAt(i));
        }
        return plain.toString();
    }
}
