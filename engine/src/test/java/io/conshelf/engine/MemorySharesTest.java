package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Who ends when memory is short.
class MemorySharesTest {
    private static final long GIGABYTE = 1L << 30;
    private static final Duration SHORT_MAX = Duration.ofSeconds(10);

    private final ScheduledExecutorService deadlines = Executors.newSingleThreadScheduledExecutor();
    private final MemoryShares shares = new MemoryShares();
    private final List<ActiveRequest> running = new ArrayList<>();
    private final Map<ActiveRequest, Touching> works = new HashMap<>();

    @AfterEach
    void close() {
        deadlines.shutdownNow();
    }

    @Test
    void theOneThatTookMostEndsAtOnce() {
        var small = add(10);
        var large = add(1_000);
        shares.look(running, GIGABYTE);
        touch(small, 10);
        touch(large, 1_000);
        shares.look(running, 2 * GIGABYTE);
        assertThat(shares.largest(GIGABYTE)).contains(large);
    }

    @Test
    void theOnlyOneEndsWhenMemoryStaysShortWhateverItsShare() {
        var only = add(0);
        assertThat(endsWhileShort()).contains(only);
    }

    @Test
    void nobodyEndsForMemoryThatIsShortForAMoment() {
        add(0);
        shares.look(running, GIGABYTE);
        assertThat(shares.largest(GIGABYTE)).isEmpty();
    }

    @Test
    void theYoungAreNotToBlameForWhatWasThereBefore() {
        var old = add(0);
        long end = System.nanoTime() + SHORT_MAX.toNanos();
        Optional<ActiveRequest> ended = Optional.empty();
        while (ended.isEmpty() && System.nanoTime() < end) {
            var young = new ActiveRequest(deadlines);
            shares.look(List.of(old, young), GIGABYTE);
            ended = shares.largest(GIGABYTE);
        }
        assertThat(ended).contains(old);
    }

    private Optional<ActiveRequest> endsWhileShort() {
        long end = System.nanoTime() + SHORT_MAX.toNanos();
        Optional<ActiveRequest> ended = Optional.empty();
        while (ended.isEmpty() && System.nanoTime() < end) {
            shares.look(running, GIGABYTE);
            ended = shares.largest(GIGABYTE);
        }
        return ended;
    }

    private ActiveRequest add(long pages) {
        var request = new ActiveRequest(deadlines);
        var work = new Touching();
        work.pages = pages;
        request.runs(work);
        works.put(request, work);
        running.add(request);
        return request;
    }

    private void touch(ActiveRequest request, long pages) {
        works.get(request).pages += pages;
    }

    private static final class Touching implements ActiveRequest.Work {
        private long pages;

        @Override
        public void stop(ServiceError reason) {
            // Nothing runs.
        }

        @Override
        public void interrupt() {
            // Nothing runs.
        }

        @Override
        public long busyNanos() {
            return 0;
        }

        @Override
        public long pagesTouched() {
            return pages;
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }
}
