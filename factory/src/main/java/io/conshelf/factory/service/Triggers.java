package io.conshelf.factory.service;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.connectors.management.Refusal;
import io.conshelf.connectors.management.ServiceJson;
import io.conshelf.connectors.management.ServiceStore;
import io.conshelf.connectors.management.ServiceStore.Change;
import io.conshelf.factory.PipelineHandle;
import io.conshelf.factory.definition.Kind;
import io.conshelf.factory.definition.Resource;
import io.conshelf.factory.trigger.TriggerDefinition;
import io.conshelf.factory.trigger.WindowSequence;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The triggers that were started, and the one thread that lets them work. Which ones were started is part of their definitions, so
/// they go on after a restart.
final class Triggers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Triggers.class);
    /// A clock may be set, a machine may sleep, and a window waits for runs that report to nobody: so much may pass before one looks.
    private static final Duration LOOK_MAX = Duration.ofSeconds(1);

    private final Definitions definitions;
    private final FactoryRuns runs;
    private final ServiceStore store;
    private final TriggerFirings firings;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<String, StartedTrigger> started = new HashMap<>();
    private final Thread thread;
    private volatile boolean isClosing;
    private boolean isOpen;

    Triggers(Definitions definitions, FactoryRuns runs, ServiceStore store, InstantSource clock) {
        this.definitions = definitions;
        this.runs = runs;
        this.store = store;
        this.clock = clock;
        this.firings = new TriggerFirings(store, runs);
        this.thread = Thread.ofVirtual().name("triggers").unstarted(this::work);
    }

    static String key(FactoryId factory, String trigger) {
        return factory.key() + "/" + trigger.toLowerCase(Locale.ROOT);
    }

    /// Goes on with what an earlier process left, now that runs can start.
    void open() {
        lock.lock();
        try {
            if (isOpen || isClosing) {
                return;
            }
            isOpen = true;
            firings.goOn();
            for (Definitions.StoredFactory factory : definitions.factories()) {
                definitions.all(factory.id(), Kind.TRIGGER).stream().filter(Triggers::isStarted).forEach(trigger -> {
                    try {
                        begin(factory.id(), trigger);
                    } catch (Refusal unreadable) {
                        LOG.warn("Trigger '{}' of factory '{}' does not run: {}", trigger.name(), factory.id().name(), unreadable.getMessage());
                    }
                });
            }
            thread.start();
        } finally {
            lock.unlock();
        }
    }

    static boolean isStarted(StoredResource trigger) {
        return trigger.properties().path("runtimeState").asText().equalsIgnoreCase("Started");
    }

    /// The windows of a tumbling trigger stay as they were made: what has run would otherwise be taken for other windows.
    static void requireSameWindows(String target, ObjectNode before, ObjectNode after) {
        Optional<WindowSequence> made = windows(before);
        Optional<WindowSequence> stated = windows(after);
        boolean areSame = made.isEmpty() || stated.isPresent() && made.get().frequency() == stated.get().frequency()
                && made.get().interval() == stated.get().interval() && made.get().start().equals(stated.get().start());
        if (!areSame) {
            throw Refusal.badRequest(target, "The type, frequency, interval and startTime of a tumbling window trigger cannot be changed; delete it and make another.");
        }
    }

    /// Empty for triggers of other types, and where they cannot be read.
    private static Optional<WindowSequence> windows(ObjectNode document) {
        return TriggerDefinition.read(new Resource(Kind.TRIGGER, "", new Located("", "", document)), _ -> {})
                .flatMap(read -> read instanceof TriggerDefinition.Tumbling tumbling ? Optional.of(tumbling.windows()) : Optional.empty());
    }

    /// Starts a trigger; one that was started already stays as it is.
    void start(FactoryId id, String name) {
        lock.lock();
        try {
            FactoryId factory = definitions.factory(id).orElseThrow(() -> FactoryRefusals.noFactory(id)).id();
            StoredResource trigger = definitions.get(factory, Kind.TRIGGER, name);
            if (isStarted(trigger)) {
                return;
            }
            begin(factory, trigger);
            try {
                definitions.runtimeState(factory, trigger.name(), "Started");
            } catch (RuntimeException failure) {
                started.remove(key(factory, trigger.name()));
                throw failure;
            }
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /// Stops a trigger. What it has started goes on.
    void stop(FactoryId id, String name) {
        lock.lock();
        try {
            FactoryId factory = definitions.factory(id).orElseThrow(() -> FactoryRefusals.noFactory(id)).id();
            StoredResource trigger = definitions.get(factory, Kind.TRIGGER, name);
            definitions.runtimeState(factory, trigger.name(), "Stopped");
            Optional.ofNullable(started.remove(key(factory, trigger.name()))).ifPresent(StartedTrigger::stopped);
        } finally {
            lock.unlock();
        }
    }

    private void begin(FactoryId factory, StoredResource trigger) {
        String target = Definitions.target(factory, Kind.TRIGGER, trigger.name());
        TriggerDefinition definition = read(factory, trigger, target);
        started.put(key(factory, trigger.name()), switch (definition) {
            case TriggerDefinition.Schedule schedule -> new StartedSchedule(factory, schedule, firings, () -> definitions.snapshot(factory), store, clock.instant());
            case TriggerDefinition.Tumbling tumbling -> new StartedWindows(factory, tumbling, firings, runs, () -> definitions.snapshot(factory), store,
                    (other, stretch) -> windows(factory, other).map(found -> found.haveSucceeded(stretch)).orElse(false));
            case TriggerDefinition.BlobEvents events -> new StartedBlobEvents(factory, events, firings, () -> definitions.snapshot(factory));
            case TriggerDefinition.CustomEvents _ -> throw Refusal.notSupported(target, "A trigger of custom events cannot be started: there is no event grid here.");
        });
    }

    private TriggerDefinition read(FactoryId factory, StoredResource trigger, String target) {
        List<Problem> problems = new ArrayList<>();
        var resource = new Resource(Kind.TRIGGER, trigger.name(), new Located("trigger/" + trigger.name(), "", trigger.document()));
        Optional<TriggerDefinition> definition = TriggerDefinition.read(resource, problems::add);
        definition.stream().flatMap(read -> read.starts().stream()).filter(start -> definitions.find(factory, Kind.PIPELINE, start.pipeline()).isEmpty())
                .forEach(start -> problems.add(start.parameters().problem("there is no pipeline '" + start.pipeline() + "'")));
        if (definition.isPresent() && definition.get().starts().isEmpty()) {
            problems.add(resource.properties().at("pipelines").problem("the trigger starts no pipeline"));
        }
        if (!problems.isEmpty()) {
            throw FactoryRefusals.invalidTemplate(target, problems);
        }
        return definition.orElseThrow();
    }

    /// The windows of a tumbling trigger of the factory, which need not be started.
    private Optional<StartedWindows> windows(FactoryId factory, String name) {
        StartedTrigger known = started.get(key(factory, name));
        if (known instanceof StartedWindows windows) {
            return Optional.of(windows);
        }
        return definitions.find(factory, Kind.TRIGGER, name)
                .flatMap(trigger -> TriggerDefinition.read(
                        new Resource(Kind.TRIGGER, trigger.name(), new Located("trigger/" + trigger.name(), "", trigger.document())), _ -> {}))
                .filter(TriggerDefinition.Tumbling.class::isInstance).map(TriggerDefinition.Tumbling.class::cast)
                .map(tumbling -> new StartedWindows(factory, tumbling, firings, runs, () -> definitions.snapshot(factory), store, (_, _) -> false));
    }

    /// Runs a window again.
    void rerun(FactoryId factory, String trigger, String triggerRunId) {
        lock.lock();
        try {
            definitions.get(factory, Kind.TRIGGER, trigger);
            if (!(started.get(key(factory, trigger)) instanceof StartedWindows windows)) {
                throw Refusal.badRequest(target(factory, trigger), "Only windows of a tumbling window trigger that is started can be run again.");
            }
            if (!windows.rerun(triggerRunId)) {
                throw Refusal.badRequest(target(factory, trigger), "No window of '" + trigger + "' that has ended had the run '" + triggerRunId + "' last.");
            }
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    /// Ends a window that waits or runs, with its pipelines.
    void cancel(FactoryId factory, String trigger, String triggerRunId) {
        List<String> pipelineRuns;
        lock.lock();
        try {
            definitions.get(factory, Kind.TRIGGER, trigger);
            pipelineRuns = windows(factory, trigger).flatMap(windows -> windows.cancel(triggerRunId)).orElseThrow(() ->
                    Refusal.badRequest(target(factory, trigger), "No window of '" + trigger + "' waits or runs as '" + triggerRunId + "'."));
        } finally {
            lock.unlock();
        }
        pipelineRuns.forEach(run -> runs.cancel(factory, run, PipelineHandle.Reach.CHILDREN));
    }

    private static String target(FactoryId factory, String trigger) {
        return Definitions.target(factory, Kind.TRIGGER, trigger);
    }

    /// A trigger is gone: what it remembered goes with it.
    void deleted(FactoryId factory, String trigger) {
        lock.lock();
        try {
            String key = key(factory, trigger);
            started.remove(key);
            List<Change> changes = new ArrayList<>(List.of(new Change.Remove(StartedSchedule.OCCURRENCES, key)));
            store.documents(StoredWindow.COLLECTION).keySet().stream().filter(at -> at.startsWith(key + "/"))
                    .forEach(at -> changes.add(new Change.Remove(StoredWindow.COLLECTION, at)));
            store.change(changes);
        } finally {
            lock.unlock();
        }
    }

    /// What a trigger's subscription to events is.
    ObjectNode subscription(FactoryId factory, String name) {
        StoredResource trigger = definitions.get(factory, Kind.TRIGGER, name);
        return ServiceJson.MAPPER.createObjectNode().put("triggerName", trigger.name()).put("status", isStarted(trigger) ? "Enabled" : "Disabled");
    }

    /// A blob was made or deleted. When this returns, what it triggers will run, whatever happens to the process.
    void blobChanged(BlobChange change) {
        lock.lock();
        try {
            for (StartedTrigger trigger : started.values()) {
                if (trigger instanceof StartedBlobEvents events) {
                    events.changed(change, clock.instant());
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void work() {
        lock.lock();
        try {
            while (!isClosing) {
                Instant now = clock.instant();
                Duration pause = LOOK_MAX;
                for (StartedTrigger trigger : List.copyOf(started.values())) {
                    Optional<Instant> next = pass(trigger, now);
                    Duration until = next.map(at -> Duration.between(now, at)).orElse(LOOK_MAX);
                    pause = until.compareTo(pause) < 0 ? until : pause;
                }
                changed.await(Math.max(1, pause.toMillis()), TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException closing) {
            // The service ends; what is due waits for the next start.
        } finally {
            lock.unlock();
        }
    }

    private static Optional<Instant> pass(StartedTrigger trigger, Instant now) {
        try {
            return trigger.pass(now);
        } catch (RuntimeException | Error failure) {
            // A full disk, for one, or memory that was short: the others go on, and this one is looked at again.
            LOG.warn("A trigger could not do what was due: {}", failure.getMessage());
            return Optional.empty();
        }
    }

    /// Ends without waiting: a pass that cannot write down what it does ends with the log.
    @Override
    public void close() {
        isClosing = true;
        thread.interrupt();
    }
}
