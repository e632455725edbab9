package io.conshelf.server;

import com.fasterxml.jackson.core.JsonGenerator;
import io.conshelf.engine.ServiceError;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/// Sends answers with the headers that every answer has.
final class Reply {
    private static final String JSON = "application/json";
    /// When a place may have come free, which nobody knows.
    static final Duration SHORTLY = Duration.ofSeconds(1);
    private static final int SMALL_BYTES = 512;
    private static final int BUFFER_BYTES = 16 << 10;

    private final ServerResponse response;
    private final Call call;
    private final IntConsumer begins;

    Reply(ServerResponse response, Call call) {
        this(response, call, _ -> {});
    }

    /// @param begins is told the status before anything is sent
    Reply(ServerResponse response, Call call, IntConsumer begins) {
        this.response = response;
        this.call = call;
        this.begins = begins;
    }

    /// What writes a body as it becomes known.
    @FunctionalInterface
    interface Body {
        void writeTo(OutputStream out) throws IOException;
    }

    /// Sends 200 and streams the body; the response has no length and ends properly only when the body does.
    void stream(Body body) throws IOException {
        headers(200, JSON);
        if (call.packing() != Call.Packing.NONE) {
            response.headers().set(HeaderNames.CONTENT_ENCODING, "gzip");
        }
        OutputStream out = response.outputStream();
        OutputStream encoded = switch (call.packing()) {
            case NONE -> out;
            case STORED -> new StoredGzip(out);
            // Every client asks for gzip: the lightest level costs least and still flushes.
            case COMPRESSED -> new CompressedGzip(out);
        };
        body.writeTo(encoded);
        encoded.close();
    }

    /// Sends 200 with a body of a few lines, in one piece: neither chunks nor compression pay for so little.
    void small(Body body) throws IOException {
        var bytes = new ByteArrayOutputStream(SMALL_BYTES);
        body.writeTo(bytes);
        headers(200, JSON);
        response.send(bytes.toByteArray());
    }

    void json(int status, String text) {
        send(status, JSON, text);
    }

    /// @param body JSON; none where it is empty
    void bytes(int status, byte[] body) {
        headers(status, JSON);
        response.send(body);
    }

    void text(int status, String text) {
        send(status, "text/plain; charset=utf-8", text);
    }

    void send(int status, String contentType, String text) {
        headers(status, contentType);
        response.send(text.getBytes(StandardCharsets.UTF_8));
    }

    void error(ServiceError error, Optional<String> database) throws IOException {
        var bytes = new ByteArrayOutputStream();
        JsonGenerator json = new ResponseStream(bytes).json();
        ErrorBody.write(json, error, call, database);
        json.flush();
        boolean isForLater = error.httpStatus() == Status.TOO_MANY_REQUESTS_429.code() || error.httpStatus() == Status.SERVICE_UNAVAILABLE_503.code();
        if (isForLater && !response.headers().contains(HeaderNames.RETRY_AFTER)) {
            retryAfter(SHORTLY);
        }
        headers(error.httpStatus(), JSON);
        response.send(bytes.toByteArray());
    }

    void header(String name, String value) {
        response.header(name, value);
    }

    /// Says in the answer that follows when to ask again.
    ///
    /// @param wait whole seconds
    void retryAfter(Duration wait) {
        response.header(HeaderNames.RETRY_AFTER, Long.toString(wait.toSeconds()));
    }

    private void headers(int status, String contentType) {
        begins.accept(status);
        response.status(Status.create(status));
        response.header("Content-Type", contentType);
        response.header("x-ms-client-request-id", HeaderText.printable(call.clientRequestId()));
        response.header("x-ms-activity-id", call.activityId().toString());
        response.header("Cache-Control", "no-store");
    }

    private static final class CompressedGzip extends GZIPOutputStream {
        CompressedGzip(OutputStream out) throws IOException {
            super(out, BUFFER_BYTES, true);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }
}
