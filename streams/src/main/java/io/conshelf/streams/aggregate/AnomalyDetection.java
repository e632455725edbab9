package io.conshelf.streams.aggregate;

import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.expression.Expressions;
import io.conshelf.streams.expression.Parameter;
import io.conshelf.streams.expression.RuntimeFault;
import io.conshelf.streams.plan.AnalyticCall;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.BigInt;
import io.conshelf.streams.value.Value.FloatingPoint;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/// AnomalyDetection_SpikeAndDip and AnomalyDetection_ChangePoint: each value is judged by those before it, then it is one of them. What comes of it is a record
/// of IsAnomaly and Score.
///
/// The service's models are not public beyond their names, so scores differ from the service's; what they mean and how the arguments move them is the same.
public final class AnomalyDetection implements Aggregation<AnomalyHistory> {
    public static final int HISTORY_MAX = 1_000_000;

    /// Judges a value by the ones before it.
    @FunctionalInterface
    interface Model {
        /// @param significance how unlikely a value must be to be an anomaly, 0 to 1
        Value verdict(AnomalyHistory history, double value, double significance);
    }

    private final NumberInput input;
    private final double significance;
    private final int historyMax;
    private final Model model;

    private AnomalyDetection(NumberInput input, double significance, int historyMax, Model model) {
        this.input = input;
        this.significance = significance;
        this.historyMax = historyMax;
        this.model = model;
    }

    static AnomalyDetection of(AnalyticCall.Anomaly call, Context context) {
        String name = call.model() == AnalyticCall.AnomalyModel.CHANGE_POINT ? "anomalydetection_changepoint" : "anomalydetection_spikeanddip";
        double confidence = constant(call.confidence(), 100, "2nd", "a number from 1 to 100", name, context);
        double history = constant(call.history(), HISTORY_MAX, "3rd", "a number of events from 1 to " + HISTORY_MAX, name, context);
        Evaluator value = Expressions.compile(call.value(), context);
        return new AnomalyDetection(new NumberInput(name, value, call.span()), 1 - confidence / 100, (int) history, switch (call.model()) {
            case SPIKES -> new SpikeAndDip(SpikeAndDip.Side.ABOVE);
            case DIPS -> new SpikeAndDip(SpikeAndDip.Side.BELOW);
            case SPIKES_AND_DIPS -> new SpikeAndDip(SpikeAndDip.Side.BOTH);
            case CHANGE_POINT -> new ChangePoint();
        });
    }

    private static double constant(Expression argument, double max, String which, String wanted, String function, Context context) {
        return Expressions.constant(argument, context).filter(given -> isFrom1To(given, max)).flatMap(Parameter.FLOAT::taken)
                .map(FloatingPoint.class::cast).map(FloatingPoint::value)
                .orElseThrow(() -> new RuntimeFault("The " + which + " argument of function " + function + " must be " + wanted + ".", argument.span()));
    }

    /// Whether it is a number from 1 to so many.
    public static boolean isFrom1To(Value given, double max) {
        return given instanceof BigInt(long whole) && whole >= 1 && whole <= max || given instanceof FloatingPoint(double number) && number >= 1 && number <= max;
    }

    @Override
    public Value input(Row row) {
        return input.of(row);
    }

    @Override
    public AnomalyHistory create() {
        return new AnomalyHistory();
    }

    @Override
    public void add(AnomalyHistory state, long ticks, Value input) {
        double value = switch (input) {
            case BigInt(long number) -> number;
            case FloatingPoint(double number) -> number;
            case Value.Null _, Value.Text _, Value.DateTime _, Value.Bit _, Value.Record _, Value.Array _ -> Double.NaN;
        };
        if (!Double.isFinite(value)) {
            state.verdict = Value.Null.NULL;
            return;
        }
        state.verdict = model.verdict(state, value, significance);
        state.add(value, historyMax);
    }

    @Override
    public void remove(AnomalyHistory state, long ticks, Value input) {
        boolean wasAdded = input instanceof BigInt || input instanceof FloatingPoint(double number) && Double.isFinite(number);
        if (wasAdded) {
            state.remove();
        }
    }

    @Override
    public void merge(AnomalyHistory state, AnomalyHistory later) {
        throw new UnsupportedOperationException("models of anomalies do not merge");
    }

    @Override
    public boolean merges() {
        return false;
    }

    @Override
    public Value result(AnomalyHistory state) {
        return state.verdict;
    }

    @Override
    public void write(AnomalyHistory state, DataOutput out) throws IOException {
        state.write(out);
    }

    @Override
    public AnomalyHistory read(DataInput in) throws IOException {
        return AnomalyHistory.read(in);
    }
}
