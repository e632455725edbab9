package io.conshelf.kql.value;

/// Looks whether a JSON text from outside is already what [DynamicText] would write, as most of what programs log is: then it
/// need not be taken apart and put together again. Where it is not sure it says no.
final class WrittenJson {
    private static final int NESTING_MAX = 100;
    /// Longer numbers are left to the parser.
    private static final int NUMBER_LENGTH_MAX = 15;
    private static final int NOT_WRITTEN = -1;

    private WrittenJson() {}

    static boolean is(String json) {
        return value(json, 0, 0) == json.length();
    }

    /// Where the value ends that begins here.
    private static int value(String json, int at, int depth) {
        if (at >= json.length() || depth > NESTING_MAX) {
            return NOT_WRITTEN;
        }
        return switch (json.charAt(at)) {
            case '"' -> string(json, at);
            case '{' -> bag(json, at + 1, depth + 1);
            case '[' -> array(json, at + 1, depth + 1);
            case 't' -> word(json, at, "true");
            case 'f' -> word(json, at, "false");
            case 'n' -> word(json, at, "null");
            default -> number(json, at);
        };
    }

    private static int word(String json, int at, String word) {
        return json.startsWith(word, at) ? at + word.length() : NOT_WRITTEN;
    }

    private static int bag(String json, int start, int depth) {
        if (is(json, start, '}')) {
            return start + 1;
        }
        for (int at = start; ; at++) {
            if (!is(json, at, '"')) {
                return NOT_WRITTEN;
            }
            at = string(json, at);
            if (at < 0 || !is(json, at, ':')) {
                return NOT_WRITTEN;
            }
            at = value(json, at + 1, depth);
            if (at < 0 || is(json, at, '}')) {
                return at < 0 ? at : at + 1;
            }
            if (!is(json, at, ',')) {
                return NOT_WRITTEN;
            }
        }
    }

    private static int array(String json, int start, int depth) {
        if (is(json, start, ']')) {
            return start + 1;
        }
        for (int at = start; ; at++) {
            at = value(json, at, depth);
            if (at < 0 || is(json, at, ']')) {
                return at < 0 ? at : at + 1;
            }
            if (!is(json, at, ',')) {
                return NOT_WRITTEN;
            }
        }
    }

    private static boolean is(String json, int at, char expected) {
        return at < json.length() && json.charAt(at) == expected;
    }

    /// Without escapes, since some are written otherwise, and without marks, which have to be doubled.
    private static int string(String json, int start) {
        for (int at = start + 1; at < json.length(); at++) {
            char c = json.charAt(at);
            if (c == '"') {
                return at + 1;
            }
            if (c < ' ' || c == '\\' || c == DynamicText.MARK) {
                return NOT_WRITTEN;
            }
        }
        return NOT_WRITTEN;
    }

    private static int number(String json, int start) {
        int at = is(json, start, '-') ? start + 1 : start;
        int whole = at;
        at = digits(json, at);
        if (at == whole || json.charAt(whole) == '0' && at > whole + 1) {
            return NOT_WRITTEN;
        }
        if (is(json, at, '.')) {
            int fraction = at + 1;
            at = digits(json, fraction);
            if (at == fraction || at - start > NUMBER_LENGTH_MAX || !DynamicText.isShortest(json.substring(start, at))) {
                return NOT_WRITTEN;
            }
        }
        boolean goesOn = is(json, at, 'e') || is(json, at, 'E');
        return goesOn || at - start > NUMBER_LENGTH_MAX ? NOT_WRITTEN : at;
    }

    private static int digits(String json, int start) {
        int at = start;
        while (at < json.length() && json.charAt(at) >= '0' && json.charAt(at) <= '9') {
            at++;
        }
        return at;
    }
}
