package io.conshelf.streams.expression;

import io.conshelf.streams.aggregate.Aggregation;
import io.conshelf.streams.plan.AggregateCall;
import io.conshelf.streams.plan.AnalyticCall;

/// Makes ready to run what a plan says in expressions, with the job's functions and its level of compatibility. What it gives belongs to one thread.
public interface Evaluation {
    Evaluator of(Expression expression);

    Aggregation<?> of(AggregateCall call);

    Aggregation<?> of(AnalyticCall.Anomaly call);
}
