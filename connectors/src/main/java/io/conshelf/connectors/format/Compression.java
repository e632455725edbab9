package io.conshelf.connectors.format;

import io.conshelf.connectors.StoreException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorInputStream;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorOutputStream;
import org.apache.commons.compress.compressors.snappy.FramedSnappyCompressorInputStream;
import org.apache.commons.compress.compressors.snappy.FramedSnappyCompressorOutputStream;

/// How the bytes of a file are packed.
public enum Compression {
    NONE(""), GZIP(".gz"), DEFLATE(".deflate"), BZIP2(".bz2"), SNAPPY(".snappy"), LZ4(".lz4"),
    /// Archives, which hold files: [Archive] unpacks them, [ArchiveWriter] writes them.
    ZIP_DEFLATE(".zip"), TAR(".tar"), TAR_GZIP(".tar.gz");

    private static final int BUFFER_BYTES = 1 << 16;

    private final String suffix;

    Compression(String suffix) {
        this.suffix = suffix;
    }

    /// What names of files packed so end in.
    public String suffix() {
        return suffix;
    }

    public boolean isArchive() {
        return switch (this) {
            case ZIP_DEFLATE, TAR, TAR_GZIP -> true;
            case NONE, GZIP, DEFLATE, BZIP2, SNAPPY, LZ4 -> false;
        };
    }

    /// Reads the codec name of a definition.
    public static Compression of(String name) throws StoreException {
        return find(name).orElseThrow(() -> StoreException.user("UserErrorUnsupportedCompressionType", "The compression '" + name
                + "' is not known; use none, gzip, deflate, bzip2, snappy, lz4, ZipDeflate, TarGzip or Tar"));
    }

    private static Optional<Compression> find(String name) {
        return Optional.ofNullable(switch (name.toLowerCase(Locale.ROOT)) {
            case "", "none" -> NONE;
            case "gzip" -> GZIP;
            case "deflate" -> DEFLATE;
            case "bzip2" -> BZIP2;
            case "snappy" -> SNAPPY;
            case "lz4" -> LZ4;
            case "zipdeflate" -> ZIP_DEFLATE;
            case "tar" -> TAR;
            case "targzip" -> TAR_GZIP;
            default -> null;
        });
    }

    public InputStream unpack(InputStream packed) throws IOException {
        return switch (this) {
            case NONE -> new BufferedInputStream(packed, BUFFER_BYTES);
            case GZIP -> new GzipMembers(packed, BUFFER_BYTES);
            case DEFLATE -> inflate(new BufferedInputStream(packed, BUFFER_BYTES));
            case BZIP2 -> new BZip2CompressorInputStream(new BufferedInputStream(packed, BUFFER_BYTES), true);
            case SNAPPY -> new FramedSnappyCompressorInputStream(new BufferedInputStream(packed, BUFFER_BYTES));
            case LZ4 -> new FramedLZ4CompressorInputStream(new BufferedInputStream(packed, BUFFER_BYTES), true);
            case ZIP_DEFLATE, TAR, TAR_GZIP -> throw new IOException("an archive holds files, not bytes");
        };
    }

    // Some tools write a header and a checksum around the data, others, .NET among them, do not.
    private static InputStream inflate(BufferedInputStream packed) throws IOException {
        packed.mark(2);
        int first = packed.read();
        int second = packed.read();
        packed.reset();
        boolean hasHeader = (first & 0x0F) == 8 && (first << 8 | second) % 31 == 0;
        return new InflaterInputStream(packed, new Inflater(!hasHeader), BUFFER_BYTES);
    }

    /// @param name of the file in an archive; other packings keep none
    public OutputStream pack(OutputStream target, String name) throws IOException {
        return switch (this) {
            case NONE -> target;
            case GZIP -> new GZIPOutputStream(target, BUFFER_BYTES);
            case DEFLATE -> new DeflaterOutputStream(target);
            case BZIP2 -> new BZip2CompressorOutputStream(target);
            case SNAPPY -> new FramedSnappyCompressorOutputStream(target);
            case LZ4 -> new FramedLZ4CompressorOutputStream(target);
            case ZIP_DEFLATE, TAR, TAR_GZIP -> ArchiveWriter.ofOne(target, this, name);
        };
    }
}
