package io.conshelf.engine.store;

import io.conshelf.kql.plan.Plan.TableId;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/// A graph as it was made of a model at one moment.
///
/// @param modelId        the version of the model, which was created at `modelCreatedOn`
/// @param nodes          rows under ids that no other table has, with the columns of a bound graph; `edges` likewise
/// @param nodeCount      and so on: as they were written
/// @param reads          the tables, views and external tables of its database whose rows it has
public record GraphSnapshot(
        String name, Instant madeOn, UUID modelId, Instant modelCreatedOn, Table nodes, Table edges, long nodeCount, long edgeCount,
        List<TableId> reads) {
    public GraphSnapshot {
        reads = List.copyOf(reads);
    }

    public Stream<Table> tables() {
        return Stream.of(nodes, edges);
    }
}
