package io.conshelf.streams.operator;

import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.plan.AnalyticCall;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.plan.Window;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// Which key a row goes to: rows of one key meet in one state of the step's operator. Belongs to one thread.
public final class StepKeys {
    private final List<Function<Row, Key>> byInput;
    private final UnaryOperator<Value> met;

    private StepKeys(List<Function<Row, Key>> byInput, UnaryOperator<Value> met) {
        this.byInput = byInput;
        this.met = met;
    }

    public static StepKeys of(Step step, Evaluation evaluation) {
        if (step instanceof Step.StreamJoin join) {
            JoinEquality equality = JoinEquality.of(join.equal(), evaluation);
            return new StepKeys(List.of(equality::leftKey, equality::rightKey), equality::met);
        }
        Evaluator[] evaluators = all(expressions(step), evaluation);
        return new StepKeys(List.of(evaluators.length == 0 ? _ -> Key.NONE : row -> Key.of(values(evaluators, row))), UnaryOperator.identity());
    }

    /// Whether all rows of the step go to one key.
    public static boolean isSingle(Step step) {
        return expressions(step).isEmpty();
    }

    public Key key(int input, Row row) {
        return byInput.get(input).apply(row);
    }

    /// What a value by which rows are kept apart is here: in a join a text that is a datetime meets those that are one.
    public Value met(Value value) {
        return met.apply(value);
    }

    static Evaluator[] all(List<Expression> expressions, Evaluation evaluation) {
        return expressions.stream().map(evaluation::of).toArray(Evaluator[]::new);
    }

    static Value[] values(Evaluator[] evaluators, Row row) {
        Value[] values = new Value[evaluators.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = evaluators[i].value(row);
        }
        return values;
    }

    static List<Expression> expressions(Step step) {
        return switch (step) {
            case Step.Aggregate aggregate -> route(aggregate);
            case Step.Analytics analytics -> route(analytics);
            case Step.StreamJoin join -> join.equal().stream().map(Step.EqualKey::left).toList();
            case Step.Match match -> joined(match.partitioning().keys(), match.pattern().partitionBy());
            case Step.Source source -> source.time() instanceof Step.EventTime.By by ? by.over() : List.of();
            case Step.Reference _, Step.Filter _, Step.Project _, Step.Extend _, Step.ReferenceJoin _, Step.Apply _, Step.Union _ ->
                throw new IllegalArgumentException("a step without memory has no keys");
        };
    }

    /// What all groups and all sessions of the step are kept apart by: the rest is kept apart inside the state.
    static List<Expression> route(Step.Aggregate aggregate) {
        List<Expression> route = aggregate.keys();
        for (Step.NamedWindow named : aggregate.windows()) {
            if (named.window() instanceof Window.Session session) {
                route = common(route, session.over());
            }
        }
        return joined(aggregate.partitioning().keys(), route);
    }

    static List<Expression> route(Step.Analytics analytics) {
        List<Expression> route = analytics.calls().isEmpty() ? List.of() : analytics.calls().getFirst().partitionBy();
        for (AnalyticCall call : analytics.calls()) {
            route = common(route, call.partitionBy());
        }
        return joined(analytics.partitioning().keys(), route);
    }

    /// Those of `of` that are not in `without`.
    static List<Expression> rest(List<Expression> of, List<Expression> without) {
        return of.stream().filter(expression -> !contains(without, expression)).toList();
    }

    private static List<Expression> common(List<Expression> one, List<Expression> other) {
        return one.stream().filter(expression -> contains(other, expression)).toList();
    }

    private static List<Expression> joined(List<Expression> first, List<Expression> second) {
        List<Expression> all = new ArrayList<>(first);
        all.addAll(rest(second, first));
        return all;
    }

    private static boolean contains(List<Expression> list, Expression expression) {
        return list.stream().anyMatch(one -> SameExpression.same(one, expression));
    }
}
