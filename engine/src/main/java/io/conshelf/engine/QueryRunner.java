package io.conshelf.engine;

import io.conshelf.engine.PreparedQuery.Planned;
import io.conshelf.engine.RunningQuery.Kind;
import io.conshelf.engine.RunningQuery.State;
import io.conshelf.engine.command.Commands;
import io.conshelf.engine.duck.DuckInstance;
import io.conshelf.engine.duck.KernelCalls;
import io.conshelf.engine.duck.QueryConnections;
import io.conshelf.engine.external.ExternalTables;
import io.conshelf.engine.external.OutsideRows.Origin;
import io.conshelf.engine.sql.PlanWriter;
import io.conshelf.engine.sql.QueryContext;
import io.conshelf.engine.sql.Statement;
import io.conshelf.engine.store.Authorization;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.Reading;
import io.conshelf.engine.store.RequestLimits;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.Storage;
import io.conshelf.engine.store.WorkloadGroups;
import io.conshelf.engine.store.WriteStop;
import io.conshelf.kql.bind.Bound;
import io.conshelf.kql.bind.Catalog;
import io.conshelf.kql.bind.Kql;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.syntax.Diagnostic;
import io.conshelf.kql.value.Chunk;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs queries on a bounded number of platform threads and stops them in time.
final class QueryRunner implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(QueryRunner.class);

    /// Deep expressions recurse in the binder and in DuckDB.
    private static final long LANE_STACK_BYTES = 64L << 20;

    /// What `current_cluster_endpoint()` says.
    static final String CLUSTER_URI = "http://localhost";

    /// What a query that is only checked is answered with.
    private static final String CHECKED = "print Result = 'OK'";

    private static final Duration CLOSE_WAIT = Duration.ofSeconds(10);

    private final Limits limits;
    private final WorkloadGroups workloadGroups;
    private final ExternalTables external;
    private final QueryConnections connections;
    private final QueryRun.Readings readings;
    private final Map<Kind, Admission> admissions;
    private final RequestClassification classification;
    private final RequestRates rates;
    private final DuckInstance.Memory memory;
    private final MemoryWatch memoryWatch;
    private final RequestLog log;
    private final KernelCalls kernelCalls;
    // In the order in which they began.
    private final Queue<ActiveRequest> active = new ConcurrentLinkedQueue<>();
    private final ExecutorService lanes = Executors.newCachedThreadPool(laneThreads());
    private static final Pattern GOVERNING =
            Pattern.compile("(?i)\\s*\\.[a-z-]+\\s+(?:workload_groups?|cluster\\s+policy\\s+request_classification)\\b");
    private final ScheduledThreadPoolExecutor deadlines =
            new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("conshelf-deadlines").factory());

    QueryRunner(Limits limits, DuckInstance duck, Storage storage, ExternalTables external) {
        this.limits = limits;
        this.workloadGroups = storage.workloadGroups();
        this.rates = new RequestRates(workloadGroups::rateLimits);
        this.external = external;
        this.log = new RequestLog(limits);
        this.kernelCalls = duck.kernelCalls();
        this.connections = new QueryConnections(duck, limits.concurrentQueries() + limits.concurrentCommands());
        this.readings = storage::readLazily;
        this.classification = new RequestClassification(storage, duck, laneThreads());
        this.admissions = Map.of(
                Kind.QUERY, new Admission(limits.concurrentQueries(), limits.queriesWaitingMax(), limits.queryQueueWait()),
                Kind.COMMAND,
                new Admission(limits.concurrentCommands(), limits.queriesWaitingMax(), limits.queryQueueWait()));
        // A deadline keeps its request in memory.
        deadlines.setRemoveOnCancelPolicy(true);
        memory = duck.memory();
        memoryWatch = new MemoryWatch(limits, kernelCalls, memory::held, () -> List.copyOf(active));
        memoryWatch.start(deadlines);
    }

    private static ThreadFactory laneThreads() {
        return Thread.ofPlatform().daemon().name("conshelf-query-", 0).stackSize(LANE_STACK_BYTES).factory();
    }

    /// Makes plans of a request's text.
    interface Binding {
        Bound bind(Catalog catalog, long now);
    }

    /// @param supplied rows that plans may read under a name
    Answer run(Request request, Kind kind, String text, Binding binding, Map<String, List<Chunk>> supplied) {
        var places = counted(request, kind, text, slots(kind));
        var run = begin(request, kind, text, places,
                (lane, entry, running) -> new QueryRun(connections, kernelCalls, lane, entry, running, beside(running)), _ -> {});
        try {
            run.start(readings, (reading, glance) -> prepare(
                    request, kind, text, places.workloadGroup(), binding, supplied, reading, glance));
        } catch (RuntimeException | Error e) {
            run.close();
            throw e;
        }
        return run;
    }

    private MemoryPatience.Others beside(ActiveRequest request) {
        return new MemoryPatience.Others() {
            @Override
            public boolean areAtWork() {
                return active.stream().anyMatch(other -> other != request);
            }

            @Override
            public boolean haveMemory() {
                return memoryWatch.isFull()
                        && active.stream().anyMatch(other -> other != request && other.memoryBytes() >= MemoryPatience.BYSTANDER_BYTES_MAX);
            }
        };
    }

    /// Runs work that answers at once, such as a management command, on a lane of its kind.
    ///
    /// @param stoppable is given what stops it, before it waits for its slot
    <T> T runOnLane(
            Request request, Kind kind, String text, Places places, Callable<T> work, Consumer<Consumer<ServiceError>> stoppable) {
        return begin(request, kind, text, places,
                (lane, entry, running) -> new CommandRun(kernelCalls, lane, entry, running::end), stoppable).call(work);
    }

    /// The places as those of a request that its workload group limits. What governs the group is always let through: who has
    /// locked everybody out can open again.
    Places counted(Request request, Kind kind, String text, Slots slots) {
        if (kind == Kind.COMMAND && GOVERNING.matcher(text).lookingAt()) {
            return uncounted(slots);
        }
        String group = classification.groupOf(request, kind, text);
        return new Places(group, rates.counting(
                group, request,
                kind == Kind.QUERY
                        ? Errors::queryThrottled
                        : (capacity, origin) -> Errors.commandThrottled(Commands.typeOf(text), capacity, origin),
                slots));
    }

    static Places uncounted(Slots slots) {
        return new Places(WorkloadGroups.DEFAULT, slots);
    }

    /// The places of a kind.
    Slots slots(Kind kind) {
        return admissions.get(kind);
    }

    /// Runs writing that is no command on the caller's thread, and stops it in time.
    <T> T write(Request request, Supplier<T> work) {
        if (request.isReadOnly()) {
            throw new KustoException(Errors.readOnlyIngestion());
        }
        if (WriteStop.isBound()) {
            return work.get();
        }
        var running = new ActiveRequest(deadlines);
        try (var writes = new WriteStop(kernelCalls)) {
            var writing = new Writing(writes);
            running.begin(timeout(request), () -> {});
            running.runs(writing);
            return writing.writes().call(work::get);
        } catch (Exception e) {
            throw e instanceof RuntimeException known ? known : new IllegalStateException(e);
        } finally {
            running.end();
        }
    }

    /// Writing on its caller's thread: the caller is told when it ends.
    private record Writing(WriteStop writes) implements ActiveRequest.Work {
        @Override
        public void stop(ServiceError reason) {
            writes.stop(reason);
        }

        @Override
        public void interrupt() {
            writes.interrupt();
        }

        @Override
        public long busyNanos() {
            return 0;
        }

        @Override
        public long pagesTouched() {
            return 0;
        }

        @Override
        public void close() {
            // It ends by itself.
        }
    }

    /// What a request's work begins with.
    private interface Beginning<W extends ActiveRequest.Work> {
        W on(Lane lane, RequestLog.Entry entry, ActiveRequest running);
    }

    /// Gives a request its slot, its time and its lane; all are given back when its work ends.
    private <W extends ActiveRequest.Work> W begin(
            Request request, Kind kind, String text, Places places, Beginning<W> beginning, Consumer<Consumer<ServiceError>> stoppable) {
        if (text.length() > limits.queryTextCharsMax()) {
            throw new KustoException(Errors.textTooLong(text.length(), limits.queryTextCharsMax()));
        }
        var running = new ActiveRequest(deadlines);
        RequestLog.Entry entry = log.begin(request, kind, text, places.workloadGroup(), () -> running.stop(Errors.cancelled()));
        stoppable.accept(running::stop);
        try {
            places.slots().enter(running::isStopped);
        } catch (KustoException e) {
            entry.end(e.error().httpStatus() == 429 ? State.THROTTLED : State.FAILED, e.getMessage());
            throw e;
        }
        try {
            active.add(running);
            running.begin(timeout(request, limits(kind, places.workloadGroup())), () -> {
                active.remove(running);
                if (active.isEmpty()) {
                    // The next one comes before the next look at the memory.
                    kernelCalls.tellOfMemory(() -> kernelCalls.memoryIsShort() && !active.isEmpty());
                }
                places.slots().leave();
                entry.used(rates);
            });
            W work = beginning.on(new Lane(lanes), entry, running);
            running.runs(work);
            return work;
        } catch (RuntimeException | Error e) {
            // No thread could be had.
            entry.end(State.FAILED, String.valueOf(e.getMessage()));
            running.end();
            throw e;
        }
    }

    private Duration timeout(Request request) {
        return request.timeout().compareTo(limits.timeoutMax()) > 0 ? limits.timeoutMax() : request.timeout();
    }

    private Duration timeout(Request request, RequestLimits group) {
        return group.time(timeout(request), request.options().containsKey("servertimeout"));
    }

    /// Commands are held to the time that their own group states, and to nothing of the group `default`.
    private RequestLimits limits(Kind kind, String group) {
        return switch (kind) {
            case QUERY -> workloadGroups.requestLimits(group);
            case COMMAND -> workloadGroups.commandLimits(group);
        };
    }

    private PreparedQuery prepare(
            Request request,
            Kind kind,
            String text,
            String workloadGroup,
            Binding binding,
            Map<String, List<Chunk>> supplied,
            Reading reading,
            QueryRun.Glance glance) {
        Database current = reading.snapshot().database(request.database())
                .orElseThrow(() -> new KustoException(reading.snapshot().whyUnavailable(request.database())
                        .orElseGet(() -> Errors.databaseNotFound(request.database()))));
        if (kind == Kind.QUERY) {
            Authorization.require(request.principal(), current, Role.VIEWER);
        }
        String database = current.name();
        long now = QueryNow.ticks(request);
        long cursor = reading.cursor(current.id());
        var outside = new OutsideTables(
                external.outside(), new Origin(request.clientRequestId(), kind == Kind.QUERY), reading.stop());
        var context = new QueryContext(now, database, request.principal(), CLUSTER_URI,
                new StoredRelations(reading, external, outside, now), supplied, QueryCursors.of(request, List.of(), cursor));
        var catalog = new CatalogSnapshot(reading.snapshot(), database, request.principal());
        Bound bound = binding.bind(
                new CatalogWithData(
                        catalog, (plan, rowsMax) -> outside.looking(() -> Optional.of(glance.rows(PlanWriter.write(plan, context), rowsMax))), outside),
                now);
        bound.problems().stream().findFirst().ifPresent(problem -> {
            throw new KustoException(Errors.of(problem, text));
        });
        assert bound.results().stream().noneMatch(Bound.Result::open) : "an answer may have more columns than those that are known, and nothing says why";
        if (kind == Kind.COMMAND) {
            QueryOptions.requireRun(request, bound.options());
        }
        RequestLimits group = limits(kind, workloadGroup);
        QueryOptions all = QueryOptions.of(request, bound.options(), limits, group);
        // What stands behind a query says nothing of it.
        List<QueryOptions> options = QueryOptions.ofEach(request, bound.options(), bound.results().stream().map(Bound.Result::said).toList(), limits, group);
        var cursors = QueryCursors.of(request, bound.options(), cursor);
        List<Planned> tables = bound.results().size() == 1
                ? List.of(planned(bound.results().getFirst(), options.getFirst(), context.with(cursors), reading))
                // What is known is of another moment than what is read: of several all are read.
                : asked(bound.results(), options, context.with(cursors));
        if (kind == Kind.QUERY && QueryOptions.isOnlyChecked(request, bound.options())) {
            var checked = Kql.bind(CHECKED, catalog, QueryParameters.options(request, now)).results().getFirst();
            return new PreparedQuery(List.of(asked(checked, all, context)), Collections.emptySortedMap(), Optional.empty(), List.of(), Map.of());
        }
        boolean tellsCursor = !cursors.scopedTables().isEmpty()
                || bound.results().stream().anyMatch(result -> PlanWriter.readsByCursor(result.plan()));
        List<String> warnings = bound.diagnostics().stream().filter(diagnostic -> !diagnostic.isError()).map(Diagnostic::message).toList();
        return new PreparedQuery(tables, visualizations(bound.results()),
                tellsCursor ? Optional.of(Long.toString(cursor)) : Optional.empty(), warnings, QueryOptions.said(bound.options()));
    }

    private static SortedMap<Integer, String> visualizations(List<Bound.Result> results) {
        var all = new TreeMap<Integer, String>();
        for (int i = 0; i < results.size(); i++) {
            Optional<Bound.Render> render = results.get(i).render();
            if (render.isPresent()) {
                all.put(i, VisualizationText.of(render.get()));
            }
        }
        return all;
    }

    private static Planned planned(Bound.Result result, QueryOptions options, QueryContext context, Reading reading) {
        if (isOfFirstRows(result.plan())) {
            reading.relyOnMemory();
        }
        return KnownCounts.of(result.plan(), context.cursors(), reading)
                .<Planned>map(rows -> new PreparedQuery.Known(name(result), rows, options))
                .orElseGet(() -> asked(result, options, context));
    }

    /// Whether a plan does no more than find the first rows of a table, so that it costs little to run it once more.
    private static boolean isOfFirstRows(Plan plan) {
        return switch (plan) {
            case Plan.Scan _ -> true;
            case Plan.Top p -> p.keys().stream().allMatch(key -> key.value() instanceof Expr.Ref) && isOfFirstRows(p.input());
            case Plan.Sort p -> p.keys().stream().allMatch(key -> key.value() instanceof Expr.Ref) && isOfFirstRows(p.input());
            case Plan.Project p -> p.assignments().stream().allMatch(assigned -> assigned.value() instanceof Expr.Ref) && isOfFirstRows(p.input());
            case Plan.Limit p -> isOfFirstRows(p.input());
            case Plan.Serialize p -> isOfFirstRows(p.input());
            case Plan.Supplied _, Plan.Rows _, Plan.Range _, Plan.Filter _, Plan.Window _, Plan.Aggregate _, Plan.Join _, Plan.Union _, Plan.Expand _,
                    Plan.Apply _, Plan.ApplyInput _, Plan.Partition _, Plan.MakeSeries _, Plan.StepScan _, Plan.Sessions _, Plan.Walks _,
                    Plan.Shared _, Plan.Refused _ -> false;
        };
    }

    private static Planned asked(Bound.Result result, QueryOptions options, QueryContext context) {
        return new PreparedQuery.Asked(name(result), PlanWriter.write(result.plan(), context), options);
    }

    private static List<Planned> asked(List<Bound.Result> results, List<QueryOptions> options, QueryContext context) {
        List<Statement> statements = PlanWriter.writeAll(results.stream().map(Bound.Result::plan).toList(), context);
        return IntStream.range(0, results.size())
                .<Planned>mapToObj(i -> new PreparedQuery.Asked(name(results.get(i)), statements.get(i), options.get(i))).toList();
    }

    private static String name(Bound.Result result) {
        return result.name().isEmpty() ? "PrimaryResult" : result.name();
    }

    /// Deadlines, and looks at the memory, that are yet to come.
    int deadlinesWaiting() {
        return deadlines.getQueue().size();
    }

    /// Connections that wait for the next query.
    int connectionsWaiting() {
        return connections.waiting();
    }

    QueryConnections connections() {
        return connections;
    }

    /// Requests that hold a slot.
    int inWork() {
        return active.size();
    }

    int cancel(Principal principal, String clientRequestId) {
        return log.cancel(principal, clientRequestId);
    }

    RequestLog log() {
        return log;
    }

    @Override
    public void close() {
        active.forEach(request -> request.stop(Errors.cancelled()));
        active.forEach(ActiveRequest::close);
        lanes.shutdown();
        try {
            if (!lanes.awaitTermination(CLOSE_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("Queries still run while the engine closes");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        deadlines.shutdownNow();
        memory.close();
        classification.close();
        connections.close();
    }
}
