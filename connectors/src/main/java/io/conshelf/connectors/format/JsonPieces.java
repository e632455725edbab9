package io.conshelf.connectors.format;

import io.conshelf.connectors.StoreException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.Charset;

/// JSON objects of a text (one a line, one after another, or in one array), handed out as their bytes, each followed by a line end. What is
/// inside an object is not looked at: whoever reads it finds its mistakes.
public final class JsonPieces implements AutoCloseable {
    private static final byte[] LINE_END = {'\n'};

    private final String name;
    private final PieceWindow window;
    private int start;
    /// Of the object that begins at `start`.
    private int end;
    private boolean isApart;
    private int scanned;
    private long position;
    private long line = 1;
    private boolean isInArray;
    private int depth;
    private boolean isInText;
    private boolean isEscaped;

    public JsonPieces(String name, InputStream bytes, Charset encoding) throws StoreException {
        this(name, bytes, encoding, PieceWindow.BUFFER_BYTES);
    }

    JsonPieces(String name, InputStream bytes, Charset encoding, int bufferBytes) throws StoreException {
        this.name = name;
        this.window = new PieceWindow(name, bytes, encoding, bufferBytes);
        start = window.markBytes();
        end = start;
        scanned = start;
        position = start;
    }

    /// Where the object ends, in bytes of the text's UTF-8 form.
    public long position() {
        return position + end - start;
    }

    /// Whether nothing but white space stands between the object and the one before it.
    public boolean isApart() {
        return isApart;
    }

    /// Writes the object.
    public void write(OutputStream target) throws StoreException {
        window.write(start, end, LINE_END, target);
    }

    /// Goes on to the next object; false at the end.
    public boolean next() throws StoreException {
        position += end - start;
        start = end;
        isApart = true;
        while (true) {
            int found = scan();
            if (found >= 0) {
                end = found;
                return true;
            }
            if (window.isAtEnd) {
                if (depth > 0 || isInArray) {
                    throw StoreException.user("UserErrorJsonMalformed", "'" + name + "' is not JSON: it ends at line " + line + " inside "
                            + (depth > 0 ? "an object" : "an array"));
                }
                return false;
            }
            more();
        }
    }

    /// The place behind the next object, or -1 when the buffer ends before it.
    private int scan() throws StoreException {
        int at = scanned;
        while (at < window.limit) {
            if (depth == 0) {
                byte b = window.bytes[at];
                line += b == '\n' ? 1 : 0;
                between(at, b);
                at++;
            } else if (isInText) {
                at = behindText(at);
            } else {
                at = behindStructure(at);
                if (depth == 0) {
                    scanned = at;
                    return at;
                }
            }
        }
        scanned = window.limit;
        return -1;
    }

    /// Runs to behind the text's end.
    private int behindText(int from) {
        byte[] bytes = window.bytes;
        int to = window.limit;
        int at = from;
        if (isEscaped) {
            line += bytes[at++] == '\n' ? 1 : 0;
            isEscaped = false;
        }
        int lines = 0;
        for (; at < to; at++) {
            byte b = bytes[at];
            if (b == '"') {
                isInText = false;
                at++;
                break;
            }
            if (b == '\\' && ++at == to) {
                isEscaped = true;
                break;
            }
            lines += bytes[at] == '\n' ? 1 : 0;
        }
        line += lines;
        return at;
    }

    /// Runs to where a text begins, or behind the object's end.
    private int behindStructure(int from) {
        byte[] bytes = window.bytes;
        int to = window.limit;
        int open = depth;
        int lines = 0;
        int at = from;
        while (at < to && open > 0) {
            byte b = bytes[at++];
            if (b == '"') {
                isInText = true;
                break;
            }
            if (b == '{' || b == '[') {
                open++;
            } else if (b == '}' || b == ']') {
                open--;
            } else if (b == '\n') {
                lines++;
            }
        }
        line += lines;
        depth = open;
        return at;
    }

    private void between(int i, byte b) throws StoreException {
        if (b == '{') {
            depth = 1;
            position += i - start;
            start = i;
        } else if (b == '[' && !isInArray) {
            isInArray = true;
            isApart = false;
        } else if (b == ']' && isInArray) {
            isInArray = false;
            isApart = false;
        } else if (b == ',' || b == 0x1E) {
            isApart = false;
        } else if (!(b == ' ' || b == '\t' || b == '\r' || b == '\n')) {
            throw StoreException.user("UserErrorJsonNotObject", "'" + name + "' holds '" + (char) b + "' at line " + line
                    + " where a JSON object is expected");
        }
    }

    private void more() throws StoreException {
        int from = depth == 0 ? window.limit : start;
        position += from - start;
        scanned = window.limit - from;
        start = 0;
        end = 0;
        window.advance(from, () -> StoreException.user("UserErrorJsonMalformed", "The JSON object that ends after line " + line + " of '" + name
                + "' is larger than " + PieceWindow.PIECE_BYTES_MAX + " bytes"));
    }

    @Override
    public void close() throws StoreException {
        window.close();
    }
}
