package io.conshelf.factory;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.conshelf.connectors.definition.Located;
import io.conshelf.factory.activity.ActivityContext;
import io.conshelf.factory.activity.ActivityFailure;
import io.conshelf.factory.activity.ActivityType;
import io.conshelf.factory.activity.ActivityTypes;
import io.conshelf.factory.activity.Callbacks;
import io.conshelf.factory.copy.Resolver;
import io.conshelf.factory.copy.Stores;
import io.conshelf.factory.definition.Activity;
import io.conshelf.factory.definition.InvalidFactoryException;
import io.conshelf.factory.definition.Parameter;
import io.conshelf.factory.definition.Pipeline;
import io.conshelf.factory.expression.ValueBound;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One run of one pipeline: its parameters, variables and records.
final class PipelineRun {
    private static final Logger LOG = LoggerFactory.getLogger(PipelineRun.class);
    private static final int DEPTH_MAX = 40;
    private static final Duration STOP_MAX = Duration.ofSeconds(30);

    private final FactoryRunner runner;
    private final Pipeline pipeline;
    private final Map<String, JsonNode> parameters;
    private final RunRecord.InvokedBy invokedBy;
    private final String id;
    private final Instant created;
    private final Optional<Recovery> recovery;
    private final String groupId;
    /// Names this run in its run group: the calls on the way to it.
    private final String path;
    private final int depth;
    private final PipelineRun root;
    /// What no record shows: the secure parameters of this run and of those that led to it.
    private final List<String> secrets;
    private final ConcurrentLinkedQueue<PipelineRun> started = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean isCancelling = new AtomicBoolean();
    private volatile boolean leavesChildren;
    private final Thread thread;
    private final AtomicReference<RunRecord> ended = new AtomicReference<>();
    /// Runs that were started and are not waited for. The outermost run keeps the connections open until they have ended.
    private final ConcurrentLinkedQueue<Thread> unawaited = new ConcurrentLinkedQueue<>();
    private final Stores stores;
    private final Map<String, Variable> variables = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final ReentrantLock variablesLock = new ReentrantLock();
    private final ObjectNode returned = JsonNodeFactory.instance.objectNode();
    private final ConcurrentLinkedQueue<ActivityRun> activityRuns = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<RunRecord> children = new ConcurrentLinkedQueue<>();

    /// What led to a run: the run whose activity calls it, and the way to that activity.
    record Origin(PipelineRun caller, String path) {}

    /// An activity that starts another pipeline.
    record Call(Activity activity, Optional<String> iteration, String path, boolean mayReuse) {}

    PipelineRun(FactoryRunner runner, Pipeline pipeline, Map<String, JsonNode> parameters, Optional<Origin> origin, Invocation invocation, Stores stores) {
        this.runner = runner;
        this.pipeline = pipeline;
        this.parameters = parameters;
        this.id = invocation.runId();
        this.created = runner.clock().instant();
        this.recovery = invocation.recovery();
        Optional<PipelineRun> caller = origin.map(Origin::caller);
        this.groupId = caller.map(run -> run.groupId).or(() -> recovery.map(Recovery::groupId)).orElse(id);
        this.path = origin.map(by -> by.path() + "/").orElse(groupId + "/") + pipeline.name();
        this.depth = caller.map(run -> run.depth + 1).orElse(0);
        this.root = caller.map(run -> run.root).orElse(this);
        this.secrets = secrets(caller);
        this.invokedBy = caller.map(run -> new RunRecord.InvokedBy(run.id, run.pipeline.name(), "PipelineActivity",
                Optional.of(new RunRecord.InvokedBy.Caller(run.pipeline.name(), run.id))))
                .or(invocation::invokedBy).orElseGet(() -> RunRecord.InvokedBy.manual(id));
        this.thread = Thread.ofVirtual().name("pipeline " + pipeline.name()).unstarted(this::runToTheEnd);
        this.stores = stores;
        pipeline.variables().values().forEach(variable -> variables.put(variable.name(), Variable.of(variable.value().orElseGet(() -> initial(variable)))));
    }

