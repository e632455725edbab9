package io.conshelf.connectors.kusto;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;

/// What was packed for its way. Its beginning is not waited for before somebody reads.
final class Unpacked extends InputStream {
    private final InputStream packed;
    private final String encoding;
    private Optional<InputStream> plain = Optional.empty();

    /// @param encoding as in the header `Content-Encoding`; empty for none
    Unpacked(InputStream packed, String encoding) {
        this.packed = packed;
        this.encoding = encoding;
    }

    private InputStream plain() throws IOException {
        if (plain.isEmpty()) {
            plain = Optional.of(switch (encoding) {
                case "gzip" -> new GZIPInputStream(packed);
                case "deflate" -> new InflaterInputStream(packed);
                case "", "identity" -> packed;
                default -> throw new IOException("it is packed as '" + encoding + "', which was not asked for");
            });
        }
        return plain.get();
    }

    @Override
    public int read() throws IOException {
        return plain().read();
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        return plain().read(into, offset, length);
    }

    @Override
    public void close() throws IOException {
        try (packed) {
            if (plain.isPresent()) {
                plain.get().close();
            }
        }
    }
}
