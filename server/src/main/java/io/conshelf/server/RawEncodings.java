package io.conshelf.server;

import io.helidon.http.encoding.ContentDecoder;
import io.helidon.http.encoding.ContentEncoder;
import io.helidon.http.encoding.ContentEncoding;
import java.util.Set;

/// Lets compressed bodies through as they came. Some clients announce gzip for what they did not compress, so the web
/// server must not act on the header; [IncomingBody] looks at the bytes.
final class RawEncodings implements ContentEncoding {
    @Override
    public Set<String> ids() {
        return Set.of(
                "gzip", "x-gzip", "deflate",
                // Refused by what reads the body, which tells what would do; the web server has no words for it.
                "br", "zstd", "compress", "x-compress");
    }

    @Override
    public boolean supportsEncoding() {
        return false;
    }

    @Override
    public boolean supportsDecoding() {
        return true;
    }

    @Override
    public ContentDecoder decoder() {
        return network -> network;
    }

    @Override
    public ContentEncoder encoder() {
        return ContentEncoder.NO_OP;
    }

    @Override
    public String name() {
        return "raw";
    }

    @Override
    public String type() {
        return "raw";
    }
}
