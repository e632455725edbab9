package io.conshelf.streams.aggregate;

import io.conshelf.streams.expression.JobFunctions.FunctionFault;
import io.conshelf.streams.expression.RuntimeFault;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/// An aggregate that the job brings along. Where it fails, the place of its call is said.
record OfTheJob<A>(Aggregation<A> aggregation, Span span) implements Aggregation<A> {
    private RuntimeFault located(FunctionFault fault) {
        return new RuntimeFault(fault.getMessage(), span);
    }

    @Override
    public Value input(Row row) {
        return aggregation.input(row);
    }

    @Override
    public A create() {
        try {
            return aggregation.create();
        } catch (FunctionFault fault) {
            throw located(fault);
        }
    }

    @Override
    public void add(A state, long ticks, Value input) {
        try {
            aggregation.add(state, ticks, input);
        } catch (FunctionFault fault) {
            throw located(fault);
        }
    }

    @Override
    public void remove(A state, long ticks, Value input) {
        try {
            aggregation.remove(state, ticks, input);
        } catch (FunctionFault fault) {
            throw located(fault);
        }
    }

    @Override
    public void merge(A state, A later) {
        aggregation.merge(state, later);
    }

    @Override
    public Value result(A state) {
        try {
            return aggregation.result(state);
        } catch (FunctionFault fault) {
            throw located(fault);
        }
    }

    @Override
    public boolean removes() {
        return aggregation.removes();
    }

    @Override
    public boolean merges() {
        return aggregation.merges();
    }

    @Override
    public void write(A state, DataOutput out) throws IOException {
        try {
            aggregation.write(state, out);
        } catch (FunctionFault fault) {
            throw located(fault);
        }
    }

    @Override
    public A read(DataInput in) throws IOException {
        try {
            return aggregation.read(in);
        } catch (FunctionFault fault) {
            throw located(fault);
        }
    }
}
