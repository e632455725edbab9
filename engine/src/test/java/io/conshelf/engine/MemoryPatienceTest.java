package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.duck.KernelCalls;
import io.conshelf.kql.value.TooLargeValue;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MemoryPatienceTest {
    private static final SQLException SHORT = new SQLException("Out of Memory Error: failed to allocate data of size 256.0 KiB");
    private static final SQLException OTHER = new SQLException("Conversion Error: no number");

    private static final long LITTLE = 1 << 20;
    private static final long MUCH = 1 << 30;

    private int asked;
    private long nanos = Long.MAX_VALUE - Duration.ofSeconds(1).toNanos();
    private Runnable whilePaused = () -> {};

    private record Beside(BooleanSupplier atWork, BooleanSupplier all) implements MemoryPatience.Others {
        @Override
        public boolean areAtWork() {
            return atWork.getAsBoolean();
        }

        @Override
        public boolean haveMemory() {
            return all.getAsBoolean();
        }
    }

    /// Time passes only in its pauses.
    private MemoryPatience patience(MemoryPatience.Others others, LongSupplier takenBytes, BooleanSupplier isStopped) {
        return new MemoryPatience(others, takenBytes, isStopped, () -> nanos, pause -> {
            whilePaused.run();
            nanos += pause;
        });
    }

    /// Beside others that took little themselves.
    private MemoryPatience patience(BooleanSupplier othersAreAtWork, LongSupplier takenBytes, BooleanSupplier isStopped) {
        return patience(new Beside(othersAreAtWork, () -> false), takenBytes, isStopped);
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
    void itDoesNotEndWhileSomebodyHasTheMemory() throws SQLException {
        long before = nanos;
        long gone = nanos + Duration.ofMinutes(1).toNanos();
        var patience = patience(new Beside(() -> true, () -> nanos - gone < 0), () -> LITTLE, () -> false);
        assertThat(patience.<String>call(() -> {
            if (nanos - gone < 0) {
                throw SHORT;
            }
            return "answered";
        })).isEqualTo("answered");
        assertThat(Duration.ofNanos(nanos - before)).isGreaterThanOrEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void itEndsWhenTheQueryIsStopped() {
        long stopped = nanos + Duration.ofMinutes(1).toNanos();
        var patience = patience(new Beside(() -> true, () -> true), () -> LITTLE, () -> nanos - stopped >= 0);
        assertThatThrownBy(() -> patience.call(() -> {
            throw SHORT;
        })).isSameAs(SHORT);
    }

    @Test
    void itsPauseIsSeenAndAfterAWhileTakenAsLong() throws SQLException {
        var patience = patience(() -> true, () -> LITTLE, () -> false);
        var waitedLong = new ArrayList<Boolean>();
        whilePaused = () -> {
            assertThat(patience.isWaiting()).isTrue();
            waitedLong.add(patience.hasWaitedLong());
        };
        SQLException[] shortForASecond = Stream.generate(() -> SHORT).limit(50).toArray(SQLException[]::new);
        patience.call(failsWith(shortForASecond));
        assertThat(waitedLong).startsWith(false).endsWith(true).isSorted();
        assertThat(patience.isWaiting()).isFalse();
        assertThat(patience.hasWaitedLong()).isFalse();
    }

    @Test
    void anAttemptThatCameFarHasNotWaitedForLong() throws SQLException {
        var patience = patience(() -> true, () -> LITTLE, () -> false);
        whilePaused = () -> assertThat(patience.hasWaitedLong()).isFalse();
        assertThat(patience.<String>call(() -> {
            asked++;
            if (asked < 3) {
                nanos += Duration.ofSeconds(1).toNanos();
                throw SHORT;
            }
            return "answered";
        })).isEqualTo("answered");
    }

    @Test
    void attemptsThatAllTakeLongHaveWaitedForLong() throws SQLException {
        var patience = patience(new Beside(() -> true, () -> true), () -> LITTLE, () -> false);
        var waitedLong = new ArrayList<Boolean>();
        whilePaused = () -> waitedLong.add(patience.hasWaitedLong());
        assertThat(patience.<String>call(() -> {
            asked++;
            if (asked < 6) {
                nanos += Duration.ofSeconds(1).toNanos();
                throw SHORT;
            }
            return "answered";
        })).isEqualTo("answered");
        assertThat(waitedLong).startsWith(false, false, false).endsWith(true);
    }

    @Test
    void aTextOfTheQueryIsNotTakenForMemoryThatIsShort() {
        var quoted = new SQLException("Invalid Input Error: java.lang.IllegalArgumentException: there is no time zone 'E_LOW_MEMORY_CONDITION: memory is short'");
        assertThatThrownBy(() -> patience(() -> true, () -> LITTLE, () -> false).call(failsWith(quoted))).isSameAs(quoted);
        assertThat(asked).isEqualTo(1);
    }

    @Test
    void whoWasAtWorkWhenItAskedMayBeGoneWhenItHears() throws SQLException {
        Deque<Boolean> areAtWork = new ArrayDeque<>(List.of(true, false));
        assertThat(patience(areAtWork::removeFirst, () -> LITTLE, () -> false).call(failsWith(SHORT))).isEqualTo("answered");
        assertThat(asked).isEqualTo(2);
    }

    @Test
    void aFunctionThatWritesNothingWhileMemoryIsShortIsAskedAgain() throws SQLException {
        var refused = new SQLException("Invalid Input Error: " + new TooLargeValue(KernelCalls.SHORT).getMessage());
        assertThat(patience(() -> true, () -> LITTLE, () -> false).call(failsWith(refused))).isEqualTo("answered");
        var large = new SQLException("Invalid Input Error: " + new TooLargeValue("a text is too large").getMessage());
        assertThatThrownBy(() -> patience(() -> true, () -> LITTLE, () -> false).call(failsWith(large))).isSameAs(large);
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
    void whoWantsMuchAtOnceDoesNot() {
        for (String size : List.of("16.0 MiB", "512.5 MiB", "1.0 GiB")) {
            asked = 0;
            var wanted = new SQLException("Out of Memory Error: failed to allocate data of size " + size + " (48.0 MiB/61.0 MiB used)");
            assertThatThrownBy(() -> patience(() -> true, () -> LITTLE, () -> false).call(failsWith(wanted))).isSameAs(wanted);
            assertThat(asked).isEqualTo(1);
        }
    }

    @Test
    void whoWantsLittleAsksAgainHoweverMuchOthersHaveOnDisk() throws SQLException {
        for (String lacks : List.of("could not allocate block of size 256.0 KiB (30.9 GiB/31.0 GiB used)", "failed to allocate data of size 512 bytes (1.0 GiB/1.0 GiB used)",
                "failed to offload data block of size 32.0 MiB (124.0 GiB/124.0 GiB used).")) {
            assertThat(patience(() -> true, () -> LITTLE, () -> false).call(failsWith(new SQLException("Out of Memory Error: " + lacks)))).isEqualTo("answered");
        }
    }

    @Test
    void otherErrorsEndItAndAreTold() {
        var patience = patience(() -> true, () -> LITTLE, () -> false);
        assertThatThrownBy(() -> patience.call(failsWith(OTHER))).isSameAs(OTHER);
        assertThatThrownBy(() -> patience.call(failsWith(SHORT, OTHER))).isSameAs(OTHER);
        assertThat(asked).isEqualTo(3);
    }
}
