package io.conshelf.streams.flink;

import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.input.DataError;
import io.conshelf.streams.operator.Loss;
import io.conshelf.streams.operator.Operator;
import io.conshelf.streams.operator.Operators;
import io.conshelf.streams.operator.StepKeys;
import io.conshelf.streams.plan.Plan;
import io.conshelf.streams.value.Row;
import java.io.Serializable;
import java.util.EnumSet;
import java.util.Set;
import org.apache.flink.runtime.state.CheckpointableKeyedStateBackend;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs a step that remembers rows by key. States are kept here ([KeyStates]), not by Flink, so Flink need not know whose turn it is. What waits is counted in
/// [HeldRoom].
abstract sealed class KeyedHost extends AbstractStreamOperator<Row> permits StepHost, SubstreamHost {
    static final int TOLD_EVERY = 256;
    private static final Logger LOGGED = LoggerFactory.getLogger(KeyedHost.class);

    final Hosted step;
    transient Operator<Object> operator;
    transient StepKeys keys;
    transient KeyGroupRange groups;
    transient int groupsMax;
    transient HeldRoom room;
    /// How many rows the room knows that wait here.
    private transient int told;
    /// Each once; the diagnostics of the job count them.
    private transient Set<Loss> loggedLosses;

    /// A step of a plan, and the run that it is hosted in.
    ///
    /// @param group of steps that rows flow between
    record Hosted(Plan plan, int id, Context context, int group, long heldRowsMax, RunId run) implements Serializable {}

    KeyedHost(Hosted step) {
        this.step = step;
    }

    /// A row as it came.
    ///
    /// @param input the number of the input that it came from
    abstract void process(int input, Row element);

    @Override
    public boolean hasKeyContext1() {
        return false;
    }

    @Override
    public boolean hasKeyContext2() {
        return false;
    }

    @Override
    @SuppressWarnings("rawtypes")
    public void setKeyContextElement1(StreamRecord element) {}

    @Override
    @SuppressWarnings("rawtypes")
    public void setKeyContextElement2(StreamRecord element) {}

    @Override
    protected boolean isUsingCustomRawKeyedState() {
        return true;
    }

    @Override
    @SuppressWarnings("unchecked")
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        Evaluation evaluation = Evaluation.in(step.context());
        loggedLosses = EnumSet.noneOf(Loss.class);
        operator = (Operator<Object>) Operators.of(step.plan(), step.id(), evaluation, this::lost);
        keys = StepKeys.of(step.plan().steps().get(step.id()), evaluation);
        groups = ((CheckpointableKeyedStateBackend<?>) getKeyedStateBackend()).getKeyGroupRange();
        groupsMax = getRuntimeContext().getTaskInfo().getMaxNumberOfParallelSubtasks();
    }

    private void lost(Loss loss, Row row) {
        if (loggedLosses.add(loss)) {
            LOGGED.warn("{}: {}", "step " + step.id(), loss.message());
        }
        step.run().counters().error(DataError.of(loss, row));
    }

    @Override
    public void open() throws Exception {
        super.open();
        CountersOfRun.tell(getRuntimeContext(), step.run());
        room = step.run().counters().room(step.group(), step.heldRowsMax());
    }

    /// So many wait here now.
    void tell(int held) {
        if (held != told) {
            room.held(held - told);
            told = held;
        }
    }

    /// How many rows of those that wait here the room does not know of.
    int untold(int held) {
        return held - told;
    }

    @Override
    public void close() throws Exception {
        if (room != null) {
            tell(0);
        }
        super.close();
    }
}
