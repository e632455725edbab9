package io.conshelf.streams.aggregate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.expression.RuntimeFault;
import io.conshelf.streams.plan.AnalyticCall;
import io.conshelf.streams.plan.AnalyticCall.AnomalyModel;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.BigInt;
import io.conshelf.streams.value.Value.FloatingPoint;
import io.conshelf.streams.value.Value.Null;
import io.conshelf.streams.value.Value.Record;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AnomalyTest {
    private static AnalyticCall.Anomaly call(AnomalyModel model, Value confidence, Value history) {
        return new AnalyticCall.Anomaly(model, new Expression.Slot(0, Span.NONE), new Expression.Literal(confidence, Span.NONE),
                new Expression.Literal(history, Span.NONE), 0, List.of(), Expression.TRUE, Span.NONE);
    }

    private static List<Record> run(AnomalyModel model, int confidence, int history, double... series) throws IOException {
        return run(Aggregates.compile(call(model, Value.of(confidence), Value.of(history)), Context.DEFAULT), series);
    }

    /// The state goes through its bytes now and then.
    private static <A> List<Record> run(Aggregation<A> model, double... series) throws IOException {
        List<Record> verdicts = new ArrayList<>();
        A state = model.create();
        for (int i = 0; i < series.length; i++) {
            model.add(state, i, model.input(new Row(i, new Value[] {Value.of(series[i])})));
            if (i % 17 == 0) {
                var bytes = new ByteArrayOutputStream();
                model.write(state, new DataOutputStream(bytes));
                state = model.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
            }
            verdicts.add((Record) model.result(state));
        }
        return verdicts;
    }

    private static boolean isAnomaly(Record verdict) {
        return verdict.field("IsAnomaly").equals(BigInt.of(1));
    }

    private static double score(Record verdict) {
        return ((FloatingPoint) verdict.field("score")).value();
    }

    private static double[] noise(int count, double mean) {
        Random random = new Random(42);
        return IntStream.range(0, count).mapToDouble(_ -> mean + random.nextGaussian()).toArray();
    }

    @Test
    void aSpikeIsSeenAndADipIsNotWhereSpikesAreLookedFor() throws IOException {
        double[] series = noise(200, 50);
        series[150] = 70;
        series[170] = 30;
        List<Record> spikes = run(AnomalyModel.SPIKES, 99, 120, series);
        assertThat(isAnomaly(spikes.get(150))).isTrue();
        assertThat(isAnomaly(spikes.get(170))).isFalse();
        List<Record> dips = run(AnomalyModel.DIPS, 99, 120, series);
        assertThat(isAnomaly(dips.get(150))).isFalse();
        assertThat(isAnomaly(dips.get(170))).isTrue();
        List<Record> both = run(AnomalyModel.SPIKES_AND_DIPS, 99, 120, series);
        assertThat(isAnomaly(both.get(150))).isTrue();
        assertThat(isAnomaly(both.get(170))).isTrue();
        assertThat(score(both.get(150))).isLessThan(0.01);
        assertThat(spikes.stream().filter(AnomalyTest::isAnomaly).count()).isLessThan(8);
    }

    @Test
    void aSmallerSpikeAfterALargeOneIsNothingNew() throws IOException {
        double[] series = noise(200, 50);
        series[150] = 90;
        series[160] = 60;
        List<Record> verdicts = run(AnomalyModel.SPIKES, 99, 120, series);
        assertThat(isAnomaly(verdicts.get(150))).isTrue();
        assertThat(score(verdicts.get(160))).isGreaterThan(score(verdicts.get(150)));
    }

    @Test
    void theLowerTheConfidenceTheMoreAnomalies() throws IOException {
        double[] series = noise(500, 10);
        long few = run(AnomalyModel.SPIKES_AND_DIPS, 99, 100, series).stream().filter(AnomalyTest::isAnomaly).count();
        long many = run(AnomalyModel.SPIKES_AND_DIPS, 80, 100, series).stream().filter(AnomalyTest::isAnomaly).count();
        assertThat(few).isLessThan(many);
        assertThat(many).isBetween(40L, 200L);
    }

    @Test
    void aChangeOfLevelIsSeenSoonAndTheNewLevelBecomesNormal() throws IOException {
        double[] series = noise(600, 50);
        for (int i = 300; i < 600; i++) {
            series[i] += 8;
        }
        List<Record> verdicts = run(AnomalyModel.CHANGE_POINT, 90, 120, series);
        assertThat(verdicts.subList(300, 310)).anyMatch(AnomalyTest::isAnomaly);
        assertThat(verdicts.subList(500, 600)).noneMatch(AnomalyTest::isAnomaly);
        assertThat(verdicts.stream().limit(300).filter(AnomalyTest::isAnomaly).count()).isLessThan(10);
        assertThat(score(verdicts.get(309))).isGreaterThan(1000);
    }

    @Test
    void aSingleSpikeIsNoChange() throws IOException {
        double[] series = noise(300, 50);
        series[200] = 500;
        assertThat(run(AnomalyModel.CHANGE_POINT, 95, 120, series).subList(195, 215)).noneMatch(AnomalyTest::isAnomaly);
    }

    @Test
    void aConstantSeriesKnowsWhatIsOther() throws IOException {
        double[] series = new double[100];
        java.util.Arrays.fill(series, 5);
        series[60] = 5.1;
        List<Record> verdicts = run(AnomalyModel.SPIKES, 95, 50, series);
        assertThat(isAnomaly(verdicts.get(60))).isTrue();
        assertThat(isAnomaly(verdicts.get(59))).isFalse();
        assertThat(isAnomaly(verdicts.get(61))).isFalse();
    }

    @Test
    void nullIsNotJudgedAndNoNumberEndsTheJob() {
        Aggregation<?> model = Aggregates.compile(call(AnomalyModel.SPIKES, Value.of(95), Value.of(10)), Context.DEFAULT);
        assertThat(verdict(model, Null.NULL)).isEqualTo(Null.NULL);
        assertThatThrownBy(() -> verdict(model, Value.of("x"))).isInstanceOf(RuntimeFault.class)
                .hasMessage("The 1st argument of function anomalydetection_spikeanddip has invalid type 'nvarchar(max)'. Only 'bigint', 'float' is allowed.");
        assertThatThrownBy(() -> Aggregates.compile(call(AnomalyModel.CHANGE_POINT, Value.of(0), Value.of(10)), Context.DEFAULT))
                .isInstanceOf(RuntimeFault.class).hasMessageContaining("2nd argument");
        assertThatThrownBy(() -> Aggregates.compile(call(AnomalyModel.CHANGE_POINT, Value.of(90), Value.of(0)), Context.DEFAULT))
                .isInstanceOf(RuntimeFault.class).hasMessageContaining("3rd argument");
    }

    private static <A> Value verdict(Aggregation<A> model, Value value) {
        A state = model.create();
        model.add(state, 0, model.input(new Row(0, new Value[] {value})));
        return model.result(state);
    }

    @Test
    void theTailOfTheNormalDistributionIsRight() {
        assertThat(Normal.above(0)).isCloseTo(0.5, within(1e-7));
        assertThat(Normal.above(1.959963985)).isCloseTo(0.025, within(1e-7));
        assertThat(Normal.above(-1)).isCloseTo(0.8413447, within(1e-6));
    }
}
