package io.conshelf.factory.service;

import io.conshelf.factory.definition.Kind;
import java.util.Optional;

/// How requests and references name the kinds of resources.
final class Kinds {
    private Kinds() {}

    static Optional<Kind> ofSegment(String segment) {
        for (Kind kind : Kind.values()) {
            if (kind != Kind.FACTORY && kind.segment().equalsIgnoreCase(segment)) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }

    /// The kind that a `type` such as `DatasetReference` beside a `referenceName` means.
    static Optional<Kind> ofReference(String type) {
        for (Kind kind : Kind.values()) {
            if (kind != Kind.GLOBAL_PARAMETERS && kind != Kind.FACTORY && (kind.folder() + "Reference").equalsIgnoreCase(type)) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }

    /// A pipeline and global parameters have no type of their own.
    static boolean hasType(Kind kind) {
        return kind != Kind.PIPELINE && kind != Kind.GLOBAL_PARAMETERS;
    }
}
