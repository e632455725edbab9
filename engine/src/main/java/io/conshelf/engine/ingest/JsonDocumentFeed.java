package io.conshelf.engine.ingest;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.Rows;
import java.io.IOException;
import java.util.Optional;

/// Rows of `multijson`: arrays of objects, or objects one after the other, in any layout; and of `singlejson`: one record.
/// An error fails the whole source.
final class JsonDocumentFeed extends SourceFeed {
    private final JsonParser parser;
    private final JsonRecords records;
    private final RowBuilder builder;
    private final boolean isSingle;
    private int depth;
    private long record;
    private int beginsAtLine;

    JsonDocumentFeed(SourceStream source, Format format, RecordMapping mapping, ReadOptions options)
            throws IOException {
        this.parser = JsonCopy.JSON.createParser(source.text());
        this.records = new JsonRecords(mapping);
        this.builder = new RowBuilder(mapping, options.sourceLocation());
        this.isSingle = format.kind() == Format.Kind.JSON_ONE;
    }

    @Override
    synchronized Optional<Rows> read() throws IOException {
        try {
            while (!builder.isFull() && nextRecord()) {
                record++;
                records.read(parser, builder);
                builder.end(record);
            }
        } catch (JsonProcessingException broken) {
            // What exceeds a limit has no location of its own.
            var at = parser.currentLocation();
            // What is left open is noticed further on, at the end at the latest.
            String begins = beginsAtLine == at.getLineNr() ? "" : "; the record begins at line " + beginsAtLine;
            throw new KustoException(
                    IngestionErrors.invalidBlob("broken JSON in record " + Math.max(1, record) + " (line "
                            + at.getLineNr() + ", column " + at.getColumnNr() + begins + "): " + broken.getOriginalMessage()),
                    broken);
        }
        return builder.count() == 0 ? Optional.empty() : Optional.of(builder.take());
    }

    private boolean nextRecord() throws IOException {
        while (true) {
            JsonToken token = parser.nextToken();
            if (token == null) {
                if (depth > 0) {
                    throw new KustoException(IngestionErrors.invalidBlob("the JSON ends inside an array"));
                }
                return false;
            }
            if (token == JsonToken.START_OBJECT || isSingle && token == JsonToken.START_ARRAY) {
                beginsAtLine = parser.currentTokenLocation().getLineNr();
                return true;
            }
            if (token == JsonToken.START_ARRAY && depth == 0) {
                depth = 1;
            } else if (token == JsonToken.END_ARRAY && depth == 1) {
                depth = 0;
            } else {
                var at = parser.currentTokenLocation();
                throw new KustoException(IngestionErrors.invalidBlob("a JSON object is expected at line "
                        + at.getLineNr() + ", column " + at.getColumnNr() + ", not '" + token.asString() + "'"));
            }
        }
    }
}
