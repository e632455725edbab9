package io.conshelf.factory.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.management.ServiceJson;
import io.conshelf.connectors.management.ServiceStore.Change;
import io.conshelf.factory.RunRecord;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/// One firing of a trigger.
///
/// @param properties what is told beside it: the times it stands for
/// @param pipelines  the runs that it starts, by pipeline
record TriggerRun(String id, FactoryId factory, String trigger, String type, Instant at, Status status, String message,
        Map<String, String> properties, Map<String, String> pipelines) {
    /// As the service names them.
    enum Status {
        WAITING("Waiting"), WAITING_ON_DEPENDENCY("WaitingOnDependency"), IN_PROGRESS("Inprogress"), SUCCEEDED("Succeeded"), FAILED("Failed"),
        CANCELLED("Cancelled");

        private final String title;

        Status(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }

        boolean hasEnded() {
            return this == SUCCEEDED || this == FAILED || this == CANCELLED;
        }

        static Status of(String title) {
            for (Status status : values()) {
                if (status.title.equals(title)) {
                    return status;
                }
            }
            throw new IllegalStateException("a trigger run stands in the state '" + title + "'");
        }
    }

    TriggerRun {
        properties = Map.copyOf(properties);
        pipelines = Map.copyOf(pipelines);
    }

    /// The same id whenever it is asked for: what fires twice is one run.
    static String id(FactoryId factory, String trigger, String occasion) {
        return named(factory.key() + "/" + trigger.toLowerCase(Locale.ROOT) + "/" + occasion);
    }

    /// The id of a run that a firing starts.
    static String pipelineRunId(String triggerRunId, String pipeline) {
        return named(triggerRunId + "/" + pipeline);
    }

    private static String named(String text) {
        return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8)).toString();
    }

    TriggerRun as(Status other, String why) {
        return new TriggerRun(id, factory, trigger, type, at, other, why, properties, pipelines);
    }

    Change remembered() {
        ObjectNode json = ServiceJson.MAPPER.createObjectNode().put("factory", factory.key());
        json.set("run", json());
        return new Change.Remember(RunHistory.TRIGGERS, id, factory.key(), at, json.toString());
    }

    /// In the service's shape.
    private ObjectNode json() {
        ObjectNode json = ServiceJson.MAPPER.createObjectNode()
                .put("triggerRunId", id).put("triggerName", trigger).put("triggerType", type).put("triggerRunTimestamp", RunRecord.text(at))
                .put("status", status.title()).put("message", message);
        ObjectNode told = json.putObject("properties");
        told.put("TriggerTime", RunRecord.text(at));
        properties.forEach(told::put);
        ObjectNode started = json.putObject("triggeredPipelines");
        pipelines.forEach(started::put);
        json.putObject("runDimension");
        json.putObject("dependencyStatus");
        return json;
    }

    static TriggerRun read(FactoryId factory, JsonNode json) {
        Map<String, String> properties = new LinkedHashMap<>();
        json.path("properties").properties().stream().filter(property -> !property.getKey().equals("TriggerTime"))
                .forEach(property -> properties.put(property.getKey(), property.getValue().asText()));
        Map<String, String> pipelines = new LinkedHashMap<>();
        json.path("triggeredPipelines").properties().forEach(started -> pipelines.put(started.getKey(), started.getValue().asText()));
        return new TriggerRun(json.path("triggerRunId").asText(), factory, json.path("triggerName").asText(), json.path("triggerType").asText(),
                Instant.parse(json.path("triggerRunTimestamp").asText()), Status.of(json.path("status").asText()), json.path("message").asText(),
                properties, pipelines);
    }
}
