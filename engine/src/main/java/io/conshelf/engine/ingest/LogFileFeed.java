package io.conshelf.engine.ingest;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.ingest.MappedField.Origin;
import io.conshelf.engine.store.Rows;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Rows of `w3clogfile`: the W3C's extended log format. A line `#Fields:` names the fields of the lines that follow it, other
/// lines with `#` say nothing about rows; fields are apart by blanks, and one that is `-` is not there.
final class LogFileFeed extends SourceFeed {
    private static final String FIELDS = "#fields:";
    private static final int LINE_CHARS_MAX = 64 << 20;

    private final Reader reader;
    private final RecordMapping mapping;
    private final RowBuilder builder;
    private final StringBuilder line = new StringBuilder();
    private long number;
    private List<String> names = List.of();
    // For each target the position of its field in the lines at hand, or -1.
    private int[] positions = new int[0];

    LogFileFeed(SourceStream source, RecordMapping mapping, ReadOptions options) throws IOException {
        this.reader = new BufferedReader(source.text(), 1 << 16);
        this.mapping = mapping;
        this.builder = new RowBuilder(mapping, options.sourceLocation());
    }

    @Override
    synchronized Optional<Rows> read() throws IOException {
        while (!builder.isFull() && nextLine()) {
            if (line.isEmpty()) {
                continue;
            }
            if (line.charAt(0) == '#') {
                directive(line.toString());
            } else {
                write(fields(line.toString()));
                builder.end(number);
            }
        }
        return builder.count() == 0 ? Optional.empty() : Optional.of(builder.take());
    }

    private boolean nextLine() throws IOException {
        line.setLength(0);
        int c = reader.read();
        if (c < 0) {
            return false;
        }
        number++;
        for (; c >= 0 && c != '\n'; c = reader.read()) {
            if (line.length() == LINE_CHARS_MAX) {
                throw new KustoException(IngestionErrors.inputTooLarge("Line " + number, LINE_CHARS_MAX));
            }
            line.append((char) c);
        }
        if (!line.isEmpty() && line.charAt(line.length() - 1) == '\r') {
            line.setLength(line.length() - 1);
        }
        return true;
    }

    private void directive(String text) {
        if (!text.regionMatches(true, 0, FIELDS, 0, FIELDS.length())) {
            return;
        }
        names = fields(text.substring(FIELDS.length()));
        positions = new int[mapping.targets().size()];
        for (int target = 0; target < positions.length; target++) {
            positions[target] = mapping.targets().get(target).origin() instanceof Origin.Path(JsonPath path)
                            && path.steps().getFirst() instanceof JsonPath.Step.Name(String name)
                    ? names.indexOf(name)
                    : -1;
        }
    }

    private void write(List<String> fields) {
        if (names.isEmpty()) {
            throw new KustoException(IngestionErrors.invalidBlob(
                    "line " + number + " has fields before a line '#Fields:' has named them"));
        }
        for (int target = 0; target < positions.length; target++) {
            int position = positions[target];
            if (position >= 0 && position < fields.size() && !fields.get(position).equals("-")) {
                builder.field(target, fields.get(position));
            }
        }
    }

    /// Apart by blanks; in quotes a field may have blanks, and quotes doubled.
    private static List<String> fields(String text) {
        var fields = new ArrayList<String>();
        int at = 0;
        while (true) {
            while (at < text.length() && isBlank(text.charAt(at))) {
                at++;
            }
            if (at == text.length()) {
                return fields;
            }
            var field = new StringBuilder();
            if (text.charAt(at) == '"') {
                at++;
                while (at < text.length()) {
                    char c = text.charAt(at++);
                    if (c != '"') {
                        field.append(c);
                    } else if (at < text.length() && text.charAt(at) == '"') {
                        field.append('"');
                        at++;
                    } else {
                        break;
                    }
                }
            }
            while (at < text.length() && !isBlank(text.charAt(at))) {
                field.append(text.charAt(at++));
            }
            fields.add(field.toString());
        }
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }
}
