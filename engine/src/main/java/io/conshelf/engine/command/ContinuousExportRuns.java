package io.conshelf.engine.command;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Principal;
import io.conshelf.engine.Request;
import io.conshelf.engine.ServiceError;
import io.conshelf.engine.store.ContinuousExport;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.ExportRuns;
import io.conshelf.engine.store.Externals;
import io.conshelf.engine.store.Moments;
import io.conshelf.engine.store.Storage;
import io.conshelf.engine.store.StorageErrors;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs continuous exports whose time has come. A run writes what came after the last one's cursor; the new cursor is committed
/// together with the list of what was written. A run that dies in between is repeated: what it wrote stays where it is and is
/// never listed, so each row is in one listed artifact. In the table of a SQL server what it wrote cannot be told from the rest:
/// there a repeated run writes the rows once more.
public final class ContinuousExportRuns {
    private static final Logger LOG = LoggerFactory.getLogger(ContinuousExportRuns.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    /// A failed run is repeated after this time, or after its interval where that is shorter.
    private static final Duration RETRY_AFTER = Duration.ofMinutes(1);
    /// An export that fails for good for so long is disabled.
    private static final Duration FAILING_MAX = Duration.ofDays(7);

    private final CommandServices services;
    private final Storage storage;
    private final InstantSource clock;
    private final Set<String> running = ConcurrentHashMap.newKeySet();

    public ContinuousExportRuns(CommandServices services, Storage storage, InstantSource clock) {
        this.services = services;
        this.storage = storage;
        this.clock = clock;
    }

    boolean isRunning(Database database, String export) {
        return running.contains(database.id() + "\n" + export);
    }

    private record Due(Database database, ContinuousExport export, ExportRuns.State state) {}

    /// Runs what is due, the one that has waited longest first.
    public synchronized void look() {
        var due = new ArrayList<Due>();
        var now = clock.instant();
        for (var database : storage.snapshot().databases()) {
            for (var export : database.externals().exportsByName().values()) {
                if (export.settings().isDisabled()) {
                    continue;
                }
                try {
                    var state = state(database, export);
                    if (isDue(export, state, now)) {
                        due.add(new Due(database, export, state));
                    }
                } catch (RuntimeException e) {
                    failed(database, export, UUID.randomUUID(), now, StorageErrors.internal(String.valueOf(e.getMessage())), false);
                }
            }
        }
        due.sort(Comparator.comparing(d -> d.state().lastRun().orElse(Instant.MIN)));
        for (Due next : due) {
            if (Thread.currentThread().isInterrupted()) {
                return;
            }
            run(next.database(), next.export());
        }
    }

    private static boolean isDue(ContinuousExport export, ExportRuns.State state, Instant now) {
        boolean hasFailed = state.failingSince().isPresent();
        var pause = hasFailed && RETRY_AFTER.compareTo(export.settings().interval()) < 0 ? RETRY_AFTER : export.settings().interval();
        return state.lastRun().isEmpty() || !now.isBefore(state.lastRun().get().plus(pause));
    }

    /// How far an export has come.
    ExportRuns.State state(Database database, ContinuousExport export) {
        try (var connection = services.connect()) {
            return new ExportRuns(connection, database.id()).state(export.name()).orElseGet(() -> ExportRuns.State.begun(export.startCursor()));
        } catch (SQLException e) {
            throw new KustoException(StorageErrors.internal("the state of a continuous export cannot be read: " + e.getMessage()), e);
        }
    }

    /// The cursor up to which all of a database's rows are complete.
    long cursor(Database database) {
        try (var connection = services.connect();
                var reading = storage.read(connection)) {
            return reading.cursor(database.id());
        } catch (SQLException e) {
            throw new KustoException(StorageErrors.internal("the database's cursor cannot be read: " + e.getMessage()), e);
        }
    }

    private void run(Database database, ContinuousExport export) {
        String key = database.id() + "\n" + export.name();
        running.add(key);
        var operation = UUID.randomUUID();
        var began = clock.instant();
        // Filled by the thread of the export, and read here also where that fails.
        List<ExternalExport.Written> written = new CopyOnWriteArrayList<>();
        try {
            export(database, export, operation, began, written);
        } catch (KustoException e) {
            failed(database, export, operation, began, e.error(), !written.isEmpty());
        } catch (RuntimeException e) {
            failed(database, export, operation, began, StorageErrors.internal(String.valueOf(e.getMessage())), !written.isEmpty());
        } finally {
            running.remove(key);
        }
    }

    private void export(
            Database database, ContinuousExport export, UUID operation, Instant began, List<ExternalExport.Written> written) {
        var state = state(database, export);
        long complete = cursor(database);
        long upTo = export.settings().forcedLatency()
                .map(latency -> Math.min(complete, Moments.ticks(began.minus(latency))))
                .orElse(complete);
        if (upTo > state.cursor()) {
            var table = database.externals().table(export.externalTable())
                    .orElseThrow(() -> new KustoException(StorageErrors.entityNotFound("ExternalTable", export.externalTable())));
            var properties = properties(export);
            var request = request(database, export, operation, began, state.cursor(), upTo);
            String text = ".export to table " + SchemaText.name(table.name()) + " <| " + export.query();
            services.inBackground(request, text, () -> {
                ExternalExport.check(services, table);
                var present = storage.snapshot().existing(database.name());
                // Where it does not bind any more, this says why.
                services.columns(request, present, export.query());
                scoped(request, present, export.query(), export.scopedTables());
                ExportCommands.toTable(
                        services, storage, request, services.source(request, export.query()), table, properties, written);
                return written;
            });
        }
        commit(database, export, state, began, Math.max(upTo, state.cursor()), written);
    }

    /// The cursor and what was written become known together.
    private void commit(
            Database database, ContinuousExport export, ExportRuns.State before, Instant began, long upTo,
            List<ExternalExport.Written> written) {
        storage.writer(database.name()).change(transaction -> {
            var runs = new ExportRuns(transaction.connection(), database.id());
            var current = transaction.database().externals().export(export.name());
            boolean isSame = current.isPresent() && runs.state(export.name()).map(s -> s.cursor() == before.cursor()).orElse(false);
            if (isSame) {
                runs.put(export.name(), before.completed(upTo, began));
                runs.add(export.name(), written.stream()
                        .map(w -> new ExportRuns.Artifact(began, export.externalTable(), w.path(), w.records()))
                        .toList(), began);
            }
            return isSame;
        });
    }

    private void failed(
            Database database, ContinuousExport export, UUID operation, Instant began, ServiceError error, boolean isPartial) {
        if (Thread.currentThread().isInterrupted()) {
            return; // The engine closes: nothing went wrong.
        }
        LOG.warn("The continuous export '{}' of database '{}' failed: {}", export.name(), database.name(), error.message());
        try {
            storage.writer(database.name()).change(transaction -> {
                var runs = new ExportRuns(transaction.connection(), database.id());
                var current = transaction.database().externals().export(export.name());
                var before = runs.state(export.name());
                if (current.isEmpty() || before.isEmpty()) {
                    return false;
                }
                var after = before.get().failed(began);
                runs.put(export.name(), after);
                runs.add(export.name(), new ExportRuns.Failure(began, operation.toString(), after.lastSuccess(), isPartial, error.message()));
                if (error.isPermanent() && after.failingSince().orElse(began).plus(FAILING_MAX).isBefore(began)) {
                    transaction.setExternals((Externals externals) -> externals.with(current.get().withDisabled(true)));
                }
                return true;
            });
        } catch (RuntimeException e) {
            // The database may be gone; the next look finds out.
            LOG.warn("The failure of the continuous export '{}' could not be kept: {}", export.name(), e.getMessage());
        }
    }

    private static Map<String, String> properties(ContinuousExport export) {
        try {
            var properties = new HashMap<String, String>();
            JSON.readTree(export.settings().properties()).properties()
                    .forEach(p -> properties.put(p.getKey().toLowerCase(Locale.ROOT), p.getValue().asText()));
            return properties;
        } catch (JacksonException e) {
            throw new IllegalStateException("the stored properties of a continuous export are not JSON", e);
        }
    }

    /// What the query reads is between two cursors, of the tables that are scoped.
    private Request request(Database database, ContinuousExport export, UUID operation, Instant now, long after, long upTo) {
        var scoped = JsonNodeFactory.instance.arrayNode();
        export.scopedTables().forEach(scoped::add);
        Map<String, Object> options = Map.of(
                "query_cursor_after_default", Long.toString(after), "query_cursor_before_or_at_default", Long.toString(upTo),
                "query_cursor_scoped_tables", scoped.toString());
        return new Request(
                Principal.LOCAL_ADMINISTRATOR, database.name(), "RunContinuousExports;" + export.name() + ";" + operation, operation, options,
                Map.of(), "conshelf", Principal.LOCAL_ADMINISTRATOR.displayName(), now, services.limits().timeoutMax(), false);
    }

    /// Refuses a query that cannot be exported again and again, and tells which tables it reads anew each time. What stands
    /// behind the names in the query changes, and each run may read everything: so it is asked before each.
    ///
    /// @param over the tables that the command names; where it names none, all that the query reads
    List<String> scoped(Request request, Database database, String query, List<String> over) {
        var read = services.tables(request, database, query);
        for (var table : read) {
            boolean isElsewhere = !table.databaseId().equals(database.id());
            if (isElsewhere || database.table(table.name()).isEmpty()) {
                throw new KustoException(Errors.badRequest("the query reads '" + table.name() + "', which is not a table of database '"
                        + database.name() + "': continuous exports read tables of their own database"));
            }
        }
        var names = read.stream().map(id -> id.name()).distinct().toList();
        for (String name : over) {
            if (!names.contains(name)) {
                throw new KustoException(Errors.badRequest("the query does not read table '" + name + "', which 'over' names"));
            }
        }
        if (names.isEmpty()) {
            throw new KustoException(Errors.badRequest("the query reads no table, so there is nothing new to export"));
        }
        PassingBy.hidden(database, Stream.concat(names.stream(), over.stream()).toList()).ifPresent(hidden -> {
            throw new KustoException(Errors.badRequest("table " + hidden + ", which a continuous export would pass by"));
        });
        return over.isEmpty() ? names : over;
    }
}
