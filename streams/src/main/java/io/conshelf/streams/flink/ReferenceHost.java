package io.conshelf.streams.flink;

import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.RuntimeFault;
import io.conshelf.streams.input.BrokenSnapshot;
import io.conshelf.streams.input.DataError;
import io.conshelf.streams.input.InputException;
import io.conshelf.streams.input.ReferenceInput;
import io.conshelf.streams.input.ReferenceInput.Earlier;
import io.conshelf.streams.input.ReferenceInput.Snapshot;
import io.conshelf.streams.input.SnapshotTooLarge;
import io.conshelf.streams.operator.Operator.Emit;
import io.conshelf.streams.operator.ReferenceLookup;
import io.conshelf.streams.operator.ReferencePlan;
import io.conshelf.streams.plan.Plan;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.run.SubstreamTimes;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;

/// Joins rows with reference data. The first snapshot is there before the first row. Later ones are looked for beside: until all that are there have been
/// found, a row waits for those of its time; after that, they are taken when they come.
final class ReferenceHost extends AbstractStreamOperator<Row> implements OneInputStreamOperator<Row, Row> {
    private static final long LOOK_AGAIN_MS = 1_000;
    /// What the snapshots of a join may take of the heap, in all its tasks together.
    private static final int HEAP_SHARE = 4;
    private static final int SNAPSHOTS_MAX = 100;
    /// Those that can be read again are known by their time: so many take no more than some MB.
    private static final int KNOWN_MAX = 100_000;
    /// A snapshot that is loaded so often is loaded for a few rows each time.
    private static final int LOADS_MANY = 4;
    /// Who waits for a snapshot in the place of one that cannot be read.
    private static final String BROKEN = "/broken";
    /// Who waits for a snapshot that was read before.
    private static final String EARLIER = "/earlier";

    private final Plan plan;
    private final Step.ReferenceJoin step;
    private final Map<String, ReferenceInput> inputs;
    private final Context context;
    private final long startTicks;
    private final SubstreamTimes times;
    private final RunId run;
    private transient ReferenceLookup lookup;
    private transient ReferencePlan referencePlan;
    private transient Map<String, List<Value.Record>> latest;
    private transient Map<String, ReferenceInput.Snapshots> snapshots;
    /// Opened once more, for what was read before: the others belong to their thread.
    private transient Map<String, ReferenceInput.Snapshots> again;
    /// Of which snapshots that of a time was made: the time that each input's is valid from.
    private transient TreeMap<Long, Map<String, Long>> parts;
    /// The time that the newest snapshot of each input is valid from.
    private transient Map<String, Long> validFrom;
    private transient long snapshotMax;
    private transient BlockingQueue<Loaded> loaded;
    /// The time that the newest snapshot is valid from.
    private transient long newest;
    /// Whether everything that was there at the beginning is loaded.
    private transient boolean isCurrent;
    /// No row at or before this time comes any more, and no snapshot is needed but the one of this time and later ones.
    private transient long begin;
    private transient ListState<Long> beginState;
    private transient boolean isRestored;
    private transient boolean isIdle;
    /// Snapshots have been left out, or read again and again, and more are held than the one of now and the newest.
    private transient boolean isCrowded;
    /// Who waits for a store: this task of this join, as others may fare otherwise.
    private transient String who;
    private transient Thread loader;
    private transient Emission emission;
    private transient Emit rows;

    private sealed interface Loaded {
        record Later(String input, Snapshot snapshot) implements Loaded {}

        /// What was there before holds on.
        record Same(String input, long validFrom) implements Loaded {}

        /// For now there are no more.
        record Everything() implements Loaded {}

        /// There is one that cannot be held, and rows of its time would meet another.
        record TooLarge(String told) implements Loaded {}
    }

    /// @param startTicks the job begins with the snapshots that were valid then
    ReferenceHost(Plan plan, Step.ReferenceJoin step, Map<String, ReferenceInput> inputs, Context context, long startTicks, SubstreamTimes times,
            RunId run) {
        this.plan = plan;
        this.step = step;
        this.inputs = inputs;
        this.context = context;
        this.startTicks = startTicks;
        this.times = times;
        this.run = run;
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        beginState = context.getOperatorStateStore().getListState(new ListStateDescriptor<>("begin", Long.class));
        long least = Long.MAX_VALUE;
        for (long one : beginState.get()) {
            least = Math.min(least, one);
        }
        isRestored = context.isRestored();
        if (least != Long.MAX_VALUE) {
            begin = least;
        } else if (startTicks != Long.MIN_VALUE) {
            begin = startTicks;
        } else {
            // where everything is read, and in one task more than there were: whatever there is, in its order
            begin = Ticks.MIN;
        }
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        // a task that no partition is read in knows of no time
        beginState.update(isIdle ? List.of() : List.of(begin));
    }

