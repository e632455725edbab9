package io.conshelf.server;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.value.Chunk;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/// The JSON of one response on its way out: rows go to the client while later ones are still being made.
final class ResponseStream {
    // What is flushed here is for the streams below; they send it on when the answer ends, or when it is due.
    private static final JsonFactory JSON = new JsonFactoryBuilder().rootValueSeparator("")
            .disable(StreamWriteFeature.FLUSH_PASSED_TO_STREAM).build();
    private static final long FLUSH_EVERY_NANOS = 100_000_000L;

    private final OutputStream out;
    private final JsonGenerator json;
    private final Cells cells = new Cells();
    private boolean flushedOnce;
    private long flushedAt;

    ResponseStream(OutputStream out) throws IOException {
        this.out = out;
        json = JSON.createGenerator(out);
    }

    JsonGenerator json() {
        return json;
    }

    void rows(List<ColumnSchema> columns, Chunk chunk) throws IOException {
        int rows = chunk.rows();
        for (int row = 0; row < rows; row++) {
            cells.row(json, columns, chunk, row);
        }
    }

    /// The first rows leave at once; after that the buffers decide, but nothing lies longer than a tenth of a second
    /// while more is coming. Where what comes next is known already nothing leaves before it, so that a small answer is sent in one piece.
    void flushWhenDue(BegunAnswer answer) throws IOException {
        if (answer.isNextAtHand()) {
            return;
        }
        long now = System.nanoTime();
        if (!flushedOnce || now - flushedAt > FLUSH_EVERY_NANOS) {
            json.flush();
            out.flush();
            flushedOnce = true;
            flushedAt = now;
        }
    }
}
