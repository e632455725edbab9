package io.conshelf.streams.operator;

import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.value.Compatibility;
import java.util.List;
import java.util.function.Function;

/// Tells whether the steps of a plan keep the partitions of their input apart: then what one partition gives depends on no other, and each can go by its own
/// time.
///
/// A step keeps them apart where a column that lies in one partition for each of its values is among its keys: `PartitionId`, or what the input is partitioned
/// by. Up to level 1.1 `PARTITION BY` has to name it; from 1.2 on the keys of the step do.
public final class PartitionTrace {
    private final List<Step> steps;
    private final Compatibility level;
    private final Function<Step.Source, List<String>> partitionedBy;

    /// @param partitionedBy the columns of an input whose values lie in one partition each
    public PartitionTrace(List<Step> steps, Compatibility level, Function<Step.Source, List<String>> partitionedBy) {
        this.steps = List.copyOf(steps);
        this.level = level;
        this.partitionedBy = partitionedBy;
    }

    /// Of a step with memory that reads one other.
    public boolean isKeptApart(int id) {
        Step step = steps.get(id);
        int from = StepInputs.of(step).getFirst();
        return keys(step).stream().anyMatch(key -> isPartition(from, key));
    }

    private List<Expression> keys(Step step) {
        if (level.isAtLeast(Compatibility.V1_2)) {
            return StepKeys.expressions(step);
        }
        return switch (step) {
            case Step.Aggregate aggregate -> aggregate.partitioning().keys();
            case Step.Analytics analytics -> analytics.partitioning().keys();
            case Step.Match match -> match.partitioning().keys();
            case Step.StreamJoin join -> join.partitioning().keys();
            case Step.Source _, Step.Reference _, Step.Filter _, Step.Project _, Step.Extend _, Step.ReferenceJoin _, Step.Apply _, Step.Union _ ->
                List.of();
        };
    }

    /// Whether the value, over rows of the step, tells the partition.
    private boolean isPartition(int id, Expression value) {
        return switch (steps.get(id)) {
            case Step.Source source -> value instanceof Expression.Field(Expression.Slot _, String name, _)
                    && partitionedBy.apply(source).stream().anyMatch(name::equalsIgnoreCase);
            case Step.Filter filter -> isPartition(filter.from(), value);
            case Step.Project project -> value instanceof Expression.Field(Expression.Slot _, String name, _) && isPartition(project, name);
            case Step.Extend extend -> {
                int before = slots(extend.from());
                yield value instanceof Expression.Slot(int slot, _) && slot >= before ? isPartition(extend.from(), extend.values().get(slot - before))
                        : passed(extend.from(), value);
            }
            case Step.Apply apply -> passed(apply.from(), value);
            case Step.Analytics analytics -> passed(analytics.from(), value);
            case Step.ReferenceJoin join -> passed(join.left(), value);
            case Step.Aggregate aggregate -> value instanceof Expression.Slot(int slot, _) && slot < aggregate.keys().size()
                    && isPartition(aggregate.from(), aggregate.keys().get(slot));
            case Step.Reference _, Step.Match _, Step.StreamJoin _, Step.Union _ -> false;
        };
    }

    /// Of a step that appends slots to the rows of another.
    private boolean passed(int from, Expression value) {
        return switch (value) {
            case Expression.Slot(int slot, _) -> slot < slots(from) && isPartition(from, value);
            case Expression.Field(Expression.Slot(int slot, _), _, _) -> slot < slots(from) && isPartition(from, value);
            default -> false;
        };
    }

    private boolean isPartition(Step.Project project, String name) {
        for (Step.Item item : project.items()) {
            switch (item) {
                case Step.Item.Named(String column, Expression value) -> {
                    if (column.equalsIgnoreCase(name)) {
                        return isPartition(project.from(), value);
                    }
                }
                case Step.Item.All(Expression of) -> {
                    // whether it has another column of this name is not known
                    return isPartition(project.from(), new Expression.Field(of, name, of.span()));
                }
            }
        }
        return false;
    }

    private int slots(int id) {
        return switch (steps.get(id)) {
            case Step.Source _, Step.Reference _, Step.Project _, Step.Match _ -> 1;
            case Step.Filter filter -> slots(filter.from());
            case Step.Extend extend -> slots(extend.from()) + extend.values().size();
            case Step.Apply apply -> slots(apply.from()) + 1;
            case Step.Analytics analytics -> slots(analytics.from()) + analytics.calls().size();
            case Step.Aggregate aggregate -> aggregate.keys().size() + aggregate.aggregates().size() + 1;
            case Step.ReferenceJoin join -> slots(join.left()) + join.rightSlots();
            case Step.StreamJoin join -> slots(join.left()) + join.rightSlots();
            case Step.Union union -> slots(union.from().getFirst());
        };
    }
}
