package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.common.buffers.DataReader;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600)
class LooseRequestLinesTest {
    @SuppressWarnings("removal")
    private static LooseRequestLines.Reader reader(Supplier<byte[]> connection) {
        return new LooseRequestLines.Reader(new DataReader(connection), connection);
    }

    /// Asks, and asks again when what was read ahead has ended.
    private static boolean isGoneInTheEnd(LooseRequestLines.Reader reader) {
        reader.isGone();
        try {
            reader.ensureAvailable();
        } catch (RuntimeException e) {
            return reader.isGone();
        }
        return reader.isGone();
    }

    @Test
    void theEndOfAConnectionIsAClientThatIsGone() {
        assertThat(isGoneInTheEnd(reader(() -> null))).isTrue();
    }

    @Test
    void aResetIsAClientThatIsGone() {
        assertThat(isGoneInTheEnd(reader(() -> {
            throw new UncheckedIOException(new SocketException("Connection reset"));
        }))).isTrue();
    }

    @Test
    void anyOtherFailureIsNone() {
        var reads = new AtomicInteger();
        var reader = reader(() -> {
            if (reads.incrementAndGet() == 1) {
                throw new UncheckedIOException(new SocketTimeoutException("Read timed out"));
            }
            return new byte[] {65};
        });
        assertThat(isGoneInTheEnd(reader)).isFalse();
        assertThat(reader.read()).isEqualTo((byte) 65);
    }

    @Test
    void nobodyReadsBesideWhatIsReadAhead() throws InterruptedException {
        var reading = new CountDownLatch(1);
        var wasInterrupted = new CountDownLatch(1);
        var mayEnd = new CountDownLatch(1);
        var reads = new AtomicInteger();
        var reader = reader(() -> {
            if (reads.incrementAndGet() == 1) {
                reading.countDown();
                awaitInterrupt(mayEnd, wasInterrupted);
            }
            return new byte[] {65};
        });
        reader.isGone();
        reading.await();
        var isInterrupted = new AtomicInteger();
        var next = Thread.ofVirtual().start(() -> {
            Thread.currentThread().interrupt();
            reader.read();
            isInterrupted.set(Thread.currentThread().isInterrupted() ? 1 : 0);
        });
        wasInterrupted.await();
        assertThat(next.join(Duration.ofMillis(100))).isFalse();
        assertThat(reads).hasValue(1);
        mayEnd.countDown();
        next.join();
        assertThat(isInterrupted).hasValue(1);
    }

    private static void awaitInterrupt(CountDownLatch mayEnd, CountDownLatch wasInterrupted) {
        while (mayEnd.getCount() > 0) {
            try {
                mayEnd.await(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                wasInterrupted.countDown();
            }
        }
    }
}
