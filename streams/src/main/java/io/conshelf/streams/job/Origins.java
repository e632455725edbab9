package io.conshelf.streams.job;

import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import java.util.HashMap;
import java.util.Map;

/// Where the author wrote what was translated, so that mistakes are told there.
final class Origins {
    private final Map<String, Located> places = new HashMap<>();

    /// @param path   in the translated JSON
    /// @param origin where it comes from
    void put(String path, Located origin) {
        places.put(path, origin);
    }

    /// The same problem at the place that the author knows.
    Problem told(Problem problem) {
        String path = problem.path();
        for (int end = path.length(); end >= 0; end = border(path, end)) {
            Located origin = places.get(path.substring(0, end));
            if (origin != null) {
                String rest = path.substring(end);
                String plain = rest.startsWith(".") ? rest.substring(1) : rest;
                String between = origin.path().isEmpty() || plain.isEmpty() || plain.startsWith("[") ? "" : ".";
                String whole = origin.path() + between + plain;
                return new Problem(origin.file(), whole, problem.message());
            }
        }
        return problem;
    }

    /// The same value at that place.
    Located told(Located place) {
        Problem there = told(place.problem(""));
        return new Located(there.file(), there.path(), place.value());
    }

    private static int border(String path, int end) {
        return end == 0 ? -1 : Math.max(0, Math.max(path.lastIndexOf('.', end - 1), path.lastIndexOf('[', end - 1)));
    }
}