    @Override
    public void open() throws Exception {
        super.open();
        CountersOfRun.tell(getRuntimeContext(), run);
        emission = new Emission(output, times);
        rows = row -> lookup.row(row, emission);
        Evaluation evaluation = Evaluation.in(context);
        referencePlan = new ReferencePlan(plan, step.reference(), evaluation);
        long bytesMax = Runtime.getRuntime().maxMemory() / HEAP_SHARE / getRuntimeContext().getTaskInfo().getNumberOfParallelSubtasks();
        boolean isKept = referencePlan.inputs().stream().allMatch(name -> inputs.get(name).earlier() != Earlier.GONE);
        lookup = new ReferenceLookup(step, evaluation, new ReferenceLookup.Room(SNAPSHOTS_MAX, bytesMax, isKept ? KNOWN_MAX : 0));
        // beside the newest there is the one before
        snapshotMax = bytesMax / 2 / referencePlan.inputs().size();
        latest = new HashMap<>();
        snapshots = new LinkedHashMap<>();
        again = new HashMap<>();
        parts = new TreeMap<>();
        validFrom = new HashMap<>();
        loaded = new LinkedBlockingQueue<>(1);
        newest = Long.MIN_VALUE;
        isCurrent = false;
        isCrowded = false;
        who = getOperatorID() + "#" + getRuntimeContext().getTaskInfo().getIndexOfThisSubtask() + '/';
        for (String name : referencePlan.inputs()) {
            ReferenceInput.Snapshots opened = inputs.get(name).open(snapshotMax);
            snapshots.put(name, opened);
            Snapshot first = first(name, opened);
            latest.put(name, first.records());
            validFrom.put(name, first.validFrom());
        }
        load(Long.MIN_VALUE);
        loader = Thread.ofPlatform().daemon().name("reference data " + latest.keySet()).start(this::look);
        takeLater();
    }

    /// Where a store does not answer the task starts anew; where there is no reference data the job is over.
    private Snapshot first(String name, ReferenceInput.Snapshots opened) throws InputException, InterruptedException {
        try {
            return opened.first(begin);
        } catch (RuntimeException e) {
            throw new InputException(told(name, e), e);
        } catch (SnapshotTooLarge e) {
            throw fault(told(name, e));
        } catch (InputException e) {
            if (e.getCause() == null) {
                Optional<Snapshot> oldest = isRestored || startTicks == Long.MIN_VALUE ? oldest(name, opened) : Optional.empty();
                // what was valid then has been deleted since, or never was
                return oldest.orElseThrow(() -> fault(told(name, e)));
            }
            throw new InputException(told(name, e), e);
        }
    }

    private Optional<Snapshot> oldest(String name, ReferenceInput.Snapshots opened) throws InputException, InterruptedException {
        while (true) {
            try {
                return opened.next();
            } catch (BrokenSnapshot e) {
                run.counters().error(e.error());
            } catch (SnapshotTooLarge e) {
                throw fault(told(name, e));
            } catch (InputException | RuntimeException e) {
                throw new InputException(told(name, e), e);
            }
        }
    }

    private static SuppressRestartsException fault(String told) {
        return new SuppressRestartsException(new JobFault(told));
    }

    private static String told(String name, Exception failure) {
        return "input '%s': %s".formatted(name, Reason.of(failure));
    }

    private void load(long from) {
        parts.put(from, Map.copyOf(validFrom));
        load(from, latest);
    }

    private void load(long from, Map<String, List<Value.Record>> records) {
        try {
            if (lookup.load(from, referencePlan.rows(records::get)) > 0) {
                parts.keySet().removeIf(time -> !lookup.knows(time));
                isCrowded = true;
                run.counters().waitsFor(who, """
                        reference data %s: %d snapshots are held, as no row has come for long that makes them past, and there is no memory for more; some are left \
                        out, and rows of their time meet the one before. 'eventsLateArrivalMaxDelayInSeconds' limits for how long a silent input is waited for, a \
                        longer 'refreshRate' makes fewer, and a process with more memory holds more""".formatted(latest.keySet(), lookup.held()));
            }
        } catch (RuntimeFault fault) {
            throw run.fault(fault);
        }
    }

