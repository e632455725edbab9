package io.conshelf.factory;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.factory.activity.ActivityContext;
import io.conshelf.factory.activity.ActivityFailure;
import io.conshelf.factory.activity.ActivityType;
import io.conshelf.factory.activity.Callbacks;
import io.conshelf.factory.copy.Resolver;
import io.conshelf.factory.copy.Stores;
import io.conshelf.factory.definition.Activity;
import io.conshelf.factory.definition.Pipeline;
import io.conshelf.factory.expression.Scope;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/// Runs one activity: evaluates its properties, runs it within its timeout, tries again as its policy says.
final class ActivityExecution implements ActivityContext {
    private static final Duration STOP_MAX = Duration.ofSeconds(30);

    private final PipelineRun run;
    private final Activity activity;
    private final ActivityType type;
    private final RunScope scope;
    private final Optional<String> iteration;
    private final String path;
    /// Whether what is inside may be taken over from an earlier run.
    private final boolean mayReuse;
    private final Map<String, Integer> passes = new ConcurrentHashMap<>();
    private String activityRunId = "";
    private Located properties;

    ActivityExecution(PipelineRun run, Activity activity, ActivityType type, RunScope scope, Optional<String> iteration, String path, boolean mayReuse) {
        this.run = run;
        this.path = path;
        this.activity = activity;
        this.type = type;
        this.scope = scope;
        this.iteration = iteration;
        // The passes of an Until cannot be told apart.
        this.mayReuse = mayReuse && !activity.type().equalsIgnoreCase("Until");
        this.properties = activity.typeProperties();
    }

    /// An attempt that was told to stop has not ended in the time it was given.
    private boolean isStillRunning;

    /// How an attempt ended.
    private sealed interface Result {
        record Done(JsonNode output) implements Result {}

        record Failed(Status status, ActivityRun.Failure failure, JsonNode output) implements Result {
            Failed(Status status, ActivityRun.Failure failure) {
                this(status, failure, JsonNodeFactory.instance.objectNode());
            }
        }
    }

    ActivityRun execute() {
        long attempts = attempts();
        for (int attempt = 0; ; attempt++) {
            ActivityRun ended = attempt(attempt == 0 ? OptionalInt.empty() : OptionalInt.of(attempt));
            if (ended.status() == Status.SUCCEEDED || ended.status() == Status.CANCELLED || attempt + 1 >= attempts) {
                return ended;
            }
            // Two attempts side by side would move the same rows twice.
            if (isStillRunning) {
                return ended;
            }
            try {
                run.pause(activity.policy().retryInterval());
            } catch (InterruptedException cancelled) {
                Thread.currentThread().interrupt();
                return ended;
            }
        }
    }

    private long attempts() {
        Located retry = activity.policy().retry();
        if (!retry.isPresent()) {
            return 1;
        }
        try {
            JsonNode value = resolve(retry);
            return 1 + Math.max(0, new Located(retry.file(), retry.path(), value).integer().orElse(0L));
        } catch (ActivityFailure notReadable) {
            return 1;
        }
    }

    private ActivityRun attempt(OptionalInt retryAttempt) {
        activityRunId = UUID.randomUUID().toString();
        passes.clear();
        Instant start = run.clock().instant();
        ObjectNode nothing = JsonNodeFactory.instance.objectNode();
        run.tell(new RunEvent.ActivityStarted(
                run(Status.IN_PROGRESS, start, Optional.empty(), nothing, nothing, Optional.empty(), retryAttempt),
                activity.policy().hidesInput() ? Optional.empty() : scope.item().map(run::masked)));
        AtomicReference<Result> result = new AtomicReference<>();
        AtomicReference<JsonNode> input = new AtomicReference<>(JsonNodeFactory.instance.objectNode());
        Thread worker = Thread.ofVirtual().name(activity.name()).start(() -> result.set(work(input)));
        Status interrupted = Status.CANCELLED;
        try {
            if (!worker.join(activity.policy().timeout())) {
                interrupted = Status.TIMED_OUT;
                stop(worker);
            }
        } catch (InterruptedException cancelled) {
            stop(worker);
            Thread.currentThread().interrupt();
        }
        isStillRunning = worker.isAlive();
        ActivityRun ended = record(start, retryAttempt, input.get(), settle(result.get(), interrupted));
        run.ended(ended);
        return ended;
    }

