package io.conshelf.connectors.sql;

import java.util.Map;

/// Puts values in the place of `@name` and `:name` in a script of PostgreSQL: not in quotes, in comments or in the bodies of functions, and only
/// for names that are parameters.
final class ScriptText {
    private final String text;
    private final Map<String, String> values;
    private final StringBuilder result = new StringBuilder();
    private int at;

    private ScriptText(String text, Map<String, String> values) {
        this.text = text;
        this.values = values;
    }

    static String replace(String text, Map<String, String> values) {
        ScriptText script = new ScriptText(text, values);
        while (script.at < text.length()) {
            script.step();
        }
        return script.result.toString();
    }

    private void step() {
        char c = text.charAt(at);
        if (c == '\'') {
            boolean escapes = at > 0 && (text.charAt(at - 1) == 'E' || text.charAt(at - 1) == 'e') && (at < 2 || !isWord(text.charAt(at - 2)));
            copyTo(endOfQuoted('\'', escapes));
        } else if (c == '"') {
            copyTo(endOfQuoted('"', false));
        } else if (text.startsWith("--", at)) {
            int end = text.indexOf('\n', at);
            copyTo(end < 0 ? text.length() : end);
        } else if (text.startsWith("/*", at)) {
            copyTo(endOfComment());
        } else if (c == '$' && (at == 0 || !isWord(text.charAt(at - 1)))) {
            copyTo(endOfDollars());
        } else if (text.startsWith("::", at)) {
            copyTo(at + 2);
        } else if (c == '@' || c == ':') {
            parameter();
        } else {
            copyTo(at + 1);
        }
    }

    private void copyTo(int end) {
        result.append(text, at, end);
        at = end;
    }

    private int endOfQuoted(char quote, boolean escapes) {
        int end = at + 1;
        while (end < text.length()) {
            char c = text.charAt(end++);
            if (c == '\\' && escapes) {
                end++;
            } else if (c == quote) {
                return end;
            }
        }
        return text.length();
    }

    private int endOfComment() {
        int depth = 0;
        int end = at;
        while (end < text.length()) {
            if (text.startsWith("/*", end)) {
                depth++;
                end += 2;
            } else if (text.startsWith("*/", end)) {
                depth--;
                end += 2;
                if (depth == 0) {
                    return end;
                }
            } else {
                end++;
            }
        }
        return text.length();
    }

    private int endOfDollars() {
        int tagEnd = at + 1;
        while (tagEnd < text.length() && isWord(text.charAt(tagEnd)) && text.charAt(tagEnd) != '$') {
            tagEnd++;
        }
        if (tagEnd >= text.length() || text.charAt(tagEnd) != '$') {
            return at + 1;
        }
        String tag = text.substring(at, tagEnd + 1);
        int close = text.indexOf(tag, tagEnd + 1);
        return close < 0 ? text.length() : close + tag.length();
    }

    private void parameter() {
        int end = at + 1;
        while (end < text.length() && isWord(text.charAt(end))) {
            end++;
        }
        String value = values.get(text.substring(at + 1, end));
        if (value == null) {
            copyTo(Math.max(end, at + 1));
        } else {
            result.append(value);
            at = end;
        }
    }

    private static boolean isWord(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '$';
    }
}
