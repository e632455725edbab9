package io.conshelf.streams.flink;

import io.conshelf.streams.input.DataError;
import io.conshelf.streams.job.JobDefinition.OutputError;
import io.conshelf.streams.output.CheckpointUnreadable;
import io.conshelf.streams.output.EventTarget;
import io.conshelf.streams.output.EventTarget.Holding;
import io.conshelf.streams.output.OutputException;
import io.conshelf.streams.output.RowRefused;
import io.conshelf.streams.output.RowsLost;
import io.conshelf.streams.run.StreamJob.TargetRecipe;
import io.conshelf.streams.run.SubstreamTimes;
import io.conshelf.streams.value.Row;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.BasicTypeInfo;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/// Writes the rows of an output: what was written is made durable with each checkpoint, and shown when the checkpoint is complete; after a crash what a
/// checkpoint holds is shown again, which changes nothing where it was shown before.
///
/// An operator of our own and no Sink of Flink: the target is told the number of the checkpoint, by which it names what it writes, and what a target cannot
/// take or does not answer to is handled in one place.
final class OutputHost extends AbstractStreamOperator<Row> implements OneInputStreamOperator<Row, Row> {
    private static final long PAUSE_MAX_MS = 30_000;
    private static final long FLUSH_MS = 50;
    /// Of what the state holds.
    private static final byte FORMAT = 2;

    private final String name;
    private final TargetRecipe recipe;
    private final String place;
    private final OutputError onRefusal;
    private final long firstTicks;
    private final boolean hasCheckpoints;
    private final AfterStop afterStop;
    private final SubstreamTimes times;
    private final RunId run;
    private transient EventTarget target;
    private transient EventTarget.Writer writer;
    /// By checkpoint: what is to be shown when it is complete.
    private transient TreeMap<Long, byte[]> prepared;
    private transient ListState<byte[]> preparedState;
    private transient ListState<byte[]> heldState;
    /// What the state had, until the writer has taken it up.
    private transient List<byte[]> heldBefore;
    /// No row behind this time is missing: the time of the latest row, or of what comes last where substreams have their own times; 0 where there is none.
    private transient long lastWritten;
    private transient SubstreamBounds bounds;
    private transient BroadcastState<String, byte[]> boundsState;
    /// What each task knows of all substreams: the least of them holds for whoever goes on.
    private transient ListState<Long> passedState;
    /// What it was at checkpoints that are not complete.
    private transient TreeMap<Long, Long> lastAt;
    private transient ListState<Long> lastState;
    /// The checkpoint that this began with.
    private transient long restored;
    private transient RunCounters counters;
    private transient RunCounters.OfOutput counted;
    private transient String who;
    private transient boolean isClosed;
    /// Nothing comes any more, as the inputs are over.
    private transient boolean isFinished;

    /// @param place      what the rows in a checkpoint are for, as [io.conshelf.streams.run.Places] has it; those for another place are not given to this one
    /// @param firstTicks rows before this time are not written: they are there only because windows that come later need what was before
    OutputHost(String name, TargetRecipe recipe, String place, OutputError onRefusal, long firstTicks, boolean hasCheckpoints,
            AfterStop afterStop, SubstreamTimes times, RunId run) {
        this.name = name;
        this.recipe = recipe;
        this.place = place;
        this.onRefusal = onRefusal;
        this.firstTicks = firstTicks;
        this.hasCheckpoints = hasCheckpoints;
        this.afterStop = afterStop;
        this.times = times;
        this.run = run;
    }

    /// What becomes of a job that was stopped. What nobody would take up is not held back.
    enum AfterStop { MAY_GO_ON, IS_OVER }

    @FunctionalInterface
    private interface Attempt {
        void run() throws OutputException, InterruptedException;
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        prepared = new TreeMap<>();
        preparedState = context.getOperatorStateStore().getListState(
                new ListStateDescriptor<>("prepared", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO));
        for (byte[] one : preparedState.get()) {
            DataInputStream in = opened(one);
            if (!in.readUTF().equals(place)) {
                // The job goes on from where it was only when it has been shown; otherwise it begins anew.
                continue;
            }
            long checkpoint = in.readLong();
            // several of one checkpoint come together where fewer tasks go on than there were
            while (prepared.containsKey(checkpoint)) {
                checkpoint--;
            }
            prepared.put(checkpoint, in.readAllBytes());
        }
        heldState = context.getOperatorStateStore().getListState(
                new ListStateDescriptor<>("held", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO));
        heldBefore = new ArrayList<>();
        for (byte[] one : heldState.get()) {
            DataInputStream in = opened(one);
            String whose = in.readUTF();
            if (!whose.equals(place)) {
                throw fault("rows wait for %s, and the job does not write there any more".formatted(whose));
            }
            heldBefore.add(in.readAllBytes());
        }
        lastAt = new TreeMap<>();
        restored = context.getRestoredCheckpointId().orElse(0);
        lastState = context.getOperatorStateStore().getListState(new ListStateDescriptor<>("last", Long.class));
        // of several tasks where fewer go on
        for (long last : lastState.get()) {
            lastWritten = lastWritten == 0 ? last : Math.min(lastWritten, last);
        }
        bounds = new SubstreamBounds();
        if (times != SubstreamTimes.SHARED) {
            boundsState = context.getOperatorStateStore().getBroadcastState(new MapStateDescriptor<>("bounds", BasicTypeInfo.STRING_TYPE_INFO,
                    PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO));
            if (boundsState.contains(name)) {
                bounds.read(boundsState.get(name));
            }
            passedState = context.getOperatorStateStore().getUnionListState(new ListStateDescriptor<>("passed", Long.class));
            long passed = Long.MAX_VALUE;
            for (long one : passedState.get()) {
                passed = Math.min(passed, one);
            }
            if (passed < Long.MAX_VALUE) {
                bounds.passed(passed);
            }
        }
    }

