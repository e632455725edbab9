package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RepeatedTest {
    @Test
    void whatFailedIsTriedAgain() throws Exception {
        var runs = new CountDownLatch(3);
        try (var executor = Executors.newSingleThreadScheduledExecutor()) {
            Repeated.start(executor, Duration.ofMillis(1), "The test", () -> {
                runs.countDown();
                if (runs.getCount() == 2) {
                    throw new IllegalStateException("at first");
                }
                throw new StackOverflowError();
            });
            assertThat(runs.await(10, TimeUnit.SECONDS)).isTrue();
            executor.shutdownNow();
        }
    }
}
