package io.conshelf.streams.flink;

import io.conshelf.streams.operator.Operator.Emit;
import io.conshelf.streams.value.Row;
import org.apache.flink.streaming.api.operators.Output;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/// Hands rows to the next operator, in one envelope for all.
final class Emission implements Emit {
    private final Output<StreamRecord<Row>> output;
    private final StreamRecord<Row> envelope = new StreamRecord<>(null);

    Emission(Output<StreamRecord<Row>> output) {
        this.output = output;
    }

    @Override
    public void row(Row row) {
        output.collect(envelope.replace(row));
    }
}
