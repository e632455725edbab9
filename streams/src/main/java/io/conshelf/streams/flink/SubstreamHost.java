package io.conshelf.streams.flink;

import io.conshelf.streams.expression.RuntimeFault;
import io.conshelf.streams.input.DataError;
import io.conshelf.streams.job.JobDefinition.Ordering;
import io.conshelf.streams.operator.EventOrdering.Outcome;
import io.conshelf.streams.operator.InputProblem;
import io.conshelf.streams.operator.Operator;
import io.conshelf.streams.operator.StepInputs;
import io.conshelf.streams.run.SubstreamTimes;
import io.conshelf.streams.value.BinaryValues;
import io.conshelf.streams.value.JsonPrint;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.BasicTypeInfo;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.runtime.state.KeyGroupStatePartitionStreamProvider;
import org.apache.flink.runtime.state.KeyedStateCheckpointOutputStream;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/// Runs a step that remembers rows by key where each substream has a time of its own ([InBand]). The keys of a substream are in the keys of the step, so each
/// state is of one substream and goes by its time.
///
/// The time of a substream is the least that its [Senders] have told, as soon as each branch that is not over has told one. Of an input only the parts that
/// have had events of it count. Who is silent of it holds it up in three ways only: until by the late arrival limit nothing can come any more; until all inputs
/// have been read so much beyond the arrival of what waits that nothing more is expected ([Frontier]); and until too much waits in the process ([HeldRoom]),
/// where what has waited longest goes on. So a row may come behind the time: what it should have been counted in may be gone already, so it is out of order,
/// and the policy for that decides.
abstract sealed class SubstreamHost extends KeyedHost {
    private static final String TIMES = "times";
    private static final String AHEAD = "ahead";
    private static final String OVER = "over";
    /// With 100,000 keys they are looked at once a second.
    private static final long TICKS_FOR_EACH = 100;
    private static final Duration TOLD_FOR = Duration.ofSeconds(10);
    private static final Shape KEY_ONLY = Shape.of(List.of("key"));

    private final Timing timing;
    private transient Map<Value.Array, Substream> substreams;
    private transient UnevenSubstreams uneven;
    private transient BranchTimes branches;
    private transient BroadcastState<String, byte[]> timesState;
    /// What each task has gone on to by itself, for the groups of keys that it had: marks do not tell it.
    private transient ListState<byte[]> goneOnState;
    private transient Emission emission;
    private transient String name;
    /// The watermark of all, as it was looked at last.
    private transient long passed;
    /// How many rows wait.
    private transient int held;
    /// Too much has waited, and did so last at that time.
    private transient boolean isPressed;
    private transient long pressedNs;
    /// Steps after remember none of the times that this one has told.
    private transient boolean isToTellAll;

    /// By what the times of substreams go.
    ///
    /// @param tasksAfter how many tasks a step after may have
    /// @param ordering   what becomes of rows behind the time of their substream
    /// @param lateMax    how late events may be, in ticks; `Long.MAX_VALUE` where nothing limits it
    /// @param silenceMax for how long, in arrival, a substream waits for who is silent of it, where nothing else lets it go on; `Long.MAX_VALUE`: it does
    /// @param hasEnd     an input ends: nothing goes on without it, however much waits
    record Timing(SubstreamTimes times, int tasksAfter, Senders senders, Ordering ordering, long lateMax, long silenceMax, boolean hasEnd) implements Serializable {}

    private SubstreamHost(Hosted step, Timing timing) {
        super(step);
        this.timing = timing;
    }

    static final class OfOne extends SubstreamHost implements OneInputStreamOperator<Row, Row> {
        OfOne(Hosted step, Timing timing) {
            super(step, timing);
        }

        @Override
        public void processElement(StreamRecord<Row> element) {
            process(0, element.getValue());
        }

        @Override
        public void setKeyContextElement(StreamRecord<Row> element) {}
    }

    static final class OfTwo extends SubstreamHost implements TwoInputStreamOperator<Row, Row, Row> {
        OfTwo(Hosted step, Timing timing) {
            super(step, timing);
        }

        @Override
        public void processElement1(StreamRecord<Row> element) {
            side(0, element.getValue());
        }

        @Override
        public void processElement2(StreamRecord<Row> element) {
            side(1, element.getValue());
        }

