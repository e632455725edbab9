package io.conshelf.engine.ingest;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.Rows;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Rows of text whose records are lines (`txt`, `tsve`) or that is one value as a whole (`raw`).
final class LineFeed extends SourceFeed {
    private static final int RECORD_CHARS_MAX = 64 << 20;

    private final Reader reader;
    private final Format format;
    private final RecordMapping mapping;
    private final RowBuilder builder;
    private final boolean isHeaderSkipped;
    private final StringBuilder line = new StringBuilder();
    private long record;

    LineFeed(SourceStream source, Format format, RecordMapping mapping, ReadOptions options) throws IOException {
        this.reader = new BufferedReader(source.text(), 1 << 16);
        this.format = format;
        this.mapping = mapping;
        this.builder = new RowBuilder(mapping, options.sourceLocation());
        this.isHeaderSkipped = options.ignoreFirstRecord();
    }

    @Override
    synchronized Optional<Rows> read() throws IOException {
        while (!builder.isFull() && nextRecord()) {
            record++;
            if (record > 1 || !isHeaderSkipped) {
                String text = line.toString();
                List<String> fields = format.kind() == Format.Kind.ESCAPED ? unescaped(text) : List.of(text);
                DelimitedFeed.write(fields, mapping, builder);
                builder.end(record);
            }
        }
        return builder.count() == 0 ? Optional.empty() : Optional.of(builder.take());
    }

    private boolean nextRecord() throws IOException {
        boolean isWhole = format.kind() == Format.Kind.WHOLE;
        do {
            line.setLength(0);
            int c = reader.read();
            if (c < 0) {
                return false;
            }
            while (c >= 0 && (isWhole || c != '\n')) {
                line.append((char) c);
                if (line.length() > RECORD_CHARS_MAX) {
                    throw new KustoException(
                            IngestionErrors.inputTooLarge("Record " + (record + 1), RECORD_CHARS_MAX));
                }
                c = reader.read();
            }
            if (!isWhole && !line.isEmpty() && line.charAt(line.length() - 1) == '\r') {
                line.setLength(line.length() - 1);
            }
        } while (line.isEmpty());
        return true;
    }

    private List<String> unescaped(String text) {
        var fields = new ArrayList<String>();
        var field = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == format.separator()) {
                fields.add(field.toString());
                field.setLength(0);
            } else if (c == '\\' && i + 1 < text.length()) {
                char escaped = text.charAt(++i);
                switch (escaped) {
                    case 't' -> field.append('\t');
                    case 'n' -> field.append('\n');
                    case 'r' -> field.append('\r');
                    case '0' -> field.append('\0');
                    case '\\' -> field.append('\\');
                    default -> field.append('\\').append(escaped);
                }
            } else {
                field.append(c);
            }
        }
        fields.add(field.toString());
        return fields;
    }
}
