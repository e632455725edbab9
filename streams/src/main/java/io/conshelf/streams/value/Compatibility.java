package io.conshelf.streams.value;

import java.util.Optional;

/// The service's levels of compatibility, which decide how values are read and what functions mean.
public enum Compatibility {
    V1_0("1.0"), V1_1("1.1"), V1_2("1.2");

    private final String text;

    Compatibility(String text) {
        this.text = text;
    }

    public static Optional<Compatibility> of(String text) {
        for (Compatibility level : values()) {
            if (level.text.equals(text.strip())) {
                return Optional.of(level);
            }
        }
        return Optional.empty();
    }

    /// As definitions write it: `1.2`.
    public String text() {
        return text;
    }

    public boolean isAtLeast(Compatibility level) {
        return compareTo(level) >= 0;
    }
}
