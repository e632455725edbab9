package io.conshelf.engine.store;

import static io.conshelf.engine.store.LeftRoom.RECLAIM_AFTER_NANOS;
import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.store.LeftRoom.Left;
import org.junit.jupiter.api.Test;

class LeftRoomTest {
    private static final long STEP = RECLAIM_AFTER_NANOS / 2;

    private final LeftRoom room = new LeftRoom();

    @Test
    void nothingIsDueWhereNothingIsLeft() {
        assertThat(room.isDue(100 * STEP, 100, true)).isFalse();
        assertThat(room.begin(100)).isEmpty();
    }

    @Test
    void whatGoesSteadilyDoesNotPutTheRoomOfTheFirstOff() {
        for (int i = 0; i < 3; i++) {
            room.isLeft(new Left(i * STEP, i));
        }
        assertThat(room.isDue(2 * STEP, 10, false)).isFalse();
        assertThat(room.isDue(2 * STEP + 1, 10, false)).isTrue();
        assertThat(room.begin(10)).contains(new Left(0, 0));
        // Nobody read any of it, so all of it was for that time.
        assertThat(room.isDue(100 * STEP, 100, true)).isFalse();
    }

    @Test
    void aShortDiskDoesNotWait() {
        room.isLeft(new Left(0, 0));
        assertThat(room.isDue(1, 1, true)).isTrue();
    }

    @Test
    void whatIsStillReadIsForTheNextTime() {
        room.isLeft(new Left(0, 0));
        room.isLeft(new Left(STEP, 5));
        assertThat(room.isDue(10 * STEP, 0, true)).as("the first is read").isFalse();
        assertThat(room.isDue(3 * STEP, 5, false)).as("only the second is read").isTrue();
        room.begin(5);
        assertThat(room.isDue(10 * STEP, 5, true)).isFalse();
        assertThat(room.isDue(10 * STEP, 6, false)).isTrue();
        assertThat(room.begin(6)).contains(new Left(STEP, 5));
    }

    @Test
    void whatFailedIsTriedAgain() {
        room.isLeft(new Left(0, 0));
        Left begun = room.begin(1).orElseThrow();
        room.isLeft(new Left(STEP, 1));
        room.failed(begun, 2 * STEP);
        assertThat(room.isDue(4 * STEP, 1, false)).isFalse();
        assertThat(room.isDue(4 * STEP + 1, 1, false)).isTrue();
        room.begin(1);
        assertThat(room.isDue(10 * STEP, 2, false)).as("what went meanwhile").isTrue();
    }
}
