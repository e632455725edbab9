package io.conshelf.kql.command;

import java.util.Locale;
import java.util.Optional;

/// Reads the pieces of a command's text at a position: words, names, literals, balanced text. Nothing is kept between
/// calls, so a matcher may go back and try another way.
final class CommandScanner {
    /// A piece read: its value, where the reading ended, and whether it must never be shown.
    record Piece(String text, int end, boolean isObfuscated) {
        Piece(String text, int end) {
            this(text, end, false);
        }
    }

    private final String text;

    CommandScanner(String text) {
        this.text = text;
    }

    boolean isAtEnd(int position) {
        return skipBlanks(position) >= text.length();
    }

    /// The first position at or after this one that is neither blank nor comment.
    int skipBlanks(int position) {
        int at = position;
        while (at < text.length()) {
            if (Character.isWhitespace(text.charAt(at)) || text.charAt(at) == '\uFEFF') {
                at++;
            } else if (text.startsWith("//", at)) {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end + 1;
            } else {
                break;
            }
        }
        return at;
    }

    Optional<Piece> word(int position, String word) {
        int start = skipBlanks(position);
        int end = start + word.length();
        if (!text.regionMatches(true, start, word, 0, word.length())) {
            return Optional.empty();
        }
        boolean runsOn = end < text.length() && isWordPart(text.charAt(end)) && isWordPart(word.charAt(word.length() - 1));
        return runsOn ? Optional.empty() : Optional.of(new Piece(word.toLowerCase(Locale.ROOT), end));
    }

    Optional<Piece> mark(int position, String mark) {
        int start = skipBlanks(position);
        return text.startsWith(mark, start) ? Optional.of(new Piece(mark, start + mark.length())) : Optional.empty();
    }

    private static boolean isWordPart(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '-';
    }

    /// `T`, `['my table']`, `["my table"]`.
    Optional<Piece> name(int position) {
        int start = skipBlanks(position);
        if (start >= text.length()) {
            return Optional.empty();
        }
        char c = text.charAt(start);
        if (c == '[') {
            return stringLiteral(start + 1)
                    .flatMap(name -> mark(name.end(), "]").map(close -> new Piece(name.text(), close.end())));
        }
        if (!Character.isLetterOrDigit(c) && c != '_' && c != '$') {
            return Optional.empty();
        }
        int end = start;
        while (end < text.length() && (Character.isLetterOrDigit(text.charAt(end)) || text.charAt(end) == '_' || text.charAt(end) == '$')) {
            end++;
        }
        return Optional.of(new Piece(text.substring(start, end), end));
    }

    /// `Db.T`, `database('Db').T` or `T`, each part as [#name] reads it; the parts are joined by a dot that no name holds.
    Optional<Piece> path(int position, char join) {
        var first = name(position);
        if (first.isEmpty()) {
            return first;
        }
        var path = first.get();
        while (path.end() < text.length() && text.charAt(path.end()) == '.' && !text.startsWith("..", path.end())) {
            var next = name(path.end() + 1);
            if (next.isEmpty()) {
                break;
            }
            path = new Piece(path.text() + join + next.get().text(), next.get().end());
        }
        return Optional.of(path);
    }

    /// A name that may hold `*`.
    Optional<Piece> wildcardName(int position) {
        int start = skipBlanks(position);
        int end = start;
        while (end < text.length() && (Character.isLetterOrDigit(text.charAt(end)) || "_*-.".indexOf(text.charAt(end)) >= 0)) {
            end++;
        }
        return end > start ? Optional.of(new Piece(text.substring(start, end), end)) : name(position);
    }

    /// One literal in any of its forms, or several side by side, which are one.
    Optional<Piece> string(int position) {
        var first = stringLiteral(position);
        if (first.isEmpty()) {
            return first;
        }
        var joined = first.get();
        for (var next = stringLiteral(joined.end()); next.isPresent(); next = stringLiteral(joined.end())) {
            joined = new Piece(
                    joined.text() + next.get().text(), next.get().end(), joined.isObfuscated() || next.get().isObfuscated());
        }
        return Optional.of(joined);
    }

