package io.conshelf.kql.function;

import io.conshelf.kql.value.DynamicText;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/// A URL taken apart; what it lacks is empty, and all of what is no URL.
record UrlParts(String scheme, String host, String port, String path, String user, String password, String query, String fragment) {
    private static final UrlParts NONE = new UrlParts("", "", "", "", "", "", "", "");
    private static final String BEFORE_PATH = ":/?#";

    static UrlParts of(String text) {
        int colon = endOfScheme(text);
        if (colon < 0) {
            return NONE;
        }
        String user = "";
        String password = "";
        String host = "";
        String port = "";
        int at = colon + 1;
        if (text.startsWith("//", at)) {
            at += 2;
            int userEnd = endOf(text, at, ":@/?#");
            int passwordEnd = isAt(text, userEnd, ':') ? endOf(text, userEnd + 1, "@/?#") : userEnd;
            if (passwordEnd > userEnd && isAt(text, passwordEnd, '@')) {
                user = text.substring(at, userEnd);
                password = text.substring(userEnd + 1, passwordEnd);
                at = passwordEnd + 1;
            }
            // An address of IPv6 stands in brackets.
            int bracket = isAt(text, at, '[') ? text.indexOf(']', at) : -1;
            int hostEnd = bracket < 0 ? endOf(text, at, BEFORE_PATH) : bracket + 1;
            host = text.substring(at, hostEnd);
            at = hostEnd;
            if (isAt(text, at, ':')) {
                int portEnd = at + 1;
                while (portEnd < text.length() && text.charAt(portEnd) >= '0' && text.charAt(portEnd) <= '9') {
                    portEnd++;
                }
                port = text.substring(at + 1, portEnd);
                at = portEnd;
            }
        }
        int pathEnd = endOf(text, at, "?#");
        int queryEnd = isAt(text, pathEnd, '?') ? endOf(text, pathEnd, "#") : pathEnd;
        String path = text.substring(at, pathEnd);
        // A slash that ends the URL is no path; before a query or a fragment it is one.
        return new UrlParts(text.substring(0, colon), host, port, path.equals("/") && pathEnd == text.length() ? "" : path, user, password,
                queryEnd > pathEnd ? text.substring(pathEnd + 1, queryEnd) : "",
                queryEnd < text.length() ? text.substring(queryEnd + 1) : "");
    }

    /// The colon behind a letter and letters, digits, `+`, `-` and `.`; -1 where there is none.
    private static int endOfScheme(String text) {
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            boolean isLetter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
            if (at > 0 && c == ':') {
                return at;
            }
            if (!isLetter && (at == 0 || !(c >= '0' && c <= '9') && c != '+' && c != '-' && c != '.')) {
                return -1;
            }
        }
        return -1;
    }

    private static int endOf(String text, int start, String ends) {
        int at = start;
        while (at < text.length() && ends.indexOf(text.charAt(at)) < 0) {
            at++;
        }
        return at;
    }

    private static boolean isAt(String text, int at, char expected) {
        return at < text.length() && text.charAt(at) == expected;
    }

    String toDynamic() {
        var bag = new StringBuilder(160);
        append(bag, "{\"Scheme\":", scheme);
        append(bag, ",\"Host\":", host);
        append(bag, ",\"Port\":", port);
        append(bag, ",\"Path\":", path);
        append(bag, ",\"Username\":", user);
        append(bag, ",\"Password\":", password);
        bag.append(",\"Query Parameters\":").append(parameters(query));
        append(bag, ",\"Fragment\":", fragment);
        return bag.append('}').toString();
    }

    private static void append(StringBuilder bag, String key, String part) {
        bag.append(key);
        DynamicText.appendString(bag, part);
    }

    /// The values of one name, as dynamics with commas between them.
    private static final class Values {
        private final StringBuilder texts = new StringBuilder();
        private boolean areSeveral;

        void add(String value) {
            if (!texts.isEmpty()) {
                texts.append(',');
                areSeveral = true;
            }
            DynamicText.appendString(texts, value);
        }
    }

    /// In the order of their names, without those that lack a name or a value; the values of one name are an array.
    static String parameters(String query) {
        if (query.indexOf('=') < 0) {
            return "{}";
        }
        Map<String, Values> parameters = new TreeMap<>();
        for (int start = 0; start < query.length(); ) {
            int end = endOf(query, start, "&");
            int equals = query.indexOf('=', start, end);
            if (equals > start && equals < end - 1) {
                parameters.computeIfAbsent(decoded(query.substring(start, equals)), _ -> new Values()).add(decoded(query.substring(equals + 1, end)));
            }
            start = end + 1;
        }
        var bag = new StringBuilder("{");
        parameters.forEach((name, values) -> {
            if (bag.length() > 1) {
                bag.append(',');
            }
            DynamicText.appendKey(bag, name);
            bag.append(':').append(values.areSeveral ? "[" : "").append(values.texts).append(values.areSeveral ? "]" : "");
        });
        return bag.append('}').toString();
    }

    private static String decoded(String text) {
        if (text.indexOf('%') < 0 && text.indexOf('+') < 0) {
            return text;
        }
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException broken) {
            return text;
        }
    }
}
