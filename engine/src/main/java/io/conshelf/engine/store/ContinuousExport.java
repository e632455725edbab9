package io.conshelf.engine.store;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// A query whose new results are written to an external table again and again. How far it has come stands in [ExportRuns].
///
/// @param query        as written
/// @param scopedTables those of which each run reads only what is new
/// @param startCursor  where the first run begins
public record ContinuousExport(
        String name, String externalTable, String query, List<String> scopedTables, Settings settings, long startCursor) {
    public ContinuousExport {
        scopedTables = List.copyOf(scopedTables);
    }

    /// @param forcedLatency how long rows rest before they are exported
    /// @param properties    of the export itself, as JSON text
    public record Settings(Duration interval, Optional<Duration> forcedLatency, String properties, boolean isDisabled) {}

    public ContinuousExport withDisabled(boolean changed) {
        return new ContinuousExport(
                name, externalTable, query, scopedTables,
                new Settings(settings.interval(), settings.forcedLatency(), settings.properties(), changed), startCursor);
    }
}
