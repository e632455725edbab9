package io.conshelf.streams.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TasksTest {
    @Test
    void sixUnitsAreATaskAsFarAsThereAreProcessorsAndAtMostEight() {
        assertThat(Tasks.of(1, 1, 64)).isEqualTo(1);
        assertThat(Tasks.of(1, 12, 64)).isEqualTo(2);
        assertThat(Tasks.of(1, 120, 2)).isEqualTo(2);
        assertThat(Tasks.of(1, 1_200, 256)).isEqualTo(8);
        assertThat(Tasks.of(3, 6, 2)).isEqualTo(3);
    }

    @Test
    void thereAreBuffersForAHundredExchangesHoweverManyTasks() {
        for (int tasks = 1; tasks <= Tasks.STATED_MAX; tasks++) {
            assertThat(Tasks.network(tasks).getBytes() / (32 << 10)).as("%d tasks", tasks).isGreaterThanOrEqualTo(100 * Tasks.buffers(tasks));
        }
        assertThat(Tasks.network(2).getMebiBytes()).isEqualTo(64);
        assertThat(Tasks.network(8).getMebiBytes()).isEqualTo(250);
    }

    @Test
    void aHintTakesTheRoomThereIsAndTheLeastIsTakenOrRefused() {
        assertThat(Tasks.within(8, 1, 256)).hasValue(8);
        assertThat(Tasks.within(8, 1, 3)).hasValue(3);
        assertThat(Tasks.within(8, 4, 3)).isEmpty();
        assertThat(Tasks.within(1, 1, 0)).isEmpty();
    }

    @Test
    void moreTasksThanThereAreBuffersForAreRefused() {
        assertThatThrownBy(() -> JobRunner.Settings.DEFAULT.withParallelism(17)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("1 to 16 tasks");
    }
}
