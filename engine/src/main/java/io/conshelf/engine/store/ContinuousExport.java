package io.conshelf.engine.store;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A query whose new results are written to an external table again and again.
///
/// @param query        as written
/// @param scopedTables those of which each run reads what is new; where none are named, all that the query reads
/// @param startCursor  where the first run began
/// @param cursor       up to where rows are exported
/// @param exportedTo   when the rows at the cursor were ingested; missing before the first run
/// @param lastRun      when the last run began
/// @param lastResult   `Completed`, `Failed`, or empty before the first run
/// @param failingSince when the failures began that no success has ended
public record ContinuousExport(
        String name,
        String externalTable,
        String query,
        List<String> scopedTables,
        Settings settings,
        long startCursor,
        long cursor,
        Optional<Instant> exportedTo,
        Optional<Instant> lastRun,
        Optional<Instant> lastSuccess,
        String lastResult,
        Optional<Instant> failingSince) {
    public ContinuousExport {
        scopedTables = List.copyOf(scopedTables);
    }

    /// @param forcedLatency how long rows rest before they are exported
    /// @param properties    of the export itself, as JSON text
    public record Settings(Duration interval, Optional<Duration> forcedLatency, String properties, boolean isDisabled) {
        public Settings withDisabled(boolean changed) {
            return new Settings(interval, forcedLatency, properties, changed);
        }
    }

    public ContinuousExport withSettings(Settings changed) {
        return new ContinuousExport(name, externalTable, query, scopedTables, changed, startCursor, cursor, exportedTo, lastRun,
                lastSuccess, lastResult, failingSince);
    }

    /// After a run that wrote everything up to a cursor.
    public ContinuousExport completed(Instant began, long upTo, Instant ingestedUpTo) {
        return new ContinuousExport(name, externalTable, query, scopedTables, settings, startCursor, upTo, Optional.of(ingestedUpTo),
                Optional.of(began), Optional.of(began), "Completed", Optional.empty());
    }

    /// After a run whose rows will be exported by the next.
    public ContinuousExport failed(Instant began) {
        return new ContinuousExport(name, externalTable, query, scopedTables, settings, startCursor, cursor, exportedTo,
                Optional.of(began), lastSuccess, "Failed", failingSince.or(() -> Optional.of(began)));
    }

    /// Goes on from another cursor.
    public ContinuousExport withCursor(long changed) {
        return new ContinuousExport(name, externalTable, query, scopedTables, settings, startCursor, changed, exportedTo, lastRun,
                lastSuccess, lastResult, failingSince);
    }
}
