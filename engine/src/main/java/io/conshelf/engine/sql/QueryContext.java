package io.conshelf.engine.sql;

import io.conshelf.engine.Principal;
import io.conshelf.kql.value.Chunk;
import java.util.List;
import java.util.Map;

/// What a plan needs beside itself to become SQL.
///
/// @param now       ticks: the value of `now()`
/// @param principal who asks
/// @param supplied  rows that come along, by the name [io.conshelf.kql.plan.Plan.Supplied] has
/// @param cursors   of the request's database
public record QueryContext(
        long now,
        String database,
        Principal principal,
        String clusterUri,
        Relations relations,
        Map<String, List<Chunk>> supplied,
        Cursors cursors) {
    public QueryContext {
        supplied = Map.copyOf(supplied);
    }

    public QueryContext with(Cursors changed) {
        return new QueryContext(now, database, principal, clusterUri, relations, supplied, changed);
    }
}
