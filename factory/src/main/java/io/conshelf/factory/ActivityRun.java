package io.conshelf.factory;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/// One attempt at an activity, as it stands.
///
/// @param end    absent while it runs
/// @param input  what is shown: empty where the activity hides it
/// @param output what is shown: empty where the activity hides it
/// @param retryAttempt absent at the first attempt
/// @param isReused     it did not run: what it brought in an earlier run of the group still holds
public record ActivityRun(String pipelineName, String pipelineRunId, String activityName, String activityType, String activityRunId,
        Optional<String> linkedServiceName, Status status, Instant start, Optional<Instant> end, JsonNode input, JsonNode output, Optional<Failure> failure,
        OptionalInt retryAttempt, Optional<String> iterationHash, JsonNode userProperties, boolean isReused) {

    public record Failure(String errorCode, String message, String failureType) {}

    /// Zero while it runs.
    public Duration duration() {
        return end.map(at -> Duration.between(start, at)).orElse(Duration.ZERO);
    }

    /// The same attempt with what is known of it while it runs.
    public ActivityRun withOutput(JsonNode progress) {
        return new ActivityRun(pipelineName, pipelineRunId, activityName, activityType, activityRunId, linkedServiceName, status, start, end, input,
                progress, failure, retryAttempt, iterationHash, userProperties, isReused);
    }

    /// The record in the service's shape.
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("pipelineName", pipelineName).put("pipelineRunId", pipelineRunId);
        json.put("activityName", activityName).put("activityType", activityType).put("activityRunId", activityRunId);
        json.put("linkedServiceName", linkedServiceName.orElse(""));
        json.put("status", status.title());
        RunRecord.putTimes(json, "activityRun", start, end);
        json.set("input", input);
        json.set("output", output);
        json.set("error", error());
        if (retryAttempt.isPresent()) {
            json.put("retryAttempt", retryAttempt.getAsInt());
        } else {
            json.putNull("retryAttempt");
        }
        json.put("iterationHash", iterationHash.orElse(""));
        json.set("userProperties", userProperties);
        json.put("recoveryStatus", isReused ? "Reused" : "None").putNull("integrationRuntimeNames").putNull("executionDetails");
        return json;
    }

    /// Reads an attempt in the service's shape, as [#toJson] writes it.
    ///
    /// @throws IllegalArgumentException when it is none
    public static ActivityRun of(JsonNode run) {
        JsonNode error = run.path("error");
        Optional<Failure> failure = error.path("errorCode").asText().isEmpty() && error.path("message").asText().isEmpty() ? Optional.empty()
                : Optional.of(new Failure(error.path("errorCode").asText(), error.path("message").asText(), error.path("failureType").asText()));
        return new ActivityRun(run.path("pipelineName").asText(), run.path("pipelineRunId").asText(), run.path("activityName").asText(),
                run.path("activityType").asText(), run.path("activityRunId").asText(), text(run, "linkedServiceName"), Status.of(run.path("status").asText()),
                RunRecord.instant(run, "activityRunStart").orElse(Instant.EPOCH), RunRecord.instant(run, "activityRunEnd"), run.path("input"), run.path("output"),
                failure, run.hasNonNull("retryAttempt") ? OptionalInt.of(run.path("retryAttempt").asInt()) : OptionalInt.empty(), text(run, "iterationHash"),
                run.path("userProperties"), run.path("recoveryStatus").asText().equals("Reused"));
    }

    private static Optional<String> text(JsonNode json, String name) {
        return Optional.of(json.path(name).asText("")).filter(text -> !text.isEmpty());
    }

    /// A successful activity has the object too, with empty strings.
    ObjectNode error() {
        ObjectNode error = JsonNodeFactory.instance.objectNode();
        error.put("errorCode", failure.map(Failure::errorCode).orElse(""));
        error.put("message", failure.map(Failure::message).orElse(""));
        error.put("failureType", failure.map(Failure::failureType).orElse(""));
        error.put("target", activityName);
        error.put("details", "");
        return error;
    }
}
