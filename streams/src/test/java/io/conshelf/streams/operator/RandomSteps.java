package io.conshelf.streams.operator;

import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.plan.AggregateCall;
import io.conshelf.streams.plan.AggregateCall.Declared;
import io.conshelf.streams.plan.AggregateCall.Direction;
import io.conshelf.streams.plan.AggregateCall.Order;
import io.conshelf.streams.plan.AggregateCall.Quantifier;
import io.conshelf.streams.plan.AnalyticCall;
import io.conshelf.streams.plan.MatchPattern;
import io.conshelf.streams.plan.Plan;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.plan.Step.Partitioning;
import io.conshelf.streams.plan.TimeUnit;
import io.conshelf.streams.plan.Window;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.BigInt;
import io.conshelf.streams.value.Value.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/// Steps and rows that a seed makes. Times are a few seconds apart and often equal, sizes are small, so that edges are met.
public final class RandomSteps {
    public static final long SECOND = TimeUnit.SECOND.ticks();
    /// 2024-01-01, on a border of every window that is made here.
    static final long BEGIN = 638_396_640_000_000_000L;

    static final Expression KEY = field("k");
    static final Expression OTHER_KEY = field("g");
    static final Expression VALUE = field("v");

    private static final Shape SHAPE = Shape.of(List.of("k", "g", "v"));

    private RandomSteps() {}

    static Expression field(String name) {
        return new Expression.Field(new Expression.Slot(0, Span.NONE), name, Span.NONE);
    }

    /// In the order of their time.
    public static List<Row> rows(RandomGenerator random, int count) {
        List<Row> rows = new ArrayList<>();
        long ticks = BEGIN;
        for (int i = 0; i < count; i++) {
            ticks += switch (random.nextInt(6)) {
                case 0, 1 -> 0;
                case 2 -> SECOND / 2;
                case 3 -> SECOND;
                case 4 -> random.nextLong(3 * SECOND);
                default -> random.nextInt(8) == 0 ? 40 * SECOND : 2 * SECOND;
            };
            Value value = random.nextInt(10) == 0 ? Value.Null.NULL : new BigInt(random.nextInt(20));
            rows.add(Row.event(ticks, new Value.Record(SHAPE,
                    new Value[] {new Text("k" + random.nextInt(3)), new BigInt(random.nextInt(2)), value})));
        }
        return rows;
    }

    static AggregateCall call(String function, Expression... arguments) {
        return new AggregateCall(Declared.BUILT_IN, function, Quantifier.ALL, List.of(arguments), List.of(), Span.NONE);
    }

    public static final List<AggregateCall> ORDER_FREE = List.of(call("COUNT"), call("SUM", VALUE), call("MAX", VALUE),
            new AggregateCall(Declared.BUILT_IN, "COUNT", Quantifier.DISTINCT, List.of(VALUE), List.of(), Span.NONE));

    public static final List<AggregateCall> BY_ORDER = List.of(call("COUNT"), call("MIN", VALUE), call("Collect", VALUE),
            new AggregateCall(Declared.BUILT_IN, "TopOne", Quantifier.ALL, List.of(new Expression.Slot(0, Span.NONE)),
                    List.of(new Order(VALUE, Direction.DESCENDING)), Span.NONE));

    static Window window(RandomGenerator random) {
        long unit = SECOND;
        return switch (random.nextInt(6)) {
            case 0 -> new Window.Tumbling(unit * random.nextInt(1, 8), offset(random));
            case 1 -> {
                int hop = random.nextInt(1, 5);
                yield new Window.Hopping(unit * hop * random.nextInt(1, 5), unit * hop, offset(random));
            }
            case 2 -> new Window.Hopping(unit * random.nextInt(1, 9), unit * random.nextInt(1, 6), offset(random));
            case 3 -> new Window.Sliding(unit * random.nextInt(1, 8));
            case 4 -> new Window.Snapshot();
            default -> session(random);
        };
    }

    private static long offset(RandomGenerator random) {
        return switch (random.nextInt(3)) {
            case 0 -> 0;
            case 1 -> -TimeUnit.MILLISECOND.ticks();
            default -> random.nextInt(1, 5) * SECOND / 2;
        };
    }

    static Window.Session session(RandomGenerator random) {
        List<Expression> over = switch (random.nextInt(3)) {
            case 0 -> List.of();
            case 1 -> List.of(KEY);
            default -> List.of(KEY, OTHER_KEY);
        };
        return new Window.Session(SECOND * random.nextInt(1, 4), SECOND * random.nextInt(4, 12), over);
    }

    static List<Expression> keys(RandomGenerator random) {
        return switch (random.nextInt(3)) {
            case 0 -> List.of();
            case 1 -> List.of(KEY);
            default -> List.of(OTHER_KEY, KEY);
        };
    }

