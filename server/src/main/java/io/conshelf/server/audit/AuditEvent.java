package io.conshelf.server.audit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.conshelf.engine.ObfuscatedText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;

/// One thing that was done or refused. What is empty is left out of its line.
///
/// @param who             the principal, as Kusto writes it; of a sign-in that failed the account that was named, if there is such a one
/// @param from            the address of the client
/// @param what            a command's text, or a request's method and path; shown without secrets and shortened
/// @param code            of the error
/// @param reason          the error in words, likewise without secrets
/// @param activity        what the answer was sent under as `x-ms-activity-id`
public record AuditEvent(
        Instant time, String who, String from, String what, String database, int status, String code, String reason, String application,
        String clientRequestId, String activity) {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int WHAT_CHARS_MAX = 4_000;
    private static final int CHARS_MAX = 500;

    /// As one line of JSON.
    byte[] line() {
        return line(1, time);
    }

    /// As the last of several, the first of which was then.
    byte[] line(long times, Instant first) {
        var bytes = new ByteArrayOutputStream(512);
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeStringField("timestamp", time.toString());
            if (times > 1) {
                json.writeNumberField("count", times);
                json.writeStringField("first", first.toString());
            }
            write(json, "who", who, CHARS_MAX);
            write(json, "from", from, CHARS_MAX);
            write(json, "what", ObfuscatedText.ofRequest(what, WHAT_CHARS_MAX), WHAT_CHARS_MAX);
            write(json, "database", database, CHARS_MAX);
            json.writeNumberField("status", status);
            write(json, "code", code, CHARS_MAX);
            write(json, "reason", ObfuscatedText.ofRequest(reason, CHARS_MAX), CHARS_MAX);
            write(json, "application", application, CHARS_MAX);
            write(json, "clientRequestId", clientRequestId, CHARS_MAX);
            write(json, "activity", activity, CHARS_MAX);
            json.writeEndObject();
            json.writeRaw('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void write(JsonGenerator json, String name, String text, int charsMax) throws IOException {
        if (!text.isEmpty()) {
            json.writeStringField(name, text.length() <= charsMax ? text : text.substring(0, charsMax));
        }
    }
}
