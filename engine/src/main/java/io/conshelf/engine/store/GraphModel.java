package io.conshelf.engine.store;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/// How a graph is made of tables, and the graphs that were made so.
///
/// @param versions oldest first; there is one at least
public record GraphModel(String name, List<Version> versions, SortedMap<String, GraphSnapshot> snapshotsByName) {
    private static final int VERSIONS_MAX = 100;
    /// Of all versions but the newest.
    private static final int OLD_CHARACTERS_MAX = 1 << 20;

    public GraphModel {
        versions = List.copyOf(versions);
        snapshotsByName = Collections.unmodifiableSortedMap(new TreeMap<>(snapshotsByName));
    }

    /// @param definition JSON, as [GraphDefinition] reads it
    public record Version(UUID id, Instant createdOn, String definition) {}

    public Version newest() {
        return versions.getLast();
    }

    /// The snapshot that was made last.
    public Optional<GraphSnapshot> newestSnapshot() {
        return snapshotsByName.values().stream().max(Comparator.comparing(GraphSnapshot::madeOn));
    }

    /// Names are case-sensitive.
    public Optional<GraphSnapshot> snapshot(String snapshot) {
        return Optional.ofNullable(snapshotsByName.get(snapshot));
    }

    /// With a newer version, where it says something else; of many, or of long ones, the oldest are forgotten.
    public GraphModel with(Version version) {
        if (version.definition().equals(newest().definition())) {
            return this;
        }
        int oldest = versions.size();
        long characters = 0;
        while (oldest > 0 && versions.size() - oldest < VERSIONS_MAX - 1) {
            characters += versions.get(oldest - 1).definition().length();
            if (characters > OLD_CHARACTERS_MAX) {
                break;
            }
            oldest--;
        }
        var changed = new ArrayList<>(versions.subList(oldest, versions.size()));
        changed.add(version);
        return new GraphModel(name, changed, snapshotsByName);
    }

    public GraphModel with(GraphSnapshot snapshot) {
        var changed = new TreeMap<>(snapshotsByName);
        changed.put(snapshot.name(), snapshot);
        return new GraphModel(name, versions, changed);
    }

    public GraphModel withoutSnapshot(String snapshot) {
        var changed = new TreeMap<>(snapshotsByName);
        changed.remove(snapshot);
        return new GraphModel(name, versions, changed);
    }
}
