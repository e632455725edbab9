package io.conshelf.connectors;

/// A store that could not be read or written: the code of its service, and a message that says what, where and what to do.
public class StoreException extends Exception {
    private final String code;
    private final Fault fault;

    /// Who can mend it: the author of the definition, or nobody but time.
    public enum Fault { USER, SYSTEM }

    public StoreException(String code, Fault fault, String message) {
        super(message);
        this.code = code;
        this.fault = fault;
    }

    public StoreException(String code, Fault fault, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
        this.fault = fault;
    }

    public static StoreException user(String code, String message) {
        return new StoreException(code, Fault.USER, message);
    }

    public static StoreException system(String code, String message, Throwable cause) {
        return new StoreException(code, Fault.SYSTEM, message, cause);
    }

    public String code() {
        return code;
    }

    public Fault fault() {
        return fault;
    }
}
