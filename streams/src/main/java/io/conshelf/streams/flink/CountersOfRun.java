package io.conshelf.streams.flink;

import io.conshelf.streams.run.Diagnosed;
import io.conshelf.streams.run.JobMetrics;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.flink.api.common.accumulators.Accumulator;

/// Carries what the tasks of a process have counted to whoever asks the cluster. Several tasks of a process carry the same.
final class CountersOfRun implements Accumulator<Object, HashMap<String, CountersOfRun.OfProcess>> {
    static final String NAME = "conshelf-";
    private static final String PROCESS = UUID.randomUUID().toString();

    record OfProcess(JobMetrics metrics, List<Diagnosed> diagnosed, List<String> problems) implements Serializable {
        OfProcess {
            diagnosed = new ArrayList<>(diagnosed);
            problems = new ArrayList<>(problems);
        }
    }

    private final RunId run;
    private final HashMap<String, OfProcess> merged = new HashMap<>();

    CountersOfRun(RunId run) {
        this.run = run;
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
        merged.putAll(other.getLocalValue());
    }

    /// Flink sends a copy.
    @Override
    public Accumulator<Object, HashMap<String, OfProcess>> clone() {
        CountersOfRun copy = new CountersOfRun(run);
        copy.merged.putAll(merged);
        return copy;
    }

    private Object writeReplace() {
        RunCounters counters = run.counters();
        HashMap<String, OfProcess> now = new HashMap<>(merged);
        if (now.isEmpty()) {
            now.put(PROCESS, new OfProcess(counters.metrics(), counters.diagnosed(), counters.problem().stream().toList()));
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

    static Control.Counted together(Map<String, OfProcess> processes) {
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
