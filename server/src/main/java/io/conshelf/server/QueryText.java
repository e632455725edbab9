package io.conshelf.server;

/// The little that the front door needs to know about a text before it decides who answers it.
final class QueryText {
    private QueryText() {}

    /// Whether the text is a management command: after blanks and line comments it starts with a dot.
    static boolean isCommand(String text) {
        int at = start(text);
        return at < text.length() && text.charAt(at) == '.';
    }

    /// Where the text begins after blanks and line comments.
    static int start(String text) {
        int at = 0;
        while (at < text.length()) {
            if (Character.isWhitespace(text.charAt(at)) || text.charAt(at) == '\uFEFF') {
                at++;
            } else if (text.startsWith("//", at)) {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end + 1;
            } else {
                return at;
            }
        }
        return at;
    }
}
