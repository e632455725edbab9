package io.conshelf.server;

import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/// What a request still sends when its answer is known already. Most clients write their whole body before they look for
/// an answer: one whose connection is closed before that reports a broken pipe, and never sees why it was refused.
final class UnreadBody {
    static final long BYTES_MAX = 64 << 20;

    private static final Duration TIME_MAX = Duration.ofSeconds(30);
    private static final int BUFFER_BYTES = 64 << 10;

    private final ServerRequest request;
    private InputStream begun = InputStream.nullInputStream();
    private boolean isBegun;

    private UnreadBody(ServerRequest request) {
        this.request = request;
    }

    /// To be called before anything reads the body: whoever reads it takes the only stream there is.
    static UnreadBody of(ServerRequest request) {
        var body = new UnreadBody(request);
        request.streamFilter(stream -> {
            body.begun = stream;
            body.isBegun = true;
            return stream;
        });
        return body;
    }

    /// Reads what is left, within limits. Where it returns false there is more, and the connection cannot be used again.
    boolean isReadToItsEnd() throws IOException {
        if (!request.content().hasEntity() || request.content().consumed()) {
            return true;
        }
        // A client that waits for leave to send its body reads the answer instead.
        if (!request.continueSent() || request.headers().contentLength().orElse(0) > BYTES_MAX) {
            return false;
        }
        InputStream rest = isBegun ? begun : request.content().inputStream();
        var buffer = new byte[BUFFER_BYTES];
        long bytes = 0;
        long untilNanos = System.nanoTime() + TIME_MAX.toNanos();
        while (bytes <= BYTES_MAX && System.nanoTime() < untilNanos) {
            int got;
            try {
                got = rest.read(buffer);
            } catch (RuntimeException _) {
                // Its end cannot be found.
                return false;
            }
            if (got < 0) {
                return true;
            }
            bytes += got;
        }
        return false;
    }
}
