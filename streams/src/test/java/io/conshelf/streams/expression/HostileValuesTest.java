package io.conshelf.streams.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.conshelf.streams.aggregate.Aggregate;
import io.conshelf.streams.aggregate.Aggregates;
import io.conshelf.streams.aggregate.Aggregation;
import io.conshelf.streams.expression.Expression.BinaryOperator;
import io.conshelf.streams.expression.Expression.UnaryOperator;
import io.conshelf.streams.plan.AggregateCall;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.value.Compatibility;
import io.conshelf.streams.value.RandomValues;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Whatever values come, an expression gives a value or the fault that ends a job with a message; nothing else is thrown.
class HostileValuesTest {
    private static final int ROUNDS = 400;
    private static final String[] HOSTILE = {"", "%", "[", "[^", "(", "(a+)+$", "a".repeat(5000), "POINT(", "POINT(1 1)", "POLYGON((0 0, 1 1, 0 0))", "{\"type\":\"Point\"}",
        "{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,1],[0,1],[1,0],[0,0]]]}", "9999-12-31T23:59:59Z", "0001-01-01", "1e308", "-9223372036854775808", "\ud800"};

    @Test
    void functionsGiveValuesOrFaults() {
        RandomValues values = new RandomValues(21);
        SplittableRandom random = new SplittableRandom(22);
        for (Function function : Functions.all()) {
            for (Compatibility level : List.of(Compatibility.V1_0, Compatibility.V1_2)) {
                for (int round = 0; round < ROUNDS; round++) {
                    int count = function.argumentsMin() + random.nextInt(Math.min(3, function.argumentsMax() - function.argumentsMin() + 1));
                    Value[] slots = new Value[count];
                    List<Expression> arguments = new ArrayList<>();
                    for (int i = 0; i < count; i++) {
                        boolean isPart = function.parameter(i) == Parameter.DATE_PART;
                        slots[i] = isPart ? Value.of(DatePart.values()[random.nextInt(DatePart.values().length)].name().replace("_", "").toLowerCase())
                                : random.nextInt(3) == 0 ? Value.of(HOSTILE[random.nextInt(HOSTILE.length)]) : values.any(3);
                        arguments.add(random.nextBoolean() || isPart ? new Expression.Literal(slots[i], Span.NONE) : new Expression.Slot(i, Span.NONE));
                    }
                    check(new Expression.Call(function.name(), arguments, Span.NONE), slots, level);
                }
            }
        }
    }

    @Test
    void operatorsAndCastsGiveValuesOrFaults() {
        RandomValues values = new RandomValues(23);
        Expression left = new Expression.Slot(0, Span.NONE);
        Expression right = new Expression.Slot(1, Span.NONE);
        for (int round = 0; round < ROUNDS * 5; round++) {
            Value[] slots = {values.any(2), values.any(2)};
            for (BinaryOperator operator : BinaryOperator.values()) {
                check(new Expression.Binary(operator, left, right, Span.NONE), slots, Compatibility.V1_2);
            }
            for (UnaryOperator operator : UnaryOperator.values()) {
                check(new Expression.Unary(operator, left, Span.NONE), slots, Compatibility.V1_2);
            }
            for (Expression.Type type : Expression.Type.values()) {
                check(new Expression.Cast(left, type, Expression.OnFailure.ERROR, Span.NONE), slots, Compatibility.V1_2);
                Value cast = Expressions.compile(new Expression.Cast(left, type, Expression.OnFailure.NULL, Span.NONE), Context.DEFAULT).value(new Row(0, slots));
                assertThat(cast).isNotNull();
            }
            check(new Expression.Like(left, right, Span.NONE), slots, Compatibility.V1_2);
            check(new Expression.Between(left, right, left, Span.NONE), slots, Compatibility.V1_2);
            check(new Expression.In(left, List.of(right, left), Span.NONE), slots, Compatibility.V1_2);
        }
    }

    @Test
    void equalityDoesNotDependOnWhichSideIsWhich() {
        RandomValues values = new RandomValues(24);
        Expression left = new Expression.Slot(0, Span.NONE);
        Expression right = new Expression.Slot(1, Span.NONE);
        Evaluator equal = Expressions.compile(new Expression.Binary(BinaryOperator.EQUAL, left, right, Span.NONE), Context.DEFAULT);
        Evaluator unequal = Expressions.compile(new Expression.Binary(BinaryOperator.NOT_EQUAL, left, right, Span.NONE), Context.DEFAULT);
        for (int round = 0; round < ROUNDS * 50; round++) {
            Value a = values.any(2);
            Value b = values.any(2);
            Row row = new Row(0, new Value[] {a, b});
            assertThat(equal.holds(row)).as("%s = %s", a, b).isEqualTo(equal.holds(new Row(0, new Value[] {b, a})));
            boolean isNull = a instanceof Value.Null || b instanceof Value.Null;
            assertThat(unequal.holds(row)).as("%s <> %s", a, b).isEqualTo(!isNull && !equal.holds(row));
        }
    }

    @Test
    void aggregatesGiveValuesOrFaults() {
        RandomValues values = new RandomValues(25);
        Expression slot = new Expression.Slot(0, Span.NONE);
        for (Aggregate aggregate : Aggregates.all()) {
            List<Expression> arguments = switch (aggregate.name()) {
                case "CollectTop" -> List.of(new Expression.Literal(Value.of(2), Span.NONE), slot);
                case "Percentile_Cont", "Percentile_Disc" -> List.of(new Expression.Literal(Value.of(0.5), Span.NONE));
                default -> List.of(slot);
            };
            List<AggregateCall.Order> order = aggregate.ordering() == Aggregate.Ordering.NONE ? List.of()
                    : List.of(new AggregateCall.Order(slot, AggregateCall.Direction.DESCENDING));
            Aggregation<?> aggregation = Aggregates.compile(new AggregateCall(AggregateCall.Declared.BUILT_IN, aggregate.name(), AggregateCall.Quantifier.ALL,
                    arguments, order, Span.NONE), Aggregate.Rows.COME_AND_GO, Context.DEFAULT);
            IntStream.range(0, ROUNDS).forEach(_ -> run(aggregation, values));
        }
    }

    private static <A> void run(Aggregation<A> aggregation, RandomValues values) {
        A state = aggregation.create();
        for (int i = 0; i < 5; i++) {
            try {
                Value input = aggregation.input(new Row(0, new Value[] {values.any(2)}));
                aggregation.add(state, i, input);
            } catch (RuntimeFault fault) {
                assertThat(fault.getMessage()).isNotBlank();
            }
        }
        try {
            assertThat(aggregation.result(state)).isNotNull();
        } catch (RuntimeFault fault) {
            assertThat(fault.getMessage()).isNotBlank();
        }
    }

    private static void check(Expression expression, Value[] slots, Compatibility level) {
        try {
            Evaluator evaluator = Expressions.compile(expression, new Context(level, "", JobFunctions.NONE));
            assertThat(evaluator.value(new Row(0, slots))).isNotNull();
        } catch (RuntimeFault fault) {
            assertThat(fault.getMessage()).isNotBlank();
        } catch (RuntimeException | StackOverflowError other) {
            fail(expression + " of " + Arrays.toString(slots) + " throws " + other, other);
        }
    }
}