    // What a variable without a default holds.
    private static JsonNode initial(Parameter variable) {
        return switch (variable.type()) {
            case ARRAY -> JsonNodeFactory.instance.arrayNode();
            case STRING, SECURE_STRING -> TextNode.valueOf("");
            case BOOL -> JsonNodeFactory.instance.booleanNode(false);
            case INT, FLOAT, OBJECT -> NullNode.instance;
        };
    }

    private List<String> secrets(Optional<PipelineRun> caller) {
        List<String> all = new ArrayList<>(caller.map(run -> run.secrets).orElse(List.of()));
        pipeline.parameters().values().stream().filter(parameter -> parameter.type() == Parameter.Type.SECURE_STRING)
                .map(parameter -> parameters.get(parameter.name()).asText()).filter(text -> !text.isEmpty()).forEach(all::add);
        return List.copyOf(all);
    }

    String id() {
        return id;
    }

    /// Takes its place among the runs of its pipeline, and runs on a thread of its own.
    void start() {
        concurrency().ifPresent(_ -> runner.queue().join(pipeline.name(), id));
        thread.start();
    }

    private Optional<Integer> concurrency() {
        return pipeline.properties().at("concurrency").integer().filter(max -> max >= 1).map(max -> (int) Math.min(max, Integer.MAX_VALUE));
    }

    /// Stops what runs, as far as it reaches; doing it twice does nothing more.
    void cancel(PipelineHandle.Reach reach) {
        if (reach == PipelineHandle.Reach.CHILDREN) {
            leavesChildren = false;
        } else if (!isCancelling.get()) {
            leavesChildren = true;
        }
        if (isCancelling.compareAndSet(false, true)) {
            thread.interrupt();
        }
        if (reach == PipelineHandle.Reach.CHILDREN) {
            started.forEach(child -> child.cancel(reach));
        }
    }

    /// This run or one that it led to.
    Optional<PipelineRun> find(String runId) {
        return id.equals(runId) ? Optional.of(this)
                : started.stream().map(child -> child.find(runId)).flatMap(Optional::stream).findFirst();
    }

    void awaitUntil(Instant deadline) throws InterruptedException {
        Duration left = Duration.between(Instant.now(), deadline);
        thread.join(left.isPositive() ? left : Duration.ofMillis(1));
    }

    RunRecord await() throws InterruptedException {
        thread.join();
        RunRecord record = ended.get();
        if (record == null) {
            throw new IllegalStateException("run " + id + " ended without a record; its thread's failure is in the log");
        }
        return record;
    }

    Pipeline pipeline() {
        return pipeline;
    }

    Stores stores() {
        return stores;
    }

    Callbacks callbacks() {
        return runner.callbacks();
    }

    Clock clock() {
        return runner.clock();
    }

    void pause(Duration duration) throws InterruptedException {
        runner.pauses().pause(duration);
    }

    void tell(RunEvent event) {
        runner.tell(event);
    }

    void report(String activity, Throwable defect) {
        LOG.error("Activity '{}' of pipeline '{}' stopped on a defect", activity, pipeline.name(), defect);
    }

    void ended(ActivityRun run) {
        activityRuns.add(run);
        tell(new RunEvent.ActivityEnded(run));
    }

    void returnValue(String key, JsonNode value) {
        synchronized (returned) {
            returned.set(key, value);
        }
    }

    void setVariable(String name, JsonNode value) {
        variablesLock.lock();
        try {
            variables.put(name, Variable.of(value));
        } finally {
            variablesLock.unlock();
        }
    }

    void appendVariable(String name, JsonNode item) throws ActivityFailure {
        // As large as the item alone is looked at, and once: a loop appends to an array that grows.
        long characters = ValueBound.characters(item);
        variablesLock.lock();
        try {
            Variable longer = variables.get(name).with(item, characters);
            Optional<String> complaint = ValueBound.complaint(longer.characters());
            if (complaint.isPresent()) {
                throw ActivityFailure.user("VariableTooLarge", "AppendVariable " + complaint.get() + " of the variable '" + name + "'");
            }
            variables.put(name, longer);
        } finally {
            variablesLock.unlock();
        }
    }

