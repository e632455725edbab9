package io.conshelf.streams.flink;

import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.RuntimeFault;
import io.conshelf.streams.operator.Operator.Emit;
import io.conshelf.streams.operator.RowFunction;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.run.SubstreamTimes;
import io.conshelf.streams.value.Row;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/// Runs a step without memory.
final class RowHost extends AbstractStreamOperator<Row> implements OneInputStreamOperator<Row, Row> {
    private final Step step;
    private final Context context;
    private final SubstreamTimes times;
    private final RunId run;
    private transient RowFunction function;
    private transient Emission emission;
    private transient Emit rows;

    RowHost(Step step, Context context, SubstreamTimes times, RunId run) {
        this.step = step;
        this.context = context;
        this.times = times;
        this.run = run;
    }

    @Override
    public void open() throws Exception {
        super.open();
        CountersOfRun.tell(getRuntimeContext(), run);
        function = RowFunction.of(step, Evaluation.in(context));
        emission = new Emission(output, times);
        rows = row -> function.row(row, emission);
    }

    @Override
    public void processElement(StreamRecord<Row> element) {
        try {
            emission.through(element.getValue(), rows);
        } catch (RuntimeFault fault) {
            throw run.fault(fault.of(element.getValue()));
        }
    }
}
