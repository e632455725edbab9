package io.conshelf.streams.plan;

import io.conshelf.connectors.definition.Spelling;
import io.conshelf.streams.aggregate.Aggregate.Distinct;
import io.conshelf.streams.aggregate.AnomalyDetection;
import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.expression.Expressions;
import io.conshelf.streams.plan.AggregateCall.Declared;
import io.conshelf.streams.plan.AggregateCall.Quantifier;
import io.conshelf.streams.plan.AnalyticCall.AnomalyModel;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.query.Syntax.Call;
import io.conshelf.streams.query.Syntax.Expr;
import io.conshelf.streams.query.Syntax;
import io.conshelf.streams.value.Value;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/// Binds calls of aggregates and of analytic functions: each becomes a slot, which a step before computes.
final class CallBinder {
    private final Problems problems;
    private final QueryContext context;
    private final SelectNames names;
    private final Calls calls;

    CallBinder(Problems problems, QueryContext context, SelectNames names, Calls calls) {
        this.problems = problems;
        this.context = context;
        this.names = names;
        this.calls = calls;
    }

    Optional<Expression> bind(Call call) {
        String name = call.text().toLowerCase(Locale.ROOT);
        if (call.name().size() == 2 && name.startsWith("uda.")) {
            return Optional.of(context.aggregate(call.name().getLast().text())
                    .map(known -> aggregate(call, Declared.BY_THE_JOB, Catalogue.Called.ofJob(known)))
                    .orElseGet(() -> problems.refused(call.span(), "the job has no aggregate function '%s'%s", call.text(),
                            Spelling.hint("uda.", context.aggregates(), call.name().getLast().text()))));
        }
        String plain = call.name().size() > 1 && context.takesPrefixes() ? call.name().getLast().text() : call.text();
        Optional<Catalogue.Called> aggregate = Catalogue.aggregate(plain);
        if (aggregate.isPresent()) {
            return Optional.of(aggregate(call, Declared.BUILT_IN, aggregate.get()));
        }
        if (WindowBinder.isWindow(call) || name.equals("window")) {
            return Optional.of(problems.refused(call.span(), "the window %s stands by itself in GROUP BY", call.text()));
        }
        return switch (plain.toLowerCase(Locale.ROOT)) {
            case "lag" -> Optional.of(analytic(call, () -> lag(call)));
            case "last" -> Optional.of(analytic(call, () -> last(call)));
            case "isfirst" -> Optional.of(analytic(call, () -> isFirst(call)));
            case "anomalydetection_spikeanddip" -> Optional.of(analytic(call, () -> spikesAndDips(call)));
            case "anomalydetection_changepoint" -> Optional.of(analytic(call, () -> changePoint(call)));
            case "anomalydetection" -> Optional.of(problems.refused(call.span(),
                    "AnomalyDetection is retired; use AnomalyDetection_SpikeAndDip or AnomalyDetection_ChangePoint"));
            case "getarrayelements", "getrecordproperties" ->
                Optional.of(problems.refused(call.span(), "%s stands behind CROSS APPLY or OUTER APPLY", call.text()));
            default -> Optional.empty();
        };
    }

    // ---------------------------------------------------------------- aggregates

    private Expression aggregate(Call call, Declared declared, Catalogue.Called function) {
        boolean overHistory = call.over().isPresent()
                && (call.over().get().limit().isPresent() || call.over().get().when().isPresent() || !call.over().get().partitionBy().isEmpty());
        if (overHistory) {
            return analytic(call, () -> limit(call).flatMap(limit -> called(call, declared, function).map(aggregate -> {
                if (aggregate.quantifier() == Quantifier.DISTINCT) {
                    problems.error(call.span(), "DISTINCT cannot stand in %s with OVER", call.text());
                }
                return new AnalyticCall.Over(aggregate, limit, partitionBy(call), when(call), call.span());
            })));
        }
        Optional<String> misplaced = names.aggregateRefusal(call.text());
        if (misplaced.isPresent()) {
            return problems.refused(call.span(), "%s", misplaced.get());
        }
        return names.at(Place.AGGREGATE, () -> called(call, declared, function)).map(aggregate -> calls.add(aggregate, call.span()))
                .orElseGet(() -> Problems.nothing(call.span()));
    }

