package io.conshelf.connectors.format;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.ByteRange;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.connectors.file.StoredFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What stands at the end of a Parquet file, as far as the names of its columns. It is read here because the library that reads the rows is
/// slow to start, and a copy that only hands files over does not need it otherwise.
public final class ParquetFooter {
    private static final byte[] MARK = "PAR1".getBytes(StandardCharsets.US_ASCII);
    /// The length of the description, and the mark.
    private static final int END_BYTES = 8;
    private static final int DESCRIPTION_BYTES_MAX = 64 << 20;
    private static final int NESTING_MAX = 64;
    private static final int ELEMENTS_MAX = 1_000_000;

    /// Thrift's compact protocol; these are the kinds of values in it.
    private static final int TRUE = 1;
    private static final int FALSE = 2;
    private static final int BYTE = 3;
    private static final int DOUBLE = 7;
    private static final int BINARY = 8;
    private static final int LIST = 9;
    private static final int SET = 10;
    private static final int MAP = 11;
    private static final int STRUCT = 12;

    private final ByteBuffer bytes;

    private ParquetFooter(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    /// The names of a file's columns; empty where it is not a Parquet file that can be read.
    public static Optional<List<String>> columns(FileStore store, StoredFile file) throws StoreException {
        if (file.sizeBytes() < END_BYTES + MARK.length) {
            return Optional.empty();
        }
        ByteBuffer end = last(store, file, END_BYTES, END_BYTES);
        if (end.remaining() < END_BYTES) {
            // shorter by now than it was listed
            return Optional.empty();
        }
        int length = end.getInt();
        if (length <= 0 || length > Math.min(DESCRIPTION_BYTES_MAX, file.sizeBytes() - END_BYTES - MARK.length) || !end.equals(ByteBuffer.wrap(MARK))) {
            return Optional.empty();
        }
        return columns(last(store, file, length + END_BYTES, length));
    }

    /// @param description as it stands in the file
    static Optional<List<String>> columns(ByteBuffer description) {
        try {
            return new ParquetFooter(description).names();
        } catch (BufferUnderflowException | IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }

    private static ByteBuffer last(FileStore store, StoredFile file, int from, int length) throws StoreException {
        try (InputStream stretch = store.open(file, new ByteRange(file.sizeBytes() - from, length))) {
            return ByteBuffer.wrap(stretch.readNBytes(length)).order(ByteOrder.LITTLE_ENDIAN);
        } catch (IOException failure) {
            throw StoreException.system("UserErrorFileReadFailure", "'" + file.path() + "' cannot be read: " + failure.getMessage(), failure);
        }
    }

    /// An element of the schema, which tells how many of the next ones stand below it.
    private record Element(String name, int children) {}

    private Optional<List<String>> names() {
        int field = 0;
        for (int header = bytes.get() & 0xFF; header != 0; header = bytes.get() & 0xFF) {
            field = field(field, header);
            int kind = header & 0x0F;
            if (field == 2 && kind == LIST) {
                return Optional.of(topmost(elements()));
            }
            skip(kind, 0);
        }
        return Optional.empty();
    }

    private List<Element> elements() {
        int header = bytes.get() & 0xFF;
        int count = header >> 4 == 15 ? number() : header >> 4;
        if (count < 1 || count > ELEMENTS_MAX) {
            throw new IllegalArgumentException("there are no columns, or too many");
        }
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            elements.add(element());
        }
        return elements;
    }

    private Element element() {
        String name = "";
        int children = 0;
        int field = 0;
        for (int header = bytes.get() & 0xFF; header != 0; header = bytes.get() & 0xFF) {
            field = field(field, header);
            int kind = header & 0x0F;
            if (field == 4 && kind == BINARY) {
                int length = number();
                int from = bytes.position();
                pass(length);
                byte[] text = new byte[length];
                bytes.get(from, text);
                name = new String(text, StandardCharsets.UTF_8);
            } else if (field == 5) {
                int zigzag = number();
                children = zigzag >>> 1 ^ -(zigzag & 1);
            } else {
                skip(kind, 0);
            }
        }
        return new Element(name, children);
    }

    /// The elements right below the first, which is the file itself; what stands below those follows each of them.
    private static List<String> topmost(List<Element> elements) {
        List<String> names = new ArrayList<>();
        int index = 1;
        while (index < elements.size()) {
            names.add(elements.get(index).name());
            for (long below = 1; below > 0 && index < elements.size(); index++) {
                below += elements.get(index).children() - 1L;
            }
        }
        return names;
    }

    /// The number of a field: so many after the last one, or written out.
    private int field(int before, int header) {
        if (header >> 4 != 0) {
            return before + (header >> 4);
        }
        int zigzag = number();
        return zigzag >>> 1 ^ -(zigzag & 1);
    }

    private int number() {
        long number = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            byte next = bytes.get();
            number |= (next & 0x7FL) << shift;
            if (next >= 0) {
                return (int) number;
            }
        }
        throw new IllegalArgumentException("a number does not end");
    }

    private void skip(int kind, int depth) {
        if (depth > NESTING_MAX) {
            throw new IllegalArgumentException("values are nested too deeply");
        }
        switch (kind) {
            case TRUE, FALSE -> {}
            case BYTE -> pass(1);
            case DOUBLE -> pass(Double.BYTES);
            case BINARY -> pass(number());
            case LIST, SET -> {
                int header = bytes.get() & 0xFF;
                int count = header >> 4 == 15 ? number() : header >> 4;
                for (int i = 0; i < count; i++) {
                    item(header & 0x0F, depth);
                }
            }
            case MAP -> {
                int count = number();
                int kinds = count == 0 ? 0 : bytes.get() & 0xFF;
                for (int i = 0; i < count; i++) {
                    item(kinds >> 4, depth);
                    item(kinds & 0x0F, depth);
                }
            }
            case STRUCT -> {
                int field = 0;
                for (int header = bytes.get() & 0xFF; header != 0; header = bytes.get() & 0xFF) {
                    field = field(field, header);
                    skip(header & 0x0F, depth + 1);
                }
            }
            default -> number();
        }
    }

    /// Flags take a byte where they stand in a list.
    private void item(int kind, int depth) {
        if (kind == TRUE || kind == FALSE) {
            pass(1);
        } else {
            skip(kind, depth + 1);
        }
    }

    private void pass(int count) {
        if (count < 0 || count > bytes.remaining()) {
            throw new BufferUnderflowException();
        }
        bytes.position(bytes.position() + count);
    }
}
