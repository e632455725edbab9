package io.conshelf.streams.run;

import io.conshelf.streams.input.DataError;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Counts data errors, each cause by itself, with the first as its example. It is bounded: of many causes of one type further ones are counted together, of many
/// types further ones not at all.
public final class ErrorTally {
    private static final int TYPES_MAX = 100;
    private static final int CAUSES_MAX = 10;
    private static final String FURTHER = "\0";

    private final Map<Kind, Map<String, Diagnosed>> kinds = new LinkedHashMap<>();

    private record Kind(String source, String type) {}

    /// @param example one of so many
    public void add(DataError example, long count) {
        Kind kind = new Kind(example.source(), example.type());
        if (!kinds.containsKey(kind) && kinds.size() >= TYPES_MAX) {
            return;
        }
        Map<String, Diagnosed> causes = kinds.computeIfAbsent(kind, _ -> new LinkedHashMap<>());
        Instant now = Instant.now();
        String cause = example.cause();
        causes.merge(causes.containsKey(cause) || causes.size() < CAUSES_MAX ? cause : FURTHER, new Diagnosed(example, now, now, count),
                (before, _) -> new Diagnosed(before.example(), before.first(), now, before.count() + count));
    }

    public List<Diagnosed> all() {
        List<Diagnosed> all = new ArrayList<>();
        kinds.values().forEach(causes -> all.addAll(causes.values()));
        return all;
    }
}
