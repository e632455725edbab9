package io.conshelf.engine.ingest;

import io.conshelf.engine.KustoException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/// A text in blocks of complete lines, for threads that parse them side by side.
final class LineBlocks {
    private static final int BLOCK_BYTES = 1 << 20;
    private static final int LINE_BYTES_MAX = 64 << 20;
    private static final byte[] MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final SourceStream source;
    private byte[] rest = new byte[0];
    private long lines;
    private boolean isEnded;

    LineBlocks(SourceStream source) {
        this.source = source;
    }

    /// Complete lines, from `start` to before `end`; the first is number `line`, from 1. A byte order mark is left out.
    record Block(byte[] bytes, int start, int end, long line) {}

    synchronized Optional<Block> next() throws IOException {
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
        boolean isMarked = lines == 0 && length >= MARK.length && Arrays.equals(bytes, 0, MARK.length, MARK, 0, MARK.length);
        var block = new Block(bytes, isMarked ? MARK.length : 0, length, lines + 1);
        for (int i = 0; i < length; i++) {
            if (bytes[i] == '\n') {
                lines++;
            }
        }
        return block;
    }
}
