package io.conshelf.streams.flink;

import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.RuntimeFault;
import io.conshelf.streams.operator.Key;
import io.conshelf.streams.operator.Operator;
import io.conshelf.streams.operator.Operators;
import io.conshelf.streams.operator.StepKeys;
import io.conshelf.streams.plan.Plan;
import io.conshelf.streams.run.SubstreamTimes;
import io.conshelf.streams.value.Row;
import org.apache.flink.runtime.state.CheckpointableKeyedStateBackend;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/// Runs a step that remembers rows by key: keeps the order of rows, the states of keys ([KeyStates]) and their times.
abstract sealed class StepHost extends AbstractStreamOperator<Row> {
    private static final int TOLD_EVERY = 256;

    private final Plan plan;
    private final int id;
    private final Context context;
    private final int group;
    private final long heldRowsMax;
    private final RunId run;
    private transient Operator<Object> operator;
    private transient StepKeys keys;
    private transient KeyStates states;
    private transient RowsByTime waiting;
    private transient boolean inOrder;
    private transient long watermark;
    private transient Operator.Emit emit;
    private transient HeldRoom room;
    /// How many rows the room knows that wait here.
    private transient int told;

    private StepHost(Plan plan, int id, Context context, int group, long heldRowsMax, RunId run) {
        this.plan = plan;
        this.id = id;
        this.context = context;
        this.group = group;
        this.heldRowsMax = heldRowsMax;
        this.run = run;
    }

    static final class OfOne extends StepHost implements OneInputStreamOperator<Row, Row> {
        OfOne(Plan plan, int id, Context context, int group, long heldRowsMax, RunId run) {
            super(plan, id, context, group, heldRowsMax, run);
        }

        @Override
        public void processElement(StreamRecord<Row> element) {
            process(0, element.getValue());
        }

        /// States are kept here, not by Flink, so Flink need not know whose turn it is.
        @Override
        public void setKeyContextElement(StreamRecord<Row> element) {}
    }

    static final class OfTwo extends StepHost implements TwoInputStreamOperator<Row, Row, Row> {
        OfTwo(Plan plan, int id, Context context, int group, long heldRowsMax, RunId run) {
            super(plan, id, context, group, heldRowsMax, run);
        }

        @Override
        public void processElement1(StreamRecord<Row> element) {
            process(0, element.getValue());
        }

        @Override
        public void processElement2(StreamRecord<Row> element) {
            process(1, element.getValue());
        }
    }

    @Override
    public boolean hasKeyContext1() {
        return false;
    }

    @Override
    public boolean hasKeyContext2() {
        return false;
    }

    @Override
    @SuppressWarnings("rawtypes")
    public void setKeyContextElement1(StreamRecord element) {}

    @Override
    @SuppressWarnings("rawtypes")
    public void setKeyContextElement2(StreamRecord element) {}

    @Override
    protected boolean isUsingCustomRawKeyedState() {
        return true;
    }

    @Override
    @SuppressWarnings("unchecked")
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        Evaluation evaluation = Evaluation.in(this.context);
        operator = (Operator<Object>) Operators.of(plan, id, evaluation);
        keys = StepKeys.of(plan.steps().get(id), evaluation);
        states = new KeyStates(operator, getRuntimeContext().getTaskInfo().getMaxNumberOfParallelSubtasks(), ((CheckpointableKeyedStateBackend<?>) getKeyedStateBackend()).getKeyGroupRange());
        waiting = new RowsByTime();
        inOrder = operator.order() == Operator.Order.BY_TIME;
        watermark = Long.MIN_VALUE;
        if (context.isRestored()) {
            states.restore(context.getRawKeyedStateInputs(), waiting);
        }
    }

    @Override
    public void open() throws Exception {
        super.open();
        emit = new Emission(output, SubstreamTimes.SHARED);
        room = run.counters().room(group, heldRowsMax);
        tell();
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        states.snapshot(context.getRawKeyedOperatorStateOutput(), waiting, keys);
    }

    void process(int input, Row row) {
        // A part of an input that shows up when the others are further has rows from before: they are what is out of order here.
        Row timely = row.ticks() > watermark ? row : new Row(watermark + 1, row.slots());
        if (inOrder) {
            waiting.add(input, timely);
            if (waiting.size() - told >= TOLD_EVERY) {
                tell();
            }
        } else {
            handle(input, timely);
        }
    }

    private void tell() {
        int size = waiting.size();
        if (size != told) {
            room.held(size - told);
            told = size;
        }
    }

    @Override
    public void close() throws Exception {
        if (room != null) {
            room.held(-told);
            told = 0;
        }
        super.close();
    }

    private void handle(int input, Row row) {
        try {
            Key key = keys.key(input, row);
            KeyStates.Entry entry = states.of(key);
            operator.row(entry.state, input, row, emit);
            states.changed(entry);
        } catch (RuntimeFault fault) {
            throw run.fault(fault.of(row));
        }
    }

    @Override
    public void processWatermark(Watermark mark) {
        long to = mark.getTimestamp();
        if (to <= watermark) {
            return;
        }
        waiting.release(to, this::handle);
        tell();
        watermark = to;
        try {
            states.time(to, emit);
        } catch (RuntimeFault fault) {
            throw run.fault(fault);
        }
        long lag = operator.lag();
        if (to == Long.MAX_VALUE) {
            output.emitWatermark(mark);
        } else if (to > Long.MIN_VALUE + lag) {
            output.emitWatermark(new Watermark(to - lag));
        }
    }
}
