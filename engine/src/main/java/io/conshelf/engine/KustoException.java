package io.conshelf.engine;

/// A request failed in a way its sender should be told of. Anything else that escapes the engine is our own mistake.
public final class KustoException extends RuntimeException {
    private final transient ServiceError error;

    public KustoException(ServiceError error) {
        super(error.message());
        this.error = error;
    }

    public KustoException(ServiceError error, Throwable cause) {
        super(error.message(), cause);
        this.error = error;
    }

    public ServiceError error() {
        return error;
    }
}
