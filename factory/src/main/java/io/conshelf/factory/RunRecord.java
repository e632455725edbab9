package io.conshelf.factory;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;

/// A pipeline run that has ended: its result, every attempt at its activities, and the runs it started.
///
/// @param parameters as they are shown: secure ones masked
public record RunRecord(String runId, String runGroupId, String pipelineName, JsonNode parameters, InvokedBy invokedBy, Status status, String message,
        Instant start, Instant end, JsonNode annotations, JsonNode returnValue, List<ActivityRun> activityRuns, List<RunRecord> children) {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSS'Z'").withZone(ZoneOffset.UTC);

    /// Who started the run.
    public record InvokedBy(String id, String name, String type, Optional<Caller> caller) {
        public record Caller(String pipelineName, String runId) {}

        static InvokedBy manual(String id) {
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

    public Duration duration() {
        return Duration.between(start, end);
    }

    /// The last attempt at an activity.
    public Optional<ActivityRun> activity(String name) {
        return activityRuns.reversed().stream().filter(run -> run.activityName().equals(name)).findFirst();
    }

    /// `{"run":{…},"activityRuns":[…]}` in the service's shapes; runs of other pipelines follow as `childRuns`.
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        ObjectNode run = json.putObject("run");
        run.put("runId", runId).putNull("debugRunId").put("runGroupId", runGroupId).put("isLatest", true).put("pipelineName", pipelineName);
        run.set("parameters", parameters);
        run.set("runDimensions", JsonNodeFactory.instance.objectNode());
        run.set("invokedBy", invokedBy.toJson());
        run.put("runStart", text(start)).put("runEnd", text(end)).put("lastUpdated", text(end)).put("durationInMs", duration().toMillis());
        run.put("status", status.title()).put("message", message);
        run.set("annotations", annotations);
        run.set("pipelineReturnValue", returnValue);
        var activities = json.putArray("activityRuns");
        activityRuns.forEach(activity -> activities.add(activity.toJson()));
        if (!children.isEmpty()) {
            var others = json.putArray("childRuns");
            children.forEach(child -> others.add(child.toJson()));
        }
        return json;
    }

    static String text(Instant instant) {
        return TIME.format(instant);
    }
}