    /// One literal alone.
    Optional<Piece> stringLiteral(int position) {
        int at = skipBlanks(position);
        boolean obfuscated = at < text.length() && "hH".indexOf(text.charAt(at)) >= 0 && at + 1 < text.length()
                && "'\"@`~".indexOf(text.charAt(at + 1)) >= 0;
        if (obfuscated) {
            at++;
        }
        for (var fence : new String[] {"```", "~~~"}) {
            if (text.startsWith(fence, at)) {
                int close = text.indexOf(fence, at + 3);
                return close < 0
                        ? Optional.empty()
                        : Optional.of(new Piece(text.substring(at + 3, close), close + 3, obfuscated));
            }
        }
        boolean verbatim = at < text.length() && text.charAt(at) == '@';
        if (verbatim) {
            at++;
        }
        if (at >= text.length() || "'\"".indexOf(text.charAt(at)) < 0) {
            return Optional.empty();
        }
        return quoted(at, verbatim).map(piece -> new Piece(piece.text(), piece.end(), obfuscated));
    }

    private Optional<Piece> quoted(int open, boolean verbatim) {
        char quote = text.charAt(open);
        var value = new StringBuilder();
        int at = open + 1;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == quote) {
                if (verbatim && at + 1 < text.length() && text.charAt(at + 1) == quote) {
                    value.append(quote);
                    at += 2;
                    continue;
                }
                return Optional.of(new Piece(value.toString(), at + 1));
            }
            if (c == '\\' && !verbatim && at + 1 < text.length()) {
                at = escape(at + 1, value);
                continue;
            }
            value.append(c);
            at++;
        }
        return Optional.empty();
    }

    private int escape(int at, StringBuilder value) {
        char c = text.charAt(at);
        if ((c == 'u' && at + 4 < text.length()) || (c == 'x' && at + 2 < text.length())) {
            int digits = c == 'u' ? 4 : 2;
            try {
                value.append((char) Integer.parseInt(text.substring(at + 1, at + 1 + digits), 16));
                return at + 1 + digits;
            } catch (NumberFormatException _) {
                // not a code after all: taken as it stands, below
            }
        }
        value.append(switch (c) {
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'r' -> '\r';
            case '0' -> '\0';
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'a' -> '\u0007';
            case 'v' -> '\u000B';
            default -> c;
        });
        return at + 1;
    }

    /// Text from an opening bracket to its partner, brackets included; strings and comments inside do not count.
    Optional<Piece> balanced(int position, char open, char close) {
        int start = skipBlanks(position);
        if (start >= text.length() || text.charAt(start) != open) {
            return Optional.empty();
        }
        int depth = 0;
        int at = start;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == open) {
                depth++;
            } else if (c == close && --depth == 0) {
                return Optional.of(new Piece(text.substring(start, at + 1), at + 1));
            }
            at = next(at);
        }
        return Optional.empty();
    }

    /// The position after the character, string literal or comment at this one.
    private int next(int at) {
        if (text.startsWith("//", at)) {
            int end = text.indexOf('\n', at);
            return end < 0 ? text.length() : end;
        }
        if ("'\"@`~".indexOf(text.charAt(at)) >= 0) {
            return stringLiteral(at).map(Piece::end).orElse(at + 1);
        }
        return at + 1;
    }

    /// Everything up to one of these characters outside strings and brackets, without surrounding blanks.
    Optional<Piece> until(int position, String stops) {
        int start = skipBlanks(position);
        int at = start;
        int depth = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (depth == 0 && stops.indexOf(c) >= 0) {
                break;
            }
            if ("([{".indexOf(c) >= 0) {
                depth++;
            } else if (")]}".indexOf(c) >= 0) {
                depth--;
            }
            at = next(at);
        }
        var piece = text.substring(start, Math.min(at, text.length())).strip();
        return piece.isEmpty() ? Optional.empty() : Optional.of(new Piece(piece, start + piece.length()));
    }

    /// A number, timespan, guid or word: a run without blanks and punctuation of lists.
    Optional<Piece> run(int position) {
        int start = skipBlanks(position);
        int end = start;
        while (end < text.length() && !Character.isWhitespace(text.charAt(end)) && ",()[]{}|;='\"<".indexOf(text.charAt(end)) < 0) {
            end++;
        }
        return end > start ? Optional.of(new Piece(text.substring(start, end), end)) : Optional.empty();
    }

    /// `datetime(…)`, `timespan(…)`, `dynamic(…)`: the word and its brackets.
    Optional<Piece> typedLiteral(int position) {
        return run(position).flatMap(word -> balanced(word.end(), '(', ')')
                .map(body -> new Piece(word.text() + body.text(), body.end())));
    }

    Optional<Piece> rest(int position) {
        return position > text.length() ? Optional.empty() : Optional.of(new Piece(text.substring(position), text.length()));
    }
}
