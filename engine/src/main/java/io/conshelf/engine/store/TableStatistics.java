package io.conshelf.engine.store;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// What a table's extents add up to. Rows that are not sealed into an extent yet are not counted, as in the service.
public record TableStatistics(long extents, long rows, long originalBytes, Optional<Instant> oldest, Optional<Instant> newest) {
    public static TableStatistics of(List<Extent> extents) {
        return new TableStatistics(
                extents.size(),
                extents.stream().mapToLong(Extent::rowCount).sum(),
                extents.stream().mapToLong(Extent::originalBytes).sum(),
                extents.stream().map(Extent::createdOn).min(Comparator.naturalOrder()),
                extents.stream().map(Extent::createdOn).max(Comparator.naturalOrder()));
    }
}
