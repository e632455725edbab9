package io.conshelf.factory;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;

/// A pipeline run as it stands: its result, every attempt at its activities that has ended, and the runs it started.
///
/// @param end        absent while it runs
/// @param parameters as they are shown: secure ones masked
public record RunRecord(String runId, String runGroupId, String pipelineName, JsonNode parameters, JsonNode runDimensions, InvokedBy invokedBy,
        Status status, String message, Instant start, Optional<Instant> end, JsonNode annotations, JsonNode returnValue, List<ActivityRun> activityRuns, List<RunRecord> children) {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSS'Z'").withZone(ZoneOffset.UTC);

    /// Who started the run.
    public record InvokedBy(String id, String name, String type, Optional<Caller> caller) {
        public record Caller(String pipelineName, String runId) {}

        public static InvokedBy manual(String id) {
            return new InvokedBy(id, "Manual", "Manual", Optional.empty());
        }

        private ObjectNode toJson() {
            ObjectNode json = JsonNodeFactory.instance.objectNode().put("id", id).put("name", name).put("invokedByType", type);
            caller.ifPresent(by -> json.put("pipelineName", by.pipelineName()).put("pipelineRunId", by.runId()));
            return json;
        }
    }

    public RunRecord {
        activityRuns = List.copyOf(activityRuns);
        children = List.copyOf(children);
    }

    public boolean isSucceeded() {
        return status == Status.SUCCEEDED;
    }

    /// Zero while it runs.
    public Duration duration() {
        return end.map(at -> Duration.between(start, at)).orElse(Duration.ZERO);
    }

    /// The same run at another point.
    public RunRecord with(Status other, String why) {
        return new RunRecord(runId, runGroupId, pipelineName, parameters, runDimensions, invokedBy, other, why, start, end, annotations, returnValue,
                activityRuns, children);
    }

    /// The last attempt at an activity.
    public Optional<ActivityRun> activity(String name) {
        return activityRuns.reversed().stream().filter(run -> run.activityName().equals(name)).findFirst();
    }

    /// `{"run":{…},"activityRuns":[…]}` in the service's shapes; runs of other pipelines follow as `childRuns`.
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.set("run", runJson());
        var activities = json.putArray("activityRuns");
        activityRuns.forEach(activity -> activities.add(activity.toJson()));
        if (!children.isEmpty()) {
            var others = json.putArray("childRuns");
            children.forEach(child -> others.add(child.toJson()));
        }
        return json;
    }

    /// The run alone, in the service's shape.
    public ObjectNode runJson() {
        ObjectNode run = JsonNodeFactory.instance.objectNode();
        run.put("runId", runId).putNull("debugRunId").put("runGroupId", runGroupId).put("isLatest", true).put("pipelineName", pipelineName);
        run.set("parameters", parameters);
        run.set("runDimensions", runDimensions);
        run.set("invokedBy", invokedBy.toJson());
        putTimes(run, "run", start, end);
        run.put("lastUpdated", text(end.orElse(start)));
        run.put("status", status.title()).put("message", message);
        run.set("annotations", annotations);
        run.set("pipelineReturnValue", returnValue);
        return run;
    }

    /// Reads a run in the service's shape, as [#runJson] writes it; its activities and children are told apart from it.
    ///
    /// @throws IllegalArgumentException when it is none
    public static RunRecord of(JsonNode run) {
        JsonNode by = run.path("invokedBy");
        Optional<InvokedBy.Caller> caller = Optional.of(by.path("pipelineRunId").asText()).filter(id -> !id.isEmpty())
                .map(id -> new InvokedBy.Caller(by.path("pipelineName").asText(), id));
        return new RunRecord(run.path("runId").asText(), run.path("runGroupId").asText(), run.path("pipelineName").asText(), run.path("parameters"),
                run.path("runDimensions"), new InvokedBy(by.path("id").asText(), by.path("name").asText(), by.path("invokedByType").asText(), caller),
                Status.of(run.path("status").asText()), run.path("message").asText(""), instant(run, "runStart").orElse(Instant.EPOCH), instant(run, "runEnd"),
                run.path("annotations"), run.path("pipelineReturnValue"), List.of(), List.of());
    }

    static Optional<Instant> instant(JsonNode json, String name) {
        try {
            return json.hasNonNull(name) ? Optional.of(Instant.parse(json.path(name).asText())) : Optional.empty();
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("'" + name + "' is not a time: " + json.path(name).asText(), e);
        }
    }

    static void putTimes(ObjectNode json, String prefix, Instant start, Optional<Instant> end) {
        json.put(prefix + "Start", text(start));
        json.put(prefix + "End", end.map(RunRecord::text).orElse(null));
        json.put("durationInMs", end.map(at -> Duration.between(start, at).toMillis()).orElse(null));
    }

    public static String text(Instant instant) {
        return TIME.format(instant);
    }
}
