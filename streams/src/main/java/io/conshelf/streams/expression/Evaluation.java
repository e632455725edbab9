package io.conshelf.streams.expression;

import io.conshelf.streams.aggregate.Aggregate;
import io.conshelf.streams.aggregate.Aggregates;
import io.conshelf.streams.aggregate.Aggregation;
import io.conshelf.streams.plan.AggregateCall;
import io.conshelf.streams.plan.AnalyticCall;

/// Makes ready to run what a plan says in expressions, with the job's functions and its level of compatibility. What it gives belongs to one thread.
public interface Evaluation {
    static Evaluation in(Context context) {
        return new InContext(context);
    }

    Evaluator of(Expression expression);

    /// As functions convert their arguments: what cannot be converted ends the job.
    Evaluator of(Expression expression, Expression.Type type);

    /// Rows may be taken back, where [Aggregation#removes].
    default Aggregation<?> of(AggregateCall call) {
        return of(call, Aggregate.Rows.COME_AND_GO);
    }

    /// @param rows whether rows are taken back; where they only come, less is remembered
    Aggregation<?> of(AggregateCall call, Aggregate.Rows rows);

    Aggregation<?> of(AnalyticCall.Anomaly call);

    record InContext(Context context) implements Evaluation {
        @Override
        public Evaluator of(Expression expression) {
            return Expressions.compile(expression, context);
        }

        @Override
        public Evaluator of(Expression expression, Expression.Type type) {
            return Expressions.compile(expression, type, context);
        }

        @Override
        public Aggregation<?> of(AggregateCall call, Aggregate.Rows rows) {
            return Aggregates.compile(call, rows, context);
        }

        @Override
        public Aggregation<?> of(AnalyticCall.Anomaly call) {
            return Aggregates.compile(call, context);
        }
    }
}
