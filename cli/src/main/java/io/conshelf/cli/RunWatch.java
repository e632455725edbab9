package io.conshelf.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.cli.RunningFactories.Hosted;
import io.conshelf.factory.ActivityRun;
import io.conshelf.factory.RunEvent;
import io.conshelf.factory.RunListener;
import io.conshelf.factory.RunRecord;
import io.conshelf.factory.Status;
import io.conshelf.factory.activity.ActivityContext.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Follows a run of a server, and tells what happens in it as if it ran here. The runs that it starts are followed too.
final class RunWatch {
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(300);
    /// What starts runs of other pipelines.
    private static final String STARTER = "ExecutePipeline";

    private final RunningFactories factories;
    private final Hosted factory;
    private final String runId;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Map<String, Followed> followed = new LinkedHashMap<>();

    /// A run, and what has been told of it.
    private static final class Followed {
        private final Set<String> begun = new HashSet<>();
        private final Set<String> ended = new HashSet<>();
        private JsonNode run;
        private List<JsonNode> activities = List.of();
        private boolean isQueuedTold;
        private boolean isStartTold;
        private boolean isEndTold;
    }

    RunWatch(RunningFactories factories, Hosted factory, String runId) {
        this.factories = factories;
        this.factory = factory;
        this.runId = runId;
    }

    String runId() {
        return runId;
    }

    /// Ends [#show]; the run goes on.
    void stop() {
        stopped.countDown();
    }

    /// Tells of the run until it has ended.
    void show(RunListener listener) throws InterruptedException {
        boolean isLast = false;
        while (!isLast) {
            List<Moment> news = new ArrayList<>();
            look(runId, news);
            // What happened between two looks is told in the order in which it happened.
            news.stream().sorted(Comparator.comparing(Moment::at)).map(Moment::event).forEach(listener::on);
            followed.values().forEach(one -> one.activities.forEach(activity -> tellProgress(ActivityRun.of(activity), listener)));
            isLast = followed.get(runId).isEndTold || stopped.await(BETWEEN_LOOKS.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    boolean isSucceeded() {
        return Optional.ofNullable(followed.get(runId)).map(one -> one.run).map(run -> run.path("status").asText().equals(Status.SUCCEEDED.title())).orElse(false);
    }

    /// As the run is now: `{"run":{…},"activityRuns":[…]}`; those of the runs it started follow as `childRuns`.
    ObjectNode toJson() {
        ObjectNode json = json(followed.get(runId));
        var children = followed.entrySet().stream().filter(entry -> !entry.getKey().equals(runId)).map(Map.Entry::getValue).toList();
        if (!children.isEmpty()) {
            var array = json.putArray("childRuns");
            children.forEach(child -> array.add(json(child)));
        }
        return json;
    }

    private static ObjectNode json(Followed one) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.set("run", one.run);
        json.putArray("activityRuns").addAll(one.activities);
        return json;
    }

    /// Collects what is new.
    private void look(String id, List<Moment> news) {
        Followed one = followed.computeIfAbsent(id, _ -> new Followed());
        if (one.isEndTold) {
            return;
        }
        // The run before its activities: when it has ended they have all been written down.
        one.run = factories.run(factory, id).orElseThrow(() -> new CommandFailure("the run '" + id + "' is gone: its factory was deleted"));
        RunRecord record = RunRecord.of(one.run);
        if (record.status() == Status.QUEUED) {
            if (!one.isQueuedTold) {
                news.add(new Moment(record.start(), new RunEvent.RunQueued(record)));
                one.isQueuedTold = true;
            }
            return;
        }
        if (!one.isStartTold) {
            news.add(new Moment(record.start(), new RunEvent.RunStarted(record)));
            one.isStartTold = true;
        }
        one.activities = factories.activityRuns(factory, id);
        List<ActivityRun> activities = one.activities.stream().map(ActivityRun::of).toList();
        if (activities.stream().anyMatch(activity -> activity.activityType().equals(STARTER))) {
            startedBy(id, record.start()).forEach(child -> look(child, news));
        }
        activities.forEach(activity -> news.addAll(moments(one, activity)));
        if (record.status().hasEnded()) {
            news.add(new Moment(record.end().orElse(record.start()), new RunEvent.RunEnded(record)));
            one.isEndTold = true;
        }
    }

    private record Moment(Instant at, RunEvent event) {}

    /// What of an activity has not been told.
    private static List<Moment> moments(Followed one, ActivityRun activity) {
        boolean hasRun = switch (activity.status()) {
            case SKIPPED, INACTIVE -> false;
            case QUEUED, IN_PROGRESS, SUCCEEDED, FAILED, CANCELING, CANCELLED, TIMED_OUT -> !activity.isReused();
        };
        List<Moment> moments = new ArrayList<>();
        if (hasRun && one.begun.add(activity.activityRunId())) {
            moments.add(new Moment(activity.start(), new RunEvent.ActivityStarted(activity, Optional.empty())));
        }
        if (activity.status().hasEnded() && one.ended.add(activity.activityRunId())) {
            moments.add(new Moment(activity.end().orElse(activity.start()), new RunEvent.ActivityEnded(activity)));
        }
        return moments;
    }

    private static void tellProgress(ActivityRun activity, RunListener listener) {
        JsonNode output = activity.output();
        JsonNode progress = output.path("progress");
        if (!activity.status().hasEnded() && progress.has("stage")) {
            listener.on(new RunEvent.ActivityProgressed(activity.pipelineRunId(), activity.activityRunId(), new Progress(progress.path("stage").asText(),
                    output.path("dataRead").asLong(), progress.path("bytesTotal").asLong(), output.path("dataWritten").asLong(), output.path("rowsRead").asLong(),
                    progress.path("chunksStaged").asInt(), progress.path("chunksIngested").asInt())));
        }
    }

    /// The ids of the runs that a run started.
    private List<String> startedBy(String id, Instant since) {
        List<String> found = new ArrayList<>();
        for (JsonNode run : factories.runs(factory, since, List.of(), Integer.MAX_VALUE)) {
            if (run.path("invokedBy").path("pipelineRunId").asText().equals(id)) {
                found.add(run.path("runId").asText());
            }
        }
        return found;
    }
}
