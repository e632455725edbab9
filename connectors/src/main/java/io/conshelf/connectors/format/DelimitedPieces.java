package io.conshelf.connectors.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.StoreException;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// Delimited text of any dialect, handed out as pieces of whole records in the standard one (RFC 4180, UTF-8, no header).
///
/// Bytes that mean the same in both dialects are passed on as they are; only a piece that does not is decoded and written anew. The pieces of
/// the same text are the same every time.
public final class DelimitedPieces implements AutoCloseable {
    private static final byte[] NOTHING = {};
    private static final byte[] LINE_END = {'\n'};

    private final String name;
    private final DelimitedText dialect;
    private final char delimiter;
    private final boolean isAlwaysRecoded;
    private final PieceWindow window;
    private DelimitedBorders borders;
    private int start;
    private int scanned;
    /// Of the piece that begins at `start`.
    private int end;
    private byte[] missing = NOTHING;
    private boolean isPlain;
    private long position;
    private final List<Column> columns;
    private long recordsBefore;

    /// @param delimiter of the pieces
    public DelimitedPieces(String name, InputStream bytes, DelimitedText dialect, char delimiter) throws StoreException {
        this(name, bytes, dialect, delimiter, PieceWindow.BUFFER_BYTES);
    }

    DelimitedPieces(String name, InputStream bytes, DelimitedText dialect, char delimiter, int bufferBytes) throws StoreException {
        this.name = name;
        this.dialect = dialect.encodedAs(StandardCharsets.UTF_8);
        this.delimiter = delimiter;
        this.isAlwaysRecoded = delimiter != dialect.delimiter() || dialect.nullTexts().stream().anyMatch(text -> !text.isEmpty())
                || dialect.quote().map(quote -> quote != '"').orElse(false) || dialect.rowDelimiter().map(text -> !text.endsWith("\n")).orElse(false);
        this.window = new PieceWindow(name, bytes, dialect.encoding(), bufferBytes);
        this.borders = new DelimitedBorders(name, this.dialect);
        consume(window.markBytes());
        skip(dialect.skipLines());
        int first = firstRecord();
        try (DelimitedTextReader header = new DelimitedTextReader(name, new ByteArrayInputStream(window.bytes, start, first - start), this.dialect.withoutSkipping())) {
            this.columns = header.columns();
        }
        if (first > start && dialect.hasHeader()) {
            consume(first - start);
            borders.takeStandard();
        } else {
            // The first record was read for the number of its columns only.
            scanned = start;
            borders = new DelimitedBorders(name, this.dialect);
        }
        recordsBefore = borders.records();
    }

    /// The columns by their header, or `Prop_0`, `Prop_1` …
    public List<Column> columns() {
        return columns;
    }

    /// Where the piece ends, in bytes of the text's UTF-8 form.
    public long position() {
        return position + end - start;
    }

    /// Goes on to the next piece; returns its number of records, or -1 at the end.
    public long next() throws StoreException {
        consume(end - start);
        while (true) {
            int border = borders.last(window.bytes, scanned, window.limit);
            scanned = window.limit;
            if (border > start) {
                return piece(border, NOTHING);
            }
            if (window.isAtEnd) {
                return borders.finish() ? piece(window.limit, LINE_END) : -1;
            }
            more();
        }
    }

    private long piece(int border, byte[] lineEnd) {
        end = border;
        missing = lineEnd;
        isPlain = borders.takeStandard() && !isAlwaysRecoded;
        long records = borders.records() - recordsBefore;
        recordsBefore = borders.records();
        return records;
    }

    /// Whether the bytes of the piece are those of the text (of its UTF-8 form), but for the line end that the last record may lack.
    public boolean isPlain() {
        return isPlain;
    }

    /// Writes the piece.
    public void write(OutputStream target) throws StoreException {
        if (isPlain) {
            window.write(start, end, missing, target);
        } else {
            recode(target);
        }
    }

    private void recode(OutputStream target) throws StoreException {
        DelimitedText plain = dialect.withoutHeader();
        try (DelimitedTextReader rows = new DelimitedTextReader(name, new ByteArrayInputStream(window.bytes, start, end - start), plain);
                DelimitedTextWriter writer = new DelimitedTextWriter(new LastingStream(target), DelimitedText.rfc4180(delimiter))) {
            for (Optional<List<JsonNode>> row = rows.next(); row.isPresent(); row = rows.next()) {
                writer.write(row.get());
            }
        }
    }

    private int firstRecord() throws StoreException {
        while (true) {
            int border = borders.first(window.bytes, scanned, window.limit);
            if (border >= 0) {
                scanned = border;
                return border;
            }
            scanned = window.limit;
            if (window.isAtEnd) {
                borders.finish();
                return window.limit;
            }
            more();
        }
    }

    private void skip(int lines) throws StoreException {
        for (int left = lines; left > 0; ) {
            int end = start;
            boolean isEmpty = true;
            while (end == window.limit || window.bytes[end] != '\n') {
                if (end == window.limit) {
                    if (window.isAtEnd) {
                        consume(window.limit - start);
                        return;
                    }
                    int offset = end - start;
                    more();
                    end = start + offset;
                } else {
                    isEmpty &= window.bytes[end] == '\r';
                    end++;
                }
            }
            // Only lines that hold something count.
            left -= isEmpty ? 0 : 1;
            consume(end + 1 - start);
        }
    }

    private void consume(int count) {
        start += count;
        end = start;
        position += count;
        scanned = Math.max(scanned, start);
    }

    private void more() throws StoreException {
        window.advance(start, () -> StoreException.user("DelimitedTextFieldTooLarge", "Row " + (borders.records() + 1) + " of '" + name
                + "' is larger than " + PieceWindow.PIECE_BYTES_MAX + " bytes"));
        scanned -= start;
        start = 0;
        end = 0;
    }

    @Override
    public void close() throws StoreException {
        window.close();
    }
}
