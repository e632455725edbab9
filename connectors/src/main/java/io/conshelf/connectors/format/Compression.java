package io.conshelf.connectors.format;

import io.conshelf.connectors.StoreException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Locale;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.InflaterInputStream;

/// How the bytes of a file are packed.
public enum Compression {
    NONE, GZIP, DEFLATE;

    /// Reads the codec name of a definition; the codecs of other tools are refused by name.
    public static Compression of(String name) throws StoreException {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "", "none" -> NONE;
            case "gzip" -> GZIP;
            case "deflate" -> DEFLATE;
            default -> throw StoreException.user("UserErrorUnsupportedCompressionType",
                    "The compression '" + name + "' is not supported yet; use none, gzip or deflate");
        };
    }

    public InputStream unpack(InputStream packed) throws IOException {
        return switch (this) {
            case NONE -> new BufferedInputStream(packed, 1 << 16);
            case GZIP -> new GZIPInputStream(packed, 1 << 16);
            case DEFLATE -> new InflaterInputStream(packed);
        };
    }

    public OutputStream pack(OutputStream target) throws IOException {
        return switch (this) {
            case NONE -> target;
            case GZIP -> new GZIPOutputStream(target, 1 << 16);
            case DEFLATE -> new DeflaterOutputStream(target);
        };
    }
}
