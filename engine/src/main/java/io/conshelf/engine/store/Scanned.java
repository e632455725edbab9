package io.conshelf.engine.store;

import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/// What the tables hold that a request reads.
///
/// @param rows   sealed into extents, and not yet
/// @param oldest creation of the extents
public record Scanned(long extents, long rows, Optional<Instant> oldest, Optional<Instant> newest) {
    public static final Scanned NOTHING = new Scanned(0, 0, Optional.empty(), Optional.empty());

    /// @param streamedRows not sealed into an extent yet
    Scanned and(TableStatistics table, long streamedRows) {
        return new Scanned(
                extents + table.extents(), rows + table.rows() + streamedRows,
                Stream.concat(oldest.stream(), table.oldest().stream()).min(Comparator.naturalOrder()),
                Stream.concat(newest.stream(), table.newest().stream()).max(Comparator.naturalOrder()));
    }
}
