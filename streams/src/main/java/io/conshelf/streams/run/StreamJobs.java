package io.conshelf.streams.run;

import io.conshelf.streams.input.EventInput;
import io.conshelf.streams.input.InputException;
import io.conshelf.streams.input.Inputs;
import io.conshelf.streams.input.ReferenceInput;
import io.conshelf.streams.input.References;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.job.JobDefinition.Input;
import io.conshelf.streams.job.JobDefinition.Output;
import io.conshelf.streams.job.StorePlace;
import io.conshelf.streams.output.EventTarget;
import io.conshelf.streams.output.OutputException;
import io.conshelf.streams.output.Targets;
import io.conshelf.streams.plan.Plan;
import io.conshelf.streams.plan.Step;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Binds a job to what it reads and writes.
public final class StreamJobs {
    private StreamJobs() {}

    /// @param name     names its folder of checkpoints, too
    /// @param obstacles takes what keeps an input from being read
    /// @return the job as far as it could be bound
    public static StreamJob bind(String name, ReadyJob ready, Surroundings surroundings, List<String> obstacles) {
        JobDefinition job = ready.definition();
        Map<String, EventInput> inputs = new LinkedHashMap<>();
        Map<String, ReferenceInput> references = new LinkedHashMap<>();
        Map<String, String> readPlaces = new LinkedHashMap<>();
        for (Step step : ready.plan().steps()) {
            try {
                if (step instanceof Step.Source source && !inputs.containsKey(source.input())) {
                    inputs.put(source.input(), new Inputs(job, surroundings).of(input(job, source.input()), source.schema()));
                    readPlaces.put(Places.key(source.input()), StorePlace.of(input(job, source.input())));
                } else if (step instanceof Step.Reference reference && !references.containsKey(reference.input())) {
                    references.put(reference.input(), new References(job, surroundings).of(input(job, reference.input()), reference.schema()));
                }
            } catch (InputException obstacle) {
                obstacles.add(obstacle.getMessage());
            }
        }
        Map<String, StreamJob.TargetRecipe> outputs = new LinkedHashMap<>();
        Map<String, String> writtenPlaces = new LinkedHashMap<>();
        for (Plan.Output output : ready.plan().outputs()) {
            Output defined = job.output(output.name()).orElseThrow();
            outputs.put(output.name(), new Recipe(defined, job, surroundings));
            writtenPlaces.put(Places.key(output.name()), place(defined, job, surroundings));
        }
        StreamJob bound = new StreamJob(name, ready.plan(), ready.context(), inputs, references, outputs, job.policies(), new Places(readPlaces, writtenPlaces));
        waiting(bound, obstacles);
        return bound;
    }

    private static String place(Output output, JobDefinition job, Surroundings surroundings) {
        try (EventTarget target = Targets.of(output, job, surroundings)) {
            return target.keeps().map(kept -> StorePlace.of(output) + " in " + kept).orElse("");
        }
    }

    private record Recipe(Output output, JobDefinition job, Surroundings surroundings) implements StreamJob.TargetRecipe {
        @Override
        public EventTarget open() {
            return Targets.of(output, job, surroundings);
        }

        @Override
        public int writersMax() {
            return output.settings().path("maxWriterCount").asInt() == 1 ? 1 : Integer.MAX_VALUE;
        }
    }

    /// Where substreams share a time, a new key may be as late as the policy allows; without a limit, or an arrival to hold against it, nothing would ever come of
    /// a live input.
    private static void waiting(StreamJob job, List<String> obstacles) {
        StepTimes times = StepTimes.of(job);
        for (int id = 0; id < job.plan().steps().size(); id++) {
            if (times.at(id) != SubstreamTimes.OWN && job.plan().steps().get(id) instanceof Step.Source source && source.time() instanceof Step.EventTime.By by && !by.over().isEmpty()
                    && job.inputs().containsKey(source.input()) && !job.inputs().get(source.input()).isBounded()) {
                String needs = "input '%s': TIMESTAMP BY … OVER needs %s (line %d, column %d)";
                if (!job.inputs().get(source.input()).tellsArrival()) {
                    obstacles.add(needs.formatted(source.input(), "events that have an arrival, which those of a followed folder have not",
                            source.span().startLine(), source.span().startColumn()));
                } else if (job.policies().lateArrivalMax().isEmpty()) {
                    obstacles.add(needs.formatted(source.input(), "'eventsLateArrivalMaxDelayInSeconds' to be limited where reference data is joined,"
                            + " where rows of a LEFT JOIN are grouped or joined, and beside inputs that end", source.span().startLine(), source.span().startColumn()));
                }
            }
        }
    }

    private static Input input(JobDefinition job, String name) {
        return job.input(name).orElseThrow();
    }

    /// Everything in which the outputs that are defined differ from what the query gives them, before any row is written.
    public static List<String> differences(ReadyJob ready, Surroundings surroundings) throws InterruptedException {
        List<String> differences = new ArrayList<>();
        Map<String, Plan.Output> outputs = new LinkedHashMap<>();
        ready.plan().outputs().forEach(output -> outputs.putIfAbsent(output.name().toLowerCase(java.util.Locale.ROOT), output));
        for (Plan.Output output : outputs.values()) {
            Optional<Output> defined = ready.definition().output(output.name());
            if (defined.isEmpty()) {
                continue;
            }
            String called = "output '" + output.name() + "': ";
            try (EventTarget target = Targets.of(defined.get(), ready.definition(), surroundings)) {
                target.check(output).forEach(difference -> differences.add(called + difference));
            } catch (OutputException failure) {
                differences.add(called + failure.getMessage());
            }
        }
        return differences;
    }
}
