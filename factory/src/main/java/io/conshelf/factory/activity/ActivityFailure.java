package io.conshelf.factory.activity;

/// An activity that failed, as the run record shows it.
public final class ActivityFailure extends Exception {
    private final String errorCode;
    private final FailureType failureType;

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

    public ActivityFailure(String errorCode, FailureType failureType, String message) {
        super(message);
        this.errorCode = errorCode;
        this.failureType = failureType;
    }

    public ActivityFailure(String errorCode, FailureType failureType, String message, Throwable cause) {
        super(message, cause);
        this.errorCode = errorCode;
        this.failureType = failureType;
    }

    public static ActivityFailure user(String errorCode, String message) {
        return new ActivityFailure(errorCode, FailureType.USER, message);
    }

    public String errorCode() {
        return errorCode;
    }

    public FailureType failureType() {
        return failureType;
    }
}
