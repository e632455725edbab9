package io.conshelf.streams.aggregate;

import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.BigInt;
import io.conshelf.streams.value.Value.FloatingPoint;
import io.conshelf.streams.value.Value.Null;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.function.DoubleUnaryOperator;

/// STDEV, STDEVP, VAR and VARP. The sums of the values and of their squares are exact, so values taken back leave no error, and a small spread around a large
/// mean is not lost.
final class Variance implements Aggregation<Variance.Sums> {
    enum Of { SAMPLE, POPULATION }

    static final class Sums {
        private final ExactSum values;
        private final ExactSum squares;

        private Sums(ExactSum values, ExactSum squares) {
            this.values = values;
            this.squares = squares;
        }
    }

    private final NumberInput input;
    private final Of of;
    private final DoubleUnaryOperator root;

    Variance(Aggregate.Call call, Of of, DoubleUnaryOperator root) {
        this.input = NumberInput.of(call);
        this.of = of;
        this.root = root;
    }

    @Override
    public Value input(Row row) {
        return input.of(row);
    }

    @Override
    public Sums create() {
        return new Sums(new ExactSum(), new ExactSum());
    }

    @Override
    public void add(Sums state, long ticks, Value input) {
        if (!(input instanceof Null)) {
            double value = number(input);
            double square = value * value;
            state.values.add(value);
            state.squares.add(square);
            state.squares.add(rest(value, square));
        }
    }

    @Override
    public void remove(Sums state, long ticks, Value input) {
        if (!(input instanceof Null)) {
            double value = number(input);
            double square = value * value;
            state.values.remove(value);
            state.squares.remove(square);
            state.squares.remove(rest(value, square));
        }
    }

    private static double number(Value input) {
        return input instanceof BigInt(long whole) ? whole : ((FloatingPoint) input).value();
    }

    /// What a double of the square leaves out.
    private static double rest(double value, double square) {
        return Double.isFinite(square) ? Math.fma(value, value, -square) : 0;
    }

    @Override
    public void merge(Sums state, Sums later) {
        state.values.merge(later.values);
        state.squares.merge(later.squares);
    }

    @Override
    public Value result(Sums state) {
        long count = state.values.count();
        long degrees = of == Of.SAMPLE ? count - 1 : count;
        if (degrees < 1) {
            return Null.NULL;
        }
        if (!state.values.isFinite() || !state.squares.isFinite()) {
            return Value.of(Double.NaN);
        }
        BigDecimal sum = state.values.exact();
        BigDecimal spread = state.squares.exact().multiply(BigDecimal.valueOf(count)).subtract(sum.multiply(sum));
        double variance = spread.divide(BigDecimal.valueOf(count).multiply(BigDecimal.valueOf(degrees)), MathContext.DECIMAL128).doubleValue();
        return Value.of(root.applyAsDouble(Math.max(0, variance)));
    }

    @Override
    public void write(Sums state, DataOutput out) throws IOException {
        state.values.write(out);
        state.squares.write(out);
    }

    @Override
    public Sums read(DataInput in) throws IOException {
        ExactSum values = ExactSum.read(in);
        return new Sums(values, ExactSum.read(in));
    }
}
