package io.conshelf.streams.run;

/// As the service names them; a job whose inputs have all ended is Stopped.
public enum JobState {
    STARTING("Starting"), RUNNING("Running"), DEGRADED("Degraded"), RESTARTING("Restarting"), STOPPING("Stopping"), STOPPED("Stopped"), FAILED("Failed");

    private final String title;

    JobState(String title) {
        this.title = title;
    }

    public String title() {
        return title;
    }

    public boolean isOver() {
        return this == STOPPED || this == FAILED;
    }
}
