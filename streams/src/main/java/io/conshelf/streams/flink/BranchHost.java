package io.conshelf.streams.flink;

import io.conshelf.streams.value.Row;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/// The end of a branch of a `UNION` whose substreams have their own times: marks say from here on by which branch they came, as one sender may be in several.
final class BranchHost extends AbstractStreamOperator<Row> implements OneInputStreamOperator<Row, Row> {
    private final int branch;
    private transient StreamRecord<Row> envelope;

    BranchHost(int branch) {
        this.branch = branch;
    }

    @Override
    public void open() throws Exception {
        super.open();
        envelope = new StreamRecord<>(null);
    }

    @Override
    public void processElement(StreamRecord<Row> element) {
        Row row = element.getValue();
        output.collect(envelope.replace(InBand.isMark(row) ? InBand.of(branch, row) : row));
    }
}