    private Optional<AggregateCall> called(Call call, Declared declared, Catalogue.Called function) {
        boolean isCount = function.name().equals("COUNT");
        // COUNT() is COUNT(*)
        boolean isOfRows = isCount && (call.arguments().isEmpty() || call.arguments().size() == 1 && call.arguments().getFirst() instanceof Syntax.Star);
        int given = isOfRows ? 1 : call.arguments().size();
        if (given < function.min() || given > function.max()) {
            problems.error(call.span(), "%s takes %s, found %d", call.text(),
                    function.min() == function.max() ? function.min() + " argument" : function.min() + " to " + function.max() + " arguments", given);
            return Optional.empty();
        }
        if (call.quantifier() == Quantifier.DISTINCT && function.distinct() == Distinct.REFUSED) {
            problems.error(call.span(), "DISTINCT cannot stand in %s", call.text());
            return Optional.empty();
        }
        List<Syntax.Ordering> ordering = call.over().map(Syntax.Over::orderBy).orElse(List.of());
        boolean isOrdered = switch (function.ordering()) {
            case NONE -> ordering.isEmpty();
            case BY_ONE -> ordering.size() == 1;
            case BY_SOME -> !ordering.isEmpty();
        };
        if (!isOrdered) {
            problems.error(call.span(), switch (function.ordering()) {
                case NONE -> call.text() + " takes no ORDER BY";
                case BY_ONE -> call.text() + " needs OVER (ORDER BY column), of one column";
                case BY_SOME -> call.text() + " needs OVER (ORDER BY column, …)";
            });
            return Optional.empty();
        }
        List<Expression> arguments = isOfRows ? List.of() : arguments(call, declared, function);
        List<AggregateCall.Order> order = ordering.stream()
                .map(one -> new AggregateCall.Order(names.expressions().bind(one.by()), one.direction())).toList();
        return Optional.of(new AggregateCall(declared, function.name(), call.quantifier(), arguments, order, call.span()));
    }

    private List<Expression> arguments(Call call, Declared declared, Catalogue.Called function) {
        List<Expr> given = call.arguments();
        return switch (function.name()) {
            case "Collect", "TopOne" -> List.of(given.isEmpty() ? event(call) : names.expressions().bind(given.getFirst()));
            case "CollectTop" -> {
                OptionalLong count = ExpressionBinder.constant(given.getFirst());
                if (count.isEmpty() || count.getAsLong() < 1) {
                    problems.error(given.getFirst().span(), "the first argument of CollectTop is how many, a number from 1 on");
                }
                yield List.of(names.expressions().bind(given.getFirst()), given.size() == 1 ? event(call) : names.expressions().bind(given.get(1)));
            }
            case "Percentile_Cont", "Percentile_Disc" -> {
                if (!(given.getFirst() instanceof Syntax.Literal(Value value, _) && fraction(value))) {
                    problems.error(given.getFirst().span(), "the percentile of %s is a number from 0 to 1", function.name());
                }
                yield List.of(names.expressions().bind(given.getFirst()));
            }
            case "COUNT" -> List.of(names.expressions().whole(given.getFirst()));
            default -> declared == Declared.BUILT_IN ? names.expressions().all(given) : given.stream().map(names.expressions()::whole).toList();
        };
    }

    private static boolean fraction(Value value) {
        return switch (value) {
            case Value.FloatingPoint(double number) -> number >= 0 && number <= 1;
            case Value.BigInt(long number) -> number == 0 || number == 1;
            case Value.Null _, Value.Text _, Value.DateTime _, Value.Bit _, Value.Record _, Value.Array _ -> false;
        };
    }

    private Expression event(Call call) {
        return names.event(call.span()).orElseGet(() ->
                problems.refused(call.span(), "%s of whole events of several sources is not supported: name what it takes", call.text()));
    }

    // ---------------------------------------------------------------- analytic functions

    private Expression analytic(Call call, Supplier<Optional<AnalyticCall>> bound) {
        Optional<String> misplaced = names.analyticRefusal(call.text());
        if (misplaced.isPresent()) {
            return problems.refused(call.span(), "%s", misplaced.get());
        }
        return names.at(Place.ANALYTIC, bound).map(analytic -> calls.add(analytic, call.span())).orElseGet(() -> Problems.nothing(call.span()));
    }

    private Optional<AnalyticCall> lag(Call call) {
        if (!takes(call, 1, 3)) {
            return Optional.empty();
        }
        OptionalLong offset = call.arguments().size() < 2 ? OptionalLong.of(1) : ExpressionBinder.constant(call.arguments().get(1));
        if (offset.isEmpty() || offset.getAsLong() < 1 || offset.getAsLong() > Integer.MAX_VALUE) {
            problems.error(call.arguments().get(1).span(), "how far LAG looks back is a number from 1 on");
            return Optional.empty();
        }
        return limit(call).map(limit -> new AnalyticCall.Lag(value(call), (int) offset.getAsLong(), otherwise(call, 2), limit, partitionBy(call), when(call),
                call.span()));
    }

