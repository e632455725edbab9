package io.conshelf.streams.operator;

import io.conshelf.streams.aggregate.Aggregate.Rows;
import io.conshelf.streams.aggregate.Aggregation;
import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.plan.AggregateCall;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;

/// The aggregates of a step, side by side: an array holds what each remembers of a group.
final class Accumulators {
    private final Aggregation<Object>[] aggregations;
    private final boolean removes;
    private final boolean merges;

    private Accumulators(Aggregation<Object>[] aggregations) {
        this.aggregations = aggregations;
        boolean allRemove = true;
        boolean allMerge = true;
        for (Aggregation<Object> aggregation : aggregations) {
            allRemove &= aggregation.removes();
            allMerge &= aggregation.merges();
        }
        this.removes = allRemove;
        this.merges = allMerge;
    }

    static Accumulators of(List<AggregateCall> calls, Rows rows, Evaluation evaluation) {
        return new Accumulators(calls.stream().map(call -> ofAnything(evaluation.of(call, rows))).<Aggregation<Object>>toArray(Accumulators::array));
    }

    /// What an aggregation remembers is nobody else's business.
    @SuppressWarnings("unchecked")
    static Aggregation<Object> ofAnything(Aggregation<?> aggregation) {
        return (Aggregation<Object>) aggregation;
    }

    @SuppressWarnings("unchecked")
    private static Aggregation<Object>[] array(int size) {
        return (Aggregation<Object>[]) new Aggregation<?>[size];
    }

    boolean removes() {
        return removes;
    }

    boolean merges() {
        return merges;
    }

    Value[] inputs(Row row) {
        Value[] inputs = new Value[aggregations.length];
        for (int i = 0; i < inputs.length; i++) {
            inputs[i] = aggregations[i].input(row);
        }
        return inputs;
    }

    Object[] create() {
        Object[] accumulators = new Object[aggregations.length];
        for (int i = 0; i < accumulators.length; i++) {
            accumulators[i] = aggregations[i].create();
        }
        return accumulators;
    }

    void add(Object[] accumulators, long ticks, Value[] inputs) {
        for (int i = 0; i < accumulators.length; i++) {
            aggregations[i].add(accumulators[i], ticks, inputs[i]);
        }
    }

    void remove(Object[] accumulators, long ticks, Value[] inputs) {
        for (int i = 0; i < accumulators.length; i++) {
            aggregations[i].remove(accumulators[i], ticks, inputs[i]);
        }
    }

    void merge(Object[] accumulators, Object[] later) {
        for (int i = 0; i < accumulators.length; i++) {
            aggregations[i].merge(accumulators[i], later[i]);
        }
    }

    int count() {
        return aggregations.length;
    }

    Value result(Object[] accumulators, int index) {
        return aggregations[index].result(accumulators[index]);
    }

    void write(Object[] accumulators, DataOutput out) throws IOException {
        for (int i = 0; i < accumulators.length; i++) {
            aggregations[i].write(accumulators[i], out);
        }
    }

    Object[] read(DataInput in) throws IOException {
        Object[] accumulators = new Object[aggregations.length];
        for (int i = 0; i < accumulators.length; i++) {
            accumulators[i] = aggregations[i].read(in);
        }
        return accumulators;
    }
}
