package io.conshelf.factory.service;

import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.management.ServiceJson;
import io.conshelf.connectors.management.ServiceStore;
import io.conshelf.connectors.management.ServiceStore.Change;
import io.conshelf.factory.RunRecord;
import io.conshelf.factory.definition.Factory;
import io.conshelf.factory.service.TriggerRun.Status;
import io.conshelf.factory.trigger.TriggerDefinition;
import io.conshelf.factory.trigger.WindowSequence.Window;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/// A tumbling window trigger at work: every window from the start on runs once, the oldest first, as many at once as its definition
/// says; what has not run while nothing ran here is made up for. A window that failed is tried again as the retry policy says, and
/// one that waits for others keeps none of those that need not wait from running.
final class StartedWindows implements StartedTrigger {
    private static final String TYPE = "TumblingWindowTrigger";
    /// How far ahead of the oldest window that has not ended others are looked at.
    private static final int LOOKED_AT_MAX = 200;

    private final FactoryId factory;
    private final TriggerDefinition.Tumbling definition;
    private final TriggerFirings firings;
    private final FactoryRuns runs;
    private final Supplier<Factory> snapshot;
    private final ServiceStore store;
    private final Dependencies dependencies;
    private final String key;
    private final NavigableMap<Long, StoredWindow> windows = new TreeMap<>();
    /// All windows below it have ended.
    private long firstOpen;

    /// What a window may have to wait for.
    @FunctionalInterface
    interface Dependencies {
        /// Whether all windows of a trigger in a stretch of time have succeeded.
        boolean haveSucceeded(String trigger, Window stretch);
    }

    StartedWindows(FactoryId factory, TriggerDefinition.Tumbling definition, TriggerFirings firings, FactoryRuns runs, Supplier<Factory> snapshot,
            ServiceStore store, Dependencies dependencies) {
        this.factory = factory;
        this.definition = definition;
        this.firings = firings;
        this.runs = runs;
        this.snapshot = snapshot;
        this.store = store;
        this.dependencies = dependencies;
        this.key = Triggers.key(factory, definition.name());
        store.documents(StoredWindow.COLLECTION).forEach((at, json) -> {
            if (at.startsWith(key + "/")) {
                StoredWindow window = StoredWindow.read(json);
                windows.put(window.number(), window);
            }
        });
    }

    @Override
    public Optional<Instant> pass(Instant now) {
        windows.values().stream().filter(window -> window.status() == Status.IN_PROGRESS).toList().forEach(window -> look(window, now));
        long ended = definition.windows().ended(now.minus(definition.delay()));
        while (firstOpen < ended && windows.containsKey(firstOpen) && windows.get(firstOpen).status().hasEnded()) {
            firstOpen++;
        }
        long running = windows.values().stream().filter(window -> window.status() == Status.IN_PROGRESS).count();
        for (long number = firstOpen; number < Math.min(ended, firstOpen + LOOKED_AT_MAX) && running < definition.maxConcurrency(); number++) {
            StoredWindow window = windows.getOrDefault(number, fresh(number));
            boolean mayRun = (window.status() == Status.WAITING || window.status() == Status.WAITING_ON_DEPENDENCY) && !window.notBefore().isAfter(now);
            if (mayRun && isFree(window, now)) {
                fire(window, now);
                running += windows.get(number).status() == Status.IN_PROGRESS ? 1 : 0;
            }
        }
        return definition.windows().has(ended) ? Optional.of(definition.windows().window(ended).end().plus(definition.delay())) : Optional.empty();
    }

    private StoredWindow fresh(long number) {
        return new StoredWindow(number, Status.WAITING, 0, definition.retries(), Instant.EPOCH, "");
    }

    private boolean isFree(StoredWindow window, Instant now) {
        Window own = definition.windows().window(window.number());
        boolean isFree = definition.dependencies().stream()
                .allMatch(dependency -> dependencies.haveSucceeded(dependency.trigger(), own.moved(dependency.offset(), dependency.size())));
        if (!isFree && window.status() == Status.WAITING) {
            String id = TriggerRun.id(factory, definition.name(), window.number() + "/" + (window.attempt() + 1));
            StoredWindow waiting = new StoredWindow(window.number(), Status.WAITING_ON_DEPENDENCY, window.attempt(), window.retriesLeft(),
                    window.notBefore(), id);
            windows.put(window.number(), waiting);
            store.change(List.of(waiting.stored(key), run(id, own, now, Status.WAITING_ON_DEPENDENCY).remembered()));
        }
        return isFree;
    }

