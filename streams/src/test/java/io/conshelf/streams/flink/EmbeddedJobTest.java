package io.conshelf.streams.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.job.JobDefinition.Policies;
import io.conshelf.streams.local.LocalEvents;
import io.conshelf.streams.local.LocalRun;
import io.conshelf.streams.operator.EventOrdering.Arrivals;
import io.conshelf.streams.operator.RandomSteps;
import io.conshelf.streams.plan.Plan;
import io.conshelf.streams.run.JobState;
import io.conshelf.streams.run.RunningJob;
import io.conshelf.streams.run.StartMode;
import io.conshelf.streams.run.StreamJob;
import io.conshelf.streams.value.Row;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Jobs on the embedded cluster give what the local run over the same events gives.
class EmbeddedJobTest {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    @TempDir
    Path folder;

    private JobRunner runner;

    @AfterEach
    void stop() {
        runner.close();
    }

    private JobRunner runner(int parallelism) {
        runner = new JobRunner(JobRunner.Settings.DEFAULT.withFolder(folder).withParallelism(parallelism).withCheckpoints(Duration.ofMillis(200)));
        return runner;
    }

    private static StreamJob job(String id, Plan plan, MemoryInput input) {
        return new StreamJob(id, plan, Context.DEFAULT, Map.of("input", input), Map.of(), Map.of("output", () -> new MemoryTarget(id)), Policies.DEFAULT);
    }

    private static List<String> local(Plan plan, List<Row> rows) {
        LocalEvents events = new LocalEvents(Arrivals.TOLD, rows.stream().map(row -> new LocalEvents.Arrived(row.event(), row.ticks())).toList());
        return new LocalRun(plan, Policies.DEFAULT, Evaluation.in(Context.DEFAULT), (_, _, _, _) -> { }).rows(Map.of("input", events), Map.of())
                .getOrDefault("output", List.of()).stream().map(MemoryTarget::text).sorted().toList();
    }

    @Test
    void everyStepGivesWhatTheLocalRunGives() throws Exception {
        JobRunner jobs = runner(2);
        for (int seed = 1; seed <= 12; seed++) {
            Random random = new Random(seed);
            Plan plan = RandomSteps.plan(RandomSteps.step(random));
            List<Row> rows = RandomSteps.rows(random, 400);
            MemoryInput input = MemoryInput.of("steps-" + seed, 1);
            input.add(rows);
            RunningJob job = jobs.start(job("steps-" + seed, plan, input.end()), new StartMode.Everything());
            assertThat(job.await(LIMIT)).as("the job of seed %d ends", seed).isTrue();
            assertThat(job.problem()).as("seed %d", seed).isEmpty();
            assertThat(job.state()).isEqualTo(JobState.STOPPED);
            assertThat(MemoryTarget.shown("steps-" + seed)).as("seed %d, %s", seed, plan.steps().getLast()).isEqualTo(local(plan, rows));
            assertThat(job.metrics().inputEvents()).isGreaterThanOrEqualTo(rows.size());
        }
    }
}
