package io.conshelf.factory;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/// One attempt at an activity.
///
/// @param input  what is shown: empty where the activity hides it
/// @param output what is shown: empty where the activity hides it
/// @param retryAttempt absent at the first attempt
public record ActivityRun(String pipelineName, String pipelineRunId, String activityName, String activityType, String activityRunId,
        Optional<String> linkedServiceName, Status status, Instant start, Instant end, JsonNode input, JsonNode output, Optional<Failure> failure,
        OptionalInt retryAttempt, Optional<String> iterationHash, JsonNode userProperties) {

    public record Failure(String errorCode, String message, String failureType) {}

    public Duration duration() {
        return Duration.between(start, end);
    }

    /// The record in the service's shape.
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("pipelineName", pipelineName).put("pipelineRunId", pipelineRunId);
        json.put("activityName", activityName).put("activityType", activityType).put("activityRunId", activityRunId);
        json.put("linkedServiceName", linkedServiceName.orElse(""));
        json.put("status", status.title());
        json.put("activityRunStart", RunRecord.text(start)).put("activityRunEnd", RunRecord.text(end)).put("durationInMs", duration().toMillis());
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
        json.put("recoveryStatus", "None").putNull("integrationRuntimeNames").putNull("executionDetails");
        return json;
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
