package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.conshelf.connectors.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A path into a JSON document: `$`, `$.a.b`, `$['a b']['c']`, `$.list[0]`. Without `$` it starts at the element of a collection.
record JsonPath(boolean isFromRoot, List<Step> steps) {

    sealed interface Step {
        record Name(String name) implements Step {}

        record Index(int index) implements Step {}
    }

    JsonPath {
        steps = List.copyOf(steps);
    }

    static JsonPath ofName(String name) {
        return new JsonPath(true, List.of(new Step.Name(name)));
    }

    /// The property that the path names, where it is no more than that.
    Optional<String> onlyName() {
        return steps.size() == 1 && steps.getFirst() instanceof Step.Name(String name) ? Optional.of(name) : Optional.empty();
    }

    static JsonPath parse(String text) throws StoreException {
        boolean isFromRoot = text.startsWith("$");
        List<Step> steps = new ArrayList<>();
        int i = isFromRoot ? 1 : 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            if (c == '[') {
                int close = closing(text, i);
                String inner = text.substring(i + 1, close).strip();
                if (inner.matches("\\d{1,9}")) {
                    steps.add(new Step.Index(Integer.parseInt(inner)));
                } else if (inner.length() >= 2 && (inner.startsWith("'") && inner.endsWith("'") || inner.startsWith("\"") && inner.endsWith("\""))) {
                    steps.add(new Step.Name(inner.substring(1, inner.length() - 1).replace("\\'", "'").replace("\\\\", "\\")));
                } else {
                    throw malformed(text, i);
                }
                i = close + 1;
            } else {
                int from = c == '.' ? i + 1 : i;
                int to = from;
                while (to < text.length() && text.charAt(to) != '.' && text.charAt(to) != '[') {
                    to++;
                }
                // `$.['a']` is written too.
                if (to > from) {
                    steps.add(new Step.Name(text.substring(from, to)));
                } else if (to == text.length() || text.charAt(to) != '[') {
                    throw malformed(text, i);
                }
                i = to;
            }
        }
        return new JsonPath(isFromRoot, steps);
    }

    private static int closing(String text, int open) throws StoreException {
        char quote = open + 1 < text.length() ? text.charAt(open + 1) : ' ';
        boolean isQuoted = quote == '\'' || quote == '"';
        for (int i = open + (isQuoted ? 2 : 1); i < text.length(); i++) {
            if (isQuoted && text.charAt(i) == '\\') {
                i++;
            } else if (isQuoted ? text.charAt(i) == quote && i + 1 < text.length() && text.charAt(i + 1) == ']' : text.charAt(i) == ']') {
                return isQuoted ? i + 1 : i;
            }
        }
        throw malformed(text, open);
    }

    private static StoreException malformed(String text, int at) {
        return StoreException.user("UserErrorInvalidJsonPath", "'" + text + "' is not a JSON path (character " + (at + 1) + "); write $['a']['b'][0]");
    }

    JsonNode select(JsonNode from) {
        JsonNode at = from;
        for (Step step : steps) {
            at = switch (step) {
                case Step.Name(String name) -> at.path(name);
                case Step.Index(int index) -> at.path(index);
            };
        }
        return at.isMissingNode() ? NullNode.instance : at;
    }

    /// The path as an ingestion mapping writes it.
    String toKusto() {
        StringBuilder text = new StringBuilder("$");
        for (Step step : steps) {
            switch (step) {
                case Step.Name(String name) -> text.append("['").append(name.replace("\\", "\\\\").replace("'", "\\'")).append("']");
                case Step.Index(int index) -> text.append('[').append(index).append(']');
            }
        }
        return text.toString();
    }
}
