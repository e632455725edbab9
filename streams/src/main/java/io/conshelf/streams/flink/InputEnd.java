package io.conshelf.streams.flink;

import io.conshelf.streams.value.Row;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/// The end of an input in its task, on a cluster elsewhere: what the task has read is told here, as Flink lets no source tell anything. Rows pass.
final class InputEnd extends AbstractStreamOperator<Row> implements OneInputStreamOperator<Row, Row> {
    private final RunId run;

    InputEnd(RunId run) {
        this.run = run;
    }

    @Override
    public void open() throws Exception {
        super.open();
        CountersOfRun.tell(getRuntimeContext(), run);
    }

    @Override
    public void processElement(StreamRecord<Row> element) {
        output.collect(element);
    }
}
