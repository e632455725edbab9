package io.conshelf.kql.syntax;

/// Line and column of an offset, both counted from 1, columns in UTF-16 units. `\n`, `\r` and `\r\n` end a line.
public record Position(int line, int column) {
    public static Position of(String text, int offset) {
        int line = 1;
        int lineStart = 0;
        int end = Math.min(offset, text.length());
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            boolean carriageReturnBeforeNewline = c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n';
            if (c == '\n' || c == '\r' && !carriageReturnBeforeNewline) {
                line++;
                lineStart = i + 1;
            }
        }
        return new Position(line, offset - lineStart + 1);
    }

    @Override
    public String toString() {
        return "[" + line + "," + column + "]";
    }
}