        private void side(int input, Row element) {
            process(input, InBand.isMark(element) ? InBand.of(input, element) : element);
        }
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        name = Integer.toString(getRuntimeContext().getTaskInfo().getIndexOfThisSubtask());
        substreams = new LinkedHashMap<>();
        uneven = new UnevenSubstreams(timing.silenceMax());
        branches = new BranchTimes(timing.senders());
        passed = Long.MIN_VALUE;
        // marks go to all tasks, so all know the same
        timesState = context.getOperatorStateStore().getBroadcastState(new MapStateDescriptor<>("substreams", BasicTypeInfo.STRING_TYPE_INFO,
                PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO));
        if (timesState.contains(TIMES)) {
            readTimes(opened(TIMES));
        }
        if (timesState.contains(AHEAD)) {
            readAhead(opened(AHEAD));
        }
        if (timesState.contains(OVER)) {
            branches.read(opened(OVER));
        }
        goneOnState = context.getOperatorStateStore().getUnionListState(new ListStateDescriptor<>("gone-on", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO));
        for (byte[] task : goneOnState.get()) {
            readGoneOn(new DataInputStream(new ByteArrayInputStream(task)));
        }
        if (context.isRestored()) {
            for (KeyGroupStatePartitionStreamProvider group : context.getRawKeyedStateInputs()) {
                // not closed: the groups share one stream
                readGroup(new DataInputStream(new BufferedInputStream(group.getStream(), 64 * 1024)));
            }
        }
        isToTellAll = context.isRestored();
    }

    private DataInputStream opened(String state) throws Exception {
        return new DataInputStream(new ByteArrayInputStream(timesState.get(state)));
    }

    @Override
    public void open() throws Exception {
        super.open();
        emission = new Emission(output, timing.times());
        held = substreams.values().stream().mapToInt(substream -> substream.waiting.size()).sum();
        tellHeld();
    }

    @Override
    public void close() throws Exception {
        relieved();
        super.close();
    }

    private Substream substream(Value.Array key) {
        return substreams.computeIfAbsent(met(key), met -> new Substream(met, new KeyStates(operator, groupsMax, groups)));
    }

    private Value.Array met(Value.Array key) {
        for (Value value : key.elements()) {
            if (keys.met(value) != value) {
                return new Value.Array(key.elements().stream().map(keys::met).toList());
            }
        }
        return key;
    }

    /// Who tells the time: of keys that meet in one substream each by itself.
    private String sender(Row mark) {
        String sender = InBand.sender(mark);
        for (Value value : InBand.substream(mark).elements()) {
            if (keys.met(value) != value) {
                sender += '\n' + JsonPrint.text(value);
            }
        }
        return sender;
    }

    @Override
    void process(int input, Row element) {
        tellAll();
        if (InBand.isMark(element)) {
            mark(element);
        } else {
            row(input, element);
        }
    }

    private void mark(Row mark) {
        if (InBand.isOver(mark)) {
            if (branches.over(InBand.sender(mark))) {
                substreams.values().forEach(this::goOn);
            }
            return;
        }
        Substream substream = substream(InBand.substream(mark));
        if (substream.tells(sender(mark), mark.ticks(), InBand.arrival(mark))) {
            goOn(substream);
            if (mark.ticks() > substream.watermark) {
                substream.ahead(mark.ticks(), InBand.arrival(mark));
                uneven.add(substream);
            }
        }
    }

    /// By what all have told.
    private void goOn(Substream substream) {
        long least = branches.least(substream.times);
        // the end of all is told for all together
        if (least < Long.MAX_VALUE) {
            advance(substream, least);
            tell(substream);
        }
    }

    private void row(int input, Row inBand) {
        Substream substream = substream(InBand.substream(inBand));
        substream.hasRows = true;
        Row row = InBand.bare(inBand);
        if (timing.times() == SubstreamTimes.OWN) {
            Optional<Row> inOrder = inOrder(row, substream);
            if (inOrder.isEmpty()) {
                return;
            }
            row = inOrder.get();
        }
        if (operator.order() == Operator.Order.ANY) {
            emission.substream(substream.key);
            handle(substream, input, row);
            return;
        }
        substream.waiting.add(input, row);
        held++;
        if (untold(held) >= TOLD_EVERY) {
            tellHeld();
            if (timing.times() == SubstreamTimes.OWN && !timing.hasEnd() && room.isOverfull()) {
                letGo();
            }
        }
    }

    /// Behind the time of its substream only what the policy says is left of it.
    private Optional<Row> inOrder(Row row, Substream substream) {
        if (row.ticks() > substream.watermark) {
            return Optional.of(row);
        }
        if (timing.times() == SubstreamTimes.OWN) {
            outOfOrder(row, substream);
            if (timing.ordering() == Ordering.DROP) {
                return Optional.empty();
            }
        }
        return Optional.of(new Row(substream.watermark + 1, row.slots()));
    }

