package io.conshelf.processor.service;

import java.util.Arrays;
import java.util.Optional;

/// What resources there are.
enum Kind {
    INSTANCE("instances", "instance"), PIPELINE("pipelines", "pipeline"), DATASET("datasets", "dataset");

    private final String segment;
    private final String title;

    Kind(String segment, String title) {
        this.segment = segment;
        this.title = title;
    }

    String segment() {
        return segment;
    }

    String title() {
        return title;
    }

    String type() {
        return ResourceId.PROVIDER + "/instances" + (this == INSTANCE ? "" : "/" + segment);
    }

    /// What lies in an instance.
    static Optional<Kind> inInstance(String segment) {
        return Arrays.stream(values()).filter(kind -> kind != INSTANCE && kind.segment.equalsIgnoreCase(segment)).findFirst();
    }
}
