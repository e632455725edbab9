package io.conshelf.streams.flink;

/// What ended a job, told to its user as it is.
final class JobFault extends RuntimeException {
    JobFault(String message) {
        super(message);
    }
}
