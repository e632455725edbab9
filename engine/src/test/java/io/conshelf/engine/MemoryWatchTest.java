package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.duck.DuckInstance;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryWatchTest {
    @TempDir
    Path folder;

    // As memory is: by far enough.
    private final Limits limits = Limits.ofThisMachine();
    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor();
    private DuckInstance duck;

    @BeforeEach
    void open() {
        duck = DuckInstance.open(EngineConfig.inMemory(folder).withLimits(limits));
    }

    @AfterEach
    void close() throws InterruptedException {
        looks.shutdownNow();
        assertThat(looks.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
        duck.close();
    }

    @Test
    void oneEndsForAnotherThatWaitsForMemoryForLong() throws Exception {
        var holder = new Work(false);
        var bystander = new Work(true);
        watch(holder, bystander);
        assertThat(holder.stopped.get(5, TimeUnit.MINUTES).code()).isEqualTo("LowMemoryCondition");
        assertThat(bystander.stopped).isNotDone();
    }

    @Test
    void nobodyEndsWhileNobodyWaits() {
        var one = new Work(false);
        var other = new Work(false);
        watch(one, other);
        Await.until("looks at the memory", () -> one.looks >= 40);
        assertThat(one.stopped).isNotDone();
        assertThat(other.stopped).isNotDone();
    }

    private void watch(Work... works) {
        var requests = List.of(works).stream().map(work -> {
            var request = new ActiveRequest(looks);
            request.runs(work);
            return request;
        }).toList();
        MemoryWatch.start(looks, limits, duck, () -> requests);
    }

    private static final class Work implements ActiveRequest.Work {
        private final boolean waits;
        private final CompletableFuture<ServiceError> stopped = new CompletableFuture<>();
        private volatile int looks;

        Work(boolean waits) {
            this.waits = waits;
        }

        @Override
        public void stop(ServiceError reason) {
            stopped.complete(reason);
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
            looks++;
            return 0;
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
