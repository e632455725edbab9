package io.conshelf.streams.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.streams.run.JobMetrics;
import java.util.Map;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CountersOfRunTest {
    private static final RunId RUN = new RunId("elsewhere");

    @AfterEach
    void forget() {
        RunCounters.forget(RUN);
    }

    /// As it comes to the cluster.
    static CountersOfRun sent(CountersOfRun counters) throws Exception {
        return InstantiationUtil.deserializeObject(InstantiationUtil.serializeObject(counters), CountersOfRunTest.class.getClassLoader());
    }

    /// The tasks of a process end one after the other, and Flink merges what they told in any order.
    @Test
    void whatAProcessToldLastIsAllOfIt() throws Exception {
        RunCounters counters = RUN.counters();
        CountersOfRun empty = sent(new CountersOfRun(RUN));
        counters.wrote(counters.output("values"));
        CountersOfRun first = sent(new CountersOfRun(RUN));
        counters.wrote(counters.output("values"));
        CountersOfRun last = sent(new CountersOfRun(RUN));
        assertThat(together(empty, first, last)).isEqualTo(2);
        assertThat(together(last, first, empty)).isEqualTo(2);
        assertThat(together(first, last, empty)).isEqualTo(2);
    }

    private static long together(CountersOfRun first, CountersOfRun... others) {
        var all = first.clone();
        for (CountersOfRun other : others) {
            all.merge(other.clone());
        }
        return CountersOfRun.counted(Map.of(CountersOfRun.NAME, all.getLocalValue())).metrics().outputEvents();
    }

    @Test
    void aJobWhoseTasksNeverBeganHasCountedNothing() {
        assertThat(CountersOfRun.counted(Map.of()).metrics()).isEqualTo(JobMetrics.NONE);
    }
}
