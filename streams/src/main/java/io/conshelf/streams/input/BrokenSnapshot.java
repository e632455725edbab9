package io.conshelf.streams.input;

/// Reference data that is there and cannot be understood. It is passed over: what was valid before stays so until there is a newer one.
public final class BrokenSnapshot extends InputException {
    private final DataError error;

    public BrokenSnapshot(DataError error) {
        super(error.message());
        this.error = error;
    }

    public DataError error() {
        return error;
    }
}
