package io.conshelf.streams.flink;

import io.conshelf.streams.run.Diagnosed;
import io.conshelf.streams.run.JobMetrics;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.api.common.accumulators.Accumulator;
import org.apache.flink.api.common.accumulators.AccumulatorHelper;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.runtime.jobmaster.JobResult;

/// Carries what the tasks of a process have counted to whoever asks the cluster. Each task carries that of all in its process, and tells it last when it ends: what
/// the last of them told is all.
final class CountersOfRun implements Accumulator<Object, HashMap<String, CountersOfRun.OfProcess>> {
    static final String NAME = "conshelf";
    private static final String PROCESS = UUID.randomUUID().toString();
    private static final AtomicLong TOLD = new AtomicLong();

    /// @param told how often the process had told before
    record OfProcess(long told, JobMetrics metrics, List<Diagnosed> diagnosed, List<String> problems) implements Serializable {
        OfProcess {
            diagnosed = new ArrayList<>(diagnosed);
            problems = new ArrayList<>(problems);
        }

        private static OfProcess now(RunCounters counters) {
            // first the number: what has a higher one was counted later
            long told = TOLD.getAndIncrement();
            return new OfProcess(told, counters.metrics(), counters.diagnosed(), counters.problem().stream().toList());
        }

        private static OfProcess later(OfProcess one, OfProcess other) {
            return one.told() > other.told() ? one : other;
        }
    }

    private final RunId run;
    private final HashMap<String, OfProcess> merged = new HashMap<>();

    CountersOfRun(RunId run) {
        this.run = run;
    }

    /// From now on the task tells, once for all steps that are in it.
    static void tell(RuntimeContext task, RunId run) {
        if (task.getAccumulator(NAME) == null) {
            task.addAccumulator(NAME, new CountersOfRun(run));
        }
    }

    @Override
    public void add(Object nothing) {}

    @Override
    public HashMap<String, OfProcess> getLocalValue() {
        return merged;
    }

    @Override
    public void resetLocal() {
        merged.clear();
    }

    @Override
    public void merge(Accumulator<Object, HashMap<String, OfProcess>> other) {
        other.getLocalValue().forEach((process, told) -> merged.merge(process, told, OfProcess::later));
    }

    /// Flink sends a copy.
    @Override
    public Accumulator<Object, HashMap<String, OfProcess>> clone() {
        CountersOfRun copy = new CountersOfRun(run);
        copy.merged.putAll(merged);
        return copy;
    }

    private Object writeReplace() {
        HashMap<String, OfProcess> now = new HashMap<>(merged);
        if (now.isEmpty()) {
            now.put(PROCESS, OfProcess.now(run.counters()));
        }
        return new Sent(run, now);
    }

    private record Sent(RunId run, HashMap<String, OfProcess> merged) implements Serializable {
        private Object readResolve() {
            CountersOfRun read = new CountersOfRun(run);
            read.merged.putAll(merged);
            return read;
        }
    }

    /// Of a job that is over.
    static Control.Counted counted(JobResult ended) {
        try {
            return counted(AccumulatorHelper.deserializeAndUnwrapAccumulators(ended.getAccumulatorResults(), CountersOfRun.class.getClassLoader()));
        } catch (IOException | ClassNotFoundException e) {
            throw new IllegalStateException("what the tasks of the job have counted cannot be read: " + e.getMessage(), e);
        }
    }

    /// @param accumulators of the job, by name; without ours, where none of its tasks has told anything
    @SuppressWarnings("unchecked")
    static Control.Counted counted(Map<String, Object> accumulators) {
        return together((Map<String, OfProcess>) accumulators.getOrDefault(NAME, Map.of()));
    }

    private static Control.Counted together(Map<String, OfProcess> processes) {
        JobMetrics metrics = JobMetrics.NONE;
        List<Diagnosed> diagnosed = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (OfProcess process : processes.values()) {
            metrics = RunCounters.together(metrics, process.metrics());
            diagnosed.addAll(process.diagnosed());
            problems.addAll(process.problems());
        }
        return new Control.Counted(metrics, diagnosed, problems.stream().findFirst(), true);
    }
}
