package io.conshelf.processor.destination;

/// A destination that does not take what it is given. The stage's `retry` says how often it is tried again.
public final class DestinationException extends Exception {
    private static final long serialVersionUID = 1;

    private final Lasting lasting;

    public enum Lasting {
        /// Trying again may help.
        TRANSIENT,
        /// It will not.
        PERMANENT,
        /// This machine is at fault, such as by a full disk, and no message: it is tried until that is mended.
        HERE
    }

    public DestinationException(Lasting lasting, String message, Throwable cause) {
        super(message, cause);
        this.lasting = lasting;
    }

    public Lasting lasting() {
        return lasting;
    }
}
