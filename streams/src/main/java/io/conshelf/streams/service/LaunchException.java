package io.conshelf.streams.service;

import java.util.List;

/// Why something does not start: everything that is in the way.
public final class LaunchException extends Exception {
    private final transient List<String> obstacles;

    public LaunchException(String message) {
        this(List.of(message));
    }

    public LaunchException(List<String> obstacles) {
        super(String.join("; ", obstacles));
        this.obstacles = List.copyOf(obstacles);
    }

    public LaunchException(String message, Throwable cause) {
        super(message, cause);
        this.obstacles = List.of(message);
    }

    public List<String> obstacles() {
        return obstacles;
    }
}
