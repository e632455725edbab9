package io.conshelf.streams.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunCountersTest {
    private static final RunId RUN = new RunId("counters");

    @TempDir
    Path folder;

    private final RunCounters counters = RUN.counters();

    @AfterEach
    void forget() {
        RunCounters.forget(RUN);
    }

    private long told() {
        return counters.metrics().lastOutputEventTicks();
    }

    @Test
    void theLastOutputIsThatOfTheTaskFurthestBehind() {
        counters.keepIn(folder, Map.of("a", 1, "b", 1));
        counters.shown("a#0", 1, 10);
        assertThat(told()).isEqualTo(10);
        assertThat(StoppedAt.read(folder)).as("of one task nothing is known").isEmpty();
        counters.shown("b#0", 1, 5);
        assertThat(told()).isEqualTo(5);
        assertThat(StoppedAt.read(folder)).contains(5L);
    }

    @Test
    void aTaskWhoseInputsAreOverHoldsTheTimeOfTheOthersNotUp() {
        counters.keepIn(folder, Map.of("ended", 1, "empty", 1, "live", 1));
        counters.shown("ended#0", 1, 10);
        counters.shown("empty#0", 1, 0);
        counters.shown("live#0", 1, 20);
        counters.over("ended#0");
        counters.over("empty#0");
        counters.shown("live#0", 2, 30);
        assertThat(told()).isEqualTo(30);
        assertThat(StoppedAt.read(folder)).contains(30L);
        counters.over("live#0");
        assertThat(told()).as("where all are over, it is the earliest again").isEqualTo(10);
    }

    @Test
    void whileOthersHaveShownNothingTheTimeIsThatOfWhatIsOver() {
        counters.keepIn(folder, Map.of("ended", 1, "live", 1));
        counters.shown("ended#0", 1, 10);
        counters.over("ended#0");
        counters.shown("live#0", 1, 0);
        assertThat(told()).isEqualTo(10);
    }

    /// Its tasks are not run again, also where there would be more of them.
    @Test
    void anOutputThatWasOverIsNotWaitedForWhenTheJobGoesOn() {
        counters.keepIn(folder, Map.of("ended", 2, "live", 1));
        counters.shown("ended#0", 1, 10);
        counters.shown("ended#1", 1, 10);
        counters.shown("live#0", 1, 20);
        counters.over("ended#0");
        counters.over("ended#1");
        RunCounters.forget(RUN);
        RunCounters again = RUN.counters();
        again.keepIn(folder, Map.of("ended", 3, "live", 1));
        again.shown("live#0", 2, 30);
        assertThat(StoppedAt.read(folder)).contains(30L);
        again.begins("ended#1");
        again.shown("live#0", 3, 40);
        assertThat(StoppedAt.read(folder)).as("it runs after all").contains(30L);
    }
}
