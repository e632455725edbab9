package io.conshelf.streams.aggregate;

import io.conshelf.streams.aggregate.Aggregate.Distinct;
import io.conshelf.streams.aggregate.Aggregate.Ordering;
import io.conshelf.streams.aggregate.Aggregate.Rows;
import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.expression.Expressions;
import io.conshelf.streams.plan.AggregateCall;
import io.conshelf.streams.plan.AnalyticCall;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// The catalogue of built-in aggregate functions. All but `COUNT(*)` pass over NULL; TopOne, CollectTop and Collect take whole events and their values as they
/// are.
public final class Aggregates {
    private static final List<Aggregate> ALL = List.of(
            new Aggregate("COUNT", 0, 1, Ordering.NONE, Distinct.ALLOWED, call -> call.isDistinct() ? new CountDistinct(call) : new Count(call)),
            Aggregate.of("SUM", 1, 1, call -> new Sum(call, Sum.Of.SUM)),
            Aggregate.of("AVG", 1, 1, call -> new Sum(call, Sum.Of.MEAN)),
            Aggregate.of("MIN", 1, 1, call -> Extreme.of(call, Extreme.End.LEAST)),
            Aggregate.of("MAX", 1, 1, call -> Extreme.of(call, Extreme.End.GREATEST)),
            Aggregate.of("STDEV", 1, 1, call -> new Variance(call, Variance.Of.SAMPLE, Math::sqrt)),
            Aggregate.of("STDEVP", 1, 1, call -> new Variance(call, Variance.Of.POPULATION, Math::sqrt)),
            Aggregate.of("VAR", 1, 1, call -> new Variance(call, Variance.Of.SAMPLE, variance -> variance)),
            Aggregate.of("VARP", 1, 1, call -> new Variance(call, Variance.Of.POPULATION, variance -> variance)),
            Aggregate.ordered("Percentile_Cont", 1, Ordering.BY_ONE, call -> new Percentile(call, Percentile.Of.INTERPOLATED)),
            Aggregate.ordered("Percentile_Disc", 1, Ordering.BY_ONE, call -> new Percentile(call, Percentile.Of.VALUE)),
            Aggregate.of("Collect", 1, 1, Collect::new),
            Aggregate.ordered("CollectTop", 2, Ordering.BY_SOME, call -> Top.collect(call)),
            Aggregate.ordered("TopOne", 1, Ordering.BY_SOME, call -> Top.one(call)));

    private static final Map<String, Aggregate> BY_NAME = ALL.stream().collect(Collectors.toUnmodifiableMap(one -> key(one.name()), Function.identity()));

    private Aggregates() {}

    /// @param name whatever the case
    public static Optional<Aggregate> named(String name) {
        return Optional.ofNullable(BY_NAME.get(key(name)));
    }

    public static List<Aggregate> all() {
        return ALL;
    }

    private static String key(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    /// Makes a call ready to run.
    public static Aggregation<?> compile(AggregateCall call, Rows rows, Context context) {
        List<Evaluator> arguments = call.arguments().stream().map(argument -> Expressions.compile(argument, context)).toList();
        if (call.declared() == AggregateCall.Declared.BY_THE_JOB) {
            return new OfTheJob<>(context.functions().aggregate(call.function(), arguments), call.span());
        }
        Aggregate aggregate = named(call.function()).orElseThrow(() ->
                new IllegalArgumentException("no built-in aggregate is called '" + call.function() + "'"));
        List<Aggregate.Order> order = call.order().stream().map(one -> new Aggregate.Order(Expressions.compile(one.by(), context), one.direction())).toList();
        boolean castToText = !call.arguments().isEmpty() && call.arguments().getFirst() instanceof Expression.Cast cast && cast.to() == Expression.Type.NVARCHAR;
        return aggregate.maker().make(new Aggregate.Call(aggregate.name(), arguments, order,
                call.quantifier() == AggregateCall.Quantifier.DISTINCT, castToText, rows, call.span()));
    }

    /// Makes a model of anomalies ready to run.
    public static Aggregation<?> compile(AnalyticCall.Anomaly call, Context context) {
        return AnomalyDetection.of(call, context);
    }
}
