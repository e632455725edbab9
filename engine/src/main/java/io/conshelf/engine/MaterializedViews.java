package io.conshelf.engine;

import io.conshelf.engine.command.ViewServices;
import io.conshelf.engine.duck.DuckInstance;
import io.conshelf.engine.external.ExternalTables;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.Extent;
import io.conshelf.engine.store.MaterializedView;
import io.conshelf.engine.store.Moments;
import io.conshelf.engine.store.Reading;
import io.conshelf.engine.store.Snapshot;
import io.conshelf.engine.store.Storage;
import io.conshelf.engine.store.StorageErrors;
import io.conshelf.engine.store.Table;
import io.conshelf.engine.store.Transaction;
import io.conshelf.engine.store.ViewState;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings what comes to the sources of materialized views into their parts, in the background, one view after the other. Rows
/// and the cursor up to which they are in the part are committed together, so nothing is taken twice or left out. A load of
/// its own does the work beside the writer; only its commit goes through it.
final class MaterializedViews implements ViewServices, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MaterializedViews.class);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(5);
    private static final Duration CLOSE_WAIT = Duration.ofSeconds(10);
    private static final Duration HEALTHY_FOR = Duration.ofHours(1);
    private static final int FAILURES_KEPT = 100;
    /// More small extents of one day than these become one.
    private static final int SMALL_EXTENTS_MAX = 16;
    private static final long SMALL_EXTENT_ROWS = 100_000;

    private final Storage storage;
    private final DuckInstance duck;
    private final ExternalTables external;
    private final InstantSource clock;
    private final ViewMaking making;
    private final Map<String, Looks> looks = new ConcurrentHashMap<>();
    private volatile boolean isTakingIn;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("conshelf-views").factory());

    private MaterializedViews(Storage storage, DuckInstance duck, ExternalTables external, InstantSource clock) {
        this.storage = storage;
        this.duck = duck;
        this.external = external;
        this.clock = clock;
        this.making = new ViewMaking(storage, external, clock);
    }

    static MaterializedViews start(Storage storage, DuckInstance duck, ExternalTables external, InstantSource clock) {
        var views = new MaterializedViews(storage, duck, external, clock);
        views.making.giveParts();
        Repeated.start(views.timer, LOOK_EVERY, "Materialization", views::look);
        return views;
    }

    /// What is known of a view's runs since the engine was opened.
    private static final class Looks {
        private Optional<Instant> upToDateAt = Optional.empty();
        private final Deque<Failure> failures = new ArrayDeque<>();
        private long runs;
        private long rows;
        private Duration lastDuration = Duration.ZERO;
    }

    private long now() {
        return Moments.ticks(clock.instant());
    }

    private Looks looks(MaterializedView view) {
        return looks.computeIfAbsent(view.part().orElseThrow().id().tableId(), _ -> new Looks());
    }

    @Override
    public MaterializedView.Definition define(
            Snapshot snapshot, Database database, String source, boolean isOverView, String query, List<String> dimensionTables) {
        return making.define(snapshot, database, source, isOverView, query, dimensionTables);
    }

    @Override
    public MaterializedView create(
            String database, MaterializedView view, Optional<Backfill> backfill, Checked inTransaction) {
        return making.create(database, view, backfill, inTransaction);
    }

    @Override
    public MaterializedView alter(Transaction transaction, MaterializedView before, MaterializedView after) throws SQLException {
        return making.alter(transaction, before, after);
    }

    void look() {
        for (var database : storage.snapshot().databases()) {
            for (var view : database.viewsByName().values()) {
                if (view.isEnabled() && view.part().isPresent()) {
                    materialize(database.name(), view);
                }
            }
        }
    }

    /// Brings a view's part up to date, and remembers when that fails.
    private void materialize(String database, MaterializedView view) {
        try {
            run(database, view);
        } catch (KustoException e) {
            failed(database, view, !fits(database, view), e.getMessage());
        } catch (SQLException | RuntimeException e) {
            failed(database, view, false, String.valueOf(e.getMessage()));
        }
    }

    /// Whether the view's query still makes the view's columns: what fails then may go well the next time.
    private boolean fits(String database, MaterializedView view) {
        try {
            var snapshot = storage.snapshot();
            if (snapshot.database(database).isEmpty()) {
                return true; // It cannot be used for now: that says nothing of the view.
            }
            ViewMaking.source(snapshot.existing(database), view.definition());
            return ViewRows.shape(snapshot, snapshot.existing(database), view.query(), now()).columns().equals(view.columns());
        } catch (KustoException e) {
            return !e.error().isPermanent();
        } catch (RuntimeException _) {
            return true;
        }
    }

    private void run(String databaseName, MaterializedView view) throws SQLException {
        var database = storage.snapshot().database(databaseName);
        if (database.isEmpty()) {
            return; // dropped meanwhile
        }
        long started = System.nanoTime();
        Instant at = clock.instant();
        long horizon = storage.committedTo(ViewMaking.source(database.get(), view.definition()));
        boolean hasDelta;
        try (var connection = duck.connect(); var reading = storage.read(connection)) {
            var current = ViewRows.byPart(reading.snapshot().existing(databaseName), view.part().orElseThrow().id().tableId());
            if (current.isEmpty()) {
                return;
            }
            checkShape(databaseName, reading.snapshot(), current.get());
            long cursor = reading.viewState(view.part().get()).cursor();
            hasDelta = horizon > cursor && rows(reading, databaseName, current.get()).hasDelta(cursor, OptionalLong.of(horizon));
        }
        if (hasDelta) {
            isTakingIn = true;
            try {
                takeIn(databaseName, view, horizon);
            } finally {
                isTakingIn = false;
            }
        }
        var known = looks(view);
        synchronized (known) {
            known.upToDateAt = Optional.of(at);
            if (hasDelta) {
                known.runs++;
                known.lastDuration = Duration.ofNanos(System.nanoTime() - started);
            }
        }
    }

    private void takeIn(String database, MaterializedView view, long horizon) {
        storage.writer(database).loadAlone(view.part().orElseThrow().id(), transaction -> {
            var current = ViewRows.byPart(transaction.database(), view.part().get().id().tableId());
            if (current.isPresent() && current.get().isEnabled()) {
                advance(transaction, current.get(), horizon);
            }
            return 0;
        });
    }

    @Override
    public CapacityUse use() {
        return new CapacityUse("MaterializedView", 1, isTakingIn ? 1 : 0, "CapacityPolicy/MaterializedViews");
    }

    private ViewRows rows(Reading reading, String database, MaterializedView view) {
        return new ViewRows(new StoredRelations(reading, reading.snapshot(), external, now()), reading.snapshot().existing(database), view);
    }

    /// A view follows its source's columns where it is told to; otherwise it stops where its own would change.
    private void checkShape(String database, Snapshot snapshot, MaterializedView view) {
        var shape = ViewRows.shape(snapshot, snapshot.existing(database), view.query(), now());
        if (shape.columns().equals(view.columns())) {
            return;
        }
        if (!view.options().updatesSchema()) {
            throw ViewShape.bad("the query of '" + view.name() + "' gives (" + shape.columns() + ") now, where the view has ("
                    + view.columns() + "); alter it with the same query to follow its source");
        }
        storage.writer(database).reshape(view.part().orElseThrow().id(), transaction -> {
            var current = transaction.database().view(view.name()).orElse(view);
            return making.alter(transaction, current, current);
        });
    }

    private void advance(Transaction transaction, MaterializedView view, long horizon) throws SQLException {
        var part = view.part().orElseThrow();
        try (var reading = storage.readWithin(transaction)) {
            var state = transaction.views().state(part);
            if (state.cursor() >= horizon) {
                return;
            }
            var rows = making.rows(reading, transaction, view);
            long ingested;
            var upTo = OptionalLong.of(horizon);
            try (var statement = transaction.connection().createStatement()) {
                statement.execute("CREATE TEMP TABLE view_delta AS " + rows.delta(state.cursor(), upTo));
                try (var found = statement.executeQuery(rows.deltaIngested(state.cursor(), upTo))) {
                    found.next();
                    ingested = found.getLong(1);
                }
            }
            joinSmallExtents(transaction, part);
            long count = combine(transaction, part, rows);
            transaction.views().setState(
                    part, new ViewState(horizon, Math.max(state.materializedTo(), ingested), now(), false));
            var known = looks(view);
            synchronized (known) {
                known.rows += count;
            }
        }
    }

    private long combine(Transaction transaction, Table part, ViewRows rows) throws SQLException {
        if (rows.shape().isAppendOnly()) {
            String stored = part.id().databaseId() + ".data." + part.rows();
            return transaction.extents().open(part, Set.of(), transaction.now()).append(
                    "SELECT " + rows.columnIds() + " FROM temp.view_delta AS d WHERE NOT EXISTS (SELECT 1 FROM " + stored
                            + " AS p WHERE " + rows.match() + ")",
                    part.columns(), 0);
        }
        String stored = part.id().databaseId() + ".data." + part.rows();
        try (var statement = transaction.connection().createStatement()) {
            statement.execute("CREATE TEMP TABLE view_touched AS SELECT " + rows.columnIds() + ", rowid AS touched FROM " + stored
                    + " AS p WHERE EXISTS (SELECT 1 FROM temp.view_delta AS d WHERE " + rows.match() + ")");
            statement.execute("CREATE TEMP TABLE view_merged AS " + rows.merged("SELECT " + rows.columnIds()
                    + " FROM temp.view_delta UNION ALL SELECT " + rows.columnIds() + " FROM temp.view_touched"));
        }
        transaction.rows().deleteWhere(part, "p.rowid IN (SELECT touched FROM temp.view_touched)");
        return transaction.extents().open(part, Set.of(), transaction.now())
                .append("SELECT " + rows.columnIds() + " FROM temp.view_merged", part.columns(), 0);
    }

    /// Each run makes an extent; the small ones of a day become one. Their age, by which they are dropped, changes by less.
    private static void joinSmallExtents(Transaction transaction, Table part) throws SQLException {
        var byDay = transaction.extents().of(part).stream()
                .filter(extent -> extent.rowCount() < SMALL_EXTENT_ROWS)
                .collect(Collectors.groupingBy(extent -> extent.createdOn().truncatedTo(ChronoUnit.DAYS)));
        for (List<Extent> extents : byDay.values()) {
            if (extents.size() > SMALL_EXTENTS_MAX) {
                transaction.extents().merge(part, extents);
            }
        }
    }

    /// The last success that is on disk, which an earlier process may have had.
    private Optional<Instant> writtenSuccess(Table part) {
        try (var connection = duck.connect(); var reading = storage.read(connection)) {
            var state = reading.viewState(part);
            return state.hasFailed() || state.lastRun() == 0 ? Optional.empty() : Optional.of(Moments.instant(state.lastRun()));
        } catch (SQLException | RuntimeException e) {
            LOG.debug("The state of a view cannot be read: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private void failed(String database, MaterializedView view, boolean isPermanent, String problem) {
        var part = view.part().orElseThrow();
        LOG.warn("The materialized view '{}' in database '{}' is not up to date: {}", view.name(), database, problem);
        var known = looks(view);
        var lastSuccess = writtenSuccess(part);
        synchronized (known) {
            known.failures.addFirst(new Failure(
                    clock.instant(), UUID.randomUUID(), known.upToDateAt.or(() -> lastSuccess), isPermanent, problem));
            while (known.failures.size() > FAILURES_KEPT) {
                known.failures.removeLast();
            }
        }
        try {
            storage.writer(database).change(transaction -> {
                var current = ViewRows.byPart(transaction.database(), part.id().tableId());
                if (current.isPresent()) {
                    var state = transaction.views().state(part);
                    transaction.views().setState(part, new ViewState(state.cursor(), state.materializedTo(), now(), true));
                    if (isPermanent) {
                        transaction.views().put(current.get().with(current.get().options().withEnabled(false)));
                    }
                }
                return 0;
            });
        } catch (RuntimeException e) {
            LOG.warn("That the materialized view '{}' failed is not written down: {}", view.name(), e.getMessage());
        }
    }

    @Override
    public Status status(String database, MaterializedView view) {
        if (view.part().isEmpty()) {
            return new Status(clock.instant(), clock.instant(), false, true, 0, 0, Duration.ZERO, Optional.empty(), List.of());
        }
        try (var connection = duck.connect(); var reading = storage.read(connection)) {
            var part = view.part().get();
            var state = reading.viewState(part);
            boolean isBehind;
            try {
                isBehind = rows(reading, database, view).hasDelta(state.cursor(), OptionalLong.empty());
            } catch (KustoException e) {
                isBehind = true; // its query does not bind any more
            }
            var known = looks(view);
            synchronized (known) {
                Instant materializedTo = isBehind ? Moments.instant(state.materializedTo()) : clock.instant();
                Instant lastRun = known.upToDateAt.orElse(Moments.instant(state.lastRun()));
                boolean isHealthy = !state.hasFailed() && materializedTo.isAfter(clock.instant().minus(HEALTHY_FOR));
                return new Status(
                        materializedTo, lastRun, state.hasFailed(), isHealthy, known.runs, known.rows, known.lastDuration,
                        known.upToDateAt, List.copyOf(known.failures));
            }
        } catch (SQLException e) {
            throw new KustoException(StorageErrors.internal("Storage failed: " + e.getMessage()), e);
        }
    }

    @Override
    public void forgetStatistics(MaterializedView view) {
        view.part().ifPresent(part -> looks.remove(part.id().tableId()));
    }

    /// Waits for a run that is under way.
    @Override
    public void close() {
        timer.shutdownNow();
        try {
            if (!timer.awaitTermination(CLOSE_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("Materialization still runs while the engine closes");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
