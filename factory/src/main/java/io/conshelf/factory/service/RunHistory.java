package io.conshelf.factory.service;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.management.ServiceJson;
import io.conshelf.connectors.management.ServiceStore;
import io.conshelf.connectors.management.ServiceStore.Change;
import io.conshelf.factory.ActivityRun;
import io.conshelf.factory.RunRecord;
import io.conshelf.factory.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// How runs stand in the store: in the service's shape, beside the factory they belong to.
final class RunHistory {
    static final String RUNS = "pipelineRuns";
    static final String ACTIVITIES = "activityRuns";
    static final String TRIGGERS = "triggerRuns";
    /// The runs that have not ended, so that the next start finds those that a crash has ended.
    private static final String RUNNING = "running";

    private final ServiceStore store;

    RunHistory(ServiceStore store) {
        this.store = store;
    }

    /// A run of the history.
    ///
    /// @param factory the key of its factory
    record Stored(String factory, ObjectNode run) {
        String id() {
            return run.path("runId").asText();
        }

        boolean hasEnded() {
            return run.hasNonNull("runEnd");
        }
    }

    static List<Change> began(FactoryId factory, RunRecord run, Instant now) {
        return List.of(remember(factory.key(), json(run, now), now), new Change.Put(RUNNING, run.runId(), "{}"));
    }

    static List<Change> ended(FactoryId factory, RunRecord run) {
        Instant end = run.end().orElse(run.start());
        return List.of(remember(factory.key(), json(run, end), end), new Change.Remove(RUNNING, run.runId()));
    }

    static List<Change> activity(FactoryId factory, ActivityRun run) {
        return List.of(new Change.Remember(ACTIVITIES, run.activityRunId(), run.pipelineRunId(), run.end().orElse(run.start()), run.toJson().toString()));
    }

    static ObjectNode json(RunRecord run, Instant lastUpdated) {
        return run.runJson().put("lastUpdated", RunRecord.text(lastUpdated));
    }

    /// The run as it is answered: clients read parameters and dimensions as texts.
    static ObjectNode shown(ObjectNode run) {
        ObjectNode shown = run.deepCopy();
        for (String key : List.of("parameters", "runDimensions")) {
            ObjectNode texts = shown.putObject(key);
            run.path(key).properties().forEach(value ->
                    texts.put(value.getKey(), value.getValue().isTextual() ? value.getValue().textValue() : value.getValue().toString()));
        }
        return shown;
    }

    private static Change remember(String factory, ObjectNode run, Instant at) {
        ObjectNode json = ServiceJson.MAPPER.createObjectNode().put("factory", factory);
        json.set("run", run);
        return new Change.Remember(RUNS, run.path("runId").asText(), factory, at, json.toString());
    }

    Optional<Stored> run(String runId) {
        return store.remembered(RUNS, runId).map(RunHistory::stored);
    }

    List<Stored> runs(Instant from, Instant to) {
        return store.history(RUNS, from, to).stream().map(RunHistory::stored).toList();
    }

    List<ObjectNode> activityRuns(String runId) {
        return store.historyOf(ACTIVITIES, runId).stream().map(RunHistory::read).toList();
    }

    List<ObjectNode> triggerRuns(FactoryId factory, Instant from, Instant to) {
        return store.history(TRIGGERS, from, to).stream().map(RunHistory::stored).filter(run -> run.factory().equals(factory.key()))
                .map(Stored::run).toList();
    }

    private static Stored stored(String text) {
        ObjectNode json = read(text);
        return new Stored(json.path("factory").asText(), (ObjectNode) json.get("run"));
    }

    private static ObjectNode read(String text) {
        try {
            return (ObjectNode) ServiceJson.MAPPER.readTree(text);
        } catch (JsonProcessingException damaged) {
            throw new IllegalStateException("a stored run cannot be read: " + damaged.getOriginalMessage(), damaged);
        }
    }

    /// What takes the other runs of a group out of the lists that show the latest of each.
    List<Change> outdated(String groupId) {
        List<Change> changes = new ArrayList<>();
        for (Stored run : runs(Instant.EPOCH, Instant.now().plus(Duration.ofDays(1)))) {
            if (run.run().path("runGroupId").asText().equals(groupId) && run.run().path("isLatest").asBoolean()) {
                run.run().put("isLatest", false);
                changes.add(remember(run.factory(), run.run(), Instant.parse(run.run().path("lastUpdated").asText())));
            }
        }
        return changes;
    }

    /// Tells of the runs of an earlier process that nothing tells the end of.
    void failInterrupted(Instant now) {
        for (String runId : store.documents(RUNNING).keySet()) {
            List<Change> changes = new ArrayList<>();
            run(runId).ifPresent(run -> {
                end(run.run(), "run", now);
                run.run().put("status", Status.FAILED.title()).put("lastUpdated", RunRecord.text(now)).put("message",
                        "The run was interrupted: the process that ran it ended before the run did. It was found so at " + RunRecord.text(now)
                                + ". Run it again, or with startFromFailure from what was not done");
                changes.add(remember(run.factory(), run.run(), now));
            });
            for (ObjectNode activity : activityRuns(runId)) {
                if (activity.path("status").asText().equals(Status.IN_PROGRESS.title())) {
                    end(activity, "activityRun", now);
                    activity.put("status", Status.FAILED.title());
                    activity.putObject("error").put("errorCode", "ProcessEnded").put("message", "The process ended while the activity ran")
                            .put("failureType", "SystemError").put("target", activity.path("activityName").asText()).put("details", "");
                    changes.add(new Change.Remember(ACTIVITIES, activity.path("activityRunId").asText(), runId, now, activity.toString()));
                }
            }
            changes.add(new Change.Remove(RUNNING, runId));
            store.change(changes);
        }
    }

    private static void end(ObjectNode run, String prefix, Instant now) {
        Instant start = Instant.parse(run.path(prefix + "Start").asText());
        run.put(prefix + "End", RunRecord.text(now)).put("durationInMs", Duration.between(start, now).toMillis());
    }

    void prune(ServiceLimits limits) {
        store.prune(RUNS, limits.historyKept(), limits.runsMax());
        store.prune(ACTIVITIES, limits.historyKept(), limits.activityRunsMax());
        store.prune(TRIGGERS, limits.historyKept(), limits.runsMax());
    }
}