    private static void stop(Thread worker) {
        worker.interrupt();
        boolean wasInterrupted = Thread.interrupted();
        try {
            worker.join(STOP_MAX);
        } catch (InterruptedException again) {
            wasInterrupted = true;
        }
        if (wasInterrupted) {
            Thread.currentThread().interrupt();
        }
    }

    // A worker that was interrupted may still have ended as it should.
    private Result settle(Result result, Status interrupted) {
        if (result instanceof Result.Done || result instanceof Result.Failed(Status status, var _, var _) && status != Status.CANCELLED) {
            return result;
        }
        String message = interrupted == Status.TIMED_OUT
                ? "Activity timed out after " + activity.policy().timeout().toSeconds() + " s"
                : "Activity was cancelled";
        return new Result.Failed(interrupted, new ActivityRun.Failure(interrupted == Status.TIMED_OUT ? "ActivityTimedOut" : "OperationCancelled", message,
                ActivityFailure.FailureType.USER.title()));
    }

    private Result work(AtomicReference<JsonNode> input) {
        try {
            ObjectNode evaluated = JsonNodeFactory.instance.objectNode();
            for (var property : activity.typeProperties().properties()) {
                boolean isLazy = type.property(property.getKey()).map(p -> p.treatment() == ActivityType.Treatment.LAZY).orElse(false);
                if (!isLazy) {
                    evaluated.set(property.getKey(), resolve(property.getValue()));
                }
            }
            properties = new Located(activity.definition().file(), activity.typeProperties().path(), evaluated);
            input.set(evaluated);
            return new Result.Done(type.runner().run(this));
        } catch (ActivityFailure failure) {
            if (Thread.currentThread().isInterrupted()) {
                return new Result.Failed(Status.CANCELLED, new ActivityRun.Failure("OperationCancelled", failure.getMessage(), failure.failureType().title()));
            }
            Status status = switch (failure.ending()) {
                case FAILED -> Status.FAILED;
                case TIMED_OUT -> Status.TIMED_OUT;
            };
            return new Result.Failed(status, new ActivityRun.Failure(failure.errorCode(), failure.getMessage(), failure.failureType().title()), failure.output());
        } catch (InterruptedException cancelled) {
            return new Result.Failed(Status.CANCELLED, new ActivityRun.Failure("OperationCancelled", "Activity was cancelled", "UserError"));
        } catch (RuntimeException | Error defect) {
            run.report(activity.name(), defect);
            return new Result.Failed(Status.FAILED, new ActivityRun.Failure("InternalError", "The activity stopped on a defect of Conshelf: " + defect,
                    ActivityFailure.FailureType.SYSTEM.title()));
        }
    }

    private ActivityRun record(Instant start, OptionalInt retryAttempt, JsonNode input, Result result) {
        Optional<Instant> end = Optional.of(run.clock().instant());
        Status status = switch (result) {
            case Result.Done _ -> Status.SUCCEEDED;
            case Result.Failed(Status failed, var _, var _) -> failed;
        };
        JsonNode output = switch (result) {
            case Result.Done(JsonNode done) -> done;
            case Result.Failed(var _, var _, JsonNode left) -> left;
        };
        Optional<ActivityRun.Failure> failure = result instanceof Result.Failed(var _, ActivityRun.Failure why, var _)
                ? Optional.of(new ActivityRun.Failure(why.errorCode(), run.masked(TextNode.valueOf(why.message())).asText(), why.failureType()))
                : Optional.empty();
        ActivityRun full = run(status, start, end, run.masked(input), output, failure, retryAttempt);
        // Downstream expressions see what the run record hides.
        scope.ended(activity.name(), inScope(full));
        return run(status, start, end, activity.policy().hidesInput() ? JsonNodeFactory.instance.objectNode() : full.input(),
                activity.policy().hidesOutput() ? JsonNodeFactory.instance.objectNode() : run.masked(output), failure, retryAttempt);
    }

