package io.conshelf.factory;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.conshelf.factory.activity.ActivityContext;
import io.conshelf.factory.activity.ActivityFailure;
import io.conshelf.factory.activity.ActivityType;
import io.conshelf.factory.activity.ActivityTypes;
import io.conshelf.factory.copy.Stores;
import io.conshelf.factory.definition.Activity;
import io.conshelf.factory.definition.InvalidFactoryException;
import io.conshelf.factory.definition.Parameter;
import io.conshelf.factory.definition.Pipeline;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One run of one pipeline: its parameters, variables and records.
final class PipelineRun {
    private static final Logger LOG = LoggerFactory.getLogger(PipelineRun.class);
    private static final int DEPTH_MAX = 40;

    private final FactoryRunner runner;
    private final Pipeline pipeline;
    private final Map<String, JsonNode> parameters;
    private final RunRecord.InvokedBy invokedBy;
    private final String id = UUID.randomUUID().toString();
    private final String groupId;
    /// Names this run in its run group: the calls on the way to it.
    private final String path;
    private final int depth;
    private final PipelineRun root;
    /// Runs that were started and are not waited for. The outermost run keeps the connections open until they have ended.
    private final ConcurrentLinkedQueue<Thread> unawaited = new ConcurrentLinkedQueue<>();
    private final Stores stores;
    private final Map<String, JsonNode> variables = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final ReentrantLock variablesLock = new ReentrantLock();
    private final ObjectNode returned = JsonNodeFactory.instance.objectNode();
    private final ConcurrentLinkedQueue<ActivityRun> activityRuns = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<RunRecord> children = new ConcurrentLinkedQueue<>();

    /// The run that calls this one, and the way to the activity that does.
    record Caller(PipelineRun run, String path) {}

