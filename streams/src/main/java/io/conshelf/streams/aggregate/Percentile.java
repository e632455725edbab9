package io.conshelf.streams.aggregate;

import io.conshelf.streams.expression.Parameter;
import io.conshelf.streams.expression.RuntimeFault;
import io.conshelf.streams.plan.AggregateCall.Direction;
import io.conshelf.streams.value.BinaryValues;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.BigInt;
import io.conshelf.streams.value.Value.FloatingPoint;
import io.conshelf.streams.value.Value.Null;
import io.conshelf.streams.value.ValueOrder;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// Percentile_Cont and Percentile_Disc. All values are kept, each with how often it came.
final class Percentile implements Aggregation<NavigableMap<Value, Long>> {
    enum Of {
        /// Between the two values around the place.
        INTERPOLATED,
        /// The first value that as many are not beyond.
        VALUE
    }

    private static final Row NO_ROW = new Row(0, new Value[0]);

    private final NumberInput input;
    private final double share;
    private final Direction direction;
    private final Of of;

    Percentile(Aggregate.Call call, Of of) {
        Aggregate.Order order = call.order().getFirst();
        this.input = new NumberInput(call.name(), order.by(), call.span());
        Value given = call.arguments().getFirst().value(NO_ROW);
        this.share = Parameter.FLOAT.taken(given).map(FloatingPoint.class::cast).map(FloatingPoint::value)
                .filter(number -> number >= 0 && number <= 1)
                .orElseThrow(() -> new RuntimeFault("The 1st argument of function " + call.name() + " must be a number from 0 to 1.", call.span()));
        this.direction = order.direction();
        this.of = of;
    }

    @Override
    public Value input(Row row) {
        return input.of(row);
    }

    @Override
    public NavigableMap<Value, Long> create() {
        return new TreeMap<>(ValueOrder.ASCENDING);
    }

    @Override
    public void add(NavigableMap<Value, Long> state, long ticks, Value input) {
        if (!(input instanceof Null)) {
            state.merge(input, 1L, Long::sum);
        }
    }

    @Override
    public void remove(NavigableMap<Value, Long> state, long ticks, Value input) {
        if (!(input instanceof Null)) {
            state.computeIfPresent(input, (_, count) -> count == 1 ? null : count - 1);
        }
    }

    @Override
    public void merge(NavigableMap<Value, Long> state, NavigableMap<Value, Long> later) {
        later.forEach((value, count) -> state.merge(value, count, Long::sum));
    }

    @Override
    public Value result(NavigableMap<Value, Long> state) {
        if (state.isEmpty()) {
            return Null.NULL;
        }
        NavigableMap<Value, Long> ordered = direction == Direction.ASCENDING ? state : state.descendingMap();
        long count = ordered.values().stream().mapToLong(Long::longValue).sum();
        return switch (of) {
            case VALUE -> at(ordered, Math.max(0, (long) Math.ceil(share * count) - 1));
            case INTERPOLATED -> {
                double place = share * (count - 1);
                long below = (long) Math.floor(place);
                double low = number(at(ordered, below));
                double part = place - below;
                yield Value.of(part == 0 ? low : low + part * (number(at(ordered, below + 1)) - low));
            }
        };
    }

    private static Value at(NavigableMap<Value, Long> ordered, long place) {
        long seen = 0;
        for (Map.Entry<Value, Long> one : ordered.entrySet()) {
            seen += one.getValue();
            if (seen > place) {
                return one.getKey();
            }
        }
        return ordered.lastKey();
    }

    private static double number(Value value) {
        return value instanceof BigInt(long whole) ? whole : ((FloatingPoint) value).value();
    }

    @Override
    public void write(NavigableMap<Value, Long> state, DataOutput out) throws IOException {
        BinaryValues.writeCount(state.size(), out);
        for (Map.Entry<Value, Long> one : state.entrySet()) {
            BinaryValues.write(one.getKey(), out);
            out.writeLong(one.getValue());
        }
    }

    @Override
    public NavigableMap<Value, Long> read(DataInput in) throws IOException {
        NavigableMap<Value, Long> state = create();
        for (int rest = BinaryValues.readCount(in); rest > 0; rest--) {
            Value value = BinaryValues.read(in);
            state.put(value, in.readLong());
        }
        return state;
    }
}
