package io.conshelf.engine.ingest;

import io.conshelf.engine.KustoException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.ZipException;

/// Opens sources and picks the reader of their format.
final class Sources {
    private static final int GZIP_MAGIC = 0x1F8B;
    private static final int ZIP_MAGIC = 0x504B;

    private Sources() {}

    /// The parser of a format that is parsed here.
    static SourceFeed feed(SourceStream source, Format format, RecordMapping mapping, ReadOptions options)
            throws IOException {
        return switch (format.kind()) {
            case DELIMITED -> new DelimitedFeed(source, format, mapping, options);
            case ESCAPED, LINES, WHOLE -> new LineFeed(source, format, mapping, options);
            case JSON_LINES -> new JsonLineFeed(source, mapping, options);
            case JSON_MANY, JSON_ONE -> new JsonDocumentFeed(source, format, mapping, options);
            case AVRO -> new AvroFeed(source, mapping, options);
            case LOG_FILE -> new LogFileFeed(source, mapping, options);
            case PARQUET, ORC -> throw new IllegalArgumentException(format + " is read from a file");
        };
    }

    /// The parser that is faster and refuses what is not as usual, where there is one.
    static Optional<SourceFeed> fastFeed(SourceStream source, Format format, RecordMapping mapping, ReadOptions options) {
        return JsonObjectsFeed.of(source, format, mapping, options);
    }

    /// The content, inflated if it is gzip whatever it is called.
    static InputStream inflated(InputStream content) throws IOException {
        var sniffed = new PushbackInputStream(content, 2);
        byte[] magic = sniffed.readNBytes(2);
        sniffed.unread(magic);
        if (magic.length < 2 || ((magic[0] & 0xFF) << 8 | magic[1] & 0xFF) != GZIP_MAGIC) {
            return sniffed;
        }
        try {
            return new GzipMembers(sniffed, 1 << 16);
        } catch (ZipException | java.io.EOFException e) {
            throw new KustoException(IngestionErrors.invalidArchive(IngestionErrors.reason(e)), e);
        }
    }

    /// The content inflated, counted and bounded.
    static SourceStream stream(InputStream content, long bytesMax) throws IOException {
        return new SourceStream(
                inflated(content), bytesMax, () -> IngestionErrors.fileTooLarge(bytesMax));
    }

    static boolean isGzip(Path file) throws IOException {
        return magic(file) == GZIP_MAGIC;
    }

    static boolean isZip(Path file) throws IOException {
        return magic(file) == ZIP_MAGIC;
    }

    private static int magic(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] first = in.readNBytes(4);
            return first.length < 4 ? 0 : first[0] == 'P' && first[1] == 'K' && (first[2] == 3 || first[2] == 5)
                    ? ZIP_MAGIC
                    : (first[0] & 0xFF) << 8 | first[1] & 0xFF;
        }
    }
}