    /// A step of some kind that reads step 0, or steps 0 and 1.
    public static Step step(RandomGenerator random) {
        return switch (random.nextInt(4)) {
            case 0 -> new Step.Aggregate(0, keys(random), random.nextBoolean() ? ORDER_FREE : BY_ORDER,
                    random.nextBoolean() ? List.of(new Step.NamedWindow("", window(random)))
                            : List.of(new Step.NamedWindow("a", window(random)), new Step.NamedWindow("b", window(random))), Partitioning.NONE);
            case 1 -> analytics(random);
            case 2 -> join(random);
            default -> new Step.Match(0, pattern(random), Partitioning.NONE);
        };
    }

    public static Step.Analytics analytics(RandomGenerator random) {
        Expression some = new Expression.Binary(Expression.BinaryOperator.GREATER, VALUE, number(7), Span.NONE);
        List<AnalyticCall> calls = new ArrayList<>();
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            Expression when = random.nextBoolean() ? some : Expression.TRUE;
            long limit = SECOND * random.nextInt(1, 20);
            calls.add(switch (random.nextInt(4)) {
                case 0 -> new AnalyticCall.Lag(VALUE, random.nextInt(1, 4), number(-1), limit, keys(random), when, Span.NONE);
                case 1 -> new AnalyticCall.Last(VALUE, number(-1), limit, keys(random), when, Span.NONE);
                case 2 -> new AnalyticCall.IsFirst(limit, keys(random), when, Span.NONE);
                default -> new AnalyticCall.Over(call("SUM", VALUE), limit, keys(random), when, Span.NONE);
            });
        }
        return new Step.Analytics(0, calls, Partitioning.NONE);
    }

    static Step.StreamJoin join(RandomGenerator random) {
        TimeUnit unit = random.nextBoolean() ? TimeUnit.SECOND : TimeUnit.MINUTE;
        int low = random.nextInt(-4, 3);
        List<Step.TimeBound> bounds = new ArrayList<>();
        bounds.add(new Step.TimeBound(unit, new Expression.Timestamp(Span.NONE), low, low + random.nextInt(0, 6)));
        if (random.nextInt(3) == 0) {
            bounds.add(new Step.TimeBound(TimeUnit.SECOND, new Expression.Timestamp(Span.NONE), -10, random.nextInt(0, 10)));
        }
        List<Step.EqualKey> equal = random.nextBoolean() ? List.of(new Step.EqualKey(KEY, KEY)) : List.of();
        Expression residual = random.nextBoolean() ? Expression.TRUE
                : new Expression.Binary(Expression.BinaryOperator.LESS_OR_EQUAL, VALUE,
                        new Expression.Field(new Expression.Slot(1, Span.NONE), "v", Span.NONE), Span.NONE);
        return new Step.StreamJoin(0, 1, random.nextBoolean() ? Step.JoinKind.LEFT : Step.JoinKind.INNER, bounds, equal, residual, 1, Partitioning.NONE);
    }

    private static MatchPattern pattern(RandomGenerator random) {
        MatchPattern.Node a = new MatchPattern.Node.Name("A");
        MatchPattern.Node b = new MatchPattern.Node.Name("B");
        MatchPattern.Node pattern = new MatchPattern.Node.Sequence(List.of(
                new MatchPattern.Node.Repeat(a, 1, random.nextBoolean() ? MatchPattern.Count.NONE : new MatchPattern.Count(3)),
                random.nextBoolean() ? new MatchPattern.Node.Either(List.of(b, new MatchPattern.Node.AnyRow())) : new MatchPattern.Node.Repeat(b, 0,
                        MatchPattern.Count.NONE),
                b));
        MatchPattern.Read lastOfA = new MatchPattern.Read(MatchPattern.ReadFunction.LAST, "A", VALUE);
        MatchPattern.Read names = new MatchPattern.Read(MatchPattern.ReadFunction.CLASSIFIER, "", VALUE);
        return new MatchPattern(SECOND * random.nextInt(1, 12), keys(random), pattern,
                List.of(new MatchPattern.Definition("A", new Expression.Binary(Expression.BinaryOperator.LESS, VALUE, number(12), Span.NONE)),
                        new MatchPattern.Definition("B", new Expression.Binary(Expression.BinaryOperator.GREATER, VALUE,
                                new Expression.Slot(1, Span.NONE), Span.NONE))),
                List.of(lastOfA, names),
                List.of(new MatchPattern.Measure("a", new Expression.Slot(1, Span.NONE)),
                        new MatchPattern.Measure("names", new Expression.Slot(2, Span.NONE))));
    }

    static Expression number(long number) {
        return new Expression.Literal(new BigInt(number), Span.NONE);
    }

    /// The step as the third of a plan of two sources.
    public static Plan plan(Step step) {
        Step source = new Step.Source("input", List.of(), new Step.EventTime.Arrival(), Partitioning.NONE, Span.NONE);
        return new Plan(List.of(source, source, step), List.of(new Plan.Output("output", 2, List.of(), Span.NONE)), 0);
    }
}
