package io.conshelf.streams.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.connectors.management.Operations;
import io.conshelf.connectors.management.Refusal;
import io.conshelf.connectors.management.ServiceJson;
import io.conshelf.streams.job.Datasources;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.job.JobJson;
import io.conshelf.streams.job.JobReading;
import io.conshelf.streams.run.JobCheck;
import io.conshelf.streams.run.JobState;
import io.conshelf.streams.run.ReadyJob;
import io.conshelf.streams.run.RunningJob;
import io.conshelf.streams.run.StartMode;
import io.conshelf.streams.service.Identities.JobIdentity;
import io.conshelf.streams.value.Ticks;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Starts and stops jobs, and goes on with those that ran when the service ended.
final class JobRuns implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JobRuns.class);
    private static final Set<String> STARTABLE = Set.of("Created", "Stopped", "Failed");
    private static final Set<String> UNDER_WAY = Set.of("Starting", "Running", "Degraded", "Restarting");
    /// Of one run, in all its parts.
    private static final int ERRORS_MAX = 100;
    private static final Duration LOOKING = Duration.ofSeconds(5);
    /// How often a job is looked at again that is changed while it is looked at.
    private static final int CHANGES_MAX = 5;

    private final Jobs jobs;
    private final Operations operations;
    private final InstantSource clock;
    private final Map<String, RunningJob> running = new ConcurrentHashMap<>();
    private volatile Optional<Outside> outside = Optional.empty();
    private volatile boolean isClosed;

    /// What is there once the server answers.
    record Outside(JobLauncher launcher, Identities identities) {}

    JobRuns(Jobs jobs, Operations operations, InstantSource clock) {
        this.jobs = jobs;
        this.operations = operations;
        this.clock = clock;
    }

    void started(Outside found) {
        outside = Optional.of(found);
        for (StoredJob job : jobs.all()) {
            if (UNDER_WAY.contains(job.state())) {
                Thread.ofVirtual().name("job-" + job.id().name()).start(() -> goOn(job));
            } else if (job.state().equals("Stopping")) {
                jobs.changeIfThere(job.id(), before -> before.in("Stopped"));
            }
        }
    }

    private Outside outside() {
        return outside.orElseThrow(() -> Refusal.of(503, "ServiceUnavailable", "", "The service is starting."));
    }

    Optional<Outside> found() {
        return outside;
    }

    Optional<JobIdentity> identity(JobId id) {
        return outside.map(found -> found.identities().identity(identityName(id)));
    }

    private static String identityName(JobId id) {
        return "streamingjob " + id.resourceGroup() + "/" + id.name();
    }

    /// Gives a job that writes into Azure Data Explorer the roles that it needs, as the portal does when the output is made.
    void grant(StoredJob job, ObjectNode output) {
        boolean isKusto = output.path("datasource").path("type").asText().equalsIgnoreCase(Datasources.KUSTO);
        String database = output.path("datasource").path("properties").path("database").asText();
        if (isKusto && hasIdentity(job) && !database.isBlank()) {
            // Where there is no such database yet, the roles come when the job starts.
            outside.ifPresent(found -> found.identities().grant(found.identities().identity(identityName(job.id())), database, List.of("monitors", "ingestors")));
        }
    }

    private static boolean hasIdentity(StoredJob job) {
        return job.resource().path("identity").path("type").asText().contains("SystemAssigned");
    }

    private String clientId(StoredJob job) {
        return hasIdentity(job) ? outside().identities().identity(identityName(job.id())).clientId() : "";
    }

    String state(StoredJob job) {
        RunningJob run = running.get(job.id().key());
        if (run == null || !UNDER_WAY.contains(job.state())) {
            return job.state();
        }
        // Asked once: a run that has failed meanwhile is told of with its reason, which is stored with the job's state.
        JobState now = run.state();
        return now.isOver() ? job.state() : now.title();
    }

    Optional<Instant> lastOutput(StoredJob job) {
        return Optional.ofNullable(running.get(job.id().key())).map(run -> run.metrics().lastOutputEventTicks()).filter(ticks -> ticks > 0).map(Ticks::instant)
                .or(() -> Optional.of(job.run().path("lastOutput").asText("")).filter(text -> !text.isEmpty()).map(Instant::parse));
    }

    /// `{"conditions": [{"since", "code", "message"}]}` of an input or output: of the run that is under way, or of the last.
    Optional<ObjectNode> diagnostics(StoredJob job, String part) {
        RunningJob run = running.get(job.id().key());
        Iterable<JsonNode> errors = run == null ? job.run().path("errors") : errors(run);
        ObjectNode diagnostics = ServiceJson.MAPPER.createObjectNode();
        ArrayNode conditions = diagnostics.putArray("conditions");
        errors.forEach(error -> {
            if (error.path("source").asText().equalsIgnoreCase(part)) {
                ObjectNode condition = error.deepCopy();
                condition.remove("source");
                conditions.add(condition);
            }
        });
        return Optional.of(diagnostics).filter(_ -> !conditions.isEmpty());
    }

    private static ArrayNode errors(RunningJob run) {
        ArrayNode errors = ServiceJson.MAPPER.createArrayNode();
        run.diagnostics().stream().limit(ERRORS_MAX).forEach(error -> errors.addObject().put("source", error.example().source())
                .put("since", JobResources.text(error.first())).put("code", error.example().type())
                .put("message", error.example().message() + " (" + error.count() + " times, last at " + JobResources.text(error.last()) + ")"));
        return errors;
    }

    /// Keeps what was wrong with data in a run that is over, until the next.
    private void remember(JobId id, RunningJob run) {
        ArrayNode errors = errors(run);
        if (!errors.isEmpty()) {
            jobs.changeIfThere(id, before -> {
                ObjectNode remembered = before.run().deepCopy();
                remembered.set("errors", errors);
                return before.ran(remembered);
            });
        }
    }

    /// `{"conditions": […]}` of a job that has failed, or that waits for what does not answer.
    Optional<ObjectNode> diagnostics(StoredJob job) {
        String failure = job.run().path("failure").asText("");
        if (job.state().equals("Failed") && !failure.isEmpty()) {
            return Optional.of(condition(job.run().path("failedAt").asText(""), "JobFailed", failure));
        }
        return Optional.ofNullable(running.get(job.id().key())).filter(run -> !run.state().isOver()).flatMap(RunningJob::problem)
                .map(problem -> condition(JobResources.text(clock.instant()), "JobDegraded", problem));
    }

    private static ObjectNode condition(String since, String code, String message) {
        ObjectNode diagnostics = ServiceJson.MAPPER.createObjectNode();
        ObjectNode condition = diagnostics.putArray("conditions").addObject();
        if (!since.isEmpty()) {
            condition.put("since", since);
        }
        condition.put("code", code).put("message", message);
        return diagnostics;
    }

    /// Of jobs under way.
    String metrics() {
        List<MetricsText.OfJob> counted = new ArrayList<>();
        for (StoredJob job : jobs.all()) {
            RunningJob run = running.get(job.id().key());
            if (run != null) {
                counted.add(new MetricsText.OfJob(job.id(), run.metrics().byName()));
            }
        }
        return MetricsText.of(counted);
    }

    /// @throws Refusal with everything that is wrong, also with what the outputs are, where something is wrong with the definition
    private ReadyJob ready(StoredJob job) {
        JobReading reading = JobJson.read(job.definition());
        String name = job.id().name();
        List<Problem> problems = new ArrayList<>(reading.problems());
        if (job.parts().get(PartKind.INPUT).isEmpty()) {
            problems.add(new Problem(name, "inputs", "there is none: a job needs an input"));
        }
        if (job.parts().get(PartKind.OUTPUT).isEmpty()) {
            problems.add(new Problem(name, "outputs", "there is none: a job needs an output"));
        }
        Optional<ReadyJob> ready = Optional.empty();
        if (!reading.job().query().isBlank()) {
            JobCheck check = JobCheck.of(reading.job(), reading.outline());
            ready = check.ready();
            check.query().knowing(reading.outline().outputs().stream().map(JobDefinition.Output::name).toList()).errors()
                    .forEach(error -> problems.add(new Problem(name, "transformation.query", error.toString())));
            check.scripts().forEach(problem -> problems.add(new Problem(name, "functions/" + problem.function(), problem.placed())));
        }
        if (problems.isEmpty()) {
            return ready.orElseThrow();
        }
        ready.ifPresent(found -> differences(job, found).forEach(difference -> problems.add(new Problem(name, "outputs", difference))));
        throw invalid(job.id(), "The job cannot be started", problems);
    }

    private List<String> differences(StoredJob job, ReadyJob ready) {
        try {
            return outside().launcher().differences(ready, clientId(job));
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    private static Refusal invalid(JobId id, String what, List<Problem> problems) {
        Problem first = problems.getFirst();
        return Refusal.of(400, "BadRequest", id.path(), what + ": '" + first.path() + "' " + first.message()
                + (problems.size() == 1 ? "" : " (and " + (problems.size() - 1) + " more in 'details')"), "BadRequest", problems);
    }

    /// Starts a job.
    ///
    /// @param mode JobStartTime, CustomTime or LastOutputEventTime
    /// @return the operation that ends when it runs
    String start(JobId id, String mode, Optional<String> time) {
        for (int i = 0; i < CHANGES_MAX; i++) {
            Optional<String> operation = started(jobs.get(id), mode, time);
            if (operation.isPresent()) {
                return operation.get();
            }
        }
        throw Refusal.conflict(id.path(), "The job '" + id.name() + "' is being changed; start it when that has ended.");
    }

    /// @return empty where the job has been changed since it was found to be ready: what would run is another one now
    private Optional<String> started(StoredJob job, String mode, Optional<String> time) {
        Outside found = outside();
        JobId id = job.id();
        StartMode start = mode(job, mode, time);
        ReadyJob ready = ready(job);
        ObjectNode run = job.run().deepCopy().put("startMode", canonical(mode))
                .put("startTime", JobResources.text(start instanceof StartMode.From(long ticks) ? Ticks.instant(ticks) : clock.instant())).put("hasRun", true);
        run.remove(List.of("failure", "failedAt", "errors"));
        StoredJob starting = jobs.change(id, before -> {
            StoredJob now = before.orElseThrow(() -> Jobs.noJob(id));
            if (!STARTABLE.contains(now.state())) {
                throw Refusal.conflict(id.path(), "The job '" + id.name() + "' is " + state(now) + " already.");
            }
            return now.etag().equals(job.etag()) ? now.in("Starting").ran(run) : now;
        });
        if (!starting.etag().equals(job.etag())) {
            return Optional.empty();
        }
        starting.parts().get(PartKind.OUTPUT).values().forEach(output -> grant(starting, output.properties()));
        String operation = operations.begin();
        Thread.ofVirtual().name("job-" + id.name()).start(() -> run(found, starting, ready, start, operation));
        return Optional.of(operation);
    }

    private static String canonical(String mode) {
        return List.of("JobStartTime", "CustomTime", "LastOutputEventTime").stream().filter(mode::equalsIgnoreCase).findFirst().orElse(mode);
    }

    private StartMode mode(StoredJob job, String mode, Optional<String> time) {
        return switch (mode.toLowerCase(Locale.ROOT)) {
            case "jobstarttime" -> new StartMode.Now();
            case "customtime" -> new StartMode.From(ticks(job, time.orElseThrow(() ->
                    Refusal.badRequest(job.id().path(), "'outputStartTime' is required when 'outputStartMode' is CustomTime."))));
            case "lastoutputeventtime" -> {
                if (!job.run().path("hasRun").asBoolean()) {
                    throw Refusal.badRequest(job.id().path(), "'outputStartMode' LastOutputEventTime is for jobs that have run before; this one has not.");
                }
                yield new StartMode.LastStopped();
            }
            default -> throw Refusal.badRequest(job.id().path(), "'outputStartMode' is JobStartTime, CustomTime or LastOutputEventTime, found '" + mode + "'.");
        };
    }

    private static long ticks(StoredJob job, String time) {
        try {
            return Ticks.of(java.time.OffsetDateTime.parse(time).toInstant());
        } catch (DateTimeParseException notATime) {
            throw Refusal.badRequest(job.id().path(), "'outputStartTime' is a time such as 2026-01-31T08:00:00Z, found '" + time + "'.");
        }
    }

    private void run(Outside found, StoredJob job, ReadyJob ready, StartMode mode, String operation) {
        try {
            RunningJob run = found.launcher().start(name(job), ready, mode, clientId(job));
            if (!keep(job, run)) {
                run.cancel();
                found.launcher().forget(name(job));
                operations.failed(operation, Jobs.noJob(job.id()));
                return;
            }
            jobs.changeIfThere(job.id(), before -> before.state().equals("Starting") ? before.in("Running") : before);
            operations.done(operation, Optional.empty());
            watch(job.id(), run);
        } catch (LaunchException failure) {
            failed(job.id(), String.valueOf(failure.getMessage()));
            operations.failed(operation, notStarted(job.id(), failure));
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException defect) {
            LOG.error("job {} did not start", job.id().name(), defect);
            failed(job.id(), String.valueOf(defect.getMessage()));
            operations.failed(operation, Refusal.of(500, "InternalServerError", job.id().path(), "The job did not start: " + defect.getMessage()));
        }
    }

    private static Refusal notStarted(JobId id, LaunchException failure) {
        List<Problem> details = failure.obstacles().stream().map(obstacle -> new Problem(id.name(), "", obstacle)).toList();
        return Refusal.of(409, "JobFailed", id.path(), "The job '" + id.name() + "' did not start: " + failure.obstacles().getFirst()
                + (details.size() == 1 ? "" : " (and " + (details.size() - 1) + " more in 'details')"), "JobFailed", details);
    }

    /// Keeps what runs with its job.
    ///
    /// @return false where the job has been deleted since
    private boolean keep(StoredJob job, RunningJob run) {
        synchronized (running) {
            boolean isThere = jobs.find(job.id()).filter(now -> name(now).equals(name(job))).isPresent();
            if (isThere) {
                running.put(job.id().key(), run);
            }
            return isThere;
        }
    }

    private void failed(JobId id, String why) {
        if (!isClosed) {
            LOG.warn("job {} failed: {}", id.name(), why);
            jobs.changeIfThere(id, before -> failed(before, why));
        }
    }

    /// Jobs of one name in different groups are different jobs.
    private static String name(StoredJob job) {
        return job.resource().path("properties").path("jobId").asText();
    }

    /// Goes on with a job that an earlier process left running.
    private void goOn(StoredJob job) {
        try {
            ReadyJob ready = ready(job);
            run(outside(), job.in("Starting"), ready, new StartMode.Continue(), operations.begin());
        } catch (Refusal refusal) {
            failed(job.id(), refusal.getMessage());
        }
    }

    private void watch(JobId id, RunningJob run) throws InterruptedException {
        boolean isOver = false;
        while (!isOver) {
            isOver = run.await(LOOKING);
            if (isClosed) {
                return;
            }
            long ticks = run.metrics().lastOutputEventTicks();
            if (ticks > 0) {
                String time = JobResources.text(Ticks.instant(ticks));
                jobs.changeIfThere(id, before -> before.run().path("lastOutput").asText().equals(time) ? before
                        : before.ran(before.run().deepCopy().put("lastOutput", time)));
            }
        }
        // another run may be the job's by now
        if (running.get(id.key()) == run) {
            remember(id, run);
            if (run.state() == JobState.FAILED) {
                LOG.warn("job {} failed: {}", id.name(), run.problem().orElse("The job failed."));
            }
            jobs.changeIfThere(id, before -> running.get(id.key()) == run ? over(before, run) : before);
            // Not before: a job that is told to be running has a run that can be stopped.
            running.remove(id.key(), run);
        }
    }

    private StoredJob over(StoredJob job, RunningJob run) {
        return run.state() == JobState.FAILED ? failed(job, run.problem().orElse("The job failed.")) : job.in("Stopped");
    }

    private StoredJob failed(StoredJob job, String why) {
        return job.in("Failed").ran(job.run().deepCopy().put("failure", why).put("failedAt", JobResources.text(clock.instant())));
    }

    /// Stops a job; doing it twice does nothing more.
    ///
    /// @return the operation that ends when it has stopped; empty when it does not run
    Optional<String> stop(JobId id) {
        StoredJob job = jobs.get(id);
        if (STARTABLE.contains(job.state())) {
            return Optional.empty();
        }
        RunningJob run = running.get(id.key());
        if (run == null) {
            throw Refusal.conflict(id.path(), "The job '" + id.name() + "' is " + job.state() + "; ask again when it is Running.");
        }
        jobs.changeIfThere(id, before -> UNDER_WAY.contains(before.state()) ? before.in("Stopping") : before);
        String operation = operations.begin();
        Thread.ofVirtual().name("stop-" + id.name()).start(() -> {
            try {
                run.stop();
                remember(id, run);
                running.remove(id.key(), run);
                long ticks = run.metrics().lastOutputEventTicks();
                jobs.changeIfThere(id, before -> (ticks > 0 ? before.ran(before.run().deepCopy().put("lastOutput", JobResources.text(Ticks.instant(ticks)))) : before)
                        .in("Stopped"));
                operations.done(operation, Optional.empty());
            } catch (InterruptedException ending) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException defect) {
                LOG.error("job {} did not stop", id.name(), defect);
                failed(id, String.valueOf(defect.getMessage()));
                operations.failed(operation, Refusal.of(500, "InternalServerError", id.path(), "The job did not stop: " + defect.getMessage()));
            }
        });
        return Optional.of(operation);
    }

    /// Ends a job that has been deleted. One that is starting ends when it has started: it finds out then that it is no longer there.
    void deleted(StoredJob job) {
        Optional<RunningJob> ended;
        synchronized (running) {
            ended = Optional.ofNullable(running.remove(job.id().key()));
        }
        ended.ifPresent(run -> {
            try {
                run.cancel();
            } catch (InterruptedException ending) {
                Thread.currentThread().interrupt();
            }
        });
        outside.ifPresent(found -> {
            found.launcher().forget(name(job));
            if (hasIdentity(job)) {
                found.identities().remove(found.identities().identity(identityName(job.id())));
            }
        });
    }

    @Override
    public void close() {
        isClosed = true;
        outside.ifPresent(found -> found.launcher().close());
    }
}
