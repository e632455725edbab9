package io.conshelf.streams.flink;

import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.RuntimeFault;
import io.conshelf.streams.input.DataError;
import io.conshelf.streams.job.JobDefinition.Ordering;
import io.conshelf.streams.operator.EventOrdering.Outcome;
import io.conshelf.streams.operator.InputProblem;
import io.conshelf.streams.operator.Operator;
import io.conshelf.streams.operator.Operators;
import io.conshelf.streams.operator.StepInputs;
import io.conshelf.streams.operator.StepKeys;
import io.conshelf.streams.plan.Plan;
import io.conshelf.streams.run.SubstreamTimes;
import io.conshelf.streams.value.BinaryValues;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.BasicTypeInfo;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.runtime.state.CheckpointableKeyedStateBackend;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupStatePartitionStreamProvider;
import org.apache.flink.runtime.state.KeyedStateCheckpointOutputStream;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/// Runs a step that remembers rows by key, as [StepHost] does, where each substream has a time of its own ([InBand]). The keys of a substream are in the keys
/// of the step, so each state is of one substream and goes by its time.
///
/// The time of a substream is the least that its senders have told. Of an input only the parts that have had events of it count. So a row may come behind the
/// time, from a part that shows up later: what it should have been counted in may be gone already, so it is out of order, and the policy for that decides.
final class SubstreamHost extends AbstractStreamOperator<Row> implements OneInputStreamOperator<Row, Row> {
    /// Senders count from when they have first told of a substream.
    static final int AS_SEEN = 0;
    private static final String TIMES = "times";
    /// With 100,000 keys they are looked at once a second.
    private static final long TICKS_FOR_EACH = 100;

    private final Plan plan;
    private final int id;
    private final Context context;
    private final SubstreamTimes times;
    private final int tasksAfter;
    private final int senders;
    private final Ordering ordering;
    private final RunId run;
    private transient Operator<Object> operator;
    private transient StepKeys keys;
    private transient KeyGroupRange groups;
    private transient int groupsMax;
    private transient Map<Value.Array, Substream> substreams;
    private transient BroadcastState<String, byte[]> timesState;
    private transient Emission emission;
    private transient String name;
    /// The time of all, as it was looked at last.
    private transient long passed;

    private final class Substream {
        private final Value.Array key;
        private final KeyStates states = new KeyStates(operator, groupsMax, groups);
        private final RowsByTime waiting = new RowsByTime();
        private final Map<String, Long> times = new HashMap<>();
        private long watermark = Long.MIN_VALUE;
        private long told = Long.MIN_VALUE;

        private Substream(Value.Array key) {
            this.key = key;
        }
    }

    /// @param tasksAfter how many tasks a step after may have
    /// @param senders    how many tell the time of each substream, or [#AS_SEEN]
    /// @param ordering   what becomes of rows behind the time of their substream
    SubstreamHost(Plan plan, int id, Context context, SubstreamTimes times, int tasksAfter, int senders, Ordering ordering, RunId run) {
        this.plan = plan;
        this.id = id;
        this.context = context;
        this.times = times;
        this.tasksAfter = tasksAfter;
        this.senders = senders;
        this.ordering = ordering;
        this.run = run;
    }

    /// States are kept here, not by Flink, so Flink need not know whose turn it is.
    @Override
    public void setKeyContextElement(StreamRecord<Row> element) {}

    @Override
    public boolean hasKeyContext1() {
        return false;
    }