    private void outOfOrder(Row row, Substream substream) {
        String source = String.join(", ", StepInputs.sources(step.plan().steps(), step.id()));
        String message = (timing.senders().branches().size() == 1 ? """
                Input event with timestamp '%s' came when the time of its key was at '%s', to which events in another partition had brought it: keys of \
                TIMESTAMP BY … OVER that come in several partitions should have 'PartitionId' beside them""" : """
                Input event with timestamp '%s' came when the time of its key was at '%s', to which events in another input or partition had brought it, that \
                arrived long before""").formatted(Ticks.text(row.ticks()), Ticks.text(substream.watermark));
        // what comes of a step is no event any more
        Value.Record event = row.slots()[0] instanceof Value.Record record ? record : new Value.Record(KEY_ONLY, new Value[] {substream.key});
        step.run().counters().error(DataError.of(source, InputProblem.OUT_OF_ORDER, timing.ordering() == Ordering.DROP ? Outcome.DROPPED : Outcome.ADJUSTED, event, message));
    }

    private void handle(Substream substream, int input, Row row) {
        try {
            KeyStates.Entry entry = substream.states.of(keys.key(input, row));
            operator.row(entry.state, input, row, emission);
            substream.states.changed(entry);
        } catch (RuntimeFault fault) {
            throw step.run().fault(fault.of(row));
        }
    }

    private void advance(Substream substream, long to) {
        if (to <= substream.watermark) {
            return;
        }
        emission.substream(substream.key);
        int before = substream.waiting.size();
        // of tasks that are others now one may have been further
        substream.waiting.release(to, (input, row) -> inOrder(row, substream).ifPresent(given -> handle(substream, input, given)));
        held -= before - substream.waiting.size();
        substream.advanced(to);
        try {
            substream.states.time(to, emission);
        } catch (RuntimeFault fault) {
            throw step.run().fault(fault);
        }
        if (untold(held) <= -TOLD_EVERY || held == 0) {
            tellHeld();
        }
    }

    private void tell(Substream substream) {
        long lag = operator.lag();
        if (substream.watermark <= Long.MIN_VALUE + lag || substream.watermark == Long.MAX_VALUE || substream.watermark - lag <= substream.told) {
            return;
        }
        substream.told = substream.watermark - lag;
        for (int task = 0; task < timing.tasksAfter(); task++) {
            emission.mark(InBand.mark(substream.key, substream.told, substream.arrival, name, task));
        }
    }

    private void tellAll() {
        if (isToTellAll) {
            isToTellAll = false;
            substreams.values().forEach(this::tell);
        }
    }

    private void tellHeld() {
        tell(held);
        if (isPressed && room.hasRoom() && System.nanoTime() - pressedNs > TOLD_FOR.toNanos()) {
            relieved();
        }
    }

    /// Too much waits: those that wait longest go on, until half of it is left.
    private void letGo() {
        int half = held / 2;
        List<Substream> longest = substreams.values().stream().filter(substream -> substream.waiting.size() > 0).sorted(Comparator.comparingLong(Substream::waitsSince)).toList();
        for (Substream substream : longest) {
            if (held <= half) {
                break;
            }
            int before = held;
            advance(substream, substream.furthest());
            tell(substream);
            if (held == before) {
                continue;
            }
            pressedNs = System.nanoTime();
            if (!isPressed) {
                isPressed = true;
                step.run().counters().waitsFor(who(), """
                        input '%s': too many rows wait for others of their key (TIMESTAMP BY … OVER) that an input or partition has not brought, as those of key %s. What \
                        has waited longest goes on, and what still comes before it is out of order""".formatted(
                        String.join("', '", StepInputs.sources(step.plan().steps(), step.id())), JsonPrint.text(substream.key)));
            }
        }
        tellHeld();
    }

    private void relieved() {
        if (isPressed) {
            isPressed = false;
            step.run().counters().goesOn(who());
        }
    }

    private String who() {
        return "step-" + step.id() + '#' + name + "/held";
    }

