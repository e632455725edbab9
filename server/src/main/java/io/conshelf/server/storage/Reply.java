package io.conshelf.server.storage;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerResponse;
import java.io.OutputStream;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;

/// The answer to one request, in the words of HTTP.
final class Reply {
    /// As RFC 1123 has it, with two digits for the day, which some clients insist on.
    private static final DateTimeFormatter HTTP_DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM uuuu HH:mm:ss 'GMT'", Locale.ENGLISH).withZone(ZoneOffset.UTC);

    private final ServerResponse http;

    Reply(ServerResponse http) {
        this.http = http;
    }

    static String date(Instant instant) {
        return HTTP_DATE.format(instant);
    }

    Reply header(String name, String value) {
        http.header(HeaderValues.create(HeaderNames.create(name), value));
        return this;
    }

    Reply version(String etag, Instant lastModified) {
        return header("ETag", etag).header("Last-Modified", date(lastModified));
    }

    Reply metadata(Map<String, String> metadata) {
        metadata.forEach((name, value) -> header("x-ms-meta-" + name, value));
        return this;
    }

    /// An answer without a body.
    void send(int status) {
        http.status(Status.create(status));
        http.send();
    }

    void send(int status, String contentType, byte[] body) {
        http.status(Status.create(status));
        header("Content-Type", contentType);
        http.send(body);
    }

    void xml(int status, byte[] document) {
        send(status, "application/xml", document);
    }

    /// For a body of known length that is written piece by piece.
    OutputStream stream(int status, long sizeBytes) {
        http.status(Status.create(status));
        http.contentLength(sizeBytes);
        return http.outputStream();
    }

    boolean isSent() {
        return http.isSent();
    }
}
