package io.conshelf.streams.service;

import java.util.Locale;
import java.util.Optional;

/// What a job is made of.
enum PartKind {
    INPUT("inputs", "input"), OUTPUT("outputs", "output"), FUNCTION("functions", "function"), TRANSFORMATION("transformations", "transformation");

    private final String segment;
    private final String title;

    PartKind(String segment, String title) {
        this.segment = segment;
        this.title = title;
    }

    /// As paths have it.
    String segment() {
        return segment;
    }

    String title() {
        return title;
    }

    /// As the job's properties have it: there is one transformation.
    String property() {
        return this == TRANSFORMATION ? "transformation" : segment;
    }

    String type() {
        return "Microsoft.StreamAnalytics/streamingjobs/" + segment;
    }

    static Optional<PartKind> ofSegment(String segment) {
        for (PartKind kind : values()) {
            if (kind.segment.equals(segment.toLowerCase(Locale.ROOT))) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }
}
