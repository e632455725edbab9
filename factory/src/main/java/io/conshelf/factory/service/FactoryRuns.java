package io.conshelf.factory.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.management.Refusal;
import io.conshelf.connectors.management.ServiceJson;
import io.conshelf.connectors.management.ServiceStore;
import io.conshelf.factory.ActivityRun;
import io.conshelf.factory.FactoryRunner;
import io.conshelf.factory.Invocation;
import io.conshelf.factory.PipelineHandle;
import io.conshelf.factory.PipelineQueue;
import io.conshelf.factory.RunEvent;
import io.conshelf.factory.RunListener;
import io.conshelf.factory.RunRecord;
import io.conshelf.factory.Status;
import io.conshelf.factory.activity.ActivityContext;
import io.conshelf.factory.activity.Callbacks;
import io.conshelf.factory.definition.InvalidFactoryException;
import io.conshelf.factory.definition.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Starts pipelines, watches them, and knows what ran.
final class FactoryRuns implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FactoryRuns.class);
    private static final Duration PRUNE_EVERY = Duration.ofMinutes(30);

    private final Definitions definitions;
    private final FactoryService.Allowance allowance;
    private final ServiceLimits limits;
    private final RunHistory history;
    private final RunLog log;
    private final CompletableFuture<Outside> outside = new CompletableFuture<>();
    private final Map<String, PipelineQueue> queues = new ConcurrentHashMap<>();
    private final Map<String, LiveRun> live = new ConcurrentHashMap<>();
    private final Thread pruning;
    private volatile boolean isClosing;

    /// How runs reach others, and are reached.
    record Outside(Endpoints endpoints, Callbacks callbacks) {}

    /// A run that has not ended, or whose end is being written.
    private static final class LiveRun {
        private final FactoryId factory;
        private final PipelineHandle handle;
        private volatile RunRecord record;
        private volatile Instant lastUpdated = Instant.now();
        /// Those that run, and those whose end is being written.
        private final Map<String, ActivityRun> activities = new ConcurrentHashMap<>();

        private LiveRun(FactoryId factory, PipelineHandle handle, RunRecord record) {
            this.factory = factory;
            this.handle = handle;
            this.record = record;
        }

        private synchronized void update(RunRecord next) {
            // Whoever was told that the run is being cancelled is not told otherwise until it has ended.
            record = record.status() == Status.CANCELING ? next.with(Status.CANCELING, next.message()) : next;
            lastUpdated = Instant.now();
        }

        private synchronized void cancelling() {
            record = record.with(Status.CANCELING, record.message());
            lastUpdated = Instant.now();
        }

        private ObjectNode json() {
            return RunHistory.json(record, lastUpdated);
        }
    }

    FactoryRuns(Definitions definitions, ServiceStore store, FactoryService.Allowance allowance, ServiceLimits limits) {
        this.definitions = definitions;
        this.allowance = allowance;
        this.limits = limits;
        this.history = new RunHistory(store);
        this.log = new RunLog(store);
        history.failInterrupted(Instant.now());
        this.pruning = Thread.ofVirtual().name("factory history").start(this::prune);
    }

    void started(Outside where) {
        outside.complete(where);
    }

    /// What is outside; none before this service has been started.
    Optional<Outside> outside() {
        return outside.isCompletedExceptionally() ? Optional.empty() : Optional.ofNullable(outside.getNow(null));
    }

    RunHistory history() {
        return history;
    }

    private void prune() {
        while (!isClosing) {
            try {
                history.prune(limits);
            } catch (RuntimeException failure) {
                LOG.warn("Old runs are not forgotten yet: {}", failure.getMessage());
            }
            try {
                Thread.sleep(PRUNE_EVERY);
            } catch (InterruptedException closing) {
                return;
            }
        }
    }

    /// Starts a run; it is remembered when this returns.
    ///
    /// @return the run's id
    String start(FactoryId id, String pipeline, Map<String, JsonNode> parameters, Invocation invocation) {
        FactoryId factory = definitions.factory(id).orElseThrow(() -> FactoryRefusals.noFactory(id)).id();
        String target = Definitions.target(factory, Kind.PIPELINE, pipeline);
        String name = definitions.get(factory, Kind.PIPELINE, pipeline).name();
        PipelineQueue queue = queues.computeIfAbsent(factory.key(), _ -> new PipelineQueue());
        if (isClosing || live.size() >= limits.liveRunsMax()) {
            throw Refusal.badRequest(target, "There are " + live.size() + " runs already, as many as may run or wait at once.");
        }
        if (queue.waiting(name) >= limits.queuedRunsMax()) {
            throw Refusal.badRequest(target, "There are " + queue.waiting(name) + " runs of '" + name + "' waiting already, as many as may.");
        }
        Watcher watcher = new Watcher(factory);
        Outside others = outside.join();
        FactoryRunner runner = new FactoryRunner(definitions.snapshot(factory), others.endpoints(), watcher).within(allowance.folders()).sharing(queue)
                .withCallbacks(others.callbacks()).with(allowance.secrets());
        PipelineHandle handle;
        try {
            handle = runner.prepare(name, parameters, invocation);
        } catch (InvalidFactoryException invalid) {
            throw FactoryRefusals.invalidTemplate(target, invalid.problems());
        }
        RunRecord record = handle.queued();
        watcher.handle.complete(handle);
        LiveRun run = new LiveRun(factory, handle, record);
        try {
            List<ServiceStore.Change> changes = new ArrayList<>();
            if (invocation.recovery().isPresent()) {
                changes.addAll(history.outdated(record.runGroupId()));
            }
            changes.addAll(RunHistory.began(factory, record, run.lastUpdated));
            log.require(changes);
        } catch (RuntimeException failure) {
            handle.abandon();
            throw failure;
        }
        live.put(record.runId(), run);
        handle.start();
        return record.runId();
    }

    /// Writes down what the runs of one start report.
    private final class Watcher implements RunListener {
        private final FactoryId factory;
        private final CompletableFuture<PipelineHandle> handle = new CompletableFuture<>();

        private Watcher(FactoryId factory) {
            this.factory = factory;
        }

        @Override
        public void on(RunEvent event) {
            switch (event) {
                case RunEvent.Remarked(var remark) -> LOG.info("{}", remark);
                case RunEvent.RunQueued(RunRecord run) -> began(run);
                case RunEvent.RunStarted(RunRecord run) -> began(run);
                case RunEvent.ActivityStarted(ActivityRun run, var _) -> activity(run);
                case RunEvent.ActivityProgressed(String runId, String activityRunId, ActivityContext.Progress progress) ->
                    Optional.ofNullable(live.get(runId)).ifPresent(run -> run.activities.computeIfPresent(activityRunId,
                            (_, activity) -> activity.status() == Status.IN_PROGRESS ? activity.withOutput(output(progress)) : activity));
                case RunEvent.ActivityEnded(ActivityRun run) -> activity(run);
                case RunEvent.RunEnded(RunRecord run) -> ended(run);
            }
        }

        private void began(RunRecord record) {
            LiveRun run = live.computeIfAbsent(record.runId(), _ -> new LiveRun(factory, handle.join(), record));
            run.update(record);
            log.add(RunHistory.began(factory, run.record, run.lastUpdated));
        }

        // Nobody is told of what a crash would take back. What one activity reports is written in its order.
        private void activity(ActivityRun activity) {
            LiveRun run = live.get(activity.pipelineRunId());
            if (run == null) {
                return;
            }
            run.lastUpdated = Instant.now();
            log.add(RunHistory.activity(factory, activity)).thenRun(() -> {
                if (activity.status() == Status.IN_PROGRESS) {
                    run.activities.put(activity.activityRunId(), activity);
                } else {
                    run.activities.remove(activity.activityRunId());
                }
            });
        }

        // Nobody is told that a run has ended before it is written down.
        private void ended(RunRecord record) {
            RunRecord told = isClosing && record.status() == Status.CANCELLED
                    ? record.with(Status.FAILED, "The run was interrupted: Conshelf was stopped while it was under way. Run it again, or with"
                            + " startFromFailure from what was not done")
                    : record;
            log.addDurably(RunHistory.ended(factory, told));
            live.remove(record.runId());
        }
    }

    private static ObjectNode output(ActivityContext.Progress progress) {
        ObjectNode output = ServiceJson.MAPPER.createObjectNode().put("dataRead", progress.bytesRead()).put("dataWritten", progress.bytesWritten());
        if (progress.rowsRead() > 0) {
            output.put("rowsRead", progress.rowsRead());
        }
        output.putObject("progress").put("stage", progress.stage()).put("bytesTotal", progress.bytesTotal())
                .put("chunksStaged", progress.chunksStaged()).put("chunksIngested", progress.chunksIngested());
        return output;
    }

    /// A run of this factory, in the service's shape.
    ObjectNode run(FactoryId factory, String runId) {
        return find(factory, runId).orElseThrow(() -> Refusal.noResource(factory.path() + "/pipelineruns/" + runId, "The pipeline run '" + runId + "'"));
    }

    /// How a run ended; empty while it has not, or is not known.
    Optional<String> endOf(FactoryId factory, String runId) {
        return find(factory, runId).filter(run -> run.hasNonNull("runEnd")).map(run -> run.path("status").asText());
    }

    private Optional<ObjectNode> find(FactoryId factory, String runId) {
        LiveRun run = live.get(runId);
        if (run != null) {
            return run.factory.key().equals(factory.key()) ? Optional.of(run.json()) : Optional.empty();
        }
        return history.run(runId).filter(stored -> stored.factory().equals(factory.key())).map(RunHistory.Stored::run);
    }

    /// The runs of a factory that were last changed in a time.
    List<ObjectNode> runs(FactoryId factory, Instant after, Instant before) {
        Map<String, ObjectNode> found = new LinkedHashMap<>();
        live.values().stream().filter(run -> run.factory.key().equals(factory.key()))
                .filter(run -> !run.lastUpdated.isBefore(after) && !run.lastUpdated.isAfter(before))
                .forEach(run -> found.put(run.record.runId(), run.json()));
        for (RunHistory.Stored stored : history.runs(after, before)) {
            // What has ended since is in the store as it ended.
            if (stored.factory().equals(factory.key()) && (stored.hasEnded() || !live.containsKey(stored.id()))) {
                found.put(stored.id(), stored.run());
            }
        }
        return List.copyOf(found.values());
    }

    /// All attempts at activities of a run.
    List<ObjectNode> activityRuns(FactoryId factory, String runId) {
        LiveRun run = live.get(runId);
        Map<String, ObjectNode> found = new LinkedHashMap<>();
        List<ActivityRun> now = run == null ? List.of() : List.copyOf(run.activities.values());
        run(factory, runId);
        history.activityRuns(runId).forEach(activity -> found.put(activity.path("activityRunId").asText(), activity));
        for (ActivityRun activity : now) {
            ObjectNode stored = found.get(activity.activityRunId());
            if (stored == null || !stored.hasNonNull("activityRunEnd")) {
                found.put(activity.activityRunId(), activity.toJson());
            }
        }
        return List.copyOf(found.values());
    }

    /// The runs of a factory's triggers in a time.
    List<ObjectNode> triggerRuns(FactoryId factory, Instant after, Instant before) {
        return history.triggerRuns(factory, after, before);
    }

    void cancel(FactoryId factory, String runId, PipelineHandle.Reach reach) {
        LiveRun run = live.get(runId);
        if (run != null && run.factory.key().equals(factory.key())) {
            run.cancelling();
            run.handle.cancel(runId, reach);
            return;
        }
        ObjectNode ended = run(factory, runId);
        if (!ended.path("status").asText().equals(Status.CANCELLED.title())) {
            throw Refusal.badRequest(factory.path() + "/pipelineruns/" + runId,
                    "The pipeline run '" + runId + "' has ended as " + ended.path("status").asText() + " and cannot be cancelled.");
        }
    }

    /// Ends what runs, and remembers that it was ended.
    @Override
    public void close() {
        if (isClosing) {
            return;
        }
        isClosing = true;
        outside.completeExceptionally(new IllegalStateException("the service is closed"));
        pruning.interrupt();
        List<LiveRun> running = List.copyOf(live.values());
        running.forEach(run -> run.handle.cancel());
        Instant deadline = Instant.now().plus(limits.stopWait());
        for (LiveRun run : running) {
            try {
                run.handle.awaitUntil(deadline);
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        log.close();
    }
}