    PipelineRun(FactoryRunner runner, Pipeline pipeline, Map<String, JsonNode> parameters, Optional<Caller> calledBy, Stores stores) {
        Optional<PipelineRun> caller = calledBy.map(Caller::run);
        this.runner = runner;
        this.pipeline = pipeline;
        this.parameters = parameters;
        this.groupId = caller.map(run -> run.groupId).orElse(id);
        this.path = calledBy.map(by -> by.path() + "/").orElse(groupId + "/") + pipeline.name();
        this.depth = caller.map(run -> run.depth + 1).orElse(0);
        this.root = caller.map(run -> run.root).orElse(this);
        this.invokedBy = caller.map(run -> new RunRecord.InvokedBy(run.id, run.pipeline.name(), "PipelineActivity",
                Optional.of(new RunRecord.InvokedBy.Caller(run.pipeline.name(), run.id)))).orElseGet(() -> RunRecord.InvokedBy.manual(id));
        this.stores = stores;
        pipeline.variables().values().forEach(variable -> variables.put(variable.name(), variable.value().orElseGet(() -> initial(variable))));
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

    String id() {
        return id;
    }

    Pipeline pipeline() {
        return pipeline;
    }

    Stores stores() {
        return stores;
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

    JsonNode changeVariable(String name, UnaryOperator<JsonNode> change) {
        variablesLock.lock();
        try {
            JsonNode changed = change.apply(variables.get(name));
            variables.put(name, changed);
            return changed;
        } finally {
            variablesLock.unlock();
        }
    }

    private Optional<JsonNode> variable(String name) {
        variablesLock.lock();
        try {
            return Optional.ofNullable(variables.get(name));
        } finally {
            variablesLock.unlock();
        }
    }

    RunRecord run() {
        Instant start = clock().instant();
        tell(new RunEvent.RunStarted(pipeline.name(), id, start));
        Status status;
        String message = "";
        try {
            Optional<ActivityContext.Failure> failure = run(pipeline.activities(), RunScope.of(root(start), this::variable, clock()), Optional.empty(), path);
            status = failure.isPresent() ? Status.FAILED : Status.SUCCEEDED;
            message = failure.map(f -> "Operation on target " + f.activity() + " failed: " + f.message()).orElse("");
        } catch (InterruptedException cancelled) {
            status = Status.CANCELLED;
            message = "The run was cancelled";
        }
        RunRecord record = record(status, message, start);
        tell(new RunEvent.RunEnded(record));
        return record;
    }

    void joinUnawaited() {
        for (Thread thread = unawaited.poll(); thread != null; thread = unawaited.poll()) {
            try {
                thread.join();
            } catch (InterruptedException cancelled) {
                thread.interrupt();
                unawaited.forEach(Thread::interrupt);
                return;
            }
        }
    }

    /// The value without the secrets of the run's parameters.
    JsonNode masked(JsonNode value) {
        List<String> secrets = pipeline.parameters().values().stream().filter(parameter -> parameter.type() == Parameter.Type.SECURE_STRING)
                .map(parameter -> parameters.get(parameter.name()).asText()).filter(text -> !text.isEmpty()).toList();
        return Secrets.mask(value, secrets);
    }

    private RunRecord record(Status status, String message, Instant start) {
        ObjectNode shown = JsonNodeFactory.instance.objectNode();
        parameters.forEach((name, value) -> shown.set(name,
                pipeline.parameters().get(name).type() == Parameter.Type.SECURE_STRING ? Secrets.MASK : value));
        List<ActivityRun> runs = new ArrayList<>(activityRuns);
        runs.sort(Comparator.comparing(ActivityRun::start));
        JsonNode annotations = pipeline.properties().at("annotations").isPresent() ? pipeline.properties().at("annotations").value()
                : JsonNodeFactory.instance.arrayNode();
        return new RunRecord(id, groupId, pipeline.name(), shown, invokedBy, status, message, start, clock().instant(), annotations, returned, runs,
                List.copyOf(children));
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
    Optional<ActivityContext.Failure> run(List<Activity> activities, RunScope scope, Optional<String> iteration, String path) throws InterruptedException {
        return new ActivityGraph(activities, activity -> execute(activity, scope, iteration, path + "/" + activity.name()), activity -> skip(activity, Status.SKIPPED, iteration)).run();
    }

    private ActivityRun execute(Activity activity, RunScope scope, Optional<String> iteration, String path) {
        if (activity.inactive().isPresent()) {
            return skip(activity, switch (activity.inactive().get()) {
                case SUCCEEDED -> Status.SUCCEEDED;
                case FAILED -> Status.FAILED;
                case SKIPPED -> Status.SKIPPED;
            }, iteration);
        }
        ActivityType type = ActivityTypes.find(activity.type()).orElseThrow(() -> new AssertionError("activity type passed validation: " + activity.type()));
        return new ActivityExecution(this, activity, type, scope, iteration, path).execute();
    }

    /// Records an activity that did not run. An inactive one counts as it is marked, and shows as inactive.
    private ActivityRun skip(Activity activity, Status countsAs, Optional<String> iteration) {
        Instant now = clock().instant();
        ObjectNode nothing = JsonNodeFactory.instance.objectNode();
        ActivityRun counted = new ActivityRun(pipeline.name(), id, activity.name(), activity.type(), UUID.randomUUID().toString(), Optional.empty(),
                countsAs, now, now, nothing, nothing, Optional.empty(), OptionalInt.empty(), iteration, nothing);
        ended(activity.inactive().isEmpty() ? counted : new ActivityRun(counted.pipelineName(), id, counted.activityName(), counted.activityType(),
                counted.activityRunId(), Optional.empty(), Status.INACTIVE, now, now, nothing, nothing, Optional.empty(), OptionalInt.empty(), iteration, nothing));
        return counted;
    }

    ActivityContext.Child child(String name, JsonNode given, boolean waits, String path) throws ActivityFailure, InterruptedException {
        if (depth + 1 >= DEPTH_MAX) {
            throw ActivityFailure.user("PipelineNestingTooDeep", "Pipelines start one another more than " + DEPTH_MAX + " levels deep");
        }
        PipelineRun child;
        try {
            Map<String, JsonNode> values = new TreeMap<>();
            // Arrays and objects reach the other pipeline as JSON text where it declares text: a documented warning of the service.
            given.properties().forEach(p -> values.put(p.getKey(), p.getValue().isContainerNode() && runner.isText(name, p.getKey())
                    ? TextNode.valueOf(p.getValue().toString()) : p.getValue()));
            child = runner.prepare(name, values, Optional.of(new Caller(this, path)), stores);
        } catch (InvalidFactoryException invalid) {
            throw ActivityFailure.user("InvalidPipelineParameters", "Pipeline '" + name + "' cannot start: " + invalid.getMessage());
        }
        if (!waits) {
            root.unawaited.add(Thread.ofVirtual().name("pipeline " + name).start(child::run));
            return new ActivityContext.Child(name, child.id, JsonNodeFactory.instance.objectNode());
        }
        RunRecord record = child.run();
        children.add(record);
        if (record.status() == Status.CANCELLED) {
            throw new InterruptedException("the run was cancelled");
        }
        if (!record.isSucceeded()) {
            throw ActivityFailure.user("ExecutePipelineFailed", record.message());
        }
        return new ActivityContext.Child(name, record.runId(), record.returnValue());
    }
}
