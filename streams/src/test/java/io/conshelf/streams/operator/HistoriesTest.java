package io.conshelf.streams.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.plan.AnalyticCall;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.BigInt;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Analytic functions over random rows say what a look at all earlier rows says.
class HistoriesTest {
    private static final int ROUNDS = 300;

    @ParameterizedTest
    @ValueSource(longs = {31, 32, 33})
    void callsLookBackAsDefined(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            Step.Analytics step = RandomSteps.analytics(random);
            List<Row> rows = RandomSteps.rows(random, random.nextInt(1, 60));
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < rows.size(); i++) {
                List<Row> upTo = rows.subList(0, i + 1);
                Value[] values = step.calls().stream().map(call -> value(call, upTo)).toArray(Value[]::new);
                expected.add(AnyHostTest.text(rows.get(i).with(values)));
            }
            assertThat(LocalSteps.rows(step, rows, List.of())).as("seed %d, round %d: %s over%n%s", seed, round, step, rows).isEqualTo(expected);
        }
    }

    private static Value value(AnalyticCall call, List<Row> upTo) {
        Evaluation evaluation = Evaluation.in(Context.DEFAULT);
        Evaluator[] keys = StepKeys.all(call.partitionBy(), evaluation);
        Evaluator when = evaluation.of(call.when());
        Row now = upTo.getLast();
        Key key = Key.of(StepKeys.values(keys, now));
        List<Row> counting = upTo.stream().filter(row -> when.holds(row) && Key.of(StepKeys.values(keys, row)).equals(key)).toList();
        boolean counts = when.holds(now);
        List<Row> before = counts ? counting.subList(0, counting.size() - 1) : counting;
        return switch (call) {
            case AnalyticCall.Lag lag -> {
                int place = before.size() - lag.offset();
                yield place >= 0 && now.ticks() - before.get(place).ticks() <= lag.limit() ? before.get(place).event().field("v") : new BigInt(-1);
            }
            case AnalyticCall.Last last -> !counting.isEmpty() && now.ticks() - counting.getLast().ticks() <= last.limit()
                    ? counting.getLast().event().field("v") : new BigInt(-1);
            case AnalyticCall.IsFirst first -> {
                long interval = interval(now.ticks(), first.interval());
                yield new BigInt(counts && before.stream().noneMatch(row -> interval(row.ticks(), first.interval()) == interval) ? 1 : 0);
            }
            case AnalyticCall.Over over -> {
                List<Long> values = counting.stream().filter(row -> now.ticks() - row.ticks() <= over.limit()).map(row -> row.event().field("v"))
                        .filter(BigInt.class::isInstance).map(value -> ((BigInt) value).value()).toList();
                yield values.isEmpty() ? Value.Null.NULL : new BigInt(values.stream().mapToLong(Long::longValue).sum());
            }
            case AnalyticCall.Anomaly anomaly -> throw new IllegalArgumentException("not made at random: " + anomaly);
        };
    }

    /// Its end is in it, its start is not.
    private static long interval(long ticks, long size) {
        return (ticks - 1) / size;
    }
}
