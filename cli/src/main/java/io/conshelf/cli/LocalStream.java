package io.conshelf.cli;

import io.conshelf.streams.job.JobDefinition.Output;
import io.conshelf.streams.local.LocalOutput;
import io.conshelf.streams.local.LocalProject;
import io.conshelf.streams.output.EventTarget;
import io.conshelf.streams.output.OutputException;
import io.conshelf.streams.output.Targets;
import io.conshelf.streams.plan.Plan;
import io.conshelf.streams.run.Diagnosed;
import io.conshelf.streams.run.JobMetrics.OutputCount;
import io.conshelf.streams.run.ReadyJob;
import io.conshelf.streams.run.Surroundings;
import io.conshelf.streams.value.Row;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Runs a job over local inputs to their end, and writes its outputs.
final class LocalStream {
    private final ReadyJob job;
    private final Surroundings surroundings;
    private final StreamReport report;

    LocalStream(ReadyJob job, Surroundings surroundings, StreamReport report) {
        this.job = job;
        this.surroundings = surroundings;
        this.report = report;
    }

    void run() throws InterruptedException {
        Map<String, EventTarget> targets = new LinkedHashMap<>();
        LocalProject project = new LocalProject(job, surroundings.base(), surroundings.folders());
        Map<String, OutputCount> counts = new LinkedHashMap<>();
        List<Diagnosed> refused = new ArrayList<>();
        try {
            for (Output output : job.definition().outputs()) {
                targets.put(output.name(), Targets.of(output, job.definition(), surroundings));
            }
            // What does not fit is told before anything is computed, all of it.
            List<String> differences = check(targets);
            if (!differences.isEmpty()) {
                report.failed(String.join("\n  ", differences));
                return;
            }
            write(targets, project.run(job.definition().inputs(), Instant.now()), counts, refused);
        } catch (LocalProject.LocalFailure failure) {
            report.failed(failure.getMessage());
        } finally {
            List<Diagnosed> errors = new ArrayList<>(project.diagnostics());
            errors.addAll(refused);
            report.diagnosed(errors);
            report.metrics(project.metrics(counts, errors).byName());
            targets.values().forEach(EventTarget::close);
        }
    }

    private List<String> check(Map<String, EventTarget> targets) throws InterruptedException {
        List<String> differences = new ArrayList<>();
        for (Map.Entry<String, EventTarget> target : targets.entrySet()) {
            Optional<Plan.Output> written = job.plan().outputs().stream().filter(output -> output.name().equalsIgnoreCase(target.getKey())).findFirst();
            try {
                List<String> told = written.isPresent() ? target.getValue().check(written.get()) : target.getValue().check(List.of());
                told.forEach(difference -> differences.add("output '" + target.getKey() + "': " + difference));
            } catch (OutputException failure) {
                differences.add("output '" + target.getKey() + "': " + failure.getMessage());
            }
        }
        return differences;
    }

    private void write(Map<String, EventTarget> targets, LocalProject.Result result, Map<String, OutputCount> counts, List<Diagnosed> refused)
            throws InterruptedException {
        Map<String, List<Row>> rows = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        rows.putAll(result.rows());
        try {
            for (Map.Entry<String, EventTarget> target : targets.entrySet()) {
                LocalOutput.Written one = LocalOutput.write(target.getKey(), target.getValue(), rows.getOrDefault(target.getKey(), List.of()),
                        job.definition().policies().outputError());
                counts.put(target.getKey(), new OutputCount(one.written(), one.refused()));
                report.output(target.getKey(), one.written(), one.refused());
                refused.addAll(one.diagnostics());
            }
        } catch (OutputException failure) {
            report.failed(failure.getMessage());
        }
    }
}
