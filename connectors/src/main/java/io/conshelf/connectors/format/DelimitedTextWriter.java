package io.conshelf.connectors.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.RowWriter;
import io.conshelf.connectors.StoreException;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.util.List;
import java.io.Writer;

/// Writes delimited text of any dialect. Objects and arrays become JSON text.
public final class DelimitedTextWriter implements RowWriter {
    private final DelimitedText dialect;
    private final boolean quotesAll;
    private final String rowDelimiter;
    private final Writer writer;

    /// Quotes texts where it is needed.
    public DelimitedTextWriter(OutputStream target, DelimitedText dialect) {
        this(target, dialect, false);
    }

    /// @param quotesAll quote every text, also where it is not needed
    public DelimitedTextWriter(OutputStream target, DelimitedText dialect, boolean quotesAll) {
        this.dialect = dialect;
        this.quotesAll = quotesAll;
        this.rowDelimiter = dialect.rowDelimiter().orElse("\r\n");
        this.writer = new BufferedWriter(new OutputStreamWriter(target, dialect.encoding()), 1 << 16);
    }

    public void writeHeader(List<String> names) throws StoreException {
        try {
            for (int i = 0; i < names.size(); i++) {
                separate(i);
                text(names.get(i));
            }
            writer.write(rowDelimiter);
        } catch (IOException failure) {
            throw unwritable(failure);
        }
    }

    @Override
    public void write(List<JsonNode> row) throws StoreException {
        try {
            for (int i = 0; i < row.size(); i++) {
                separate(i);
                JsonNode cell = row.get(i);
                if (cell.isNull() || cell.isMissingNode()) {
                    writer.write(dialect.writtenNull());
                } else {
                    text(cell.isValueNode() ? cell.asText() : cell.toString());
                }
            }
            // A record of one empty field would read as an empty line.
            if (row.size() == 1 && isEmpty(row.getFirst()) && dialect.quote().isPresent()) {
                char quote = dialect.quote().get();
                writer.write(quote);
                writer.write(quote);
            }
            writer.write(rowDelimiter);
        } catch (IOException failure) {
            throw unwritable(failure);
        }
    }

    private boolean isEmpty(JsonNode cell) {
        boolean isNull = cell.isNull() || cell.isMissingNode();
        return dialect.writtenNull().isEmpty() && (isNull || !quotesAll && cell.isValueNode() && cell.asText().isEmpty());
    }

    private void separate(int index) throws IOException {
        if (index > 0) {
            writer.write(dialect.delimiter());
        }
    }

    private void text(String text) throws IOException {
        if (dialect.quote().isEmpty()) {
            writer.write(text);
            return;
        }
        char quote = dialect.quote().get();
        if (!quotesAll && !needsQuotes(text, quote)) {
            writer.write(text);
            return;
        }
        writer.write(quote);
        char escape = dialect.escape().orElse(quote);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == quote || c == escape) {
                writer.write(escape);
            }
            writer.write(c);
        }
        writer.write(quote);
    }

    private boolean needsQuotes(String text, char quote) {
        if (dialect.nullTexts().contains(text)) {
            return true;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == dialect.delimiter() || c == quote || c == '\n' || c == '\r' || rowDelimiter.indexOf(c) >= 0
                    || dialect.escape().isPresent() && c == dialect.escape().get()) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() throws StoreException {
        try {
            writer.close();
        } catch (IOException failure) {
            throw unwritable(failure);
        }
    }

    private static StoreException unwritable(IOException failure) {
        return StoreException.system("UserErrorFileWriteFailure", "Delimited text cannot be written: " + failure.getMessage(), failure);
    }
}
