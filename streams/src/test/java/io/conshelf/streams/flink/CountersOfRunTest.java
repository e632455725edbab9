package io.conshelf.streams.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.streams.expression.Context;
import io.conshelf.streams.input.EventInput.Start;
import io.conshelf.streams.job.JobDefinition.InputType;
import io.conshelf.streams.job.JobDefinition.Policies;
import io.conshelf.streams.plan.Plan;
import io.conshelf.streams.plan.Queries;
import io.conshelf.streams.plan.QueryContext;
import io.conshelf.streams.run.JobMetrics;
import io.conshelf.streams.run.Places;
import io.conshelf.streams.run.StreamJob;
import io.conshelf.streams.value.Compatibility;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.JobVertex;
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

    /// No source of Flink tells anything: what comes after it must be in its task, also where the rows go on to others.
    @Test
    void theTaskThatReadsAnInputElsewhereTellsWhatItRead() {
        Plan plan = Queries.compile("SELECT k, COUNT(*) AS events INTO output FROM input GROUP BY k, TumblingWindow(second, 10)",
                new QueryContext(Map.of("input", InputType.STREAM), Set.of(), Set.of(), Compatibility.V1_2)).plan().orElseThrow();
        StreamJob job = new StreamJob("elsewhere", plan, Context.DEFAULT, Map.of("input", MemoryInput.of("elsewhere", 2)), Map.of(),
                Map.of("output", () -> new MemoryTarget("elsewhere")), Policies.DEFAULT);
        RunRecord run = new RunRecord(RUN, new Start.Earliest(), Long.MIN_VALUE, "", Places.UNKNOWN);
        JobGraph graph = JobPlan.graph(job, run, "reader", 2, HeldRoom.ROWS_MAX, JobRunner.common(Duration.ofSeconds(1))).getJobGraph();
        assertThat(graph.getVerticesSortedTopologicallyFromSources()).extracting(JobVertex::getName).filteredOn(name -> name.startsWith("Source: "))
                .containsExactly("Source: input -> InputEnd");
    }
}
