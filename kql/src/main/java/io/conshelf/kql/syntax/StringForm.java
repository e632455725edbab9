package io.conshelf.kql.syntax;

import java.util.Optional;

/// How one string literal is written and what it says: `'a'`, `"a"`, `@'a'`, `h'a'`, ` ```a``` `, `~~~a~~~`.
/// `contentStart` and `contentEnd` bound what stands between the quotes.
record StringForm(boolean obfuscated, boolean verbatim, String quote, int contentStart, int contentEnd, int end,
        boolean closed) {
    private static final String[] MULTI_LINE_QUOTES = {"```", "~~~"};

    /// True when a string literal starts at `start`, closed or not.
    static boolean startsAt(String text, int start) {
        return !quoteAt(text, quoteStart(text, start)).isEmpty();
    }

    /// The literal that starts at `start`; ask [#startsAt] first. A literal that isn't closed ends at the end of its
    /// line, at the first wrong escape, or (multi-line) at the end of the text.
    static StringForm at(String text, int start) {
        int quoteStart = quoteStart(text, start);
        String quote = quoteAt(text, quoteStart);
        boolean obfuscated = charAt(text, start) == 'h' || charAt(text, start) == 'H';
        boolean verbatim = quoteStart > start && text.charAt(quoteStart - 1) == '@';
        int content = quoteStart + quote.length();
        int end = quote.length() > 1 ? multiLineEnd(text, content, quote)
                : lineEnd(text, content, quote.charAt(0), verbatim);
        boolean closed = text.startsWith(quote, end);
        return new StringForm(obfuscated, verbatim || quote.length() > 1, quote, content, end,
                closed ? end + quote.length() : end, closed);
    }

    /// The text that the literal stands for.
    String decode(String text) {
        String content = text.substring(contentStart, contentEnd);
        if (quote.length() > 1) {
            return content;
        }
        return verbatim ? content.replace(quote + quote, quote) : unescape(content);
    }

    private static int quoteStart(String text, int start) {
        int at = start;
        if (charAt(text, at) == 'h' || charAt(text, at) == 'H') {
            at++;
        }
        return charAt(text, at) == '@' ? at + 1 : at;
    }

    private static String quoteAt(String text, int start) {
        char c = charAt(text, start);
        if (c == '\'' || c == '"') {
            return String.valueOf(c);
        }
        for (String quote : MULTI_LINE_QUOTES) {
            if (text.startsWith(quote, start)) {
                return quote;
            }
        }
        return "";
    }

    private static int multiLineEnd(String text, int start, String quote) {
        int end = text.indexOf(quote, start);
        return end < 0 ? text.length() : end;
    }

    private static int lineEnd(String text, int start, char quote, boolean verbatim) {
        int at = start;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == quote) {
                if (!verbatim || charAt(text, at + 1) != quote) {
                    return at;
                }
                at += 2;
            } else if (c == '\\' && !verbatim) {
                int length = escapeLength(text, at);
                if (length == 0) {
                    return at;
                }
                at += length;
            } else if (c == '\n' || c == '\r') {
                return at;
            } else {
                at++;
            }
        }
        return at;
    }

    /// The length of the escape at `start`, with its backslash; 0 where it is none.
    private static int escapeLength(String text, int start) {
        char c = charAt(text, start + 1);
        return switch (c) {
            case '\\', '\'', '"', 'a', 'b', 'f', 'n', 'r', 't', 'v' -> 2;
            case 'u' -> hexDigits(text, start + 2, 4) ? 6 : 0;
            case 'U' -> hexDigits(text, start + 2, 8) ? 10 : 0;
            case 'x' -> hexDigits(text, start + 2, 2) ? 4 : 0;
            default -> 1 + octalDigits(text, start + 1) == 1 ? 0 : 1 + octalDigits(text, start + 1);
        };
    }

    private static boolean hexDigits(String text, int start, int count) {
        for (int i = 0; i < count; i++) {
            if (!Lexer.isHexDigit(charAt(text, start + i))) {
                return false;
            }
        }
        return true;
    }

    /// One to three octal digits, three only below 256.
    private static int octalDigits(String text, int start) {
        int count = 0;
        while (count < 3 && charAt(text, start + count) >= '0' && charAt(text, start + count) <= '7') {
            count++;
        }
        return count == 3 && text.charAt(start) > '3' ? 2 : count;
    }

    private static String unescape(String content) {
        if (content.indexOf('\\') < 0) {
            return content;
        }
        StringBuilder out = new StringBuilder(content.length());
        int at = 0;
        while (at < content.length()) {
            char c = content.charAt(at);
            int length = c == '\\' ? Math.max(1, escapeLength(content, at)) : 1;
            if (c != '\\' || length == 1) {
                out.append(c);
            } else {
                appendEscape(out, content.substring(at + 1, at + length));
            }
            at += length;
        }
        return out.toString();
    }

    private static void appendEscape(StringBuilder out, String escape) {
        char c = escape.charAt(0);
        switch (c) {
            case '\\', '\'', '"' -> out.append(c);
            case 'a' -> out.append('\u0007');
            case 'b' -> out.append('\b');
            case 'f' -> out.append('\f');
            case 'n' -> out.append('\n');
            case 'r' -> out.append('\r');
            case 't' -> out.append('\t');
            case 'v' -> out.append('\u000B');
            case 'u', 'x', 'U' -> appendCodePoint(out, Long.parseLong(escape.substring(1), 16));
            default -> out.append((char) Integer.parseInt(escape, 8));
        }
    }

    private static void appendCodePoint(StringBuilder out, long codePoint) {
        out.appendCodePoint(codePoint <= Character.MAX_CODE_POINT ? (int) codePoint : 0xFFFD);
    }

    private static char charAt(String text, int index) {
        return index >= 0 && index < text.length() ? text.charAt(index) : '\0';
    }

    /// The value of a text that is exactly one string literal.
    static Optional<String> valueOf(String literal) {
        if (!startsAt(literal, 0)) {
            return Optional.empty();
        }
        StringForm form = at(literal, 0);
        return form.closed() && form.end() == literal.length() ? Optional.of(form.decode(literal)) : Optional.empty();
    }
}
