package io.conshelf.engine.store;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.Repeated;
import io.conshelf.engine.duck.DuckInstance;
import io.conshelf.engine.store.LogEntry.Kind;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a cluster remembers of its work: operations, the journal, failures, statistics. Entries stand in the database they
/// concern and go with it.
///
/// An entry comes to disk in one of three ways: in the transaction of the rows or the schema change it is about
/// ([ChangeOrigin]), at once ([#addDurably]), or with others that wait for the next flush ([#add]), so that what nobody waits
/// for costs no write of its own.
public final class WorkLog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WorkLog.class);
    private static final Duration FLUSH_EVERY = Duration.ofMillis(250);
    private static final Duration PRUNE_EVERY = Duration.ofMinutes(30);
    private static final Duration WARN_EVERY = Duration.ofMinutes(1);
    private static final Duration CLOSE_WAIT = Duration.ofSeconds(5);
    // A disk that takes nothing any more must not fill the memory.
    private static final int WAITING_MAX = 50_000;

    private final Storage storage;
    private final DuckInstance duck;
    private final AtomicLong lastNumber = new AtomicLong();
    private final Map<LogHome, List<LogEntry>> waiting = new LinkedHashMap<>();
    // Of what was too much; told once, until something is written again.
    private final Set<LogHome> dropping = new HashSet<>();
    private final Object flushing = new Object();
    // Guarded by flushing.
    private final Map<LogHome, Trouble> troubles = new HashMap<>();
    private final List<Runnable> beforeFlush = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("conshelf-log").factory());

    /// Why entries wait, and when that was last said.
    private record Trouble(String reason, long toldNanos) {}

    WorkLog(Storage storage, DuckInstance duck) {
        this.storage = storage;
        this.duck = duck;
    }

    /// Begins to write what waits, and to forget what is old.
    void start() {
        Repeated.start(timer, FLUSH_EVERY, "Writing the log of operations", this::flush);
        // Also of what was written before a restart; whoever opens the cluster does not wait for it.
        timer.execute(this::prune);
        Repeated.start(timer, PRUNE_EVERY, "Pruning the log of operations", this::prune);
    }

    /// A log that is there already: its numbers are taken.
    void opened(Connection connection, LogHome home) throws SQLException {
        long last = LogTable.lastNumber(connection, home);
        lastNumber.accumulateAndGet(last, Math::max);
    }

    /// An entry of now.
    public LogEntry entry(Kind kind, String id, boolean isLast, String json) {
        return new LogEntry(lastNumber.incrementAndGet(), kind, id, storage.nowTicks(), isLast, json);
    }

    /// Remembers entries with the next flush; they can be read at once.
    public void add(LogHome home, List<LogEntry> entries) {
        synchronized (waiting) {
            var list = waiting.computeIfAbsent(home, _ -> new ArrayList<>());
            list.addAll(entries);
            if (list.size() > WAITING_MAX) {
                list.subList(0, list.size() - WAITING_MAX).clear();
                if (dropping.add(home)) {
                    LOG.error("More than {} entries of the log of operations wait to be written in {}: the oldest are dropped", WAITING_MAX, home);
                }
            }
        }
    }

    /// Asks, before each flush, whoever collects what it will have remembered.
    public void beforeFlush(Runnable collect) {
        beforeFlush.add(collect);
    }

    /// Remembers entries and returns when they are on disk.
    public void addDurably(LogHome home, List<LogEntry> entries) {
        write(home, entries);
    }

    /// What is remembered of a kind in these logs, oldest first.
    public List<LogEntry> read(Collection<LogHome> homes, Kind kind) {
        return read(homes, kind, (connection, home) -> LogTable.read(connection, home, kind));
    }

    /// What is remembered about these ids.
    public List<LogEntry> read(Collection<LogHome> homes, Kind kind, Collection<UUID> ids) {
        var texts = new HashSet<String>();
        ids.forEach(id -> texts.add(id.toString()));
        return read(homes, kind, (connection, home) -> LogTable.read(connection, home, kind, texts)).stream()
                .filter(entry -> texts.contains(entry.id()))
                .toList();
    }

    /// What an earlier process began and nothing tells the end of, by where it stands.
    public Map<LogHome, List<LogEntry>> unended(Kind kind) {
        var found = new LinkedHashMap<LogHome, List<LogEntry>>();
        for (LogHome home : homes()) {
            var entries = read(List.of(home), kind, (connection, h) -> LogTable.readUnended(connection, h, kind));
            if (!entries.isEmpty()) {
                found.put(home, entries);
            }
        }
        return found;
    }

    /// The logs of all databases and the cluster's.
    public List<LogHome> homes() {
        var homes = new ArrayList<LogHome>();
        homes.add(LogHome.CLUSTER);
        storage.snapshot().databases().forEach(database -> homes.add(LogHome.of(database)));
        return homes;
    }

    private interface Look {
        List<LogEntry> at(Connection connection, LogHome home) throws SQLException;
    }

    private List<LogEntry> read(Collection<LogHome> homes, Kind kind, Look look) {
        var found = new TreeMap<Long, LogEntry>();
        // First what waits: it may come to disk in between, and would be missed the other way round.
        synchronized (waiting) {
            homes.forEach(home -> waiting.getOrDefault(home, List.of()).stream()
                    .filter(entry -> entry.kind() == kind)
                    .forEach(entry -> found.put(entry.number(), entry)));
        }
        try (Connection connection = duck.connect()) {
            for (LogHome home : homes) {
                try {
                    look.at(connection, home).forEach(entry -> found.put(entry.number(), entry));
                } catch (SQLException e) {
                    // Its database may have been dropped since, or its file be damaged: the other logs can be read.
                    if (DiskTrouble.of(e).isPresent()) {
                        LOG.warn("What was remembered in {} cannot be read: {}", home, e.getMessage());
                    } else if (homes().contains(home)) {
                        throw e;
                    }
                }
            }
        } catch (SQLException e) {
            throw failure(e);
        }
        return found.values().stream().sorted(Comparator.comparingLong(LogEntry::number)).toList();
    }

    /// Writes what waits.
    void flush() {
        synchronized (flushing) {
            beforeFlush.forEach(Runnable::run);
            Map<LogHome, List<LogEntry>> now = new LinkedHashMap<>();
            synchronized (waiting) {
                waiting.forEach((home, entries) -> now.put(home, List.copyOf(entries)));
            }
            for (var part : now.entrySet()) {
                try {
                    write(part.getKey(), part.getValue());
                } catch (KustoException e) {
                    if (homes().contains(part.getKey())) {
                        warn(part.getKey(), e.getMessage());
                        continue;
                    }
                    // It went with its database.
                }
                troubles.remove(part.getKey());
                var written = new HashSet<Long>();
                part.getValue().forEach(entry -> written.add(entry.number()));
                synchronized (waiting) {
                    var list = waiting.get(part.getKey());
                    list.removeIf(entry -> written.contains(entry.number()));
                    dropping.remove(part.getKey());
                    if (list.isEmpty()) {
                        waiting.remove(part.getKey());
                    }
                }
            }
        }
    }

    // It is tried several times a second, and the disk stays as it is for long.
    private void warn(LogHome home, String reason) {
        long now = System.nanoTime();
        var last = troubles.get(home);
        if (last == null || !last.reason().equals(reason) || now - last.toldNanos() > WARN_EVERY.toNanos()) {
            troubles.put(home, new Trouble(reason, now));
            LOG.warn("What was done is not written down yet: {}", reason);
        }
    }

    private void write(LogHome home, List<LogEntry> entries) {
        switch (home) {
            case LogHome.OfDatabase(String id) -> storage.writerById(id).changeUnasked(transaction -> {
                LogTable.append(transaction.connection(), home, entries);
                return entries.size();
            });
            case LogHome.OfCluster() -> storage.system().remember(entries);
        }
    }

    private void prune() {
        var kinds = EnumSet.allOf(Kind.class);
        for (LogHome home : homes()) {
            try {
                switch (home) {
                    case LogHome.OfDatabase(String id) -> storage.writerById(id).changeUnasked(transaction -> {
                        LogTable.prune(transaction.connection(), home, kinds, storage.nowTicks());
                        return 0;
                    });
                    case LogHome.OfCluster() -> storage.system().prune(kinds, storage.nowTicks());
                }
            } catch (KustoException e) {
                LOG.warn("What is old is not forgotten yet: {}", e.getMessage());
            }
        }
    }

    private static KustoException failure(SQLException e) {
        return new KustoException(StorageErrors.internal("The log of operations cannot be read: " + e.getMessage()), e);
    }

    @Override
    public void close() {
        timer.shutdown();
        try {
            if (!timer.awaitTermination(CLOSE_WAIT.toSeconds(), TimeUnit.SECONDS)) {
                LOG.warn("The log of operations is still being written while the cluster closes");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        flush();
    }
}
