package io.conshelf.streams.run;

/// Why a job does not start, or has ended.
public final class JobFailure extends Exception {
    public JobFailure(String message) {
        super(message);
    }

    public JobFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
