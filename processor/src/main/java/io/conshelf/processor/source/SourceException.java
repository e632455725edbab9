package io.conshelf.processor.source;

/// A source that cannot be read just now, or ever.
public final class SourceException extends Exception {
    private static final long serialVersionUID = 1;

    private final Lasting lasting;

    /// Whether it is worth asking again.
    public enum Lasting { PERMANENT, TRANSIENT }

    public SourceException(String message, Throwable cause) {
        this(Lasting.TRANSIENT, message, cause);
    }

    public SourceException(Lasting lasting, String message, Throwable cause) {
        super(message, cause);
        this.lasting = lasting;
    }

    public SourceException(Lasting lasting, String message) {
        super(message);
        this.lasting = lasting;
    }

    public Lasting lasting() {
        return lasting;
    }
}
