package io.conshelf.streams.flink;

import io.conshelf.streams.operator.Operator.Emit;
import io.conshelf.streams.run.SubstreamTimes;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import org.apache.flink.streaming.api.operators.Output;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/// Hands rows to the next operator, in one envelope for all; each with the substream that is at work where substreams have their own times.
final class Emission implements Emit {
    private final Output<StreamRecord<Row>> output;
    private final SubstreamTimes times;
    private final StreamRecord<Row> envelope = new StreamRecord<>(null);
    private Value.Array substream = Value.Array.EMPTY;

    Emission(Output<StreamRecord<Row>> output, SubstreamTimes times) {
        this.output = output;
        this.times = times;
    }

    /// What comes now is of this substream.
    void substream(Value.Array substream) {
        this.substream = substream;
    }

    /// Lets a row in, or a mark pass.
    ///
    /// @param rows takes the row as it is for steps
    void through(Row element, Emit rows) {
        if (times == SubstreamTimes.SHARED) {
            rows.row(element);
        } else if (InBand.isMark(element)) {
            mark(element);
        } else {
            substream = InBand.substream(element);
            rows.row(InBand.bare(element));
        }
    }

    void mark(Row mark) {
        output.collect(envelope.replace(mark));
    }

    @Override
    public void row(Row row) {
        output.collect(envelope.replace(times == SubstreamTimes.SHARED ? row : InBand.row(row, substream)));
    }
}
