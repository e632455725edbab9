package io.conshelf.streams.operator;

import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.plan.AnalyticCall;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.value.BinaryValues;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// LAG, LAST, ISFIRST, aggregates and anomaly models over histories. A history is forgotten when nothing in it can count any more.
final class AnalyticsOperator implements Operator<AnalyticsOperator.Histories> {
    private record Call(History<Object> history, Evaluator[] apart) {}

    private final Call[] calls;

    AnalyticsOperator(Step.Analytics step, Evaluation evaluation) {
        List<Expression> route = StepKeys.route(step);
        List<Call> all = new ArrayList<>();
        for (AnalyticCall call : step.calls()) {
            all.add(new Call(ofAnything(Histories.of(call, evaluation)), StepKeys.all(StepKeys.rest(call.partitionBy(), route), evaluation)));
        }
        this.calls = all.toArray(Call[]::new);
    }

    @SuppressWarnings("unchecked")
    private static History<Object> ofAnything(History<?> history) {
        return (History<Object>) history;
    }

    /// One history a call, or one a key where the call is kept apart by more than the step is.
    static final class Histories {
        private final Object[] single;
        private final List<Map<Key, Object>> byKey;
        private long sweep = NEVER;

        private Histories(int calls) {
            this.single = new Object[calls];
            this.byKey = new ArrayList<>(calls);
            for (int i = 0; i < calls; i++) {
                byKey.add(null);
            }
        }

        private static History<?> of(AnalyticCall call, Evaluation evaluation) {
            return switch (call) {
                case AnalyticCall.Lag lag -> new LagHistory(lag, evaluation);
                case AnalyticCall.Last last -> new LastHistory(last, evaluation);
                case AnalyticCall.IsFirst first -> new FirstHistory(first, evaluation);
                case AnalyticCall.Over over -> new AggregateHistory(evaluation.of(over.aggregate()), over.limit(), evaluation.of(over.when()),
                        AggregateHistory.Unmet.HISTORY);
                case AnalyticCall.Anomaly anomaly -> new AggregateHistory(evaluation.of(anomaly), anomaly.limit(), evaluation.of(anomaly.when()),
                        AggregateHistory.Unmet.NULL);
            };
        }
    }

    @Override
    public Histories create() {
        return new Histories(calls.length);
    }

    @Override
    public void row(Histories state, int input, Row row, Emit out) {
        Value[] results = new Value[calls.length];
        for (int i = 0; i < calls.length; i++) {
            results[i] = calls[i].history.row(history(state, i, row), row);
        }
        out.row(row.with(results));
        if (state.sweep == NEVER) {
            state.sweep = latest(state);
        }
    }

    private Object history(Histories state, int call, Row row) {
        Evaluator[] apart = calls[call].apart;
        if (apart.length == 0) {
            if (state.single[call] == null) {
                state.single[call] = calls[call].history.create();
            }
            return state.single[call];
        }
        if (state.byKey.get(call) == null) {
            state.byKey.set(call, new HashMap<>());
        }
        return state.byKey.get(call).computeIfAbsent(Key.of(StepKeys.values(apart, row)), _ -> calls[call].history.create());
    }

    /// When all of it can be forgotten, as it is now; NEVER when nothing is remembered.
    private long latest(Histories state) {
        long latest = Long.MIN_VALUE;
        for (int i = 0; i < calls.length; i++) {
            if (state.single[i] != null) {
                latest = Math.max(latest, calls[i].history.forgotten(state.single[i]));
            }
            if (state.byKey.get(i) != null) {
                for (Object history : state.byKey.get(i).values()) {
                    latest = Math.max(latest, calls[i].history.forgotten(history));
                }
            }
        }
        return latest == Long.MIN_VALUE ? NEVER : latest;
    }

    @Override
    public long next(Histories state) {
        return state.sweep;
    }

    // It is called once in a while, not whenever a history ends: the time it waits for is that of the last of them, as they were then.
    @Override
    public void time(Histories state, long watermark, Emit out) {
        if (state.sweep > watermark) {
            return;
        }
        for (int i = 0; i < calls.length; i++) {
            History<Object> history = calls[i].history;
            if (state.single[i] != null && history.forgotten(state.single[i]) <= watermark) {
                state.single[i] = null;
            }
            if (state.byKey.get(i) != null) {
                state.byKey.get(i).values().removeIf(each -> history.forgotten(each) <= watermark);
            }
        }
        state.sweep = latest(state);
    }

    @Override
    public boolean isEmpty(Histories state) {
        return state.sweep == NEVER;
    }

    @Override
    public void write(Histories state, DataOutput out) throws IOException {
        out.writeLong(state.sweep);
        for (int i = 0; i < calls.length; i++) {
            out.writeBoolean(state.single[i] != null);
            if (state.single[i] != null) {
                calls[i].history.write(state.single[i], out);
            }
            Map<Key, Object> byKey = state.byKey.get(i) == null ? Map.of() : state.byKey.get(i);
            BinaryValues.writeCount(byKey.size(), out);
            for (Map.Entry<Key, Object> entry : byKey.entrySet()) {
                entry.getKey().write(out);
                calls[i].history.write(entry.getValue(), out);
            }
        }
    }

    @Override
    public Histories read(DataInput in) throws IOException {
        Histories state = create();
        state.sweep = in.readLong();
        for (int i = 0; i < calls.length; i++) {
            if (in.readBoolean()) {
                state.single[i] = calls[i].history.read(in);
            }
            int count = BinaryValues.readCount(in);
            if (count > 0) {
                state.byKey.set(i, new HashMap<>());
            }
            for (; count > 0; count--) {
                state.byKey.get(i).put(Key.read(in), calls[i].history.read(in));
            }
        }
        return state;
    }
}
