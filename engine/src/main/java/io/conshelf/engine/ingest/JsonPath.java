package io.conshelf.engine.ingest;

import io.conshelf.engine.KustoException;
import java.util.ArrayList;
import java.util.List;

/// Where in a record a value is: `$.a.b`, `$['Release Date']`, `$.events[0]`; `$` is the whole record.
record JsonPath(List<Step> steps) {
    static final JsonPath WHOLE = new JsonPath(List.of());

    JsonPath {
        steps = List.copyOf(steps);
    }

    sealed interface Step {
        record Name(String name) implements Step {}

        record Index(int index) implements Step {}
    }

    static JsonPath ofName(String name) {
        return new JsonPath(List.of(new Step.Name(name)));
    }

    static JsonPath parse(String text) {
        var steps = new ArrayList<Step>();
        int at = 1;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '.' && at + 1 < text.length() && text.charAt(at + 1) == '[') {
                at++;
            } else if (c == '.') {
                int end = at + 1;
                while (end < text.length() && text.charAt(end) != '.' && text.charAt(end) != '[') {
                    end++;
                }
                if (end == at + 1) {
                    throw bad(text, at, "a name is missing after '.'");
                }
                steps.add(new Step.Name(text.substring(at + 1, end)));
                at = end;
            } else if (c == '[') {
                at = bracket(text, at, steps);
            } else {
                throw bad(text, at, "'.' or '[' is expected");
            }
        }
        return new JsonPath(steps);
    }

    private static int bracket(String text, int start, List<Step> steps) {
        int at = start + 1;
        if (at < text.length() && (text.charAt(at) == '\'' || text.charAt(at) == '"')) {
            char quote = text.charAt(at);
            var name = new StringBuilder();
            for (at++; at < text.length() && text.charAt(at) != quote; at++) {
                if (text.charAt(at) == '\\' && at + 1 < text.length()) {
                    at++;
                }
                name.append(text.charAt(at));
            }
            if (at + 1 >= text.length() || text.charAt(at + 1) != ']') {
                throw bad(text, start, "the bracket is not closed");
            }
            steps.add(new Step.Name(name.toString()));
            return at + 2;
        }
        int end = text.indexOf(']', at);
        if (end < 0) {
            throw bad(text, start, "the bracket is not closed");
        }
        String index = text.substring(at, end).strip();
        if (!index.matches("\\d{1,9}")) {
            throw bad(text, at, "an index or a quoted name is expected, found '" + index + "'");
        }
        steps.add(new Step.Index(Integer.parseInt(index)));
        return end + 1;
    }

    private static KustoException bad(String text, int position, String reason) {
        return new KustoException(IngestionErrors.invalidMapping(
                "path '" + text + "' at position " + (position + 1) + ": " + reason));
    }
}
