package io.conshelf.factory;

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
}
