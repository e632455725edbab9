package io.conshelf.server;

import com.fasterxml.jackson.core.JsonGenerator;
import io.conshelf.engine.ServiceError;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

/// Writes errors as the service does, the only place that knows how: as a whole body, and inside result frames.
final class ErrorBody {
    private static final int PROCESS_ID = (int) ProcessHandle.current().pid();

    private ErrorBody() {}

    /// `{"error":{…}}`.
    static void write(JsonGenerator json, ServiceError error, Call call, Optional<String> database)
            throws IOException {
        json.writeStartObject();
        json.writeObjectFieldStart("error");
        json.writeStringField("code", error.code());
        json.writeStringField("message", shortMessage(error));
        json.writeStringField("@type", error.type());
        json.writeStringField("@message", error.message());
        context(json, call);
        json.writeBooleanField("@permanent", error.isPermanent());
        json.writeNumberField("@failureCode", error.httpStatus());
        if (database.isPresent()) {
            json.writeStringField("@database", database.get());
        }
        if (error.inner().isPresent()) {
            inner(json, error.inner().get(), error.isPermanent(), call);
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void inner(JsonGenerator json, ServiceError.Inner inner, boolean isPermanent, Call call)
            throws IOException {
        json.writeObjectFieldStart("innererror");
        json.writeStringField("code", inner.code());
        json.writeStringField("message", inner.message());
        json.writeStringField("@type", inner.type());
        json.writeStringField("@message", inner.message());
        context(json, call);
        json.writeBooleanField("@permanent", isPermanent);
        json.writeStringField("@errorCode", inner.code());
        json.writeStringField("@errorMessage", inner.message());
        json.writeEndObject();
    }

    private static void context(JsonGenerator json, Call call) throws IOException {
        String activity = call.activityId().toString();
        json.writeObjectFieldStart("@context");
        json.writeStringField("timestamp", Cells.datetimeWithFraction(Instant.now()));
        json.writeStringField("serviceAlias", "CONSHELF");
        json.writeStringField("machineName", "localhost");
        json.writeStringField("processName", "conshelf");
        json.writeNumberField("processId", PROCESS_ID);
        json.writeNumberField("threadId", (int) Thread.currentThread().threadId());
        json.writeStringField("clientRequestId", call.clientRequestId());
        json.writeStringField("activityId", activity);
        json.writeStringField("subActivityId", activity);
        json.writeStringField("activityType", "GW.Http.CallContext");
        json.writeStringField("parentActivityId", activity);
        json.writeStringField(
                "activityStack", "(Activity stack: CRID=" + call.clientRequestId() + " ARID=" + activity + ")");
        json.writeEndObject();
    }

    private static String shortMessage(ServiceError error) {
        return error.httpStatus() == 400 ? "Request is invalid and cannot be executed." : error.message();
    }
}
