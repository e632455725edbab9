package io.conshelf.engine.ingest;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.conshelf.engine.store.Rows;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Rows of `json`: a record a line. A broken line is left out and counted. Whole blocks of lines are handed to the threads
/// that ask, which parse them side by side.
final class JsonLineFeed extends SourceFeed {
    private final LineBlocks blocks;
    private final RecordMapping mapping;
    private final ReadOptions options;
    private final JsonRecords records;

    JsonLineFeed(SourceStream source, RecordMapping mapping, ReadOptions options) {
        this.blocks = new LineBlocks(source);
        this.mapping = mapping;
        this.options = options;
        this.records = new JsonRecords(mapping);
    }

    @Override
    Optional<Rows> read() throws IOException {
        return blocks.next().map(this::parse);
    }

    private Rows parse(LineBlocks.Block block) {
        var builder = new RowBuilder(mapping, options.sourceLocation());
        int start = block.start();
        long line = block.line();
        while (start < block.end()) {
            int end = start;
            while (end < block.end() && block.bytes()[end] != '\n') {
                end++;
            }
            if (!isBlank(block.bytes(), start, end)) {
                parseLine(block.bytes(), start, end - start, line, builder);
            }
            start = end + 1;
            line++;
        }
        return builder.take();
    }

    private void parseLine(byte[] bytes, int start, int length, long line, RowBuilder builder) {
        // Decoded here, so that invalid bytes become U+FFFD instead of failing the line.
        char[] text = new String(bytes, start, length, StandardCharsets.UTF_8).toCharArray();
        try (JsonParser parser = JsonCopy.JSON.createParser(text)) {
            JsonToken token = parser.nextToken();
            while (token == JsonToken.START_OBJECT) {
                records.read(parser, builder);
                builder.end(line);
                token = parser.nextToken();
            }
            if (token != null) {
                skip(1);
            }
        } catch (IOException broken) {
            builder.drop();
            skip(1);
        }
    }

    private static boolean isBlank(byte[] bytes, int start, int end) {
        for (int i = start; i < end; i++) {
            if (bytes[i] > ' ' || bytes[i] < 0) {
                return false;
            }
        }
        return true;
    }
}
