package io.conshelf.engine;

import io.conshelf.engine.store.Scanned;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/// The tables that a query or command answers with, in statement order. Rows are produced while they are read, so an
/// answer holds a slot of the engine until it is closed.
public interface Answer extends AutoCloseable {
    /// The next table, or empty after the last. The table before it need not have been read to its end.
    Optional<ResultTable> nextTable();

    /// What `render` asked for, as the JSON text clients expect under `Visualization`, by the places of the tables among
    /// all, the first being 0; known from the start.
    SortedMap<Integer, String> visualizations();

    /// The database's cursor, where rows were chosen by one: what the next query begins after. Known from the start.
    default Optional<String> cursor() {
        return Optional.empty();
    }

    /// What the query went on without, for people to read. Known from the start.
    default List<String> warnings() {
        return List.of();
    }

    /// The options that `set` statements of the text say, by names in lower case, of several the last. Known from the start.
    default Map<String, Object> settings() {
        return Map.of();
    }

    /// What the work has used so far.
    Usage usage();

    @Override
    void close();

    /// @param cpuMicros processor time in microseconds
    /// @param peakMemoryBytes what the process grew by on its account, as far as that was seen; 0 of what was too short to be seen
    /// @param scanned         what it read of stored tables
    record Usage(long rows, long bytes, long cpuMicros, long elapsedMicros, long peakMemoryBytes, Scanned scanned) {
        public static final Usage NONE = new Usage(0, 0, 0, 0, 0, Scanned.NOTHING);
    }
}
