package io.conshelf.streams.run;

import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.input.EventInput;
import io.conshelf.streams.operator.PartitionTrace;
import io.conshelf.streams.operator.StepInputs;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.value.Compatibility;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// By which time each step of a job goes, and which steps go together: those that rows flow between.
public final class StepTimes {
    private final StreamJob job;
    private final List<Step> steps;
    /// By step: the first of the steps that it goes together with.
    private final int[] groups;
    private final List<SubstreamTimes> times = new ArrayList<>();

    private StepTimes(StreamJob job) {
        this.job = job;
        this.steps = job.plan().steps();
        this.groups = new int[steps.size()];
    }

    public static StepTimes of(StreamJob job) {
        StepTimes times = new StepTimes(job);
        times.group();
        List<SubstreamTimes> byGroup = new ArrayList<>();
        for (int id = 0; id < times.steps.size(); id++) {
            byGroup.add(times.groups[id] == id ? times.timesOf(id) : SubstreamTimes.SHARED);
        }
        for (int id = 0; id < times.steps.size(); id++) {
            times.times.add(byGroup.get(times.groups[id]));
        }
        return times;
    }

    public SubstreamTimes at(int step) {
        return times.get(step);
    }

    /// The same for steps that rows flow between, directly or through others.
    public int group(int step) {
        return groups[step];
    }

    @Override
    public String toString() {
        return times.toString();
    }

    private void group() {
        for (int id = 0; id < groups.length; id++) {
            groups[id] = id;
            for (int from : StepInputs.of(steps.get(id))) {
                // reference data has no time
                if (!isReference(from)) {
                    unite(groups[from], groups[id]);
                }
            }
        }
    }

    private void unite(int one, int other) {
        int first = Math.min(one, other);
        for (int id = 0; id < groups.length; id++) {
            if (groups[id] == one || groups[id] == other) {
                groups[id] = first;
            }
        }
    }

    private boolean isReference(int id) {
        return switch (steps.get(id)) {
            case Step.Reference _ -> true;
            case Step.Source _ -> false;
            case Step.ReferenceJoin join -> isReference(join.left());
            case Step.Filter _, Step.Project _, Step.Extend _, Step.StreamJoin _, Step.Apply _, Step.Analytics _, Step.Aggregate _, Step.Match _,
                 Step.Union _ -> isReference(StepInputs.of(steps.get(id)).getFirst());
        };
    }

    private List<Integer> members(int group) {
        List<Integer> members = new ArrayList<>();
        for (int id = 0; id < groups.length; id++) {
            if (groups[id] == group) {
                members.add(id);
            }
        }
        return members;
    }

    private SubstreamTimes timesOf(int group) {
        List<Integer> members = members(group);
        if (isOwn(members)) {
            return SubstreamTimes.OWN;
        }
        return arePartitions(members) ? SubstreamTimes.OF_PARTITIONS : SubstreamTimes.SHARED;
    }

    /// Keys have their own time, whatever limits how late one may be, where each comes in one partition. Where nothing limits it, that is not asked for: time
    /// that is shared would stand.
    ///
    /// Where streams meet (UNION, a join of streams) it stays shared, and beside reference data where nothing limits how late a key may be (no policy, or no
    /// arrival to hold against it), because old snapshots are let go by that limit. So it does where an input ends and has several parts, as its time is known when all of it has been read.
    private boolean isOwn(List<Integer> members) {
        return members.stream().allMatch(id -> switch (steps.get(id)) {
            case Step.Source source -> source.time() instanceof Step.EventTime.By by && !by.over().isEmpty()
                    && input(source).map(input -> input.partitionsMax() == 1 || !input.isBounded() && (job.policies().lateArrivalMax().isEmpty() || isInOnePartition(by, input)))
                            .orElse(true);
            case Step.Union _, Step.StreamJoin _, Step.Reference _ -> false;
            case Step.ReferenceJoin _ -> job.policies().lateArrivalMax().isPresent() && tellArrival(members);
            case Step.Filter _, Step.Project _, Step.Extend _, Step.Apply _, Step.Aggregate _, Step.Analytics _, Step.Match _ -> true;
        });
    }

    private boolean tellArrival(List<Integer> members) {
        return members.stream().allMatch(id -> !(steps.get(id) instanceof Step.Source source) || input(source).map(EventInput::tellsArrival).orElse(true));
    }

    private static boolean isInOnePartition(Step.EventTime.By by, EventInput input) {
        return by.over().stream().anyMatch(key -> key instanceof Expression.Field(Expression.Slot _, String name, _)
                && input.partitionedBy().stream().anyMatch(name::equalsIgnoreCase));
    }

    /// Partitions have their own time where every step with memory keeps them apart. Where streams meet it stays shared.
    private boolean arePartitions(List<Integer> members) {
        PartitionTrace trace = new PartitionTrace(steps, Compatibility.of(job.policies().compatibility()).orElse(Compatibility.V1_0),
                source -> input(source).map(EventInput::partitionedBy).orElse(List.of()));
        boolean hasMemory = false;
        for (int id : members) {
            switch (steps.get(id)) {
                case Step.Source source -> {
                    if (input(source).map(EventInput::partitionedBy).orElse(List.of()).isEmpty()) {
                        return false;
                    }
                }
                case Step.Union _, Step.StreamJoin _, Step.Reference _ -> {
                    return false;
                }
                case Step.Aggregate _, Step.Analytics _, Step.Match _ -> {
                    hasMemory = true;
                    if (!trace.isKeptApart(id)) {
                        return false;
                    }
                }
                case Step.Filter _, Step.Project _, Step.Extend _, Step.Apply _, Step.ReferenceJoin _ -> { }
            }
        }
        // nothing waits elsewhere
        return hasMemory;
    }

    /// Empty where it could not be bound, which has been told.
    private Optional<EventInput> input(Step.Source source) {
        return Optional.ofNullable(job.inputs().get(source.input()));
    }
}
