package io.conshelf.engine;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.engine.store.Change;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.Extent;
import io.conshelf.engine.store.Moments;
import io.conshelf.engine.store.PolicyKind;
import io.conshelf.engine.store.RetentionPolicy;
import io.conshelf.engine.store.Storage;
import io.conshelf.engine.store.Table;
import io.conshelf.kql.value.DateTimeText;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Drops what has had its time: extents past the retention policy's period, tables past the auto-delete policy's day, stored
/// query results that have expired.
final class Retention implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Retention.class);
    private static final Duration LOOK_EVERY = Duration.ofMinutes(1);
    private static final Duration CLOSE_WAIT = Duration.ofSeconds(10);
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Storage storage;
    private final InstantSource clock;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("conshelf-retention").factory());

    private Retention(Storage storage, InstantSource clock) {
        this.storage = storage;
        this.clock = clock;
    }

    static Retention start(Storage storage, InstantSource clock) {
        var retention = new Retention(storage, clock);
        retention.timer.scheduleWithFixedDelay(
                retention::look, LOOK_EVERY.toMillis(), LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        return retention;
    }

    void look() {
        var now = clock.instant();
        for (var database : storage.snapshot().databases()) {
            dropExpiredResults(database, now);
            dropOldParts(database, now);
            for (var table : database.tables()) {
                try {
                    if (!expired(database, table, now)) {
                        dropOld(database, table, now);
                    }
                } catch (RuntimeException e) {
                    // The next look tries again: a load or a dropped database may have been in the way.
                    LOG.warn("Retention of table '{}' in database '{}' waits: {}", table.name(), database.name(), e.getMessage());
                }
            }
        }
    }

    private void dropOldParts(Database database, Instant now) {
        for (var view : database.viewsByName().values()) {
            var before = RetentionPolicy.horizon(database, view, now);
            if (view.part().isPresent() && before.isPresent()) {
                try {
                    // Nothing else changes a part meanwhile.
                    drop(database, view.part().get(), before.get(), true);
                } catch (RuntimeException e) {
                    LOG.warn("Retention of view '{}' in database '{}' waits: {}", view.name(), database.name(), e.getMessage());
                }
            }
        }
    }

    private void dropExpiredResults(Database database, Instant now) {
        var expired = database.upkeep().resultsByName().values().stream().filter(r -> r.hasExpired(now)).toList();
        if (expired.isEmpty()) {
            return;
        }
        try {
            storage.writer(database.name()).change(transaction -> {
                for (var result : expired) {
                    // It may have been replaced since.
                    if (transaction.database().upkeep().result(result.name()).filter(result::equals).isPresent()) {
                        transaction.setUpkeep(upkeep -> upkeep.withoutResult(result.name()));
                        transaction.discard(result);
                    }
                }
                return expired;
            });
        } catch (RuntimeException e) {
            LOG.warn("Stored query results of database '{}' wait to be dropped: {}", database.name(), e.getMessage());
        }
    }

    private void dropOld(Database database, Table table, Instant now) {
        RetentionPolicy.horizon(database, table, now).ifPresent(before -> drop(database, table, before, false));
    }

    private void drop(Database database, Table table, Instant before, boolean isAlone) {
        if (storage.extents(table).stream().noneMatch(extent -> isOld(extent, before))) {
            return;
        }
        Change<List<Extent>> drop = transaction -> {
            var old = transaction.extents().of(table).stream().filter(extent -> isOld(extent, before)).toList();
            transaction.extents().drop(table, old);
            return old;
        };
        var writer = storage.writer(database.name());
        if (isAlone) {
            writer.loadAlone(table.id(), drop);
        } else {
            writer.withoutMerges(() -> writer.load(table.id(), drop));
        }
    }

    private static boolean isOld(Extent extent, Instant before) {
        return extent.createdOn().isBefore(before);
    }

    /// Drops the table where its day has come.
    private boolean expired(Database database, Table table, Instant now) {
        var policy = table.policy(PolicyKind.AUTO_DELETE).map(Retention::parsed);
        if (policy.isEmpty()) {
            return false;
        }
        var day = DateTimeText.parse(policy.get().path("ExpiryDate").asText());
        if (day.isEmpty() || now.isBefore(Moments.instant(day.getAsLong()))) {
            return false;
        }
        boolean dropsRows = policy.get().path("DeleteIfNotEmpty").asBoolean();
        if (!dropsRows) {
            storage.seal(database.name());
        }
        return storage.writer(database.name()).loadAlone(table.id(), transaction -> {
            var current = transaction.database().table(table.id());
            if (current.isEmpty() || !dropsRows && !transaction.extents().of(current.get()).isEmpty()) {
                return false;
            }
            transaction.dropTable(current.get());
            return true;
        });
    }

    private static JsonNode parsed(String policy) {
        try {
            return MAPPER.readTree(policy);
        } catch (JacksonException e) {
            throw new IllegalStateException("a stored policy is not JSON: " + policy, e);
        }
    }

    /// Waits for a look that is under way.
    @Override
    public void close() {
        timer.shutdownNow();
        try {
            if (!timer.awaitTermination(CLOSE_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("Retention still runs while the engine closes");
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
