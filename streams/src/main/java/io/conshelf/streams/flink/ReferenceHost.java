package io.conshelf.streams.flink;

import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.RuntimeFault;
import io.conshelf.streams.input.BrokenSnapshot;
import io.conshelf.streams.input.InputException;
import io.conshelf.streams.input.ReferenceInput;
import io.conshelf.streams.input.ReferenceInput.Snapshot;
import io.conshelf.streams.operator.Operator.Emit;
import io.conshelf.streams.operator.ReferenceLookup;
import io.conshelf.streams.operator.ReferencePlan;
import io.conshelf.streams.plan.Plan;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/// Joins rows with reference data. The first snapshot is there before the first row; later ones are looked for beside, and taken when they are there.
final class ReferenceHost extends AbstractStreamOperator<Row> implements OneInputStreamOperator<Row, Row> {
    private static final long LOOK_AGAIN_MS = 1_000;

    private final Plan plan;
    private final Step.ReferenceJoin step;
    private final Map<String, ReferenceInput> inputs;
    private final Context context;
    private final long startTicks;
    private final RunId run;
    private transient ReferenceLookup lookup;
    private transient ReferencePlan referencePlan;
    private transient Map<String, List<Value.Record>> latest;
    private transient Map<String, ReferenceInput.Snapshots> snapshots;
    private transient BlockingQueue<Map.Entry<String, Snapshot>> loaded;
    private transient Thread loader;
    private transient Emit emit;

    /// @param startTicks the job begins with the snapshots that were valid then
    ReferenceHost(Plan plan, Step.ReferenceJoin step, Map<String, ReferenceInput> inputs, Context context, long startTicks, RunId run) {
        this.plan = plan;
        this.step = step;
        this.inputs = inputs;
        this.context = context;
        this.startTicks = startTicks;
        this.run = run;
    }

    @Override
    public void open() throws Exception {
        super.open();
        emit = new Emission(output);
        Evaluation evaluation = Evaluation.in(context);
        lookup = new ReferenceLookup(step, evaluation);
        referencePlan = new ReferencePlan(plan, step.reference(), evaluation);
        latest = new HashMap<>();
        snapshots = new LinkedHashMap<>();
        loaded = new LinkedBlockingQueue<>(1);
        long from = startTicks == Long.MIN_VALUE ? Ticks.of(Instant.now()) : startTicks;
        for (String name : referencePlan.inputs()) {
            ReferenceInput.Snapshots opened = inputs.get(name).open();
            snapshots.put(name, opened);
            latest.put(name, first(opened, from));
        }
        load(Long.MIN_VALUE);
        loader = Thread.ofPlatform().daemon().name("reference data " + latest.keySet()).start(this::look);
        takeLater();
    }

    /// Where a store does not answer the task starts anew; where there is no reference data the job is over.
    private static List<Value.Record> first(ReferenceInput.Snapshots opened, long from) throws InputException, InterruptedException {
        try {
            return opened.first(from).records();
        } catch (InputException e) {
            if (e.getCause() == null) {
                throw new SuppressRestartsException(new JobFault(e.getMessage()));
            }
            throw e;
        }
    }

    private void load(long validFrom) {
        try {
            lookup.load(validFrom, referencePlan.rows(latest::get));
        } catch (RuntimeFault fault) {
            throw run.fault(fault);
        }
    }

    private void look() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                for (Map.Entry<String, ReferenceInput.Snapshots> input : snapshots.entrySet()) {
                    try {
                        Optional<Snapshot> next = input.getValue().next();
                        run.counters().goesOn(input.getKey());
                        if (next.isPresent()) {
                            loaded.put(Map.entry(input.getKey(), next.get()));
                        }
                    } catch (BrokenSnapshot e) {
                        run.counters().error(e.error());
                    } catch (InputException e) {
                        run.counters().waitsFor(input.getKey(), "input '%s': %s".formatted(input.getKey(), e.getMessage()));
                    }
                }
                TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MS);
            }
        } catch (InterruptedException e) {
            // closed
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
        for (Map.Entry<String, Snapshot> one = loaded.poll(); one != null; one = loaded.poll()) {
            latest.put(one.getKey(), one.getValue().records());
            load(one.getValue().validFrom());
        }
    }

    @Override
    public void processElement(StreamRecord<Row> element) {
        try {
            lookup.row(element.getValue(), emit);
        } catch (RuntimeFault fault) {
            throw run.fault(fault);
        }
    }

    @Override
    public void processWatermark(Watermark mark) throws Exception {
        lookup.forget(mark.getTimestamp());
        super.processWatermark(mark);
    }

    @Override
    public void close() throws Exception {
        if (loader != null) {
            loader.interrupt();
            loader.join();
            snapshots.values().forEach(ReferenceInput.Snapshots::close);
        }
        super.close();
    }
}