    private Optional<AnalyticCall> last(Call call) {
        return takes(call, 1, 2) ? limit(call).map(limit -> new AnalyticCall.Last(value(call), otherwise(call, 1), limit, partitionBy(call), when(call),
                call.span())) : Optional.empty();
    }

    private Optional<AnalyticCall> isFirst(Call call) {
        if (!takes(call, 2, 2)) {
            return Optional.empty();
        }
        if (call.over().isPresent() && (call.over().get().limit().isPresent() || !call.over().get().orderBy().isEmpty())) {
            problems.error(call.over().get().span(), "the OVER of ISFIRST holds PARTITION BY and WHEN alone");
        }
        return names.windows().limit(call.span(), call.arguments().get(0), call.arguments().get(1))
                .map(interval -> new AnalyticCall.IsFirst(interval, partitionBy(call), when(call), call.span()));
    }

    private Optional<AnalyticCall> spikesAndDips(Call call) {
        if (!takes(call, 4, 4)) {
            return Optional.empty();
        }
        String mode = call.arguments().get(3) instanceof Syntax.Literal(Value.Text(String text), _) ? text.toLowerCase(Locale.ROOT) : "";
        Optional<AnomalyModel> model = switch (mode) {
            case "spikes" -> Optional.of(AnomalyModel.SPIKES);
            case "dips" -> Optional.of(AnomalyModel.DIPS);
            case "spikesanddips" -> Optional.of(AnomalyModel.SPIKES_AND_DIPS);
            default -> Optional.empty();
        };
        if (model.isEmpty()) {
            problems.error(call.arguments().get(3).span(), "the mode of AnomalyDetection_SpikeAndDip is 'spikes', 'dips' or 'spikesanddips'");
        }
        return model.flatMap(found -> anomaly(call, found));
    }

    private Optional<AnalyticCall> changePoint(Call call) {
        return takes(call, 3, 3) ? anomaly(call, AnomalyModel.CHANGE_POINT) : Optional.empty();
    }

    private Optional<AnalyticCall> anomaly(Call call, AnomalyModel model) {
        Expression confidence = number(call.arguments().get(1), 100, "the confidence is a number from 1 to 100");
        Expression history = number(call.arguments().get(2), AnomalyDetection.HISTORY_MAX,
                "the size of the history is a number of events from 1 to " + AnomalyDetection.HISTORY_MAX);
        return limit(call).map(limit -> new AnalyticCall.Anomaly(model, names.expressions().bind(call.arguments().get(0)), confidence, history, limit,
                partitionBy(call), when(call), call.span()));
    }

    /// A number that is the same for all rows.
    private Expression number(Expr argument, int max, String otherwise) {
        Expression bound = names.expressions().bind(argument);
        if (Expressions.constant(bound, Context.DEFAULT).filter(value -> AnomalyDetection.isFrom1To(value, max)).isEmpty()) {
            problems.error(argument.span(), otherwise);
        }
        return bound;
    }

    private boolean takes(Call call, int min, int max) {
        int given = call.arguments().size();
        if (given < min || given > max) {
            problems.error(call.span(), "%s takes %s arguments, found %d", call.text(), min == max ? "" + min : min + " to " + max, given);
            return false;
        }
        return true;
    }

    private Expression value(Call call) {
        Expr value = call.arguments().getFirst();
        return value instanceof Syntax.Star ? names.firstEvent(value.span()) : names.expressions().bind(value);
    }

    private Expression otherwise(Call call, int index) {
        return call.arguments().size() > index ? names.expressions().bind(call.arguments().get(index)) : Problems.nothing(Span.NONE);
    }

    private Optional<Long> limit(Call call) {
        Optional<Syntax.Duration> limit = call.over().flatMap(Syntax.Over::limit);
        if (limit.isEmpty()) {
            problems.error(call.span(), "%s needs OVER (… LIMIT DURATION(unit, length) …): it must know how far to look back", call.text());
            return Optional.empty();
        }
        return names.windows().limit(limit.get().span(), limit.get().unit(), limit.get().length());
    }

    private List<Expression> partitionBy(Call call) {
        return call.over().map(over -> names.expressions().all(over.partitionBy())).orElse(List.of());
    }

    private Expression when(Call call) {
        return call.over().flatMap(Syntax.Over::when).map(names.expressions()::bind).orElse(Expression.TRUE);
    }
}
