package io.conshelf.streams.format;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/// Finds the objects of a file of JSON by their braces, whether they stand in lines, in an array or one behind another, and goes on behind what is broken.
final class JsonPieces {
    static final int PIECE_BYTES_MAX = 1 << 24;
    private static final int BUFFER_BYTES = 1 << 16;
    /// So much of what is no object is shown.
    private static final int OTHER_BYTES_MAX = 1 << 10;
    /// So often what follows a broken piece is read again from inside it. Then a line that begins with an object or an array ends what is open before it, so
    /// that bytes of whatever kind are read in time that grows with their number.
    private static final int RESUMED_MAX = 100;

    enum Piece {
        /// From a brace to the one that closes it.
        OBJECT,
        /// From a brace to the end of the file, or to the next line of an object where much was broken before.
        UNFINISHED,
        /// Longer than an event may be.
        TOO_LARGE,
        /// Anything else, to the end of its line.
        OTHER,
        /// Nothing is left.
        NONE
    }

    private final InputStream bytes;
    private byte[] buffer = new byte[BUFFER_BYTES];
    private int from;
    private int at;
    private int end;
    private boolean isEnded;
    /// Inside the array that a file may be.
    private boolean inArray;
    private int resumed;

    JsonPieces(InputStream bytes) {
        this.bytes = bytes;
    }

    /// Holds the piece found last, from [#from] to [#to].
    byte[] buffer() {
        return buffer;
    }

    int from() {
        return from;
    }

    int to() {
        return at;
    }

    /// Goes on behind the piece.
    Piece next() throws IOException {
        from = at;
        int first = firstOfPiece();
        if (first < 0) {
            return Piece.NONE;
        }
        return first == '{' ? object() : other();
    }

    /// The piece is broken: goes back to the first line in it, behind its own, that begins with an object or an array, where there is one.
    void resume() {
        for (int i = from + 1; i < at; i++) {
            if ((buffer[i] == '{' || buffer[i] == '[') && buffer[i - 1] == '\n') {
                at = i;
                inArray = false;
                resumed++;
                return;
            }
        }
    }

    /// As [#resume], and where there is none yet, reads on to it: what is left of the piece must not be taken for events.
    void skip() throws IOException {
        int before = at;
        resume();
        boolean isFound = at < before;
        while (!isFound && (at < end || fill())) {
            byte b = buffer[at++];
            from = at;
            isFound = b == '\n' && (at < end || fill()) && (buffer[at] == '{' || buffer[at] == '[');
        }
        inArray &= !isFound;
    }

    private int firstOfPiece() throws IOException {
        while (true) {
            if (at == end && !fill()) {
                return -1;
            }
            byte b = buffer[at];
            boolean isMark = b == (byte) 0xEF || b == (byte) 0xBB || b == (byte) 0xBF;
            boolean isBetween = b == ' ' || b == '\n' || b == '\r' || b == '\t' || b == ',' || b == '[' && !inArray || b == ']' || isMark;
            if (!isBetween) {
                from = at;
                return b & 0xFF;
            }
            inArray = b == '[' || b != ']' && inArray;
            at++;
            from = at;
        }
    }

    private Piece object() throws IOException {
        int depth = 0;
        boolean inText = false;
        while (true) {
            if (at == end && !fill()) {
                return Piece.UNFINISHED;
            }
            if (at - from >= PIECE_BYTES_MAX) {
                return Piece.TOO_LARGE;
            }
            byte b = buffer[at];
            if (resumed >= RESUMED_MAX && (b == '{' || b == '[') && at > from && buffer[at - 1] == '\n') {
                inArray = false;
                return Piece.UNFINISHED;
            }
            at++;
            if (inText) {
                if (b == '\\') {
                    if (at == end && !fill()) {
                        return Piece.UNFINISHED;
                    }
                    at++;
                } else if (b == '"') {
                    inText = false;
                }
            } else if (b == '"') {
                inText = true;
            } else if (b == '{') {
                depth++;
            } else if (b == '}' && --depth == 0) {
                return Piece.OBJECT;
            }
        }
    }

    private Piece other() throws IOException {
        while (at < end || fill()) {
            byte b = buffer[at];
            if (b == '\n' || b == '{') {
                return Piece.OTHER;
            }
            at++;
            if (at - from > OTHER_BYTES_MAX) {
                // The rest of a long line is one with its beginning, but need not be held.
                from++;
            }
        }
        return Piece.OTHER;
    }

    /// Reads more, keeping the piece that was begun.
    private boolean fill() throws IOException {
        if (isEnded) {
            return false;
        }
        if (from > 0) {
            System.arraycopy(buffer, from, buffer, 0, end - from);
            at -= from;
            end -= from;
            from = 0;
        }
        if (end == buffer.length) {
            buffer = Arrays.copyOf(buffer, buffer.length * 2);
        }
        int read = bytes.read(buffer, end, buffer.length - end);
        isEnded = read < 0;
        end += Math.max(0, read);
        return at < end || !isEnded && fill();
    }
}
