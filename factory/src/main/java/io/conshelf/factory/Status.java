package io.conshelf.factory;

import java.util.Arrays;

/// How far a run or an activity is, by the names of the service.
public enum Status {
    QUEUED("Queued"), IN_PROGRESS("InProgress"), SUCCEEDED("Succeeded"), FAILED("Failed"), CANCELING("Canceling"), CANCELLED("Cancelled"), TIMED_OUT("TimedOut"),
    SKIPPED("Skipped"), INACTIVE("Inactive");

    private final String title;

    Status(String title) {
        this.title = title;
    }

    public String title() {
        return title;
    }

    /// @throws IllegalArgumentException when the service has no such name
    public static Status of(String title) {
        return Arrays.stream(values()).filter(status -> status.title.equals(title)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("'" + title + "' is not the status of a run"));
    }

    /// Whether nothing more comes of it.
    public boolean hasEnded() {
        return switch (this) {
            case QUEUED, IN_PROGRESS, CANCELING -> false;
            case SUCCEEDED, FAILED, CANCELLED, TIMED_OUT, SKIPPED, INACTIVE -> true;
        };
    }
}
