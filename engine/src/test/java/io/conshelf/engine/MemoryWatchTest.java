package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.duck.DuckInstance;
import io.conshelf.engine.duck.DuckInstance.Held;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who ends, and what kernels are told, at looks at what DuckDB says that it holds.
class MemoryWatchTest {
    private static final long MEGABYTE = 1L << 20;

    /// Twenty in a second, more of them than anybody's patience.
    private static final int LOOKS_MAX = 200;

    @TempDir
    Path folder;

    // The process has by far enough.
    private final Limits limits = Limits.ofThisMachine().withMemoryBytes(64 * MEGABYTE).withProcessMemoryBytesMax(Long.MAX_VALUE / 4);
    private final ScheduledExecutorService deadlines = Executors.newSingleThreadScheduledExecutor();
    private final List<ActiveRequest> running = new ArrayList<>();
    private DuckInstance duck;
    private Held held = Held.NOTHING;
    private Runnable whileAsked = () -> {};
    private MemoryWatch watch;
    private long nanos;

    @BeforeEach
    void open() {
        duck = DuckInstance.open(EngineConfig.inMemory(folder).withLimits(limits));
        watch = new MemoryWatch(limits, duck.kernelCalls(), () -> {
            Held now = held;
            whileAsked.run();
            return now;
        }, () -> List.copyOf(running), () -> nanos);
    }

    @AfterEach
    void close() {
        deadlines.shutdownNow();
        duck.close();
    }

    @Test
    void oneEndsForAnotherThatWaitsForMemoryForLong() {
        var holder = add(false);
        var bystander = add(true);
        held = filled(0.8);
        lookForLong();
        assertThat(holder.stopped).map(ServiceError::code).contains("LowMemoryCondition");
        assertThat(bystander.stopped).isEmpty();
    }

    @Test
    void nobodyEndsForOneThatFindsNoMemoryThoughThereIsEnough() {
        var holder = add(false);
        var bystander = add(true);
        held = filled(0.79);
        lookForLong();
        assertThat(watch.isFull()).isFalse();
        assertThat(holder.stopped).isEmpty();
        assertThat(bystander.stopped).isEmpty();
    }

    @Test
    void nobodyEndsWhileNobodyWaits() {
        var one = add(false);
        var other = add(false);
        held = filled(1);
        lookForLong();
        assertThat(watch.isFull()).isTrue();
        assertThat(one.stopped).isEmpty();
        assertThat(other.stopped).isEmpty();
    }

    @Test
    void kernelsAreToldWhileWhatCannotGoToDiskIsMostOfIt() {
        add(false);
        held = pinned(0.76);
        look();
        assertThat(duck.kernelCalls().memoryIsShort()).isTrue();
        assertThat(watch.isFull()).as("whom kernels refuse waits").isTrue();
        held = pinned(0.74);
        look();
        assertThat(duck.kernelCalls().memoryIsShort()).isFalse();
    }

    @Test
    void kernelsAreNotToldOfWhatOnesHadThatEndedMeanwhile() {
        add(false);
        held = pinned(0.76);
        whileAsked = () -> {
            running.clear();
            add(false);
        };
        look();
        assertThat(duck.kernelCalls().memoryIsShort()).isFalse();
    }

    @Test
    void kernelsAreToldWhileOneIsLeftThatMayHaveIt() {
        add(false);
        add(false);
        held = pinned(0.76);
        whileAsked = () -> running.removeFirst();
        look();
        assertThat(duck.kernelCalls().memoryIsShort()).isTrue();
    }

    @Test
    void theLargestEndsWhereDuckDbHasNoMemoryToTellWhatItHolds() {
        var small = add(false);
        var large = add(false);
        held = new Held(0, MEGABYTE, MEGABYTE);
        look();
        large.pages = 10_000;
        held = new Held(0, 41 * MEGABYTE, 41 * MEGABYTE);
        look();
        held = Held.ALL_THERE_IS;
        look();
        assertThat(large.stopped).map(ServiceError::code).contains("LowMemoryCondition");
        assertThat(small.stopped).isEmpty();
        assertThat(duck.kernelCalls().memoryIsShort()).isTrue();
    }

    private Held filled(double part) {
        return new Held(0, 0, (long) Math.ceil(part * limits.memoryBytes()));
    }

    private Held pinned(double part) {
        long bytes = (long) (part * limits.memoryBytes());
        return new Held(bytes, bytes, bytes);
    }

    private void lookForLong() {
        for (int i = 0; i < LOOKS_MAX; i++) {
            look();
        }
    }

    private void look() {
        nanos += 50_000_000;
        watch.look();
    }

    private Work add(boolean waits) {
        var request = new ActiveRequest(deadlines);
        var work = new Work(waits);
        request.runs(work);
        running.add(request);
        return work;
    }

    private static final class Work implements ActiveRequest.Work {
        private final boolean waits;
        private Optional<ServiceError> stopped = Optional.empty();
        private long pages;

        Work(boolean waits) {
            this.waits = waits;
        }

        @Override
        public void stop(ServiceError reason) {
            stopped = Optional.of(reason);
        }

        @Override
        public void interrupt() {
            // Nothing runs.
        }

        @Override
        public long busyNanos() {
            return 1;
        }

        @Override
        public long pagesTouched() {
            return pages;
        }

        @Override
        public boolean hasWaitedLongForMemory() {
            return waits;
        }

        @Override
        public void close() {
            // Nothing runs.
        }
    }
}
