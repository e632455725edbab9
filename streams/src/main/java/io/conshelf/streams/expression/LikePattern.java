package io.conshelf.streams.expression;

import java.util.ArrayList;
import java.util.List;

/// A pattern of LIKE and PATINDEX: `%` stands for any characters, `_` for one, `[a-z]` for one of these, `[^a-z]` for one of the others. Case does not count.
/// Matching takes time by the length of text times that of pattern, whatever they are.
final class LikePattern {
    private sealed interface Part {
        record Char(char folded) implements Part {}

        record Any() implements Part {}

        record Among(boolean negated, String ranges) implements Part {}
    }

    /// The parts between `%`s.
    private final List<List<Part>> pieces = new ArrayList<>();

    private LikePattern(String pattern) {
        List<Part> piece = new ArrayList<>();
        int at = 0;
        while (at < pattern.length()) {
            char c = pattern.charAt(at);
            int close = c == '[' ? closing(pattern, at) : -1;
            if (c == '%') {
                pieces.add(piece);
                piece = new ArrayList<>();
            } else if (c == '_') {
                piece.add(new Part.Any());
            } else if (close > 0) {
                piece.add(set(pattern.substring(at + 1, close)));
                at = close;
            } else {
                piece.add(new Part.Char(folded(c)));
            }
            at++;
        }
        pieces.add(piece);
    }

    static LikePattern of(String pattern) {
        return new LikePattern(pattern);
    }

    /// A `]` directly behind the bracket belongs to the set.
    private static int closing(String pattern, int open) {
        int from = pattern.startsWith("^", open + 1) ? open + 3 : open + 2;
        return pattern.indexOf(']', from);
    }

    /// Ranges as pairs of characters.
    private static Part set(String inside) {
        boolean negated = inside.startsWith("^");
        String members = negated ? inside.substring(1) : inside;
        StringBuilder ranges = new StringBuilder();
        for (int i = 0; i < members.length(); i++) {
            boolean isRange = i + 2 < members.length() && members.charAt(i + 1) == '-';
            ranges.append(members.charAt(i)).append(members.charAt(isRange ? i + 2 : i));
            i += isRange ? 2 : 0;
        }
        return new Part.Among(negated, ranges.toString());
    }

    private static char folded(char c) {
        return Character.toLowerCase(Character.toUpperCase(c));
    }

    /// Whether the whole text is of this form.
    boolean matches(String text) {
        List<Part> first = pieces.getFirst();
        if (!isAt(first, text, 0)) {
            return false;
        }
        if (pieces.size() == 1) {
            return text.length() == first.size();
        }
        int at = first.size();
        for (int i = 1; i < pieces.size() - 1; i++) {
            at = find(pieces.get(i), text, at);
            if (at < 0) {
                return false;
            }
            at += pieces.get(i).size();
        }
        List<Part> last = pieces.getLast();
        int end = text.length() - last.size();
        return end >= at && isAt(last, text, end);
    }

    /// Where in the text the pattern without the `%` around it begins, from 0; -1 for nowhere.
    int firstIn(String text) {
        List<Part> first = pieces.getFirst();
        if (pieces.size() == 1 || !first.isEmpty()) {
            return matches(text) ? 0 : -1;
        }
        if (pieces.size() == 2) {
            // Only at the end, or nothing at all between two of them.
            List<Part> last = pieces.getLast();
            int end = text.length() - last.size();
            return last.isEmpty() ? 0 : end >= 0 && isAt(last, text, end) ? end : -1;
        }
        return matches(text) ? find(pieces.get(1), text, 0) : -1;
    }

    private static int find(List<Part> piece, String text, int from) {
        for (int at = from; at + piece.size() <= text.length(); at++) {
            if (isAt(piece, text, at)) {
                return at;
            }
        }
        return -1;
    }

    private static boolean isAt(List<Part> piece, String text, int at) {
        if (at + piece.size() > text.length()) {
            return false;
        }
        for (int i = 0; i < piece.size(); i++) {
            if (!matches(piece.get(i), text.charAt(at + i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean matches(Part part, char c) {
        return switch (part) {
            case Part.Char(char folded) -> c == folded || folded(c) == folded;
            case Part.Any() -> true;
            case Part.Among(boolean negated, String ranges) -> negated != isAmong(ranges, c);
        };
    }

    private static boolean isAmong(String ranges, char c) {
        char lower = folded(c);
        char upper = Character.toUpperCase(c);
        for (int i = 0; i < ranges.length(); i += 2) {
            char from = ranges.charAt(i);
            char to = ranges.charAt(i + 1);
            if (c >= from && c <= to || lower >= from && lower <= to || upper >= from && upper <= to) {
                return true;
            }
        }
        return false;
    }

    /// The pattern used last: mostly it is the same for all rows.
    static final class Lately {
        private String text = "";
        private LikePattern pattern = new LikePattern("");

        LikePattern of(String wanted) {
            if (!wanted.equals(text)) {
                pattern = new LikePattern(wanted);
                text = wanted;
            }
            return pattern;
        }
    }
}
