package io.conshelf.server.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/// An ordered record of events that a store replays when it opens. Stores append under their own lock, in the order in
/// which they apply, and wait for [#sync] outside it, so that one fsync serves all who wait.
interface Journal extends AutoCloseable {
    /// Adds an event and returns the position to [#sync] to. Nothing is added when it throws.
    long append(byte[] event) throws IOException;

    /// Returns when everything up to the position is on the disk.
    void sync(long position) throws IOException;

    /// Whether so much of the journal is history that rewriting it pays.
    boolean isWorthRewriting(LongSupplier liveBytes);

    /// Replaces the whole journal by the events that `writer` offers.
    void rewrite(Consumer<Consumer<byte[]>> writer) throws IOException;

    @Override void close() throws IOException;

    /// Opens the file, replays what is in it, and leaves out what a crash tore off its end.
    static Journal open(Path file, Consumer<byte[]> replay) throws IOException {
        return FileJournal.open(file, replay);
    }

    /// Keeps nothing.
    static Journal none() {
        return new Journal() {
            @Override public long append(byte[] event) {
                return 0;
            }

            @Override public void sync(long position) {}

            @Override public boolean isWorthRewriting(LongSupplier liveBytes) {
                return false;
            }

            @Override public void rewrite(Consumer<Consumer<byte[]>> writer) {}

            @Override public void close() {}
        };
    }
}
