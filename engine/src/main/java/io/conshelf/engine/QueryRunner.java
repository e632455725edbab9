package io.conshelf.engine;

import io.conshelf.engine.QueryRun.Planned;
import io.conshelf.engine.QueryRun.Prepared;
import io.conshelf.engine.RunningQuery.Kind;
import io.conshelf.engine.RunningQuery.State;
import io.conshelf.engine.duck.DuckInstance;
import io.conshelf.engine.sql.PlanWriter;
import io.conshelf.engine.sql.QueryContext;
import io.conshelf.engine.store.Authorization;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.Reading;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.Storage;
import io.conshelf.kql.bind.Bound;
import io.conshelf.kql.bind.Catalog;
import io.conshelf.kql.value.Chunk;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.duckdb.DuckDBConnection;

/// Runs queries on a bounded number of platform threads and stops them in time.
final class QueryRunner implements AutoCloseable {
    /// Deep expressions recurse in the binder and in DuckDB.
    private static final long LANE_STACK_BYTES = 64L << 20;

    /// What `current_cluster_endpoint()` says.
    static final String CLUSTER_URI = "http://localhost";

    private static final Duration INTERRUPT_AGAIN = Duration.ofMillis(50);
    private static final Duration CLOSE_WAIT = Duration.ofSeconds(10);