    /// @param characters about how long it is as text
    private record Variable(JsonNode value, long characters) {
        static Variable of(JsonNode value) {
            return new Variable(value, ValueBound.characters(value));
        }

        Variable with(JsonNode item, long more) {
            ArrayNode longer = JsonNodeFactory.instance.arrayNode(value.size() + 1);
            value.forEach(longer::add);
            return new Variable(longer.add(item), characters + more);
        }
    }

    private Optional<JsonNode> variable(String name) {
        variablesLock.lock();
        try {
            return Optional.ofNullable(variables.get(name)).map(Variable::value);
        } finally {
            variablesLock.unlock();
        }
    }

    private void runToTheEnd() {
        if (this == root) {
            try (stores) {
                run();
                joinUnawaited();
            }
        } else {
            run();
        }
    }

    private void run() {
        Status status;
        String message = "";
        boolean isIn = false;
        try {
            isIn = queue();
            tell(new RunEvent.RunStarted(record(Status.IN_PROGRESS, "", Optional.empty())));
            Optional<ActivityContext.Failure> failure =
                    run(pipeline.activities(), RunScope.of(root(created), this::variable, clock()), Optional.empty(), path, recovery.isPresent());
            status = failure.isPresent() ? Status.FAILED : Status.SUCCEEDED;
            message = failure.map(f -> "Operation on target " + f.activity() + " failed: " + f.message()).orElse("");
        } catch (InterruptedException cancelled) {
            status = Status.CANCELLED;
            message = isIn || concurrency().isEmpty() ? "The run was cancelled" : "The run was cancelled before it started";
        } catch (RuntimeException | Error defect) {
            LOG.error("A run of pipeline '{}' stopped on a defect", pipeline.name(), defect);
            status = Status.FAILED;
            message = "The run stopped on a defect of Conshelf: " + defect;
        } finally {
            if (isIn) {
                runner.queue().leave(pipeline.name());
            }
        }
        RunRecord record = record(status, message, Optional.of(clock().instant()));
        ended.set(record);
        tell(new RunEvent.RunEnded(record));
    }

    /// True when the run holds one of the places that its pipeline's `concurrency` gives.
    private boolean queue() throws InterruptedException {
        Optional<Integer> max = concurrency();
        if (max.isEmpty()) {
            return false;
        }
        if (!runner.queue().hasRoom(pipeline.name(), id, max.get())) {
            tell(new RunEvent.RunQueued(record(Status.QUEUED, "", Optional.empty())));
        }
        runner.queue().enter(pipeline.name(), id, max.get());
        return true;
    }

    private void joinUnawaited() {
        for (Thread child = unawaited.poll(); child != null; child = unawaited.poll()) {
            while (child.isAlive()) {
                try {
                    child.join();
                } catch (InterruptedException cancelled) {
                    // They were told to stop as well, if they are to; the connections stay open until they have.
                }
            }
        }
    }

    /// The value without the secrets of the run's parameters.
    JsonNode masked(JsonNode value) {
        return Secrets.mask(value, secrets);
    }

    /// The run as it stands.
    RunRecord record(Status status, String message, Optional<Instant> end) {
        ObjectNode shown = JsonNodeFactory.instance.objectNode();
        parameters.forEach((name, value) -> shown.set(name,
                pipeline.parameters().get(name).type() == Parameter.Type.SECURE_STRING ? Secrets.MASK : masked(value)));
        List<ActivityRun> runs = new ArrayList<>(activityRuns);
        runs.sort(Comparator.comparing(ActivityRun::start));
        JsonNode annotations = pipeline.properties().at("annotations").isPresent() ? pipeline.properties().at("annotations").value()
                : JsonNodeFactory.instance.arrayNode();
        JsonNode returnedNow;
        synchronized (returned) {
            returnedNow = returned.deepCopy();
        }
        return new RunRecord(id, groupId, pipeline.name(), shown, dimensions(), invokedBy, status, message, created, end, annotations,
                masked(returnedNow), runs, List.copyOf(children));
    }

