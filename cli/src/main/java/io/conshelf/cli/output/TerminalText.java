package io.conshelf.cli.output;

/// Texts as a terminal shows them: nothing in them that it would obey, measured in columns and not in characters.
public final class TerminalText {
    private TerminalText() {}

    /// One line, nothing that a terminal would obey.
    public static String printable(String text) {
        var clean = new StringBuilder(text.length());
        text.codePoints().forEach(c -> clean.appendCodePoint(
                c == '\n' ? '⏎' : Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? ' ' : c));
        return clean.toString();
    }

    public static int width(String text) {
        return text.codePoints().map(TerminalText::width).sum();
    }

    private static int width(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.FORMAT -> 0;
            default -> isWide(codePoint) ? 2 : 1;
        };
    }

    /// What East Asian scripts and pictures take, roughly: terminals differ in the details.
    private static boolean isWide(int c) {
        return c >= 0x1100 && (c <= 0x115F || c >= 0x2E80 && c <= 0xA4CF || c >= 0xAC00 && c <= 0xD7A3 || c >= 0xF900 && c <= 0xFAFF
                || c >= 0xFE30 && c <= 0xFE6F || c >= 0xFF00 && c <= 0xFF60 || c >= 0xFFE0 && c <= 0xFFE6 || c >= 0x1F300 && c <= 0x1FAFF
                || c >= 0x20000 && c <= 0x3FFFD);
    }

    /// The text in at most so many columns, with the mark where something is left out.
    public static String cut(String text, int columns, String mark) {
        if (width(text) <= columns) {
            return text;
        }
        var head = new StringBuilder();
        int left = columns - width(mark);
        for (int c : text.codePoints().toArray()) {
            left -= width(c);
            if (left < 0) {
                break;
            }
            head.appendCodePoint(c);
        }
        return columns < width(mark) ? "" : head.append(mark).toString();
    }

    /// The same, with the end of the text kept.
    public static String cutHead(String text, int columns, String mark) {
        if (width(text) <= columns) {
            return text;
        }
        int start = text.length();
        int left = columns - width(mark);
        while (start > 0 && left >= width(text.codePointBefore(start))) {
            left -= width(text.codePointBefore(start));
            start = text.offsetByCodePoints(start, -1);
        }
        return columns < width(mark) ? "" : mark + text.substring(start);
    }

    /// The text in exactly so many columns, at their left.
    public static String left(String text, int columns, String mark) {
        String cut = cut(text, columns, mark);
        return cut + " ".repeat(columns - width(cut));
    }

    /// The text in exactly so many columns, at their right.
    public static String right(String text, int columns, String mark) {
        String cut = cut(text, columns, mark);
        return " ".repeat(columns - width(cut)) + cut;
    }
}