    private ActivityRun run(Status status, Instant start, Optional<Instant> end, JsonNode input, JsonNode output, Optional<ActivityRun.Failure> failure,
            OptionalInt retryAttempt) {
        ObjectNode userProperties = JsonNodeFactory.instance.objectNode();
        for (Located property : activity.definition().at("userProperties").items()) {
            try {
                userProperties.set(property.at("name").text(""), run.masked(resolve(property.at("value"))));
            } catch (ActivityFailure notReadable) {
                userProperties.set(property.at("name").text(""), property.at("value").value());
            }
        }
        return new ActivityRun(run.pipeline().name(), run.id(), activity.name(), activity.type(), activityRunId,
                activity.definition().at("linkedServiceName").at("referenceName").text(), status, start, end, input, output, failure, retryAttempt,
                iteration, userProperties, false);
    }

    /// What expressions of other activities see of one that has ended.
    static JsonNode inScope(ActivityRun ended) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.set("output", ended.output());
        json.set("error", ended.error());
        json.put("Status", ended.status().title());
        json.put("ActivityName", ended.activityName()).put("ActivityType", ended.activityType()).put("ActivityRunId", ended.activityRunId());
        json.put("PipelineRunId", ended.pipelineRunId());
        json.put("ActivityRunStartTime", RunRecord.text(ended.start())).put("ActivityRunEndTime", RunRecord.text(ended.end().orElse(ended.start())));
        json.put("Duration", "%02d:%02d:%02d.%07d".formatted(ended.duration().toHours(), ended.duration().toMinutesPart(), ended.duration().toSecondsPart(),
                ended.duration().toNanosPart() / 100));
        json.set("userProperties", ended.userProperties());
        return json;
    }

    @Override
    public Activity activity() {
        return activity;
    }

    @Override
    public Pipeline pipeline() {
        return run.pipeline();
    }

    @Override
    public Located properties() {
        return properties;
    }

    @Override
    public Scope scope() {
        return scope;
    }

    @Override
    public JsonNode resolve(Located value) throws ActivityFailure {
        return Resolver.resolve(value, scope);
    }

    @Override
    public JsonNode resolve(Located value, Scope other) throws ActivityFailure {
        return Resolver.resolve(value, other);
    }

    @Override
    public Scope scopeWith(JsonNode item) {
        return scope.inside(Optional.of(item));
    }

    @Override
    public Inner run(Located list, Optional<JsonNode> item) throws InterruptedException {
        List<Problem> problems = new ArrayList<>();
        List<Activity> inner = Activity.readAll(list, problems::add);
        RunScope innerScope = scope.inside(item);
        // The items of a loop are told apart by their value, and equal ones by their number: their order may change, what they do does not.
        String text = item.map(JsonNode::toString).orElse("");
        String pass = path + "/" + text + "#" + passes.merge(text, 1, Integer::sum);
        // A rerun in the same run group finds an iteration by its hash.
        Optional<String> hash = item.isPresent() ? Optional.of(hash(pass)) : iteration;
        Optional<Failure> failure = run.run(inner, innerScope, hash, pass, mayReuse);
        // What ran in a branch, or in the last pass of an Until, is read by activities behind it. Iterations leave no single result.
        if (item.isEmpty()) {
            scope.adopt(innerScope);
        }
        return new Inner(failure, innerScope);
    }

    private static String hash(String pass) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(pass.getBytes(StandardCharsets.UTF_8)), 0, 16);
        } catch (NoSuchAlgorithmException absent) {
            throw new AssertionError("every JDK has SHA-256", absent);
        }
    }

    @Override
    public Child runPipeline(String name, JsonNode parameters, boolean waits) throws ActivityFailure, InterruptedException {
        return run.child(new PipelineRun.Call(activity, iteration, path, mayReuse), name, parameters, waits);
    }

    @Override
    public void setVariable(String name, JsonNode value) {
        run.setVariable(name, value);
    }

    @Override
    public void appendVariable(String name, JsonNode item) throws ActivityFailure {
        run.appendVariable(name, item);
    }

    @Override
    public void returnValue(String key, JsonNode value) {
        run.returnValue(key, value);
    }

    @Override
    public String activityRunId() {
        return activityRunId;
    }

    @Override
    public String copyId() {
        return path;
    }

    @Override
    public Stores stores() {
        return run.stores();
    }

    @Override
    public Callbacks callbacks() {
        return run.callbacks();
    }

    @Override
    public void progress(Progress progress) {
        run.tell(new RunEvent.ActivityProgressed(run.id(), activityRunId, progress));
    }

    @Override
    public void pause(Duration duration) throws InterruptedException {
        run.pause(duration);
    }

    @Override
    public Clock clock() {
        return run.clock();
    }
}
