package io.conshelf.engine.ingest;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.Rows;
import java.io.IOException;
import java.util.Optional;

/// Rows of `multijson` as most of it stands: objects that end where their lines do. Blocks of lines are handed to the threads that ask, which
/// parse them side by side. What stands otherwise, or is broken, fails; [JsonDocumentFeed] reads it, or knows where it is broken.
final class JsonObjectsFeed extends SourceFeed {
    private final LineBlocks blocks;
    private final RecordMapping mapping;
    private final ReadOptions options;
    private final JsonRecords records;

    private JsonObjectsFeed(SourceStream source, RecordMapping mapping, ReadOptions options) {
        this.blocks = new LineBlocks(source);
        this.mapping = mapping;
        this.options = options;
        this.records = new JsonRecords(mapping);
    }

    /// The feed, if nobody asks for the numbers of records.
    static Optional<SourceFeed> of(SourceStream source, Format format, RecordMapping mapping, ReadOptions options) {
        boolean needsNumber = mapping.targets().stream().anyMatch(t -> t.transform() == Transform.SOURCE_LINE_NUMBER);
        return format.kind() == Format.Kind.JSON_MANY && !needsNumber
                ? Optional.of(new JsonObjectsFeed(source, mapping, options))
                : Optional.empty();
    }

    @Override
    Optional<Rows> read() throws IOException {
        for (var block = blocks.next(); block.isPresent(); block = blocks.next()) {
            Rows rows = parse(block.get());
            if (rows.count() > 0) {
                return Optional.of(rows);
            }
        }
        return Optional.empty();
    }

    private Rows parse(LineBlocks.Block block) throws IOException {
        var builder = new RowBuilder(mapping, options.sourceLocation());
        try (JsonParser parser = JsonCopy.JSON.createParser(block.bytes(), block.start(), block.end() - block.start())) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token != JsonToken.START_OBJECT) {
                    throw new KustoException(IngestionErrors.invalidBlob("the text is no sequence of JSON objects"));
                }
                records.read(parser, builder);
                builder.end(block.line());
            }
        }
        return builder.take();
    }
}
