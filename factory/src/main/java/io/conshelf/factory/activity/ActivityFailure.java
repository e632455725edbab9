package io.conshelf.factory.activity;

/// An activity that failed, as the run record shows it.
public final class ActivityFailure extends Exception {
    private final String errorCode;
    private final FailureType failureType;
    private final Ending ending;

    public enum FailureType {
        USER("UserError"), SYSTEM("SystemError");

        private final String title;

        FailureType(String title) {
            this.title = title;
        }

        public String title() {
            return title;
        }
    }

    /// What the run record calls it.
    public enum Ending { FAILED, TIMED_OUT }

    public ActivityFailure(String errorCode, FailureType failureType, String message) {
        super(message);
        this.errorCode = errorCode;
        this.failureType = failureType;
        this.ending = Ending.FAILED;
    }

    private ActivityFailure(String errorCode, String message, Ending ending) {
        super(message);
        this.errorCode = errorCode;
        this.failureType = FailureType.USER;
        this.ending = ending;
    }

    public ActivityFailure(String errorCode, FailureType failureType, String message, Throwable cause) {
        super(message, cause);
        this.errorCode = errorCode;
        this.failureType = failureType;
        this.ending = Ending.FAILED;
    }

    /// The activity waited for something that did not come in the time it was given.
    public static ActivityFailure timedOut(String errorCode, String message) {
        return new ActivityFailure(errorCode, message, Ending.TIMED_OUT);
    }

    public static ActivityFailure user(String errorCode, String message) {
        return new ActivityFailure(errorCode, FailureType.USER, message);
    }

    public String errorCode() {
        return errorCode;
    }

    public Ending ending() {
        return ending;
    }

    public FailureType failureType() {
        return failureType;
    }
}
