package io.conshelf.processor.service;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.connectors.management.Operations;
import io.conshelf.connectors.management.Refusal;
import io.conshelf.connectors.management.ResourceTable;
import io.conshelf.processor.definition.DatasetDefinition;
import io.conshelf.processor.definition.PipelineDefinition;
import io.conshelf.processor.run.MetricsText;
import io.conshelf.processor.run.MetricsText.Labelled;
import io.conshelf.processor.run.MetricsText.Reconciled;
import io.conshelf.processor.run.PipelineRun;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lets run what is enabled, as it is defined now, and nothing else.
///
/// What changes in an instance comes one after another; a pipeline that does not stop in time is broken off, and what it had not finished comes again.
final class PipelineRuns implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PipelineRuns.class);
    private static final Duration LOOKING = Duration.ofSeconds(1);
    private static final Duration STOPPING = Duration.ofSeconds(20);

    private final ResourceTable<StoredResource> resources;
    private final Operations operations;
    private final InstantSource clock;
    private final Map<String, InstanceRuns> instances = new ConcurrentHashMap<>();
    private final Map<String, Running> running = new ConcurrentHashMap<>();
    private final Map<String, ObjectNode> ended = new ConcurrentHashMap<>();
    private final Map<String, Reconciliation> reconciliations = new ConcurrentHashMap<>();
    private volatile Optional<PipelineLauncher> launcher = Optional.empty();
    private volatile boolean isClosed;

    /// A pipeline at work.
    record Running(PipelineRun run, PipelineDefinition definition, Rates rates, Instant since) {}

    /// What is open of an instance. Whoever changes something there holds it.
    private static final class InstanceRuns {
        private Optional<PipelineLauncher.Opened> opened = Optional.empty();
    }

    PipelineRuns(ResourceTable<StoredResource> resources, Operations operations, InstantSource clock) {
        this.resources = resources;
        this.operations = operations;
        this.clock = clock;
    }

    NamedSecrets secrets() {
        return new NamedSecrets(name -> launcher.filter(found -> found.isSecret(name)).isPresent());
    }

    Optional<Running> running(ResourceId id) {
        return Optional.ofNullable(running.get(id.key()));
    }

    /// What a pipeline that does not run had done when it ended, as far as this process knows.
    Optional<ObjectNode> ended(ResourceId id) {
        return Optional.ofNullable(ended.get(id.key()));
    }

    /// What those at work have done, and what was brought about of definitions, in the text format of Prometheus.
    String metrics() {
        List<Labelled> atWork = new ArrayList<>();
        for (StoredResource resource : resources.all()) {
            running(resource.id()).ifPresent(one -> atWork.add(new Labelled(resource.id().instance(), resource.id().path(), one.definition(), one.run())));
        }
        return MetricsText.of(atWork, reconciliations.values().stream().map(Reconciliation::told).toList());
    }

    /// How often a resource was brought about, since this process began.
    private record Reconciliation(ResourceId id, LongAdder events, LongAdder errors) {
        Reconciled told() {
            return new Reconciled(id.instance(), id.path(), id.ownName(), events.sum(), errors.sum());
        }
    }

    private Reconciliation reconciliation(ResourceId id) {
        return reconciliations.computeIfAbsent(id.key(), _ -> new Reconciliation(id, new LongAdder(), new LongAdder()));
    }

    /// Goes on with what an earlier process left running, and with what it left half done.
    void started(PipelineLauncher found) {
        launcher = Optional.of(found);
        for (StoredResource resource : resources.all().reversed()) {
            if (resource.state().equals(StoredResource.DELETING)) {
                deleted(resource.id(), List.of(resource.id()), operations.begin());
            } else if (resource.id().kind() == Kind.PIPELINE) {
                changed(resource.id(), operations.begin());
            }
        }
    }

    private InstanceRuns of(ResourceId id) {
        return instances.computeIfAbsent(id.parent().key(), _ -> new InstanceRuns());
    }

    /// Brings about what is stored of a pipeline.
    void changed(ResourceId id, String operation) {
        Thread.ofVirtual().name("pipeline-" + id.name()).start(() -> {
            InstanceRuns instance = of(id);
            synchronized (instance) {
                settle(id, operation, () -> provision(instance, id));
            }
        });
    }

    private interface Step {
        void take() throws IOException, InvalidDefinitionException, InterruptedException;
    }

    private void settle(ResourceId id, String operation, Step step) {
        reconciliation(id).events().increment();
        try {
            step.take();
            resources.changeIfThere(id.key(), stored -> isUnderWay(stored) ? stored.in(StoredResource.SUCCEEDED) : stored);
            operations.done(operation, Optional.empty());
        } catch (IOException | InvalidDefinitionException obstacle) {
            failed(id, operation, String.valueOf(obstacle.getMessage()));
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException defect) {
            LOG.error("pipeline {} did not start", id.name(), defect);
            failed(id, operation, "The pipeline did not start by a defect of Conshelf; its log has the whole");
        }
    }

    private static boolean isUnderWay(StoredResource stored) {
        return !stored.state().equals(StoredResource.DELETING);
    }

    private void failed(ResourceId id, String operation, String why) {
        LOG.warn("pipeline {} failed: {}", id.name(), why);
        reconciliation(id).errors().increment();
        resources.changeIfThere(id.key(), stored -> isUnderWay(stored) ? stored.failed(why) : stored);
        operations.failed(operation, Refusal.of(409, "PipelineFailed", id.path(), why));
    }

    private void provision(InstanceRuns instance, ResourceId id) throws IOException, InvalidDefinitionException, InterruptedException {
        if (isClosed) {
            return;
        }
        Optional<StoredResource> stored = resources.find(id.key()).filter(PipelineRuns::isUnderWay);
        Optional<PipelineDefinition> wanted = stored.isPresent() && stored.get().isEnabled() ? Optional.of(stored.get().pipeline()) : Optional.empty();
        Running now = running.get(id.key());
        if (now != null) {
            // the run that goes on knows what windows mean to its stages
            stop(id, now);
        }
        if (wanted.isPresent()) {
            List<DatasetDefinition> datasets = datasets(id);
            List<Problem> problems = wanted.get().problems(datasets);
            if (!problems.isEmpty()) {
                throw new InvalidDefinitionException(problems);
            }
            start(instance, id, wanted.get(), datasets);
        }
    }

    private List<DatasetDefinition> datasets(ResourceId of) throws InvalidDefinitionException {
        List<DatasetDefinition> datasets = new ArrayList<>();
        for (StoredResource resource : resources.all()) {
            if (resource.id().kind() == Kind.DATASET && resource.id().isOf(of) && isUnderWay(resource)) {
                datasets.add(resource.dataset());
            }
        }
        return datasets;
    }

    private void start(InstanceRuns instance, ResourceId id, PipelineDefinition definition, List<DatasetDefinition> datasets) throws IOException, InterruptedException {
        PipelineLauncher found = launcher.orElseThrow(() -> new IOException("the service is starting"));
        if (instance.opened.isEmpty()) {
            instance.opened = Optional.of(found.open(id.instance(), folder(id), datasets));
        }
        Running started = new Running(instance.opened.get().start(definition), definition, new Rates(), clock.instant());
        running.put(id.key(), started);
        Thread.ofVirtual().name("watch-" + id.name()).start(() -> watch(id, started));
    }

    /// Of an instance: nothing that its name could make of a path.
    private static String folder(ResourceId id) {
        return UUID.nameUUIDFromBytes(id.parent().key().getBytes(StandardCharsets.UTF_8)).toString();
    }

    private void watch(ResourceId id, Running started) {
        try {
            do {
                started.rates().sample(clock.instant(), started.run());
            } while (!started.run().await(LOOKING));
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
        if (running.remove(id.key(), started) && !isClosed) {
            remember(id, started);
            started.run().failure().ifPresent(why -> resources.changeIfThere(id.key(), stored -> isUnderWay(stored) ? stored.failed(why) : stored));
        }
    }

    private void stop(ResourceId id, Running now) throws InterruptedException {
        end(now.run());
        remember(id, now);
        running.remove(id.key(), now);
    }

    private void remember(ResourceId id, Running gone) {
        ended.put(id.key(), PipelineStatus.counts(gone).put("until", clock.instant().toString()));
    }

    private static void end(PipelineRun run) throws InterruptedException {
        run.stop();
        if (!run.await(STOPPING)) {
            LOG.warn("pipeline {} does not end by itself; what it has not finished comes again", run.name());
            run.breakOff();
            run.await(STOPPING);
        }
    }

    /// Datasets were made, changed or removed: pipelines of the instance begin anew with those that there are.
    void datasetsChanged(ResourceId instance) {
        Thread.ofVirtual().name("datasets-" + instance.instance()).start(() -> {
            InstanceRuns runs = of(instance);
            synchronized (runs) {
                List<ResourceId> pipelines = resources.all().stream().map(StoredResource::id).filter(id -> id.kind() == Kind.PIPELINE && id.isOf(instance)).toList();
                try {
                    for (ResourceId id : pipelines) {
                        Running now = running.get(id.key());
                        if (now != null) {
                            stop(id, now);
                        }
                    }
                    close(runs);
                } catch (IOException unfinished) {
                    LOG.warn("reference data of {} was not closed: {}", instance.instance(), unfinished.getMessage());
                } catch (InterruptedException ending) {
                    Thread.currentThread().interrupt();
                    return;
                }
                pipelines.forEach(id -> settle(id, operations.begin(), () -> provision(runs, id)));
            }
        });
    }

    private static void close(InstanceRuns runs) throws IOException {
        if (runs.opened.isPresent()) {
            PipelineLauncher.Opened opened = runs.opened.get();
            runs.opened = Optional.empty();
            opened.close();
        }
    }

    /// Ends what is to be removed, and removes it.
    void deleted(ResourceId what, List<ResourceId> gone, String operation) {
        Thread.ofVirtual().name("delete-" + what.ownName()).start(() -> {
            InstanceRuns instance = of(what);
            synchronized (instance) {
                settle(what, operation, () -> {
                    for (ResourceId id : gone) {
                        Running now = running.get(id.key());
                        if (now != null) {
                            stop(id, now);
                        }
                        if (id.kind() == Kind.PIPELINE && launcher.isPresent()) {
                            if (instance.opened.isEmpty()) {
                                instance.opened = Optional.of(launcher.get().open(id.instance(), folder(id), List.of()));
                            }
                            Optional<StoredResource> stored = resources.find(id.key());
                            if (stored.isPresent()) {
                                forget(instance.opened.get(), stored.get());
                            }
                        }
                        ended.remove(id.key());
                        reconciliations.remove(id.key());
                        resources.delete(id.key());
                    }
                    if (what.kind() == Kind.INSTANCE) {
                        close(instance);
                    }
                });
            }
        });
    }

    /// What a later version refuses is deleted all the same.
    private static void forget(PipelineLauncher.Opened opened, StoredResource stored) throws IOException {
        try {
            opened.forgetSession(stored.pipeline());
        } catch (InvalidDefinitionException refused) {
            LOG.warn("the broker of the pipeline {} keeps its session until that expires: the definition is refused: {}", stored.id().name(), refused.getMessage());
        }
        opened.forget(stored.id().name());
    }

    /// Ends what runs; it goes on when the service is opened again.
    @Override
    public void close() {
        isClosed = true;
        List<Running> all = List.copyOf(running.values());
        all.forEach(one -> one.run().stop());
        try {
            for (Running one : all) {
                end(one.run());
            }
            for (InstanceRuns instance : instances.values()) {
                close(instance);
            }
        } catch (IOException unfinished) {
            LOG.warn("reference data was not closed: {}", unfinished.getMessage());
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
    }
}
