package io.conshelf.streams.aggregate;

import io.conshelf.streams.expression.Conversions;
import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.expression.Parameter;
import io.conshelf.streams.expression.RuntimeFault;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.value.BinaryValues;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.Array;
import io.conshelf.streams.value.Value.BigInt;
import io.conshelf.streams.value.Value.Null;
import io.conshelf.streams.value.Value.Text;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/// TopOne and CollectTop: the first of the rows in an order; of equal ones the first to come. NULL is the least.
final class Top implements Aggregation<Top.Ranking> {
    private static final Row NO_ROW = new Row(0, new Value[0]);
    private static final Shape RANKED = Shape.of("rank", "value");

    static final class Ranking {
        private final TreeSet<Entry> ordered;
        /// As they came, where they go again.
        private final ArrayDeque<Entry> arrived = new ArrayDeque<>();
        private long next;

        private Ranking(Comparator<Entry> order) {
            this.ordered = new TreeSet<>(order);
        }
    }

    /// @param input the value, then what it is ordered by
    private record Entry(long number, List<Value> input) {}

    private enum Result { ONE, LIST }

    private final String name;
    private final int count;
    private final Evaluator value;
    private final List<Aggregate.Order> order;
    private final Aggregate.Rows rows;
    private final Result result;
    private final Span span;
    private final Comparator<Entry> entries = this::compare;

    private Top(Aggregate.Call call, int count, Evaluator value, Result result) {
        this.name = call.name();
        this.count = count;
        this.value = value;
        this.order = call.order();
        this.rows = call.rows();
        this.result = result;
        this.span = call.span();
    }

    static Top one(Aggregate.Call call) {
        return new Top(call, 1, call.arguments().getFirst(), Result.ONE);
    }

    static Top collect(Aggregate.Call call) {
        int count = call.arguments().getFirst().value(NO_ROW) instanceof BigInt(long number) && number >= 1 && number <= Integer.MAX_VALUE ? (int) number : 0;
        if (count == 0) {
            throw new RuntimeFault("The 1st argument of function collecttop must be a positive bigint literal.", call.span());
        }
        return new Top(call, count, call.arguments().get(1), Result.LIST);
    }

    private int compare(Entry left, Entry right) {
        for (int i = 0; i < order.size(); i++) {
            int compared = order.get(i).compare(left.input.get(i + 1), right.input.get(i + 1));
            if (compared != 0) {
                return compared;
            }
        }
        return Long.compare(left.number, right.number);
    }

    @Override
    public Value input(Row row) {
        List<Value> input = new ArrayList<>(order.size() + 1);
        input.add(value.value(row));
        for (Aggregate.Order one : order) {
            input.add(key(one.by().value(row)));
        }
        return new Array(input);
    }

    /// Only bigint, float and datetime have an order here.
    private Value key(Value by) {
        return switch (by) {
            case Null _, BigInt _, Value.FloatingPoint _, Value.DateTime _ -> by;
            case Value.Bit(boolean bit) -> Value.of(bit ? 1 : 0);
            case Text text -> Parameter.NUMBER.taken(text).or(() -> Conversions.datetime(text)).orElseThrow(() -> noOrder(by));
            case Value.Record _, Array _ -> throw noOrder(by);
        };
    }

    private RuntimeFault noOrder(Value by) {
        return new RuntimeFault("The ORDER BY of function " + name.toLowerCase(java.util.Locale.ROOT) + " has invalid type '" + by.typeName()
                + "'. Only 'bigint', 'float', 'datetime' is allowed.", span);
    }

    @Override
    public Ranking create() {
        return new Ranking(entries);
    }

    @Override
    public void add(Ranking state, long ticks, Value input) {
        Entry entry = new Entry(state.next++, ((Array) input).elements());
        state.ordered.add(entry);
        if (rows == Aggregate.Rows.COME_AND_GO) {
            state.arrived.addLast(entry);
        } else if (state.ordered.size() > count) {
            state.ordered.pollLast();
        }
    }

    @Override
    public void remove(Ranking state, long ticks, Value input) {
        Entry oldest = state.arrived.pollFirst();
        if (oldest != null) {
            state.ordered.remove(oldest);
        }
    }

    @Override
    public void merge(Ranking state, Ranking later) {
        List<Entry> added = rows == Aggregate.Rows.COME_AND_GO ? List.copyOf(later.arrived)
                : later.ordered.stream().sorted(Comparator.comparingLong(Entry::number)).toList();
        for (Entry entry : added) {
            add(state, 0, new Array(entry.input));
        }
    }

    @Override
    public Value result(Ranking state) {
        if (result == Result.ONE) {
            return state.ordered.isEmpty() ? Null.NULL : state.ordered.first().input.getFirst();
        }
        List<Value> ranked = new ArrayList<>(Math.min(count, state.ordered.size()));
        for (Entry entry : state.ordered) {
            if (ranked.size() == count) {
                break;
            }
            ranked.add(new Value.Record(RANKED, new Value[] {Value.of(ranked.size() + 1), entry.input.getFirst()}));
        }
        return new Array(ranked);
    }

    @Override
    public boolean removes() {
        return rows == Aggregate.Rows.COME_AND_GO;
    }

    @Override
    public void write(Ranking state, DataOutput out) throws IOException {
        List<Entry> kept = state.ordered.stream().sorted(Comparator.comparingLong(Entry::number)).toList();
        BinaryValues.writeCount(kept.size(), out);
        for (Entry entry : kept) {
            BinaryValues.writeAll(entry.input.toArray(Value[]::new), out);
        }
    }

    @Override
    public Ranking read(DataInput in) throws IOException {
        Ranking ranking = create();
        for (int rest = BinaryValues.readCount(in); rest > 0; rest--) {
            add(ranking, 0, new Array(List.of(BinaryValues.readAll(in))));
        }
        return ranking;
    }
}
