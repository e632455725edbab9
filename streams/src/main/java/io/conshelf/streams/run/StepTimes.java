package io.conshelf.streams.run;

import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.input.EventInput;
import io.conshelf.streams.operator.Operators;
import io.conshelf.streams.operator.PartitionTrace;
import io.conshelf.streams.operator.StepInputs;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.value.Compatibility;
import io.conshelf.streams.value.Ticks;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// By which time each step of a job goes, and which steps go together: those that rows flow between.
public final class StepTimes {
    /// A key is not waited for longer than this where events may be later still: what comes afterwards is out of order.
    private static final long SILENCE = Ticks.PER_MINUTE;

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
    /// Where streams meet (`UNION`, a join of streams) nobody knows which of them have events of a key, so a key waits for all of them until they have come as
    /// far, by its events or by what has arrived; that needs arrivals where they do not end. Beside one that ends a live one needs the limit, too: what has ended
    /// tells no arrival that a key could be waited for by.
    ///
    /// It stays shared beside reference data where nothing limits how late a key may be (no policy, or no
    /// arrival to hold against it), because old snapshots are let go by that limit. So it does where an input ends and has several parts, as its time is known
    /// when all of it has been read, and where a step remembers rows of a LEFT JOIN, which may be told apart by what a row without a partner has not.
    private boolean isOwn(List<Integer> members) {
        return members.stream().allMatch(id -> switch (steps.get(id)) {
            case Step.Source source -> source.time() instanceof Step.EventTime.By by && !by.over().isEmpty()
                    && input(source).map(input -> input.partitionsMax() == 1 || !input.isBounded() && (job.policies().lateArrivalMax().isEmpty() || isInOnePartition(by, input)))
                            .orElse(true);
            case Step.Reference _ -> false;
            case Step.Union _ -> mayMeet(members);
            case Step.StreamJoin join -> !join.equal().isEmpty() && mayMeet(members)
                    && (join.kind() == Step.JoinKind.INNER || members.stream().noneMatch(after -> Operators.isStateful(steps.get(after)) && comesFrom(after, id)));
            case Step.ReferenceJoin _ -> job.policies().lateArrivalMax().isPresent() && tellArrival(members);
            case Step.Filter _, Step.Project _, Step.Extend _, Step.Apply _, Step.Aggregate _, Step.Analytics _, Step.Match _ -> true;
        });
    }

    private boolean mayMeet(List<Integer> members) {
        return inputs(members).allMatch(EventInput::isBounded)
                || inputs(members).allMatch(input -> input.isBounded() ? job.policies().lateArrivalMax().isPresent() : input.tellsArrival());
    }

    private boolean comesFrom(int id, int step) {
        return StepInputs.of(steps.get(id)).stream().anyMatch(from -> from == step || comesFrom(from, step));
    }

    private Stream<EventInput> inputs(List<Integer> members) {
        return members.stream().flatMap(id -> steps.get(id) instanceof Step.Source source ? input(source).stream() : Stream.empty());
    }

    /// How late events may be, in ticks; `Long.MAX_VALUE` where nothing limits it.
    public long lateMax() {
        return job.policies().lateArrivalMax().map(Ticks::of).orElse(Long.MAX_VALUE);
    }

    /// For how long, in arrival, a key waits at this step for what is silent of it; `Long.MAX_VALUE` where the late arrival limit, or the end of the inputs, lets
    /// it go on.
    public long silenceMax(int step) {
        long silence = Math.max(SILENCE, Ticks.of(job.policies().outOfOrderMax()));
        return at(step) == SubstreamTimes.OWN && lateMax() > silence && inputs(members(group(step))).allMatch(input -> !input.isBounded() && input.tellsArrival())
                ? silence : Long.MAX_VALUE;
    }

    /// Whether an input ends from which rows flow to this step, or with whose rows its own meet.
    public boolean hasEnd(int step) {
        return inputs(members(group(step))).anyMatch(EventInput::isBounded);
    }

    private boolean tellArrival(List<Integer> members) {
        return inputs(members).allMatch(EventInput::tellsArrival);
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
