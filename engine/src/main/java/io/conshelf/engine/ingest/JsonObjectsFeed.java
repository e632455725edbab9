package io.conshelf.engine.ingest;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.Rows;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// Rows of `multijson` as most of it stands: objects that end where their lines do. DuckDB asks from one thread, as rows keep their order; the
/// next blocks of lines are parsed meanwhile. What stands otherwise, or is broken, fails; [JsonDocumentFeed] reads it, or knows where it is
/// broken.
final class JsonObjectsFeed extends SourceFeed {
    /// Blocks that are parsed while one is stored.
    private static final int AHEAD = 2;
    /// Blocks of long lines are long, and many loads may run.
    private static final long AHEAD_BYTES = 8 << 20;

    private final LineBlocks blocks;
    private final RecordMapping mapping;
    private final ReadOptions options;
    private final JsonRecords records;
    /// In their order.
    private final Queue<Parsing> ahead = new ArrayDeque<>();
    private long aheadBytes;

    private record Parsing(FutureTask<Rows> rows, int bytes) {}

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
        for (var next = nextBlock(); next.isPresent(); next = nextBlock()) {
            Rows rows = rows(next.get());
            if (rows.count() > 0) {
                return Optional.of(rows);
            }
        }
        return Optional.empty();
    }

    private synchronized Optional<FutureTask<Rows>> nextBlock() throws IOException {
        while (ahead.size() <= AHEAD && aheadBytes < AHEAD_BYTES) {
            var block = blocks.next();
            if (block.isEmpty()) {
                break;
            }
            var parsing = new FutureTask<>(() -> parse(block.get()));
            ahead.add(new Parsing(parsing, block.get().bytes().length));
            aheadBytes += block.get().bytes().length;
            // A block takes a hundred times as long as a thread to start.
            Thread.ofPlatform().daemon().name("conshelf-parse").start(parsing);
        }
        Optional<Parsing> next = Optional.ofNullable(ahead.poll());
        aheadBytes -= next.map(Parsing::bytes).orElse(0);
        return next.map(Parsing::rows);
    }

    private static Rows rows(FutureTask<Rows> parsing) throws IOException {
        // Here and now, unless it has begun elsewhere.
        parsing.run();
        try {
            return parsing.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException broken) {
                throw broken;
            }
            throw e.getCause() instanceof RuntimeException other ? other : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("reading it was interrupted", e);
        }
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
