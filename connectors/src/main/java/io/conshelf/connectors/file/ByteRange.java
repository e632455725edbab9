package io.conshelf.connectors.file;

/// A stretch of a file. It may reach beyond the file's end, where it then ends.
public record ByteRange(long from, long length) {
    public ByteRange {
        if (from < 0 || length < 0) {
            throw new IllegalArgumentException("a range starts and is as long as 0 at least, not " + from + " and " + length);
        }
    }
}
