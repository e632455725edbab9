package io.conshelf.server;

import com.fasterxml.jackson.core.JsonGenerator;
import io.conshelf.engine.Principal;
import io.conshelf.engine.ServiceError;
import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/// What is answered to bytes that never become a request, in the same shape as every other error.
final class TransportRefusals implements DirectHandler {
    @Override
    public TransportResponse handle(
            TransportRequest request, EventType type, Status status, ServerResponseHeaders headers, String message) {
        UUID activity = UUID.randomUUID();
        String clientRequestId = request.headers()
                .value(Headers.CLIENT_REQUEST_ID)
                .map(HeaderText::printable)
                .orElse("unspecified;" + activity);
        var call = new Call(
                Principal.LOCAL_ADMINISTRATOR, clientRequestId, activity, Instant.now(), Optional.empty(),
                Optional.empty(), true, Call.Packing.NONE, "", "", false, false);
        var error = status.code() >= 500
                ? Refusals.internal(activity.toString())
                : new ServiceError(
                        status.code(),
                        "General_BadRequest",
                        "Kusto.Data.Exceptions.KustoBadRequestException",
                        "Request is invalid and cannot be processed: "
                                + (message == null || message.isBlank() ? "it is not valid HTTP" : message),
                        true,
                        Optional.empty());
        BrowserHeaders.ALL.forEach(headers::set);
        return TransportResponse.builder()
                .status(status)
                .headers(headers)
                .header(HeaderNames.CONTENT_TYPE, "application/json")
                .header(Headers.CLIENT_REQUEST_ID, clientRequestId)
                .keepAlive(false)
                .entity(body(error, call))
                .build();
    }

    private static byte[] body(ServiceError error, Call call) {
        try {
            var bytes = new ByteArrayOutputStream();
            JsonGenerator json = new ResponseStream(bytes).json();
            ErrorBody.write(json, error, call, Optional.empty());
            json.flush();
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
