package io.conshelf.streams.aggregate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.conshelf.streams.aggregate.Aggregate.Rows;
import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.plan.AggregateCall;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.value.Keys;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.FloatingPoint;
import io.conshelf.streams.value.Value.Null;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AggregationTest {
    private static final Expression ARGUMENT = new Expression.Slot(0, Span.NONE);

    static Stream<AggregateCall> calls() {
        return Stream.of("COUNT", "SUM", "AVG", "MIN", "MAX", "STDEV", "STDEVP", "VAR", "VARP", "Collect").map(name -> call(name, List.of(ARGUMENT), List.of()))
                .mapMulti((call, into) -> {
                    into.accept(call);
                    if (call.function().equals("COUNT")) {
                        into.accept(new AggregateCall(call.declared(), "COUNT", AggregateCall.Quantifier.DISTINCT, call.arguments(), List.of(), Span.NONE));
                        into.accept(call("COUNT", List.of(), List.of()));
                        for (AggregateCall.Direction direction : AggregateCall.Direction.values()) {
                            var order = List.of(new AggregateCall.Order(ARGUMENT, direction));
                            into.accept(call("Percentile_Cont", List.of(literal(0.3)), order));
                            into.accept(call("Percentile_Disc", List.of(literal(0.3)), order));
                            into.accept(call("TopOne", List.of(ARGUMENT), order));
                            into.accept(call("CollectTop", List.of(new Expression.Literal(Value.of(3), Span.NONE), ARGUMENT), order));
                        }
                    }
                });
    }

    private static Expression literal(double number) {
        return new Expression.Literal(Value.of(number), Span.NONE);
    }

    private static AggregateCall call(String name, List<Expression> arguments, List<AggregateCall.Order> order) {
        return new AggregateCall(AggregateCall.Declared.BUILT_IN, name, AggregateCall.Quantifier.ALL, arguments, order, Span.NONE);
    }

    @ParameterizedTest
    @MethodSource("calls")
    void whatIsTakenBackLeavesWhatTheRestGives(AggregateCall call) throws IOException {
        slide(Aggregates.compile(call, Rows.COME_AND_GO, Context.DEFAULT));
    }

    private static <A> void slide(Aggregation<A> aggregation) throws IOException {
        var random = new SplittableRandom(7);
        for (int round = 0; round < 200; round++) {
            A state = aggregation.create();
            var inside = new ArrayDeque<Value>();
            for (int step = 0; step < 60; step++) {
                if (!inside.isEmpty() && random.nextInt(5) < 2) {
                    aggregation.remove(state, step, inside.pollFirst());
                } else {
                    Value input = aggregation.input(row(random));
                    aggregation.add(state, step, input);
                    inside.addLast(input);
                }
                if (random.nextInt(10) == 0) {
                    state = copied(aggregation, state);
                }
                A anew = aggregation.create();
                for (Value input : inside) {
                    aggregation.add(anew, step, input);
                }
                // Of a bigint and a float of one worth, either stands for both.
                assertThat(Keys.of(aggregation.result(state))).as("%s of %s", aggregation.getClass().getSimpleName(), inside)
                        .isEqualTo(Keys.of(aggregation.result(anew)));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("calls")
    void partsMergeToTheWhole(AggregateCall call) throws IOException {
        merge(Aggregates.compile(call, Rows.COME_AND_GO, Context.DEFAULT));
        merge(Aggregates.compile(call, Rows.ONLY_COME, Context.DEFAULT));
    }

    private static <A> void merge(Aggregation<A> aggregation) throws IOException {
        var random = new SplittableRandom(8);
        for (int round = 0; round < 300; round++) {
            A whole = aggregation.create();
            A merged = aggregation.create();
            for (int part = random.nextInt(4); part >= 0; part--) {
                A one = aggregation.create();
                for (int i = random.nextInt(6); i > 0; i--) {
                    Value input = aggregation.input(row(random));
                    aggregation.add(whole, part, input);
                    aggregation.add(one, part, input);
                }
                Value before = aggregation.result(one);
                aggregation.merge(merged, copied(aggregation, one));
                assertThat(aggregation.result(one)).isEqualTo(before);
            }
            assertThat(aggregation.result(merged)).isEqualTo(aggregation.result(whole));
        }
    }

    @ParameterizedTest
    @MethodSource("calls")
    void rowsThatOnlyComeGiveTheSame(AggregateCall call) throws IOException {
        Aggregation<?> lean = Aggregates.compile(call, Rows.ONLY_COME, Context.DEFAULT);
        Aggregation<?> full = Aggregates.compile(call, Rows.COME_AND_GO, Context.DEFAULT);
        for (int round = 0; round < 100; round++) {
            var rows = new ArrayList<Row>();
            var random = new SplittableRandom(round);
            for (int i = 0; i < 30; i++) {
                rows.add(row(random));
            }
            assertThat(result(lean, rows)).isEqualTo(result(full, rows));
        }
    }

    private static <A> Value result(Aggregation<A> aggregation, List<Row> rows) throws IOException {
        A state = aggregation.create();
        for (Row row : rows) {
            aggregation.add(state, row.ticks(), aggregation.input(row));
            state = copied(aggregation, state);
        }
        return aggregation.result(state);
    }

    private static <A> A copied(Aggregation<A> aggregation, A state) throws IOException {
        var bytes = new ByteArrayOutputStream();
        aggregation.write(state, new DataOutputStream(bytes));
        return aggregation.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
    }

    /// Numbers, many of them equal, some of other sizes, and NULL.
    private static Row row(SplittableRandom random) {
        Value value = switch (random.nextInt(7)) {
            case 0 -> Null.NULL;
            case 1, 2 -> Value.of(random.nextInt(5));
            case 3 -> Value.of(random.nextLong() >> 8);
            case 4 -> Value.of(random.nextInt(10) / 10.0);
            case 5 -> Value.of(1e17 * random.nextDouble());
            default -> Value.of(1e-9 * random.nextDouble());
        };
        return new Row(0, new Value[] {value});
    }

    @Test
    void sumsOfFloatsAreExact() {
        ExactSum sum = new ExactSum();
        sum.add(1e100);
        sum.add(1.0);
        sum.add(0.1);
        sum.remove(1e100);
        assertThat(sum.floating()).isEqualTo(1.1);
        sum.remove(1.0);
        sum.remove(0.1);
        assertThat(sum.floating()).isZero();
        sum.add(Double.POSITIVE_INFINITY);
        assertThat(sum.floating()).isInfinite();
        sum.remove(Double.POSITIVE_INFINITY);
        assertThat(sum.floating()).isZero();
    }

    @Test
    void bigintsSumBeyondTheirRangeAndBack() {
        ExactSum sum = new ExactSum();
        sum.add(Long.MAX_VALUE);
        sum.add(Long.MAX_VALUE);
        sum.add(Long.MIN_VALUE);
        assertThat(sum.wholeFits()).isTrue();
        assertThat(sum.whole()).isEqualTo(Long.MAX_VALUE - 1);
        sum.add(Long.MAX_VALUE);
        assertThat(sum.wholeFits()).isFalse();
        sum.remove(Long.MAX_VALUE);
        assertThat(sum.whole()).isEqualTo(Long.MAX_VALUE - 1);
        sum.remove(Long.MIN_VALUE);
        sum.remove(Long.MAX_VALUE);
        sum.remove(Long.MAX_VALUE);
        assertThat(sum.wholeFits()).isTrue();
        assertThat(sum.whole()).isZero();
    }

    @Test
    void aSmallSpreadAroundALargeMeanIsNotLost() throws IOException {
        var rows = Stream.of(1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16).map(number -> new Row(0, new Value[] {Value.of(number)})).toList();
        Value variance = result(Aggregates.compile(call("VAR", List.of(ARGUMENT), List.of()), Rows.ONLY_COME, Context.DEFAULT), rows);
        assertThat(((FloatingPoint) variance).value()).isCloseTo(30.0, within(1e-12));
    }
}
