package io.conshelf.streams.flink;

import io.conshelf.streams.expression.RuntimeFault;
import io.conshelf.streams.operator.Operator;
import io.conshelf.streams.run.SubstreamTimes;
import io.conshelf.streams.value.Row;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/// Runs a step that remembers rows by key where all its rows share a time: keeps the order of rows, the states of keys and their times.
abstract sealed class StepHost extends KeyedHost {
    private transient KeyStates states;
    private transient RowsByTime waiting;
    private transient boolean inOrder;
    private transient long watermark;
    private transient Operator.Emit emit;

    private StepHost(Hosted step) {
        super(step);
    }

    static final class OfOne extends StepHost implements OneInputStreamOperator<Row, Row> {
        OfOne(Hosted step) {
            super(step);
        }

        @Override
        public void processElement(StreamRecord<Row> element) {
            process(0, element.getValue());
        }

        @Override
        public void setKeyContextElement(StreamRecord<Row> element) {}
    }

    static final class OfTwo extends StepHost implements TwoInputStreamOperator<Row, Row, Row> {
        OfTwo(Hosted step) {
            super(step);
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
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        states = new KeyStates(operator, groupsMax, groups);
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
        tell(waiting.size());
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        states.snapshot(context.getRawKeyedOperatorStateOutput(), waiting, keys);
    }

    @Override
    void process(int input, Row row) {
        // A part of an input that shows up when the others are further has rows from before: they are what is out of order here.
        Row timely = row.ticks() > watermark ? row : new Row(watermark + 1, row.slots());
        if (inOrder) {
            waiting.add(input, timely);
            if (untold(waiting.size()) >= TOLD_EVERY) {
                tell(waiting.size());
            }
        } else {
            handle(input, timely);
        }
    }

    private void handle(int input, Row row) {
        try {
            KeyStates.Entry entry = states.of(keys.key(input, row));
            operator.row(entry.state, input, row, emit);
            states.changed(entry);
        } catch (RuntimeFault fault) {
            throw step.run().fault(fault.of(row));
        }
    }

    @Override
    public void processWatermark(Watermark mark) {
        long to = mark.getTimestamp();
        if (to <= watermark) {
            return;
        }
        waiting.release(to, this::handle);
        tell(waiting.size());
        watermark = to;
        try {
            states.time(to, emit);
        } catch (RuntimeFault fault) {
            throw step.run().fault(fault);
        }
        long lag = operator.lag();
        if (to == Long.MAX_VALUE) {
            output.emitWatermark(mark);
        } else if (to > Long.MIN_VALUE + lag) {
            output.emitWatermark(new Watermark(to - lag));
        }
    }
}
