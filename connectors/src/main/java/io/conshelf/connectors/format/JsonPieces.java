package io.conshelf.connectors.format;

import io.conshelf.connectors.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// JSON objects of a text (one a line, one after another, or in one array), handed out as their bytes, each followed by a line end. What is
/// inside an object is not looked at: whoever reads it finds its mistakes.
public final class JsonPieces implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 20;
    private static final int DOCUMENT_BYTES_MAX = 64 << 20;

    private final String name;
    private final InputStream bytes;
    private byte[] buffer;
    private int start;
    /// Of the object that begins at `start`.
    private int end;
    private boolean isApart;
    private int scanned;
    private int limit;
    private long position;
    private boolean isAtEnd;
    private long line = 1;
    private boolean isInArray;
    private int depth;
    private boolean isInText;
    private boolean isEscaped;

    public JsonPieces(String name, InputStream bytes, Charset encoding) throws StoreException {
        this(name, bytes, encoding, BUFFER_BYTES);
    }

    JsonPieces(String name, InputStream bytes, Charset encoding, int bufferBytes) throws StoreException {
        this.buffer = new byte[bufferBytes];
        this.name = name;
        this.bytes = encoding.equals(StandardCharsets.UTF_8) ? bytes : new Utf8Stream(bytes, encoding);
        fill();
        if (limit >= 3 && buffer[0] == (byte) 0xEF && buffer[1] == (byte) 0xBB && buffer[2] == (byte) 0xBF) {
            start = 3;
            end = 3;
            scanned = 3;
            position = 3;
        }
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
        try {
            target.write(buffer, start, end - start);
            target.write('\n');
        } catch (IOException failure) {
            throw StoreException.system("UserErrorFileWriteFailure", "'" + name + "' cannot be staged: " + failure.getMessage(), failure);
        }
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
            if (isAtEnd) {
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
        while (at < limit) {
            if (depth == 0) {
                byte b = buffer[at];
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
        scanned = limit;
        return -1;
    }

    /// Runs to behind the text's end.
    private int behindText(int from) {
        byte[] bytes = buffer;
        int to = limit;
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
        byte[] bytes = buffer;
        int to = limit;
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
        int from = depth == 0 ? limit : start;
        position += from - start;
        System.arraycopy(buffer, from, buffer, 0, limit - from);
        limit -= from;
        scanned = limit;
        start = 0;
        end = 0;
        if (limit == buffer.length) {
            if (buffer.length >= DOCUMENT_BYTES_MAX) {
                throw StoreException.user("UserErrorJsonMalformed", "The JSON object that ends after line " + line + " of '" + name + "' is larger than "
                        + DOCUMENT_BYTES_MAX + " bytes");
            }
            buffer = Arrays.copyOf(buffer, buffer.length * 2);
        }
        fill();
    }

    private void fill() throws StoreException {
        try {
            limit += bytes.readNBytes(buffer, limit, buffer.length - limit);
            isAtEnd = limit < buffer.length;
        } catch (IOException failure) {
            throw StoreException.system("UserErrorFileReadFailure", "'" + name + "' cannot be read: " + failure.getMessage(), failure);
        }
    }

    @Override
    public void close() throws StoreException {
        try {
            bytes.close();
        } catch (IOException failure) {
            throw StoreException.system("UserErrorFileReadFailure", "'" + name + "' cannot be read: " + failure.getMessage(), failure);
        }
    }
}
