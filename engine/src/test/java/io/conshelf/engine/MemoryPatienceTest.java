package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

class MemoryPatienceTest {
    private static final SQLException SHORT = new SQLException("Out of Memory Error: failed to allocate data of size 256.0 KiB");
    private static final SQLException OTHER = new SQLException("Conversion Error: no number");

    private static final long LITTLE = 1 << 20;
    private static final long MUCH = 1 << 30;

    private int asked;
    private long nanos = Long.MAX_VALUE - Duration.ofSeconds(1).toNanos();

    /// Time passes only in its pauses.
    private MemoryPatience patience(BooleanSupplier othersAreAtWork, LongSupplier takenBytes, BooleanSupplier isStopped) {
        return new MemoryPatience(othersAreAtWork, takenBytes, isStopped, () -> nanos, pause -> nanos += pause);
    }

    private MemoryPatience.Attempt<String> failsWith(SQLException... failures) {
        Deque<SQLException> left = new ArrayDeque<>(List.of(failures));
        return () -> {
            asked++;
            if (!left.isEmpty()) {
                throw left.removeFirst();
            }
            return "answered";
        };
    }

    @Test
    void aBystanderAsksAgain() throws SQLException {
        assertThat(patience(() -> true, () -> LITTLE, () -> false).call(failsWith(SHORT, SHORT, SHORT))).isEqualTo("answered");
        assertThat(asked).isEqualTo(4);
    }

    @Test
    void itsPatienceEnds() {
        long before = nanos;
        assertThatThrownBy(() -> patience(() -> true, () -> LITTLE, () -> false).call(() -> {
            asked++;
            throw SHORT;
        })).isSameAs(SHORT);
        assertThat(Duration.ofNanos(nanos - before)).isBetween(Duration.ofMillis(1_900), Duration.ofMillis(2_100));
        assertThat(asked).isBetween(10, 1_000);
    }

    @Test
    void aThreadThatWasInterruptedAsksOnce() {
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> patience(() -> true, () -> LITTLE, () -> false).call(failsWith(SHORT))).isSameAs(SHORT);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(asked).isEqualTo(1);
    }

    @Test
    void whoIsAloneTookMuchOrWasStoppedDoesNot() {
        for (var patience : List.of(patience(() -> false, () -> LITTLE, () -> false),
                patience(() -> true, () -> MUCH, () -> false),
                patience(() -> true, () -> LITTLE, () -> true))) {
            asked = 0;
            assertThatThrownBy(() -> patience.call(failsWith(SHORT))).isSameAs(SHORT);
            assertThat(asked).isEqualTo(1);
        }
    }

    @Test
    void otherErrorsEndItAndWhatWasWrongFirstIsTold() {
        var patience = patience(() -> true, () -> LITTLE, () -> false);
        assertThatThrownBy(() -> patience.call(failsWith(OTHER))).isSameAs(OTHER);
        assertThatThrownBy(() -> patience.call(failsWith(SHORT, OTHER))).isSameAs(SHORT);
        assertThat(asked).isEqualTo(3);
    }
}
