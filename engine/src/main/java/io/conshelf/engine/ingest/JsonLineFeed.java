package io.conshelf.engine.ingest;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.Rows;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/// Rows of `json`: a record a line. A broken line is left out and counted. Whole blocks of lines are handed to the threads
/// that ask, which parse them side by side.
final class JsonLineFeed extends SourceFeed {
    private static final int BLOCK_BYTES = 1 << 20;
    private static final int LINE_BYTES_MAX = 64 << 20;
    private static final byte[] MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final SourceStream source;
    private final RecordMapping mapping;
    private final ReadOptions options;
    private final JsonRecords records;
    private byte[] rest = new byte[0];
    private long lines;
    private boolean isEnded;

    JsonLineFeed(SourceStream source, RecordMapping mapping, ReadOptions options) {
        this.source = source;
        this.mapping = mapping;
        this.options = options;
        this.records = new JsonRecords(mapping);
    }

    /// Complete lines; the first is number `line`, from 1.
    private record Block(byte[] bytes, int length, long line) {}

    @Override
    Optional<Rows> read() throws IOException {
        Optional<Block> block = nextBlock();
        return block.isEmpty() ? Optional.empty() : Optional.of(parse(block.get()));
    }

    private synchronized Optional<Block> nextBlock() throws IOException {
        if (isEnded) {
            return Optional.empty();
        }
        byte[] bytes = Arrays.copyOf(rest, Math.max(BLOCK_BYTES, rest.length * 2));
        int length = rest.length;
        while (true) {
            int count = source.readNBytes(bytes, length, bytes.length - length);
            int searched = length;
            length += count;
            if (length < bytes.length) {
                isEnded = true;
                return length == 0 ? Optional.empty() : Optional.of(block(bytes, length));
            }
            int lineEnd = length - 1;
            while (lineEnd >= searched && bytes[lineEnd] != '\n') {
                lineEnd--;
            }
            if (lineEnd >= searched) {
                rest = Arrays.copyOfRange(bytes, lineEnd + 1, length);
                return Optional.of(block(bytes, lineEnd + 1));
            }
            if (length >= LINE_BYTES_MAX) {
                throw new KustoException(IngestionErrors.inputTooLarge("Line " + (lines + 1), LINE_BYTES_MAX));
            }
            bytes = Arrays.copyOf(bytes, length * 2);
        }
    }

    private Block block(byte[] bytes, int length) {
        var block = new Block(bytes, length, lines + 1);
        for (int i = 0; i < length; i++) {
            if (bytes[i] == '\n') {
                lines++;
            }
        }
        return block;
    }

    private Rows parse(Block block) {
        var builder = new RowBuilder(mapping, options.sourceLocation());
        int start = 0;
        long line = block.line();
        if (line == 1 && block.length() >= MARK.length && Arrays.equals(block.bytes(), 0, 3, MARK, 0, 3)) {
            start = MARK.length;
        }
        while (start < block.length()) {
            int end = start;
            while (end < block.length() && block.bytes()[end] != '\n') {
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
