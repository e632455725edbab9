package io.conshelf.engine.store;

import io.conshelf.kql.plan.Plan.TableId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/// What a database keeps for a while: results of queries until they expire, purges until nobody asks for them any more.
///
/// @param purges in the order they were asked for
public record Upkeep(SortedMap<String, StoredResult> resultsByName, List<Purge> purges) {
    static final Upkeep NONE = new Upkeep(new TreeMap<>(), List.of());

    private static final Duration PURGES_KEPT = Duration.ofDays(30);
    private static final int PURGES_MAX = 1_000;

    public Upkeep {
        resultsByName = Collections.unmodifiableSortedMap(new TreeMap<>(resultsByName));
        purges = List.copyOf(purges);
    }

    /// Names are case-sensitive.
    public Optional<StoredResult> result(String name) {
        return Optional.ofNullable(resultsByName.get(name));
    }

    Optional<Table> table(TableId id) {
        return resultsByName.values().stream()
                .map(StoredResult::table)
                .filter(t -> t.id().tableId().equals(id.tableId()))
                .findFirst();
    }

    public Upkeep with(StoredResult result) {
        var results = new TreeMap<>(resultsByName);
        results.put(result.name(), result);
        return new Upkeep(results, purges);
    }

    public Upkeep withoutResult(String name) {
        var results = new TreeMap<>(resultsByName);
        results.remove(name);
        return new Upkeep(results, purges);
    }

    public Optional<Purge> purge(UUID id) {
        return purges.stream().filter(p -> p.id().equals(id)).findFirst();
    }

    /// Adds a purge or replaces the one of its id; old ones that have ended are forgotten.
    public Upkeep with(Purge purge, Instant now) {
        var changed = new ArrayList<Purge>();
        for (Purge other : purges) {
            boolean isOld = !other.isPending() && other.updatedOn().isBefore(now.minus(PURGES_KEPT));
            if (!isOld) {
                changed.add(other.id().equals(purge.id()) ? purge : other);
            }
        }
        if (changed.stream().noneMatch(p -> p.id().equals(purge.id()))) {
            changed.add(purge);
        }
        for (int i = 0; changed.size() > PURGES_MAX && i < changed.size(); ) {
            if (changed.get(i).isPending()) {
                i++;
            } else {
                changed.remove(i);
            }
        }
        return new Upkeep(resultsByName, changed);
    }
}