    /// Loads a snapshot that there was no room for.
    private void loadAgain(long from) throws InterruptedException {
        Map<String, List<Value.Record>> records = new HashMap<>();
        for (Map.Entry<String, Long> part : parts.get(from).entrySet()) {
            String name = part.getKey();
            // the newest is at hand, so that there is always one to meet
            Optional<List<Value.Record>> found = part.getValue().equals(validFrom.get(name)) ? Optional.of(latest.get(name)) : again(name, part.getValue());
            if (found.isEmpty()) {
                lookup.leaveOut(from);
                parts.remove(from);
                return;
            }
            records.put(name, found.get());
        }
        load(from, records);
        if (!isCrowded && lookup.loads(from) >= LOADS_MANY) {
            isCrowded = true;
            run.counters().waitsFor(who, """
                    reference data %s: snapshots are read again and again, as rows of more of them (%d now) come side by side than there is memory for; it is slow, \
                    and nothing is left out. 'eventsLateArrivalMaxDelayInSeconds' limits for how long a silent input is waited for, and a process with more memory \
                    holds more""".formatted(latest.keySet(), lookup.held()));
        }
    }

    /// Rows wait for it while its store does not answer.
    ///
    /// @return empty where it is gone, or cannot be understood any more
    private Optional<List<Value.Record>> again(String name, long from) throws InterruptedException {
        while (true) {
            try {
                ReferenceInput.Snapshots opened = again.get(name);
                if (opened == null) {
                    opened = inputs.get(name).open(snapshotMax);
                    again.put(name, opened);
                }
                Optional<Snapshot> found = opened.again(from);
                run.counters().goesOn(who + name + EARLIER);
                if (found.isEmpty()) {
                    run.counters().error(new DataError(name, DataError.LOST, "the reference data of " + Ticks.text(from)
                            + " was deleted while rows of its time were still to come; they meet that of before", ""));
                }
                return found.map(Snapshot::records);
            } catch (BrokenSnapshot e) {
                run.counters().goesOn(who + name + EARLIER);
                run.counters().error(e.error());
                return Optional.empty();
            } catch (SnapshotTooLarge e) {
                throw fault(told(name, e));
            } catch (InputException | RuntimeException e) {
                run.counters().waitsFor(who + name + EARLIER, told(name, e));
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MS);
        }
    }

