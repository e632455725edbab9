package io.conshelf.processor.destination;

/// A destination that does not take what it is given. The stage's `retry` says how often it is tried again.
public final class DestinationException extends Exception {
    private static final long serialVersionUID = 1;

    private final Lasting lasting;

    public enum Lasting {
        /// Trying again may help.
        TRANSIENT,
        /// It will not.
        PERMANENT
    }

    public DestinationException(Lasting lasting, String message, Throwable cause) {
        super(message, cause);
        this.lasting = lasting;
    }

    public Lasting lasting() {
        return lasting;
    }
}