    @Override
    public void open() throws Exception {
        super.open();
        counters = run.counters();
        counted = counters.output(name);
        CountersOfRun.tell(getRuntimeContext(), run);
        int task = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask();
        who = RunCounters.writer(name, task);
        counters.begins(who);
        String writerName = run.text() + '-' + name + '-' + task;
        persist(() -> target = recipe.open());
        persist(() -> writer = target.open(writerName));
        if (writer instanceof Holding holding) {
            for (byte[] held : heldBefore) {
                persist(() -> holding.takeUp(held));
            }
        } else if (!heldBefore.isEmpty()) {
            throw fault("rows wait for their file, and nothing holds them back any more");
        }
        heldBefore = List.of();
        lastAt.put(restored, shownUpTo());
        // of a checkpoint that this run began with: it is complete
        commit(Long.MAX_VALUE);
        flushLater();
    }

    /// What must not happen, as rows would be lost.
    private RuntimeException fault(String what) {
        return new SuppressRestartsException(new JobFault("output '%s': %s; start the job now or at a time".formatted(name, what)));
    }

    /// Whoever starts the job as it was last stopped reads back to where nothing is missing.
    private RuntimeException lost(String what) {
        String told = "output '%s': %s. Rows of a checkpoint are lost with it; ".formatted(name, what);
        return new SuppressRestartsException(new JobFault(told + (counters.lost()
                ? "start the job as it was last stopped, and it reads its inputs back from the last row that all outputs showed, so that some rows come twice"
                : "start the job at a time from before them")));
    }

    private void flushLater() {
        long at = getProcessingTimeService().getCurrentProcessingTime() + FLUSH_MS;
        getProcessingTimeService().registerTimer(at, _ -> {
            if (!isClosed) {
                persist(writer::flush);
                flushLater();
            }
        });
    }

    @Override
    public void processElement(StreamRecord<Row> element) throws InterruptedException {
        Row row = element.getValue();
        if (times != SubstreamTimes.SHARED) {
            if (InBand.isMark(row)) {
                bounds.mark(row);
                return;
            }
            row = InBand.bare(row);
        }
        take(row);
    }

    private void take(Row row) throws InterruptedException {
        if (row.ticks() < firstTicks) {
            return;
        }
        persist(() -> write(row));
    }

    private void write(Row row) throws OutputException, InterruptedException {
        try {
            writer.write(row);
            counters.wrote(counted);
            lastWritten = Math.max(lastWritten, row.ticks());
        } catch (RowRefused refused) {
            if (onRefusal == OutputError.STOP) {
                throw refused.of(row);
            }
            counters.refused(counted, error(refused.of(row)));
        }
    }

    private DataError error(RowRefused refused) {
        return new DataError(name, errorType(refused.type()), refused.getMessage(), refused.example());
    }

    private static String errorType(String type) {
        return type.startsWith("OutputDataConversionError.") ? type : "OutputDataConversionError." + type;
    }

