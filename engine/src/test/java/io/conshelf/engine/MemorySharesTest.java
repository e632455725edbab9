package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;

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
    private static final long TAKEN_BYTES = 64L << 20;
    private static final int LOOKS_MAX = 200;

    private final ScheduledExecutorService deadlines = Executors.newSingleThreadScheduledExecutor();
    private final MemoryShares shares = new MemoryShares();
    private final List<ActiveRequest> running = new ArrayList<>();
    private final Map<ActiveRequest, Touching> works = new HashMap<>();
    private long nanos;
    private long residentBytes = GIGABYTE;
    private long heldBytes = GIGABYTE;
    private long freedBytes;
    private long pagesOfAll = 1_000_000;
    private long touchedByWorkers;

    @AfterEach
    void close() {
        deadlines.shutdownNow();
    }

    @Test
    void theOneThatTookMostEndsAtOnce() {
        var small = add();
        var large = add();
        look(0);
        touch(small, 10);
        touch(large, 1_000);
        look(GIGABYTE);
        assertThat(largest()).contains(large);
    }

    @Test
    void whoIsFirstSeenEndsAtTheNextLookAtTheEarliest() {
        add();
        for (int i = 0; i < 20; i++) {
            look(0);
        }
        var young = add();
        touchedByWorkers = 16_000;
        look(GIGABYTE);
        assertThat(largest()).isEmpty();
        touchedByWorkers = 16_000;
        look(GIGABYTE);
        assertThat(largest()).contains(young);
    }

    @Test
    void beforeTheLargestWasSeenTwiceNobodyEndsInItsPlaceThoughItTookAboutAsMuch() {
        nobodyEndsForTheYoung(0.75, 0.75, 0.95);
    }

    @Test
    void beforeTheLargestWasSeenTwiceNobodyEndsInItsPlaceThatTookLess() {
        nobodyEndsForTheYoung(0.6, 0.6, 0.74);
    }

    /// @param ofGigabyte what the old one took, of which it ends up with a part of what the young one has that is between the other two
    private void nobodyEndsForTheYoung(double ofGigabyte, double partMin, double partMax) {
        var old = add();
        look(0);
        touch(old, 1_000);
        look((long) (ofGigabyte * GIGABYTE));
        for (int i = 0; i < 1_000; i++) {
            look(0);
        }
        var young = add();
        touchedByWorkers = 16_000;
        look(GIGABYTE);
        assertThat((double) works.get(old).tookBytes / works.get(young).tookBytes).isBetween(partMin, partMax);
        assertThat(largest()).isEmpty();
        look(0);
        assertThat(largest()).contains(young);
    }

    @Test
    void whatWorkersTouchedIsOfTheOneWhoseThreadTouchesMuch() {
        var large = add();
        look(0);
        var small = add();
        for (int i = 0; i < 10; i++) {
            touch(large, 1_000);
            touch(small, 10);
            touchedByWorkers = 15_000;
            look(TAKEN_BYTES);
        }
        assertThat(largest()).contains(large);
    }

    @Test
    void whatWorkersTouchedIsOfTheOneThatCameWhenItBegan() {
        var old = add();
        var large = takesWhileWorkersTouch(old, () -> touchedByWorkers = 16_000);
        assertThat(largest()).contains(large);
    }

    @Test
    void whatWasFreedBeforeIsOfTheOneThatCameWhenItWasTaken() {
        var old = add();
        var large = takesWhileWorkersTouch(old, () -> freedBytes = TAKEN_BYTES);
        assertThat(residentBytes).isLessThan(2 * GIGABYTE);
        assertThat(largest()).contains(large);
    }

    @Test
    void whatWorkersGoOnTouchingIsNotOfTheOneThatCameMeanwhile() {
        var large = add();
        for (int i = 0; i < 40; i++) {
            touchedByWorkers = 16_000;
            look(TAKEN_BYTES);
        }
        var small = add();
        for (int i = 0; i < 20; i++) {
            touchedByWorkers = 16_000;
            look(i % 4 == 0 ? TAKEN_BYTES * 3 / 2 : TAKEN_BYTES);
        }
        assertThat(works.get(small).tookBytes).isLessThan(16L << 20);
        assertThat(largest()).contains(large);
    }

    @Test
    void whatIsTouchedOnlyAfterDuckDbHoldsItIsCountedOnce() {
        var only = add();
        look(0);
        freedBytes = GIGABYTE;
        look(0);
        heldBytes -= GIGABYTE / 2;
        look(GIGABYTE / 2);
        assertThat(works.get(only).tookBytes).isBetween(GIGABYTE, GIGABYTE + GIGABYTE / 8);
    }

    @Test
    void ofThoseThatTookAboutAsMuchTheYoungestEnds() {
        var first = add();
        var second = add();
        look(0);
        touch(first, 1_000);
        touch(second, 900);
        look(GIGABYTE);
        assertThat(largest()).contains(second);
    }

    /// The thread of the old one goes on touching some pages, and that of the other none.
    private ActiveRequest takesWhileWorkersTouch(ActiveRequest old, Runnable taking) {
        for (int i = 0; i < 20; i++) {
            touch(old, 20);
            look(80_000);
        }
        var large = add();
        for (int i = 0; i < 20; i++) {
            touch(old, 20);
            taking.run();
            look(freedBytes > 0 ? 80_000 : TAKEN_BYTES);
        }
        return large;
    }

    @Test
    void whatEarlierResultsTookIsNotOfABudgetThatIsAskedForLater() {
        var only = add();
        look(0);
        look(GIGABYTE);
        works.get(only).budget = Optional.of(new MemoryBudget(GIGABYTE / 2, 1));
        // Whose it is that was taken until the next look is not known.
        look(GIGABYTE);
        look(GIGABYTE / 4);
        assertThat(shares.overTheirBudget()).isEmpty();
        look(GIGABYTE / 2);
        assertThat(shares.overTheirBudget()).containsExactly(Map.entry(only, new MemoryBudget(GIGABYTE / 2, 1)));
    }

    @Test
    void aLaterBudgetLiftsNoneFromBefore() {
        var only = add();
        var first = new MemoryBudget(GIGABYTE, 0);
        works.get(only).budget = Optional.of(first);
        look(0);
        look(GIGABYTE / 2);
        works.get(only).budget = Optional.of(new MemoryBudget(GIGABYTE * 3 / 4, 1));
        look(0);
        look(GIGABYTE * 5 / 8);
        assertThat(shares.overTheirBudget()).containsExactly(Map.entry(only, first));
    }

    @Test
    void allThatARequestTookIsOfABudgetThatItBeganWith() {
        var only = add();
        works.get(only).budget = Optional.of(new MemoryBudget(GIGABYTE / 2, 0));
        look(0);
        look(GIGABYTE / 4);
        assertThat(shares.overTheirBudget()).isEmpty();
        look(GIGABYTE / 2);
        assertThat(shares.overTheirBudget()).containsOnlyKeys(only);
    }

    @Test
    void theOnlyOneEndsWhenMemoryStaysShortWhateverItsShare() {
        var only = add();
        assertThat(endsWhileShort()).contains(only);
    }

    @Test
    void nobodyEndsForMemoryThatIsShortForAMoment() {
        add();
        look(0);
        assertThat(largest()).isEmpty();
    }

    @Test
    void theYoungAreNotToBlameForWhatWasThereBefore() {
        var old = add();
        Optional<ActiveRequest> ended = Optional.empty();
        for (int i = 0; i < LOOKS_MAX && ended.isEmpty(); i++) {
            running.removeIf(request -> request != old);
            add();
            look(0);
            ended = largest();
        }
        assertThat(ended).contains(old);
    }

    @Test
    void whoWaitsForMemoryDoesNotEnd() {
        var holder = add();
        var bystander = add();
        look(0);
        works.get(bystander).waits = true;
        assertThat(endsWhileShort()).contains(holder);
    }

    @Test
    void whereAllWaitNobodyEnds() {
        works.get(add()).waits = true;
        works.get(add()).waits = true;
        assertThat(endsWhileShort()).isEmpty();
    }

    @Test
    void whoLeavesIsWaitedForWhileItsEndIsEnoughAndItGetsNoWorse() {
        var other = add();
        var large = endsBeside(other);
        // What it took before it saw that it is to end.
        touch(large, 100);
        look(GIGABYTE / 16);
        assertThat(shares.largest(GIGABYTE / 2 + GIGABYTE / 16)).isEmpty();
        for (int i = 0; i < 100; i++) {
            look(0);
            assertThat(shares.largest(GIGABYTE / 2 + GIGABYTE / 16)).isEmpty();
        }
        running.remove(large);
        look(0);
        assertThat(shares.largest(GIGABYTE / 2)).contains(other);
    }

    @Test
    void whoDoesNotLeaveIsNotWaitedForWithoutEnd() {
        var other = add();
        endsBeside(other);
        assertThat(endsWithin(300, GIGABYTE / 2)).contains(other);
    }

    @Test
    void whereItGetsWorseTheNextEndsThoughTheFirstIsLeaving() {
        var other = add();
        endsBeside(other);
        assertThat(endsWithin(10, GIGABYTE / 2)).isEmpty();
        assertThat(endsWithin(20, GIGABYTE / 2 + GIGABYTE / 32)).isEmpty();
        assertThat(endsWithin(1, GIGABYTE / 2 + GIGABYTE / 16)).contains(other);
    }

    @Test
    void whereTheEndOfTheFirstIsNotEnoughTheNextEndsBeforeItHasLeft() {
        var other = add();
        endsBeside(other);
        assertThat(endsWithin(30, GIGABYTE)).contains(other);
    }

    /// One that has about three quarters of a gigabyte, of which half is too much; the other has most of the rest.
    private ActiveRequest endsBeside(ActiveRequest other) {
        var large = add();
        look(0);
        touch(other, 300);
        touch(large, 1_000);
        look(GIGABYTE);
        assertThat(shares.largest(GIGABYTE / 2)).contains(large);
        large.stop(Errors.lowMemory());
        return large;
    }

    private Optional<ActiveRequest> endsWithin(int looks, long excessBytes) {
        Optional<ActiveRequest> ended = Optional.empty();
        for (int i = 0; i < looks && ended.isEmpty(); i++) {
            look(0);
            ended = shares.largest(excessBytes);
        }
        return ended;
    }

    private Optional<ActiveRequest> endsWhileShort() {
        Optional<ActiveRequest> ended = Optional.empty();
        for (int i = 0; i < LOOKS_MAX && ended.isEmpty(); i++) {
            look(0);
            ended = largest();
        }
        return ended;
    }

    /// Another look a twentieth of a second later, at a process that has grown.
    private void look(long grownBytes) {
        nanos += 50_000_000;
        residentBytes += grownBytes;
        heldBytes += grownBytes + freedBytes;
        pagesOfAll += touchedByWorkers + 1;
        shares.look(running, new MemoryShares.Memory(residentBytes, heldBytes, pagesOfAll), nanos);
        freedBytes = 0;
        touchedByWorkers = 0;
    }

    private Optional<ActiveRequest> largest() {
        return shares.largest(GIGABYTE);
    }

    private ActiveRequest add() {
        var request = new ActiveRequest(deadlines);
        var work = new Touching();
        request.runs(work);
        works.put(request, work);
        running.add(request);
        return request;
    }

    private void touch(ActiveRequest request, long pages) {
        works.get(request).pages += pages;
        pagesOfAll += pages;
    }

    private static final class Touching implements ActiveRequest.Work {
        private long pages;
        private long tookBytes;
        private boolean waits;
        private Optional<MemoryBudget> budget = Optional.empty();

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
            return 1;
        }

        @Override
        public boolean hasWaitedLongForMemory() {
            return waits;
        }

        @Override
        public long pagesTouched() {
            return pages;
        }

        @Override
        public Optional<MemoryBudget> memoryBudget() {
            return budget;
        }

        @Override
        public void tookMemory(long bytes) {
            tookBytes = bytes;
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }
}