    /// Hands over what became valid, of all inputs together in the order of its time.
    private void look() {
        Map<String, List<Value.Record>> before = new HashMap<>(latest);
        Map<String, Snapshot> waiting = new LinkedHashMap<>();
        boolean isComplete = false;
        try {
            while (!Thread.currentThread().isInterrupted()) {
                boolean hasAnswer = true;
                for (Map.Entry<String, ReferenceInput.Snapshots> input : snapshots.entrySet()) {
                    try {
                        if (!waiting.containsKey(input.getKey())) {
                            hasAnswer &= next(input.getKey(), input.getValue(), waiting);
                        }
                    } catch (SnapshotTooLarge e) {
                        loaded.put(new Loaded.TooLarge(told(input.getKey(), e)));
                        return;
                    }
                }
                if (!isComplete && hasAnswer && waiting.isEmpty()) {
                    loaded.put(new Loaded.Everything());
                    isComplete = true;
                } else if (!waiting.isEmpty() && (hasAnswer || isComplete)) {
                    String first = Collections.min(waiting.entrySet(), Comparator.comparingLong(one -> one.getValue().validFrom())).getKey();
                    Snapshot snapshot = waiting.remove(first);
                    List<Value.Record> same = before.getOrDefault(first, List.of());
                    if (isSame(same, snapshot.records())) {
                        loaded.put(new Loaded.Same(first, snapshot.validFrom()));
                    } else {
                        before.put(first, snapshot.records());
                        loaded.put(new Loaded.Later(first, snapshot));
                    }
                    continue;
                }
                TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MS);
            }
        } catch (InterruptedException e) {
            // closed
        }
    }

    /// Whatever the order, of which a database need not keep to one.
    private static boolean isSame(List<Value.Record> some, List<Value.Record> others) {
        if (some.size() != others.size()) {
            return false;
        }
        if (some.equals(others)) {
            return true;
        }
        Map<Value.Record, Integer> counts = new HashMap<>();
        some.forEach(record -> counts.merge(record, 1, Integer::sum));
        return others.stream().allMatch(record -> counts.merge(record, -1, Integer::sum) >= 0);
    }

    /// @return whether the input has said what comes next, or that nothing does
    private boolean next(String name, ReferenceInput.Snapshots from, Map<String, Snapshot> waiting) throws SnapshotTooLarge, InterruptedException {
        while (true) {
            try {
                Optional<Snapshot> next = from.next();
                next.ifPresent(found -> {
                    waiting.put(name, found);
                    run.counters().goesOn(who + name + BROKEN);
                });
                run.counters().goesOn(who + name);
                return true;
            } catch (BrokenSnapshot e) {
                run.counters().error(e.error());
                run.counters().waitsFor(who + name + BROKEN, told(name, e) + "; the snapshot before stays valid until there is one that can be read");
            } catch (SnapshotTooLarge e) {
                throw e;
            } catch (InputException | RuntimeException e) {
                run.counters().waitsFor(who + name, told(name, e));
                return false;
            }
        }
    }

    private void takeLater() {
        long at = getProcessingTimeService().getCurrentProcessingTime() + LOOK_AGAIN_MS;
        getProcessingTimeService().registerTimer(at, _ -> {
            take();
            takeLater();
        });
    }

    private void take() {
        // while old rows are read, they take the snapshots of their time: taken before, those would wait in memory
        while (isCurrent || lookup.held() <= 2) {
            Loaded one = loaded.poll();
            if (one == null) {
                return;
            }
            take(one);
        }
    }

    private void take(Loaded one) {
        switch (one) {
            case Loaded.Later(String input, Snapshot snapshot) -> {
                latest.put(input, snapshot.records());
                validFrom.put(input, snapshot.validFrom());
                newest = snapshot.validFrom();
                load(newest);
            }
            case Loaded.Same(String input, long from) -> {
                newest = from;
                // the newer of two that are equal is there for longer
                Long before = validFrom.put(input, from);
                for (Map.Entry<Long, Map<String, Long>> made : parts.descendingMap().entrySet()) {
                    if (!made.getValue().get(input).equals(before)) {
                        break;
                    }
                    Map<String, Long> now = new HashMap<>(made.getValue());
                    now.put(input, from);
                    made.setValue(Map.copyOf(now));
                }
            }
            case Loaded.Everything _ -> isCurrent = true;
            case Loaded.TooLarge(String told) -> throw fault(told);
        }
    }

    @Override
    public void processElement(StreamRecord<Row> element) throws InterruptedException {
        while (!isCurrent && newest <= element.getValue().ticks()) {
            take(loaded.take());
        }
        if (times == SubstreamTimes.SHARED || !InBand.isMark(element.getValue())) {
            for (OptionalLong missing = lookup.missing(element.getValue().ticks()); missing.isPresent(); missing = lookup.missing(element.getValue().ticks())) {
                loadAgain(missing.getAsLong());
            }
        }
        try {
            emission.through(element.getValue(), rows);
        } catch (RuntimeFault fault) {
            throw run.fault(fault.of(element.getValue()));
        }
    }

    @Override
    public void processWatermarkStatus(WatermarkStatus status) throws Exception {
        isIdle = status.isIdle();
        super.processWatermarkStatus(status);
    }

    @Override
    public void processWatermark(Watermark mark) throws Exception {
        begin = Math.max(begin, mark.getTimestamp() == Long.MAX_VALUE ? begin : mark.getTimestamp());
        parts.headMap(lookup.forget(mark.getTimestamp())).clear();
        if (isCrowded && lookup.held() <= 2) {
            isCrowded = false;
            run.counters().goesOn(who);
        }
        super.processWatermark(mark);
    }

    @Override
    public void close() throws Exception {
        if (loader != null) {
            loader.interrupt();
            loader.join();
            snapshots.values().forEach(ReferenceInput.Snapshots::close);
            again.values().forEach(ReferenceInput.Snapshots::close);
            for (String name : snapshots.keySet()) {
                run.counters().goesOn(who + name);
                run.counters().goesOn(who + name + EARLIER);
                run.counters().goesOn(who + name + BROKEN);
            }
            run.counters().goesOn(who);
        }
        super.close();
    }
}
