package io.conshelf.server;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.util.concurrent.atomic.AtomicReference;

/// Writes what answers the requests of a connection, and sees to it that each has one answer: either what was asked for, or that its sender is too slow. Whichever
/// begins first is the one. And tells how long a client has taken nothing of it.
final class OneAnswer implements DataWriter {
    /// Where the first digit of the status is in `HTTP/1.1 100 Continue`, which is no answer yet.
    private static final int STATUS_AT = "HTTP/1.1 ".length();

    private final DataWriter writer;
    private final AtomicReference<State> state = new AtomicReference<>(State.NONE);
    // Plain numbers, for there are many of these writes.
    private volatile boolean isWriting;
    private volatile long writingSince;

    private enum State { NONE, BEGUN, REFUSED }

    OneAnswer(DataWriter writer) {
        this.writer = writer;
    }

    /// What is written from now on answers the next request.
    void next() {
        state.compareAndSet(State.BEGUN, State.NONE);
    }

    /// Answers with this alone, where no answer has begun.
    ///
    /// @return whether it did
    boolean refuse(byte[] answer) {
        if (!state.compareAndSet(State.NONE, State.REFUSED)) {
            return false;
        }
        writer.writeNow(BufferData.create(answer));
        return true;
    }

    private void begins(BufferData buffer) {
        if (state.get() == State.BEGUN || buffer.available() > STATUS_AT && buffer.get(STATUS_AT) == '1' && state.get() == State.NONE) {
            return;
        }
        if (!state.compareAndSet(State.NONE, State.BEGUN)) {
            throw new UncheckedIOException(new SocketException("The request was sent too slowly, and is refused already"));
        }
    }

    /// For how long what is being written has waited for the client to take it; 0 while nothing is written.
    long waitingNanos(long nowNanos) {
        return isWriting ? nowNanos - writingSince : 0;
    }

    private void written(BufferData first, Runnable writing) {
        begins(first);
        writingSince = System.nanoTime();
        isWriting = true;
        try {
            writing.run();
        } finally {
            isWriting = false;
        }
    }

    @Override
    public void write(BufferData... buffers) {
        written(buffers[0], () -> writer.write(buffers));
    }

    @Override
    public void write(BufferData buffer) {
        written(buffer, () -> writer.write(buffer));
    }

    @Override
    public void writeNow(BufferData... buffers) {
        written(buffers[0], () -> writer.writeNow(buffers));
    }

    @Override
    public void writeNow(BufferData buffer) {
        written(buffer, () -> writer.writeNow(buffer));
    }

    @Override
    public void flush() {
        writer.flush();
    }

    @Override
    public void close() {
        writer.close();
    }
}