    /// What all substreams have come to, of which some may be ahead, as their own marks tell. The end of the inputs is told to all together, too.
    @Override
    public void processWatermark(Watermark mark) {
        tellAll();
        if (mark.getTimestamp() == Long.MAX_VALUE) {
            substreams.values().forEach(substream -> advance(substream, Long.MAX_VALUE));
            tellHeld();
            if (timing.times() == SubstreamTimes.OWN) {
                for (int task = 0; task < timing.tasksAfter(); task++) {
                    emission.mark(InBand.over(name, task));
                }
            }
            output.emitWatermark(mark);
            return;
        }
        // time that goes on by itself does so many times a second, and all keys are looked at
        if (passed != Long.MIN_VALUE && mark.getTimestamp() - passed < substreams.size() * TICKS_FOR_EACH) {
            return;
        }
        passed = mark.getTimestamp();
        uneven.readUpTo(Frontier.arrival(passed, timing.lateMax()), this::goOnWithoutTheSilent);
        if (!Frontier.isFar(passed)) {
            passed(passed);
        }
        tellHeld();
        if (mark.getTimestamp() > Long.MIN_VALUE + operator.lag()) {
            output.emitWatermark(new Watermark(mark.getTimestamp() - operator.lag()));
        }
    }

    private void goOnWithoutTheSilent(Substream substream, long arrival) {
        advance(substream, substream.aheadBy(arrival, branches.leastSince(arrival, substream.times)));
        tell(substream);
    }

    /// Who is not ahead of it, and remembers nothing, begins there if it comes again.
    private void passed(long time) {
        for (Iterator<Substream> all = substreams.values().iterator(); all.hasNext(); ) {
            Substream substream = all.next();
            advance(substream, time);
            if (timing.times() == SubstreamTimes.OWN && substream.furthest() <= time && substream.states.isEmpty() && substream.waiting.size() == 0) {
                all.remove();
                uneven.gone(substream);
            }
        }
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        timesState.put(TIMES, written(this::writeTimes));
        timesState.put(AHEAD, written(this::writeAhead));
        timesState.put(OVER, written(branches::write));
        goneOnState.update(List.of(written(this::writeGoneOn)));
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
            substream.hasRows = true;
            substream.states.read(in, substream.waiting);
        }
    }

    private interface Writing {
        void to(DataOutputStream out) throws IOException;
    }

    private static byte[] written(Writing writing) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        writing.to(new DataOutputStream(bytes));
        return bytes.toByteArray();
    }

    private void writeTimes(DataOutputStream out) throws IOException {
        BinaryValues.writeCount(substreams.size(), out);
        for (Substream substream : substreams.values()) {
            BinaryValues.write(substream.key, out);
            substream.writeTimes(branches.ofInputs(substream.times), out);
        }
    }

    private void readTimes(DataInputStream in) throws IOException {
        for (int count = BinaryValues.readCount(in); count > 0; count--) {
            substream((Value.Array) BinaryValues.read(in)).readTimes(in);
        }
    }

    /// Of what is ahead of what all have told, alone or together, and has had rows here: there windows may have been given that tasks which take these keys over know nothing of.
    private void writeGoneOn(DataOutputStream out) throws IOException {
        List<Substream> ahead = substreams.values().stream().filter(substream -> substream.hasRows
                && substream.watermark > Math.max(passed, branches.least(substream.times))).toList();
        out.writeInt(groups.getStartKeyGroup());
        out.writeInt(groups.getEndKeyGroup());
        BinaryValues.writeCount(ahead.size(), out);
        for (Substream substream : ahead) {
            BinaryValues.write(substream.key, out);
            out.writeLong(substream.watermark);
        }
    }

    private void readGoneOn(DataInputStream in) throws IOException {
        int first = in.readInt();
        int last = in.readInt();
        boolean isOurs = first <= groups.getEndKeyGroup() && last >= groups.getStartKeyGroup();
        for (int count = BinaryValues.readCount(in); count > 0; count--) {
            Value.Array key = (Value.Array) BinaryValues.read(in);
            long watermark = in.readLong();
            if (isOurs) {
                Substream substream = substream(key);
                substream.hasRows = true;
                if (watermark > substream.watermark) {
                    substream.advanced(watermark);
                }
            }
        }
    }

    private void writeAhead(DataOutputStream out) throws IOException {
        BinaryValues.writeCount(substreams.size(), out);
        for (Substream substream : substreams.values()) {
            BinaryValues.write(substream.key, out);
            substream.writeAhead(branches.ofInputs(substream.times), out);
        }
    }

    private void readAhead(DataInputStream in) throws IOException {
        for (int count = BinaryValues.readCount(in); count > 0; count--) {
            Substream substream = substream((Value.Array) BinaryValues.read(in));
            substream.readAhead(in);
            if (substream.waitsSince() != Long.MAX_VALUE) {
                uneven.add(substream);
            }
        }
    }
}