    @Override
    @SuppressWarnings("rawtypes")
    public void setKeyContextElement1(StreamRecord element) {}

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
        groups = ((CheckpointableKeyedStateBackend<?>) getKeyedStateBackend()).getKeyGroupRange();
        groupsMax = getRuntimeContext().getTaskInfo().getMaxNumberOfParallelSubtasks();
        int task = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask();
        name = Integer.toString(task);
        substreams = new LinkedHashMap<>();
        // marks go to all tasks, so all know the same
        timesState = context.getOperatorStateStore().getBroadcastState(new MapStateDescriptor<>("substreams", BasicTypeInfo.STRING_TYPE_INFO,
                PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO));
        if (timesState.contains(TIMES)) {
            readTimes(new DataInputStream(new ByteArrayInputStream(timesState.get(TIMES))));
        }
        if (context.isRestored()) {
            for (KeyGroupStatePartitionStreamProvider group : context.getRawKeyedStateInputs()) {
                // not closed: the groups share one stream
                readGroup(new DataInputStream(new BufferedInputStream(group.getStream(), 64 * 1024)));
            }
        }
    }

    @Override
    public void open() throws Exception {
        super.open();
        emission = new Emission(output, times);
    }

    private Substream substream(Value.Array key) {
        return substreams.computeIfAbsent(key, Substream::new);
    }

    @Override
    public void processElement(StreamRecord<Row> element) {
        Row inBand = element.getValue();
        Substream substream = substream(InBand.substream(inBand));
        if (InBand.isMark(inBand)) {
            if (substream.times.merge(InBand.sender(inBand), inBand.ticks(), Math::max) == inBand.ticks() && substream.times.size() >= senders) {
                advance(substream, least(substream));
                tell(substream);
            }
            return;
        }
        Row row = InBand.bare(inBand);
        if (times == SubstreamTimes.OWN && senders == AS_SEEN && row.ticks() <= substream.watermark) {
            outOfOrder(row, substream.watermark);
            if (ordering == Ordering.DROP) {
                return;
            }
            row = new Row(substream.watermark + 1, row.slots());
        }
        if (operator.order() == Operator.Order.BY_TIME) {
            substream.waiting.add(0, row);
        } else {
            emission.substream(substream.key);
            handle(substream, row);
        }
    }

    private void outOfOrder(Row row, long watermark) {
        String source = String.join(", ", StepInputs.sources(plan.steps(), id));
        String message = """
                Input event with timestamp '%s' came when the time of its key was at '%s', to which events in another partition had brought it: keys of \
                TIMESTAMP BY … OVER that come in several partitions should have 'PartitionId' beside them""".formatted(Ticks.text(row.ticks()), Ticks.text(watermark));
        run.counters().error(DataError.of(source, InputProblem.OUT_OF_ORDER, ordering == Ordering.DROP ? Outcome.DROPPED : Outcome.ADJUSTED, row.event(), message));
    }

    private static long least(Substream substream) {
        long least = Long.MAX_VALUE;
        for (long time : substream.times.values()) {
            least = Math.min(least, time);
        }
        return least;
    }

    private void handle(Substream substream, Row row) {
        try {
            KeyStates.Entry entry = substream.states.of(keys.key(0, row));
            operator.row(entry.state, 0, row, emission);
            substream.states.changed(entry);
        } catch (RuntimeFault fault) {
            throw run.fault(fault.of(row));
        }
    }

    private void advance(Substream substream, long to) {
        if (to <= substream.watermark) {
            return;
        }
        emission.substream(substream.key);
        substream.waiting.release(to, (_, row) -> handle(substream, row));
        substream.watermark = to;
        try {
            substream.states.time(to, emission);
        } catch (RuntimeFault fault) {
            throw run.fault(fault);
        }
    }

    private void tell(Substream substream) {
        long lag = operator.lag();
        if (substream.watermark <= Long.MIN_VALUE + lag || substream.watermark - lag <= substream.told) {
            return;
        }
        substream.told = substream.watermark - lag;
        for (int task = 0; task < tasksAfter; task++) {
            emission.mark(InBand.mark(substream.key, substream.told, name, task));
        }
    }

    /// The time that all substreams have come to, of which some may be ahead, as their own marks tell. The end of the inputs is told to all together, too.
    @Override
    public void processWatermark(Watermark mark) {
        if (mark.getTimestamp() == Long.MAX_VALUE) {
            substreams.values().forEach(substream -> advance(substream, Long.MAX_VALUE));
            output.emitWatermark(mark);
            return;
        }
        // time that goes on by itself does so many times a second, and all keys are looked at
        if (mark.getTimestamp() - passed < (long) substreams.size() * TICKS_FOR_EACH) {
            return;
        }
        passed = mark.getTimestamp();
        passed(passed);
        if (mark.getTimestamp() > Long.MIN_VALUE + operator.lag()) {
            output.emitWatermark(new Watermark(mark.getTimestamp() - operator.lag()));
        }
    }

    /// Who is not ahead of it, and remembers nothing, begins there if it comes again.
    private void passed(long time) {
        for (Iterator<Substream> all = substreams.values().iterator(); all.hasNext(); ) {
            Substream substream = all.next();
            advance(substream, time);
            if (times == SubstreamTimes.OWN && substream.watermark <= time && substream.states.isEmpty() && substream.waiting.size() == 0) {
                all.remove();
            }
        }
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        timesState.put(TIMES, times());
        Map<Integer, List<Map.Entry<Substream, KeyStates.Part>>> byGroup = new HashMap<>();
        for (Substream substream : substreams.values()) {
            substream.states.parts(substream.waiting, keys).forEach((group, part) ->
                    byGroup.computeIfAbsent(group, _ -> new ArrayList<>()).add(Map.entry(substream, part)));
        }
        KeyedStateCheckpointOutputStream out = context.getRawKeyedOperatorStateOutput();
        DataOutputStream data = new DataOutputStream(new BufferedOutputStream(out, 64 * 1024));
        for (int group : groups) {
            List<Map.Entry<Substream, KeyStates.Part>> parts = byGroup.get(group);
            if (parts == null) {
                continue;
            }
            out.startNewKeyGroup(group);
            BinaryValues.writeCount(BinaryValues.VERSION, data);
            BinaryValues.writeCount(parts.size(), data);
            for (Map.Entry<Substream, KeyStates.Part> part : parts) {
                BinaryValues.write(part.getKey().key, data);
                part.getKey().states.write(part.getValue(), data);
            }
            data.flush();
        }
    }

    private void readGroup(DataInputStream in) throws IOException {
        if (!KeyStates.hasContent(in)) {
            return;
        }
        for (int count = BinaryValues.readCount(in); count > 0; count--) {
            Substream substream = substream((Value.Array) BinaryValues.read(in));
            substream.states.read(in, substream.waiting);
        }
    }

    private byte[] times() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        BinaryValues.writeCount(substreams.size(), out);
        for (Substream substream : substreams.values()) {
            BinaryValues.write(substream.key, out);
            out.writeLong(substream.watermark);
            // those of a step are other ones where there are more tasks afterwards, and all tell their times again
            Map<String, Long> times = senders == AS_SEEN ? substream.times : Map.of();
            BinaryValues.writeCount(times.size(), out);
            for (Map.Entry<String, Long> time : times.entrySet()) {
                out.writeUTF(time.getKey());
                out.writeLong(time.getValue());
            }
        }
        return bytes.toByteArray();
    }

    private void readTimes(DataInputStream in) throws IOException {
        for (int count = BinaryValues.readCount(in); count > 0; count--) {
            Substream substream = substream((Value.Array) BinaryValues.read(in));
            substream.watermark = in.readLong();
            for (int times = BinaryValues.readCount(in); times > 0; times--) {
                substream.times.put(in.readUTF(), in.readLong());
            }
        }
    }
}