    private final Limits limits;
    private final QueryRun.Connecting connecting;
    private final Map<Kind, Admission> admissions;
    private final RequestLog log;
    private final Map<QueryRun, Stopping> runs = new ConcurrentHashMap<>();
    private final ExecutorService lanes = Executors.newCachedThreadPool(laneThreads());
    private final ScheduledExecutorService deadlines =
            Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("conshelf-deadlines").factory());

    QueryRunner(Limits limits, DuckInstance duck, Storage storage) {
        this.limits = limits;
        this.log = new RequestLog(limits);
        this.connecting = new QueryRun.Connecting() {
            @Override
            public DuckDBConnection connect() throws SQLException {
                return duck.connect();
            }

            @Override
            public Reading read(DuckDBConnection connection) throws SQLException {
                return storage.read(connection);
            }
        };
        this.admissions = Map.of(
                Kind.QUERY, new Admission(limits.concurrentQueries(), limits.queriesWaitingMax(), limits.queryQueueWait()),
                Kind.COMMAND,
                new Admission(limits.concurrentCommands(), limits.queriesWaitingMax(), limits.queryQueueWait()));
        MemoryWatch.start(deadlines, limits.processMemoryBytesMax(), this::endLargest);
    }

    private static ThreadFactory laneThreads() {
        return Thread.ofPlatform().daemon().name("conshelf-query-", 0).stackSize(LANE_STACK_BYTES).factory();
    }

    // Which query took the memory is not known; the one that has been longest in DuckDB is the best guess, and the next
    // look takes the next.
    private void endLargest() {
        runs.entrySet().stream()
                .filter(run -> !run.getKey().isStopped() && run.getKey().busyNanos() > 0)
                .max(Comparator.comparingLong(run -> run.getKey().busyNanos()))
                .ifPresent(run -> run.getValue().stop(Errors.lowMemory()));
    }

    /// Makes plans of a request's text.
    interface Binding {
        Bound bind(Catalog catalog, long now);
    }

    /// @param supplied rows that plans may read under a name
    Answer run(Request request, Kind kind, String text, Binding binding, Map<String, List<Chunk>> supplied) {
        if (text.length() > limits.queryTextCharsMax()) {
            throw new KustoException(Errors.textTooLong(text.length(), limits.queryTextCharsMax()));
        }
        var stopping = new Stopping();
        RequestLog.Entry entry = log.begin(request, kind, text, () -> stopping.stop(Errors.cancelled()));
        Admission admission = admissions.get(kind);
        try {
            admission.enter();
        } catch (KustoException e) {
            entry.end(State.FAILED, e.getMessage());
            throw e;
        }
        var lane = new Lane(lanes);
        Duration timeout = request.timeout().compareTo(limits.timeoutMax()) > 0 ? limits.timeoutMax() : request.timeout();
        ScheduledFuture<?> deadline = deadlines.schedule(
                () -> stopping.stop(Errors.timedOut(timeout)), timeout.toMillis(), TimeUnit.MILLISECONDS);
        var run = new QueryRun(lane, entry, () -> {
            deadline.cancel(false);
            stopping.ended();
            admission.leave();
        });
        runs.put(run, stopping);
        stopping.begin(run);
        try {
            run.start(connecting, (reading, glance) -> prepare(request, kind, text, binding, supplied, reading, glance));
        } catch (RuntimeException | Error e) {
            run.close();
            throw e;
        }
        return run;
    }

    /// Runs work that answers at once, such as a management command, on a lane of its kind. Whoever waits is told at once
    /// when it is cancelled or late; the work itself ends where it next looks.
    <T> T runOnLane(Request request, Kind kind, String text, Callable<T> work) {
        if (text.length() > limits.queryTextCharsMax()) {
            throw new KustoException(Errors.textTooLong(text.length(), limits.queryTextCharsMax()));
        }
        var lane = new AtomicReference<Lane>();
        var stopped = new AtomicReference<KustoException>();
        Consumer<ServiceError> stop = reason -> {
            stopped.compareAndSet(null, new KustoException(reason));
            Optional.ofNullable(lane.get()).ifPresent(l -> l.stop(stopped.get()));
        };
        RequestLog.Entry entry = log.begin(request, kind, text, () -> stop.accept(Errors.cancelled()));
        Admission admission = admissions.get(kind);
        try {
            admission.enter();
        } catch (KustoException e) {
            entry.end(State.FAILED, e.getMessage());
            throw e;
        }
        Duration timeout = request.timeout().compareTo(limits.timeoutMax()) > 0 ? limits.timeoutMax() : request.timeout();
        ScheduledFuture<?> deadline = deadlines.schedule(
                () -> stop.accept(Errors.timedOut(timeout)), timeout.toMillis(), TimeUnit.MILLISECONDS);
        long started = System.nanoTime();
        entry.isRunning(() -> new Answer.Usage(0, 0, 0, (System.nanoTime() - started) / 1_000, 0));
        lane.set(new Lane(lanes));
        try {
            if (stopped.get() != null) {
                throw stopped.get();
            }
            T result = lane.get().call(work);
            entry.end(State.COMPLETED, "");
            return result;
        } catch (RuntimeException | Error e) {
            entry.end(stopped.get() == null ? State.FAILED : State.CANCELLED, String.valueOf(e.getMessage()));
            throw e;
        } finally {
            deadline.cancel(false);
            // The slot is free when the work has ended, not when nobody waits for it any more.
            lane.get().end(admission::leave);
        }
    }

    private Prepared prepare(
            Request request,
            Kind kind,
            String text,
            Binding binding,
            Map<String, List<Chunk>> supplied,
            Reading reading,
            QueryRun.Glance glance) {
        Database current = reading.snapshot().database(request.database())
                .orElseThrow(() -> new KustoException(Errors.databaseNotFound(request.database())));
        if (kind == Kind.QUERY) {
            Authorization.require(request.principal(), current, Role.VIEWER);
        }
        String database = current.name();
        long now = QueryNow.ticks(request);
        var context = new QueryContext(now, database, request.principal().fullyQualifiedName(), CLUSTER_URI,
                new StoredRelations(reading), supplied);
        var catalog = new CatalogSnapshot(reading.snapshot(), database, request.principal());
        Bound bound = binding.bind(
                new CatalogWithData(catalog, (plan, rowsMax) -> glance.rows(PlanWriter.write(plan, context), rowsMax)), now);
        bound.problems().stream().findFirst().ifPresent(problem -> {
            throw new KustoException(Errors.of(problem, text));
        });
        QueryOptions options = QueryOptions.of(request, bound.options(), limits);
        List<Planned> tables = bound.results().stream()
                .map(result -> new Planned(result.name().isEmpty() ? "PrimaryResult" : result.name(),
                        PlanWriter.write(result.plan(), context)))
                .toList();
        return new Prepared(tables, bound.render().map(VisualizationText::of), options);
    }

    int cancel(Principal principal, String clientRequestId) {
        return log.cancel(principal, clientRequestId);
    }

    RequestLog log() {
        return log;
    }

    @Override
    public void close() {
        runs.keySet().forEach(run -> run.stop(Errors.cancelled()));
        runs.keySet().forEach(QueryRun::close);
        lanes.shutdown();
        try {
            if (!lanes.awaitTermination(CLOSE_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                System.getLogger(QueryRunner.class.getName())
                        .log(System.Logger.Level.WARNING, "queries still run while the engine closes");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        deadlines.shutdownNow();
    }

    /// What cancelling and deadlines act on: known before the run is, in place after it ended.
    private final class Stopping {
        private QueryRun run;
        private ServiceError reason;
        private boolean isEnded;

        synchronized void begin(QueryRun begun) {
            run = begun;
            if (reason != null) {
                stop(reason);
            }
        }

        synchronized void stop(ServiceError why) {
            if (reason == null) {
                reason = why;
            }
            if (run != null && !isEnded) {
                run.stop(reason);
                deadlines.schedule(this::again, INTERRUPT_AGAIN.toMillis(), TimeUnit.MILLISECONDS);
            }
        }

        private synchronized void again() {
            if (!isEnded) {
                run.interrupt();
                deadlines.schedule(this::again, INTERRUPT_AGAIN.toMillis(), TimeUnit.MILLISECONDS);
            }
        }

        synchronized void ended() {
            isEnded = true;
            runs.remove(run);
        }
    }
}
