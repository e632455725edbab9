package io.conshelf.engine.orc;

/// The bytes that may be held for some part of a file, whichever of its columns they are for: a small file may claim any number
/// of columns, each with as much as a column may have.
final class Budget {
    /// A quarter of the heap, at most 512 MB.
    static final long BYTES_MAX = Math.min(512L << 20, Runtime.getRuntime().maxMemory() / 4);

    private final String part;
    private long left = BYTES_MAX;

    /// @param part of the file, for the error
    Budget(String part) {
        this.part = part;
    }

    /// To be called before the bytes are allocated.
    void take(long bytes) throws OrcException {
        if (bytes > left) {
            throw new OrcException(part + " takes more than " + BYTES_MAX + " bytes; write it with smaller stripes or fewer columns");
        }
        left -= bytes;
    }

    void reset() {
        left = BYTES_MAX;
    }
}
