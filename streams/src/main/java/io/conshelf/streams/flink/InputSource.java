package io.conshelf.streams.flink;

import io.conshelf.streams.expression.Context;
import io.conshelf.streams.input.EventInput;
import io.conshelf.streams.input.EventInput.Start;
import io.conshelf.streams.job.JobDefinition.Policies;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.run.SubstreamTimes;
import io.conshelf.streams.value.Row;
import java.util.Set;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/// A stream input of a job: any [EventInput].
///
/// One source for all kinds of inputs, and not the connectors that come with Flink, because the order of events belongs to a partition and has to go where the
/// partition goes, in one checkpointed split; because positions are acknowledged to the store only when a checkpoint holds them; and because watermarks are ticks.
///
/// @param silenceMax for how long, in arrival, keys wait for what is silent of them
record InputSource(EventInput input, Start start, Step.Source step, Policies policies, Context context, SubstreamTimes times, long silenceMax,
        int tasks, int group, long heldRowsMax, RunId run)
        implements Source<Row, InputSplit, InputEnumerator.Known> {
    @Override
    public Boundedness getBoundedness() {
        // Also where it ends: it is read as a stream, with checkpoints.
        return Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public SplitEnumerator<InputSplit, InputEnumerator.Known> createEnumerator(SplitEnumeratorContext<InputSplit> context) {
        return new InputEnumerator(context, input, start, step.input(), run, Set.of());
    }

    @Override
    public SplitEnumerator<InputSplit, InputEnumerator.Known> restoreEnumerator(SplitEnumeratorContext<InputSplit> context, InputEnumerator.Known known) {
        return new InputEnumerator(context, input, start, step.input(), run, known.partitions());
    }

    @Override
    public SourceReader<Row, InputSplit> createReader(SourceReaderContext context) {
        return new InputReader(this, context);
    }

    @Override
    public SimpleVersionedSerializer<InputSplit> getSplitSerializer() {
        return InputSplit.Serializer.INSTANCE;
    }

    @Override
    public SimpleVersionedSerializer<InputEnumerator.Known> getEnumeratorCheckpointSerializer() {
        return InputEnumerator.Serializer.INSTANCE;
    }
}
