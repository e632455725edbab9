package io.conshelf.streams.input;

/// Reference data for which there is no memory. Rows cannot wait for it, as it does not get smaller; the service ends a job by it, too.
public final class SnapshotTooLarge extends InputException {
    /// @param records of the snapshot that there is memory for
    public SnapshotTooLarge(long bytesMax, int records) {
        super("""
                the reference data takes more than %d MB of memory, which is what this job has for a snapshot of it (%d records fit); have fewer rows or columns \
                in it, or give the process more memory""".formatted(Math.max(1, bytesMax >> 20), records));
    }
}