    /// Tries for ever: rows wait for their target, and the job waits for them. Only what cannot ever be read or shown ends it.
    private void persist(Attempt attempt) throws InterruptedException {
        long pauseMs = 100;
        boolean hasFailed = false;
        while (true) {
            try {
                attempt.run();
                tellRefused();
                if (hasFailed) {
                    counters.goesOn(who);
                }
                return;
            } catch (CheckpointUnreadable never) {
                throw fault(String.valueOf(never.getMessage()));
            } catch (RowsLost never) {
                throw lost(String.valueOf(never.getMessage()));
            } catch (OutputException e) {
                if (!hasFailed && e instanceof RowRefused refused) {
                    counters.refused(counted, error(refused));
                }
                hasFailed = true;
                counters.waitsFor(who, "output '%s': %s".formatted(name, e.getMessage()));
                LOG.warn("output '{}' is tried again: {}", name, e.getMessage());
                pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS);
                Thread.sleep(pauseMs);
            }
        }
    }

    private void tellRefused() {
        if (writer != null) {
            writer.refused().forEach(refused -> counters.refusedLater(counted, new DataError(name, errorType(refused.type()), refused.message(), ""), refused.rows()));
        }
    }

    @Override
    public void processWatermark(Watermark mark) {
        if (Frontier.isFar(mark.getTimestamp())) {
            return;
        }
        counters.watermark(who, mark.getTimestamp());
        if (times == SubstreamTimes.OWN && mark.getTimestamp() < Long.MAX_VALUE) {
            bounds.passed(mark.getTimestamp());
        }
        if (writer instanceof Holding holding) {
            holding.passed(mark.getTimestamp());
        }
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpoint) throws Exception {
        prepare(checkpoint);
    }

    private void prepare(long checkpoint) throws InterruptedException {
        if (writer instanceof Holding holding) {
            if (times != SubstreamTimes.SHARED) {
                bounds.least().ifPresent(holding::passed);
            }
            if (afterStop == AfterStop.IS_OVER || counters.isStopping()) {
                holding.letGo();
            }
        }
        persist(() -> {
            byte[] bytes = writer.prepare(checkpoint);
            if (bytes.length > 0) {
                prepared.put(checkpoint, bytes);
            }
        });
        if (times != SubstreamTimes.SHARED && lastWritten != 0) {
            // rows before the first time are not missed
            lastWritten = Math.max(bounds.least().orElse(lastWritten), firstTicks);
        }
        lastAt.put(checkpoint, shownUpTo());
    }

    /// The time of the last row, up to those that are held back: once what was prepared is shown, none up to it is missing; 0 where there was none.
    private long shownUpTo() {
        if (writer instanceof Holding holding && holding.heldFrom().isPresent()) {
            // of several tasks one may hold what another has told the time of
            long heldFrom = holding.heldFrom().getAsLong();
            return lastWritten == 0 ? heldFrom - 1 : Math.min(lastWritten, heldFrom - 1);
        }
        return lastWritten;
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        preparedState.clear();
        for (Map.Entry<Long, byte[]> one : prepared.entrySet()) {
            preparedState.add(tagged(out -> {
                out.writeLong(one.getKey());
                out.write(one.getValue());
            }));
        }
        heldState.clear();
        if (writer instanceof Holding holding) {
            for (byte[] held : holding.held()) {
                heldState.add(tagged(out -> out.write(held)));
            }
        }
        if (times != SubstreamTimes.SHARED) {
            boundsState.put(name, bounds.bytes());
            passedState.update(bounds.passed().isPresent() ? List.of(bounds.passed().getAsLong()) : List.of());
        }
        lastState.update(lastWritten == 0 ? List.of() : List.of(lastWritten));
    }

    private DataInputStream opened(byte[] state) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(state));
        if (in.readByte() != FORMAT) {
            throw fault("the checkpoint was written by another version, and rows in it cannot be read");
        }
        return in;
    }

    @FunctionalInterface
    private interface Content {
        void write(DataOutputStream out) throws IOException;
    }

    private byte[] tagged(Content content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeByte(FORMAT);
        out.writeUTF(place);
        content.write(out);
        return bytes.toByteArray();
    }

    @Override
    public void notifyCheckpointAborted(long checkpoint) throws Exception {
        super.notifyCheckpointAborted(checkpoint);
        heldState.clear();
    }

    @Override
    public void notifyCheckpointComplete(long checkpoint) throws Exception {
        super.notifyCheckpointComplete(checkpoint);
        // what it holds is written anew with each
        heldState.clear();
        commit(checkpoint);
    }

    private void commit(long upTo) throws InterruptedException {
        while (!prepared.isEmpty() && prepared.firstKey() <= upTo) {
            byte[] first = prepared.firstEntry().getValue();
            persist(() -> writer.commit(first));
            prepared.pollFirstEntry();
        }
        Map.Entry<Long, Long> last = lastAt.floorEntry(upTo);
        if (last != null) {
            lastAt.headMap(upTo, true).clear();
            counters.shown(who, last.getKey(), last.getValue());
        }
        if (isFinished && prepared.isEmpty()) {
            counters.over(who);
        }
    }

    @Override
    public void finish() throws Exception {
        super.finish();
        isFinished = true;
        if (writer instanceof Holding holding) {
            holding.letGo();
        }
        if (!hasCheckpoints) {
            prepare(1);
            commit(1);
        }
    }

    @Override
    public void close() throws Exception {
        isClosed = true;
        if (who != null) {
            counters.goesOn(who);
        }
        try {
            if (writer != null) {
                writer.close();
            }
        } finally {
            if (target != null) {
                target.close();
            }
            super.close();
        }
    }
}
