package io.conshelf.engine.store;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.duck.DuckInstance;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Function;

/// Opens the databases that the system store names. What is wrong with one keeps none of the others from being opened.
final class DatabaseOpening {
    private static final int SIDE_BY_SIDE = 4;
    // Messages are repeated within hours; clients give up after days.
    private static final Duration SOURCES_REMEMBERED = Duration.ofDays(14);

    private final DuckInstance duck;
    private final WorkLog log;
    private final SystemStore system;
    private final InstantSource clock;
    private final Function<String, Path> file;
    private final Executor threads;
    private final Host host;

    /// @param file    of a database, by id
    /// @param threads for what need not be done before a database is used
    DatabaseOpening(
            DuckInstance duck, WorkLog log, SystemStore system, InstantSource clock, Function<String, Path> file, Executor threads,
            Host host) {
        this.duck = duck;
        this.log = log;
        this.system = system;
        this.clock = clock;
        this.file = file;
        this.threads = threads;
        this.host = host;
    }

    /// Who is told what became of each.
    interface Host {
        StreamIntake opened(Database database, long lastCommit, long firstUnsealedSegment);

        void unavailable(String name, String reason);
    }

    /// Opens databases side by side: most of the time each waits for the disk.
    ///
    /// @param records what the system store says of each, by id
    void openAll(Map<String, String> records) throws SQLException {
        var attached = new ConcurrentHashMap<String, String>();
        sideBySide(records.keySet(), id -> {
            if (attached(id, records.get(id))) {
                attached.put(id, records.get(id));
            }
        });
        Map<String, List<String>> tables;
        try (Connection connection = duck.connect()) {
            tables = DatabaseFile.storedTables(connection);
        }
        sideBySide(attached.keySet(), id -> load(id, attached.get(id), tables.getOrDefault(id, List.of())));
    }

    static <T> void sideBySide(Collection<T> all, Consumer<T> work) {
        try (var threads = Executors.newFixedThreadPool(SIDE_BY_SIDE, Thread.ofPlatform().daemon().name("conshelf-open-", 0).factory())) {
            var running = all.stream().map(one -> CompletableFuture.runAsync(() -> work.accept(one), threads)).toList();
            running.forEach(CompletableFuture::join);
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException known ? known : new IllegalStateException(e.getCause());
        }
    }

    /// Attaches a database's file, or tells why it is not available: the others are opened whatever is wrong with one.
    private boolean attached(String id, String record) {
        try {
            StoredFile.attach(duck, file.apply(id), id, FileFormat.DATABASE);
            return true;
        } catch (UnusableFileException e) {
            host.unavailable(recordedName(id, record), e.getMessage());
            return false;
        }
    }

    /// Loads what an attached database is, or tells why it is not available.
    private void load(String id, String record, List<String> tables) {
        try {
            remember(id, record, load(id, tables).name());
        } catch (UnusableFileException e) {
            givenUp(id, record, e);
        } catch (SQLException e) {
            givenUp(id, record, UnusableFileException.damaged("database", file.apply(id), e.getMessage(), e));
        } catch (RuntimeException e) {
            givenUp(id, record, UnusableFileException.damaged("database", file.apply(id), String.valueOf(e.getMessage()), e));
        }
    }

    private void remember(String id, String record, String name) {
        try {
            if (!record.equals(record(name))) {
                system.put(Storage.DATABASES, id, record(name));
            }
        } catch (KustoException _) {
            // The disk may be full; the next start does it.
            return;
        }
    }

    private void givenUp(String id, String record, UnusableFileException reason) {
        try {
            duck.detach(id);
        } catch (SQLException e) {
            reason.addSuppressed(e);
        }
        host.unavailable(recordedName(id, record), reason.getMessage());
    }

    private static String recordedName(String id, String record) {
        return JsonText.field(record, "name").orElse(id);
    }

    /// What the system store says of a database: its name, for when its file cannot.
    static String record(String name) {
        return JsonText.object("name", name);
    }

    private Database load(String id, List<String> tables) throws SQLException, UnusableFileException {
        try (Connection connection = duck.connect()) {
            Optional<String> said = DatabaseFile.id(connection, id);
            if (!said.equals(Optional.of(id))) {
                throw UnusableFileException.otherDatabase(file.apply(id), said.orElse("?"));
            }
            DatabaseFile.Loaded loaded = DatabaseFile.load(connection, id);
            log.opened(connection, LogHome.of(loaded.database()));
            if (loaded.hasObsolete()) {
                DatabaseFile.compact(connection, id);
            }
            DatabaseFile.dropUnreferenced(connection, loaded.database(), tables);
            DatabaseFile.forgetSources(
                    connection, id, Moments.ticks(clock.instant().minus(SOURCES_REMEMBERED)));
            StreamIntake intake = host.opened(
                    loaded.database(),
                    DatabaseFile.lastCommit(connection, id),
                    DatabaseFile.firstUnsealedSegment(connection, id));
            intake.remember(CompletableFuture.supplyAsync(() -> latestSources(id), threads));
            return loaded.database();
        }
    }

    // Half of what can be remembered, so that those of the log stay.
    private List<Map.Entry<String, String>> latestSources(String id) {
        try (Connection connection = duck.connect()) {
            return Extents.latestSources(connection, id, StreamIntake.SOURCES_REMEMBERED / 2);
        } catch (SQLException e) {
            throw new KustoException(StorageErrors.failed("Storage failed", e), e);
        }
    }
}
