package io.conshelf.server.ingest;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the work of each table in the order in which it came, and that of different tables side by side.
final class TableLines {
    private static final Logger LOG = LoggerFactory.getLogger(TableLines.class);

    private final Executor executor;
    /// What waits behind the work that runs; a table without work has no line.
    private final Map<Name, ArrayDeque<Runnable>> lines = new HashMap<>();

    private record Name(String database, String table) {}

    TableLines(Executor executor) {
        this.executor = executor;
    }

    /// Puts work at the end of its table's line.
    ///
    /// @return whether it waits for other work
    boolean add(Source.Key key, Runnable work) {
        var name = new Name(key.database().toLowerCase(Locale.ROOT), key.table());
        synchronized (lines) {
            ArrayDeque<Runnable> line = lines.get(name);
            if (line != null) {
                line.add(work);
                return true;
            }
            executor.execute(() -> run(name, work));
            lines.put(name, new ArrayDeque<>());
            return false;
        }
    }

    /// Tables that have work.
    int count() {
        synchronized (lines) {
            return lines.size();
        }
    }

    private void run(Name name, Runnable first) {
        Runnable work = first;
        while (work != null) {
            try {
                work.run();
            } catch (RuntimeException | Error e) {
                LOG.error("Work on table '{}' of database '{}' failed", name.table(), name.database(), e);
            }
            synchronized (lines) {
                work = lines.get(name).poll();
                if (work == null) {
                    lines.remove(name);
                }
            }
        }
    }
}
