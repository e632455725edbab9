package io.conshelf.server.backup;

/// A backup or a restore that was not done: what is in the way, and what to do.
public final class BackupException extends Exception {
    private static final long serialVersionUID = 1;

    BackupException(String message) {
        super(message);
    }

    BackupException(String message, Throwable cause) {
        super(message, cause);
    }
}
