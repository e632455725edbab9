package io.conshelf.server;

/// Text on its way into a header.
final class HeaderText {
    private static final int CHARS_MAX = 512;

    private HeaderText() {}

    /// What clients make of characters that a header can't hold: question marks.
    static String printable(String text) {
        var printable = new StringBuilder(text.length());
        for (int i = 0; i < text.length() && i < CHARS_MAX; i++) {
            char character = text.charAt(i);
            printable.append(character >= 0x20 && character < 0x7f ? character : '?');
        }
        return printable.toString();
    }
}
