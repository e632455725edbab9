package io.conshelf.factory.activity;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// An activity that failed, as the run record shows it.
public final class ActivityFailure extends Exception {
    private final String errorCode;
    private final FailureType failureType;
    private final Ending ending;
    private final ObjectNode output;

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
        this.output = JsonNodeFactory.instance.objectNode();
    }

    private ActivityFailure(String errorCode, String message, Ending ending, ObjectNode output) {
        super(message);
        this.errorCode = errorCode;
        this.failureType = FailureType.USER;
        this.ending = ending;
        this.output = output;
    }

    public ActivityFailure(String errorCode, FailureType failureType, String message, Throwable cause) {
        super(message, cause);
        this.errorCode = errorCode;
        this.failureType = failureType;
        this.ending = Ending.FAILED;
        this.output = JsonNodeFactory.instance.objectNode();
    }

    /// The activity waited for something that did not come in the time it was given.
    public static ActivityFailure timedOut(String errorCode, String message) {
        return new ActivityFailure(errorCode, message, Ending.TIMED_OUT, JsonNodeFactory.instance.objectNode());
    }

    public static ActivityFailure user(String errorCode, String message) {
        return new ActivityFailure(errorCode, FailureType.USER, message);
    }

    /// The activity failed, and has something to show for it.
    public static ActivityFailure user(String errorCode, String message, ObjectNode output) {
        return new ActivityFailure(errorCode, message, Ending.FAILED, output);
    }

    /// What the run record shows as its output; empty for most.
    public ObjectNode output() {
        return output.deepCopy();
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
