package io.conshelf.engine;

import io.conshelf.engine.command.CommandServices;
import io.conshelf.engine.command.PurgePredicate;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.Purge;
import io.conshelf.engine.store.Storage;
import io.conshelf.engine.store.StorageErrors;
import io.conshelf.engine.store.Table;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries out purges, one at a time and in their order, and sees to it that nothing of them stays in the file. What was begun
/// when the process ended is begun again: a purge and the record that it is done are one commit.
final class Purges implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Purges.class);
    private static final Duration LOOK_EVERY = Duration.ofMinutes(1);
    private static final Duration CLOSE_WAIT = Duration.ofSeconds(10);
    private static final Duration TIMEOUT = Duration.ofHours(1);
    private static final int RETRIES_MAX = 5;
    private static final Duration PATIENCE_MIN = Duration.ofSeconds(5);
    private static final Duration PATIENCE_MAX = Duration.ofMinutes(20);
    private static final int PATIENCE_DIVISOR = 10;
    private static final long STACK_BYTES = 64L << 20;

    private final Storage storage;
    private final CommandServices services;
    private final InstantSource clock;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("conshelf-purge").stackSize(STACK_BYTES).factory());

    private Purges(Storage storage, CommandServices services, InstantSource clock) {
        this.storage = storage;
        this.services = services;
        this.clock = clock;
    }

    static Purges start(Storage storage, CommandServices services, InstantSource clock) {
        var purges = new Purges(storage, services, clock);
        Repeated.start(purges.thread, LOOK_EVERY, "Purging", purges::work);
        purges.wake();
        return purges;
    }

    /// Looks now for what there is to do.
    void wake() {
        try {
            thread.execute(this::work);
        } catch (RejectedExecutionException _) {
            // The engine closes: what waits is in the file and goes on when it is opened again.
        }
    }

    private record Pending(String database, Purge purge) {}

    synchronized void work() {
        // Those whose own file is in the way wait until the next look, and the others do not wait for them.
        var waiting = new HashSet<String>();
        for (var next = next(waiting); next.isPresent() && !isClosing(); next = next(waiting)) {
            String database = next.get().database();
            try {
                carryOut(database, next.get().purge());
            } catch (RuntimeException | Error e) {
                waiting.add(database);
                LOG.warn("Purges of database '{}' wait", database, e);
            }
        }
        for (var database : storage.snapshot().databases()) {
            if (isClosing()) {
                return;
            }
            try {
                erase(database);
            } catch (RuntimeException | Error e) {
                LOG.warn("Purged rows stay in the file of database '{}' for now", database.name(), e);
            }
        }
    }

    private boolean isClosing() {
        return thread.isShutdown() || Thread.currentThread().isInterrupted();
    }

    private Optional<Pending> next(Set<String> waiting) {
        Instant now = clock.instant();
        return storage.snapshot().databases().stream()
                .filter(database -> !waiting.contains(database.name()))
                .flatMap(database -> database.upkeep().purges().stream()
                        .filter(Purge::isPending)
                        .filter(purge -> !purge.notBefore().isAfter(now))
                        .map(purge -> new Pending(database.name(), purge)))
                .min(Comparator.comparing(pending -> pending.purge().scheduledOn()));
    }

    private void carryOut(String database, Purge purge) {
        Instant start = clock.instant();
        long startNanos = System.nanoTime();
        boolean isOurs = storage.writer(database).change(transaction -> {
            // It may have been canceled since.
            boolean waits = transaction.database().upkeep().purge(purge.id()).filter(Purge::isPending).isPresent();
            if (waits) {
                transaction.setUpkeep(upkeep -> upkeep.with(upkeep.purge(purge.id()).orElse(purge).begun(UUID.randomUUID(), start), start));
            }
            return waits;
        });
        if (!isOurs) {
            return;
        }
        try {
            delete(database, purge, startNanos);
        } catch (KustoException e) {
            if (e.error().isPermanent() && !isClosing()) {
                end(database, purge, Purge.State.BAD_INPUT, e.error().message(), startNanos);
            } else {
                tryAgain(database, purge, e.error().message(), startNanos);
            }
        } catch (RuntimeException | Error e) {
            LOG.error("The purge {} of database '{}' failed", purge.id(), database, e);
            tryAgain(database, purge, String.valueOf(e.getMessage()), startNanos);
        }
    }

    private void delete(String databaseName, Purge purge, long startNanos) {
        var database = storage.snapshot().existing(databaseName);
        var request = new Request(
                new Principal(purge.principal(), purge.principal(), true), databaseName, purge.clientRequestId(), purge.id(), Map.of(),
                Map.of(), "KustoDM", purge.principal(), clock.instant(), TIMEOUT, false);
        var numbers = services.source(request, PurgePredicate.check(purge).numbers());
        // Rows that were streamed are not in the file before they are sealed.
        storage.seal(databaseName);
        storage.writer(databaseName).loadAlone(target(database, purge).id(), transaction -> {
            var table = target(transaction.database(), purge);
            try (var reading = storage.readNumbered(transaction, table)) {
                transaction.rows().purge(table, services.bind(request, numbers, reading).sql());
            }
            // The commit that takes the rows away says so.
            transaction.setUpkeep(upkeep -> upkeep.with(
                    upkeep.purge(purge.id()).orElse(purge).ended(
                            Purge.State.COMPLETED, "Purge completed successfully (storage artifacts pending deletion)",
                            since(startNanos), clock.instant()),
                    clock.instant()));
            return table;
        });
    }

    private static Table target(Database database, Purge purge) {
        if (!purge.isView()) {
            return database.table(purge.target()).orElseThrow(() -> new KustoException(StorageErrors.tableNotFound(purge.target())));
        }
        var view = database.view(purge.target())
                .orElseThrow(() -> new KustoException(StorageErrors.entityNotFound("MaterializedView", purge.target())));
        return view.part().orElseThrow(() -> new KustoException(Errors.badRequest(
                "the materialized view '" + view.name() + "' has no materialized part; purge its source table")));
    }

    private void tryAgain(String database, Purge purge, String problem, long startNanos) {
        if (isClosing()) {
            return; // Nothing is wrong with it: it is begun again when the database is opened.
        }
        if (purge.retries() >= RETRIES_MAX) {
            end(database, purge, Purge.State.FAILED, problem, startNanos);
        } else {
            var now = clock.instant();
            put(database, purge, current -> current.toRepeat(problem, since(startNanos), now), now);
        }
    }

    private void end(String database, Purge purge, Purge.State state, String details, long startNanos) {
        var now = clock.instant();
        put(database, purge, current -> current.ended(state, details, since(startNanos), now), now);
    }

    private void put(String database, Purge purge, UnaryOperator<Purge> change, Instant now) {
        storage.writer(database).change(transaction -> {
            transaction.setUpkeep(upkeep -> upkeep.with(change.apply(upkeep.purge(purge.id()).orElse(purge)), now));
            return purge;
        });
    }

    private static Duration since(long startNanos) {
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }

    /// How long queries are waited for that began before rows are taken out of the file. Where such queries always overlap it takes as long as the
    /// longest of them, a few times; and other purges wait meanwhile, but for no more than a part of the time that it has been tried for.
    static Duration patience(Duration waiting) {
        Duration part = waiting.dividedBy(PATIENCE_DIVISOR);
        return part.compareTo(PATIENCE_MIN) < 0 ? PATIENCE_MIN : part.compareTo(PATIENCE_MAX) > 0 ? PATIENCE_MAX : part;
    }

    private void erase(Database database) {
        var done = database.upkeep().purges().stream()
                .filter(purge -> purge.state() == Purge.State.COMPLETED && !purge.isErased())
                .toList();
        var oldest = done.stream().map(Purge::updatedOn).min(Comparator.naturalOrder());
        if (oldest.isPresent() && storage.erase(database.name(), patience(Duration.between(oldest.get(), clock.instant())))) {
            var now = clock.instant();
            storage.writer(database.name()).change(transaction -> {
                done.forEach(each -> transaction.setUpkeep(upkeep ->
                        upkeep.purge(each.id()).map(purge -> upkeep.with(purge.erased(now), now)).orElse(upkeep)));
                return done;
            });
        }
    }

    /// Waits for what can be waited for; the rest goes on when the database is opened again.
    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(CLOSE_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("A purge still runs while the engine closes");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