    private JsonNode dimensions() {
        ObjectNode dimensions = JsonNodeFactory.instance.objectNode();
        RunScope scope = RunScope.of(root(created), this::variable, clock());
        for (Map.Entry<String, Located> dimension : pipeline.properties().at("runDimensions").properties()) {
            try {
                dimensions.set(dimension.getKey(), masked(Resolver.resolve(dimension.getValue(), scope)));
            } catch (ActivityFailure notReadable) {
                dimensions.set(dimension.getKey(), dimension.getValue().value());
            }
        }
        return dimensions;
    }

    /// The object that `pipeline()` gives.
    private ObjectNode root(Instant start) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("DataFactory", runner.factory().name()).put("Pipeline", pipeline.name()).put("PipelineName", pipeline.name());
        root.put("RunId", id).put("GroupId", groupId);
        root.put("TriggerType", invokedBy.type()).put("TriggerId", invokedBy.id()).put("TriggerName", invokedBy.name());
        root.put("TriggerTime", RunRecord.text(start));
        invokedBy.caller().ifPresent(caller -> root.put("TriggeredByPipelineName", caller.pipelineName()).put("TriggeredByPipelineRunId", caller.runId()));
        ObjectNode given = root.putObject("parameters");
        parameters.forEach(given::set);
        ObjectNode globals = root.putObject("globalParameters");
        runner.factory().globalParameters().values().forEach(global -> globals.set(global.name(), global.value().orElse(NullNode.instance)));
        runner.globalParameters().forEach(globals::set);
        return root;
    }

    /// Runs a list of activities in a scope; used for the pipeline and for the inside of containers.
    ///
    /// @param mayReuse whether what an earlier run brought may be taken over here
    Optional<ActivityContext.Failure> run(List<Activity> activities, RunScope scope, Optional<String> iteration, String path, boolean mayReuse)
            throws InterruptedException {
        Set<String> unchanged = mayReuse ? recovery.map(earlier -> earlier.unchanged(activities, iteration)).orElse(Set.of()) : Set.of();
        return new ActivityGraph(activities, activity -> execute(activity, scope, iteration, path + "/" + activity.name(), unchanged.contains(activity.name())),
                activity -> skip(activity, Status.SKIPPED, iteration)).run();
    }

    private ActivityRun execute(Activity activity, RunScope scope, Optional<String> iteration, String path, boolean isUnchanged) {
        if (activity.inactive().isPresent()) {
            return skip(activity, switch (activity.inactive().get()) {
                case SUCCEEDED -> Status.SUCCEEDED;
                case FAILED -> Status.FAILED;
                case SKIPPED -> Status.SKIPPED;
            }, iteration);
        }
        ActivityType type = ActivityTypes.find(activity.type()).orElseThrow(() -> new AssertionError("activity type passed validation: " + activity.type()));
        Optional<Recovery.Earlier> earlier = isUnchanged ? recovery.flatMap(run -> run.reusable(activity, iteration)) : Optional.empty();
        if (earlier.isPresent()) {
            return reuse(activity, earlier.get().output(), scope, iteration);
        }
        // What once succeeded and is asked for again is to be done again: it may not pass for a repetition of the same.
        boolean isAnew = recovery.filter(run -> run.hasSucceeded(activity, iteration)).isPresent();
        return new ActivityExecution(this, activity, type, scope, iteration, isAnew ? path + "@" + id : path, isUnchanged).execute();
    }

    /// Records an activity whose work of an earlier run still holds.
    private ActivityRun reuse(Activity activity, JsonNode output, RunScope scope, Optional<String> iteration) {
        Instant now = clock().instant();
        ObjectNode nothing = JsonNodeFactory.instance.objectNode();
        ActivityRun reused = new ActivityRun(pipeline.name(), id, activity.name(), activity.type(), UUID.randomUUID().toString(),
                activity.definition().at("linkedServiceName").at("referenceName").text(), Status.SUCCEEDED, now, Optional.of(now), nothing, output,
                Optional.empty(), OptionalInt.empty(), iteration, nothing, true);
        scope.ended(activity.name(), ActivityExecution.inScope(reused));
        ended(reused);
        return reused;
    }

    /// Records an activity that did not run. An inactive one counts as it is marked, and shows as inactive.
    private ActivityRun skip(Activity activity, Status countsAs, Optional<String> iteration) {
        Instant now = clock().instant();
        ObjectNode nothing = JsonNodeFactory.instance.objectNode();
        ActivityRun counted = new ActivityRun(pipeline.name(), id, activity.name(), activity.type(), UUID.randomUUID().toString(), Optional.empty(),
                countsAs, now, Optional.of(now), nothing, nothing, Optional.empty(), OptionalInt.empty(), iteration, nothing, false);
        ended(activity.inactive().isEmpty() ? counted : new ActivityRun(counted.pipelineName(), id, counted.activityName(), counted.activityType(),
                counted.activityRunId(), Optional.empty(), Status.INACTIVE, now, Optional.of(now), nothing, nothing, Optional.empty(), OptionalInt.empty(), iteration, nothing,
                false));
        return counted;
    }

    ActivityContext.Child child(Call call, String name, JsonNode given, boolean waits) throws ActivityFailure, InterruptedException {
        if (depth + 1 >= DEPTH_MAX) {
            throw ActivityFailure.user("PipelineNestingTooDeep", "Pipelines start one another more than " + DEPTH_MAX + " levels deep");
        }
        PipelineRun child;
        try {
            Map<String, JsonNode> values = new TreeMap<>();
            // Arrays and objects reach the other pipeline as JSON text where it declares text: a documented warning of the service.
            given.properties().forEach(p -> values.put(p.getKey(), p.getValue().isContainerNode() && runner.isText(name, p.getKey())
                    ? TextNode.valueOf(p.getValue().toString()) : p.getValue()));
            Optional<Recovery> earlier = recovery.flatMap(run -> run.ofChild(call.activity(), call.iteration(), call.mayReuse()));
            child = runner.prepare(name, values, Optional.of(new Origin(this, call.path())),
                    new Invocation(UUID.randomUUID().toString(), Optional.empty(), earlier), stores);
        } catch (InvalidFactoryException invalid) {
            throw ActivityFailure.user("InvalidPipelineParameters", "Pipeline '" + name + "' cannot start: " + invalid.getMessage());
        }
        started.add(child);
        child.start();
        if (!waits) {
            root.unawaited.add(child.thread);
            return new ActivityContext.Child(name, child.id, JsonNodeFactory.instance.objectNode());
        }
        RunRecord record = await(child);
        children.add(record);
        if (record.status() == Status.CANCELLED && isCancelling.get()) {
            throw new InterruptedException("the run was cancelled");
        }
        if (!record.isSucceeded()) {
            throw ActivityFailure.user("ExecutePipelineFailed", record.message(), JsonNodeFactory.instance.objectNode()
                    .put("pipelineName", name).put("pipelineRunId", record.runId()));
        }
        synchronized (child.returned) {
            return new ActivityContext.Child(name, record.runId(), child.returned.deepCopy());
        }
    }

    private RunRecord await(PipelineRun child) throws InterruptedException {
        try {
            return child.await();
        } catch (InterruptedException stopped) {
            if (leavesChildren) {
                root.unawaited.add(child.thread);
            } else {
                child.cancel(PipelineHandle.Reach.CHILDREN);
                child.thread.join(STOP_MAX);
                Optional.ofNullable(child.ended.get()).ifPresent(children::add);
            }
            throw stopped;
        }
    }
}