    private void fire(StoredWindow window, Instant now) {
        int attempt = window.attempt() + 1;
        String id = TriggerRun.id(factory, definition.name(), window.number() + "/" + attempt);
        Window own = definition.windows().window(window.number());
        StoredWindow running = new StoredWindow(window.number(), Status.IN_PROGRESS, attempt, window.retriesLeft(), Instant.EPOCH, id);
        ObjectNode trigger = ServiceJson.MAPPER.createObjectNode().put("name", definition.name())
                .put("scheduledTime", RunRecord.text(own.end())).put("startTime", RunRecord.text(now));
        trigger.putObject("outputs").put("windowStartTime", RunRecord.text(own.start())).put("windowEndTime", RunRecord.text(own.end()));
        windows.put(window.number(), running);
        TriggerRun run = firings.fire(run(id, own, now, Status.IN_PROGRESS), definition.starts(),
                new TriggerScope(snapshot.get(), trigger, MissingNode.getInstance(), now), List.of(running.stored(key)));
        if (run.status() == Status.FAILED) {
            ended(running, run, now);
        }
    }

    private TriggerRun run(String id, Window own, Instant now, Status status) {
        Map<String, String> started = new LinkedHashMap<>();
        definition.starts().forEach(start -> started.put(start.pipeline(), TriggerRun.pipelineRunId(id, start.pipeline())));
        return new TriggerRun(id, factory, definition.name(), TYPE, now, status, "", Map.of("ScheduleTime", RunRecord.text(own.end()),
                "windowStartTime", RunRecord.text(own.start()), "windowEndTime", RunRecord.text(own.end())), started);
    }

    /// Looks how the run of a window stands.
    private void look(StoredWindow window, Instant now) {
        Optional<TriggerRun> remembered = store.remembered(RunHistory.TRIGGERS, window.triggerRunId()).map(json -> TriggerFirings.run(factory, json));
        if (remembered.isEmpty()) {
            return;
        }
        List<String> ends = new ArrayList<>();
        for (String runId : remembered.get().pipelines().values()) {
            ends.add(runs.endOf(factory, runId).orElse(""));
        }
        if (remembered.get().status() == Status.FAILED) {
            ended(window, remembered.get(), now);
        } else if (ends.stream().noneMatch(String::isEmpty)) {
            Status status = ends.stream().allMatch("Succeeded"::equals) ? Status.SUCCEEDED
                    : ends.contains("Cancelled") ? Status.CANCELLED : Status.FAILED;
            ended(window, remembered.get().as(status, status == Status.FAILED ? "A pipeline run of the window failed" : ""), now);
        }
    }

    private void ended(StoredWindow window, TriggerRun run, Instant now) {
        boolean isTriedAgain = run.status() == Status.FAILED && window.retriesLeft() > 0;
        StoredWindow next = isTriedAgain
                ? new StoredWindow(window.number(), Status.WAITING, window.attempt(), window.retriesLeft() - 1, now.plus(definition.retryPause()), window.triggerRunId())
                : window.as(run.status());
        windows.put(window.number(), next);
        store.change(List.of(next.stored(key), run.remembered()));
    }

    /// Whether all windows in a stretch have succeeded. What lies before the first window, or after the last, is nothing to wait for.
    boolean haveSucceeded(Window stretch) {
        long number = definition.windows().ended(stretch.start());
        for (; definition.windows().has(number) && definition.windows().window(number).start().isBefore(stretch.end()); number++) {
            StoredWindow window = windows.get(number);
            if (window == null || window.status() != Status.SUCCEEDED) {
                return false;
            }
        }
        return true;
    }

    /// Runs a window again that has ended.
    ///
    /// @return false when no window that has ended had this run
    boolean rerun(String triggerRunId) {
        Optional<StoredWindow> found = ofRun(triggerRunId).filter(window -> window.status().hasEnded());
        found.ifPresent(window -> {
            StoredWindow again = new StoredWindow(window.number(), Status.WAITING, window.attempt(), definition.retries(), Instant.EPOCH, window.triggerRunId());
            windows.put(again.number(), again);
            firstOpen = Math.min(firstOpen, again.number());
            store.change(List.of(again.stored(key)));
        });
        return found.isPresent();
    }

    /// Ends a window that waits or runs.
    ///
    /// @return the pipeline runs to end; empty when no such window had this run
    Optional<List<String>> cancel(String triggerRunId) {
        return ofRun(triggerRunId).filter(window -> !window.status().hasEnded()).map(window -> {
            Optional<TriggerRun> run = store.remembered(RunHistory.TRIGGERS, triggerRunId).map(json -> TriggerFirings.run(factory, json));
            StoredWindow cancelled = new StoredWindow(window.number(), Status.CANCELLED, window.attempt(), 0, Instant.EPOCH, window.triggerRunId());
            windows.put(window.number(), cancelled);
            List<Change> changes = new ArrayList<>(List.of(cancelled.stored(key)));
            run.ifPresent(one -> changes.add(one.as(Status.CANCELLED, "").remembered()));
            store.change(changes);
            return window.status() == Status.IN_PROGRESS ? run.map(one -> List.copyOf(one.pipelines().values())).orElse(List.of()) : List.<String>of();
        });
    }

    private Optional<StoredWindow> ofRun(String triggerRunId) {
        return windows.values().stream().filter(window -> window.triggerRunId().equals(triggerRunId)).findFirst();
    }

    // A later start goes on with the windows that have not run.
    @Override
    public void stopped() {}
}
