package io.conshelf.streams.plan;

import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.query.Span;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/// The aggregates and analytic functions that the expressions of a SELECT call. The same call is computed once.
final class Calls {
    private final List<AnalyticCall> analytics = new ArrayList<>();
    private final List<AggregateCall> aggregates = new ArrayList<>();
    private final Map<String, Integer> places = new HashMap<>();

    Expression add(AnalyticCall call, Span span) {
        return slot(PlanText.analytic(Rewrite.folded(call)), analytics, call, Slots::analytic, span);
    }

    Expression add(AggregateCall call, Span span) {
        return slot(PlanText.aggregate(Rewrite.folded(call)), aggregates, call, Slots::aggregate, span);
    }

    private <C> Expression slot(String text, List<C> calls, C call, IntFunction<Integer> slot, Span span) {
        int place = places.computeIfAbsent(text + (calls == analytics ? " analytic" : " aggregate"), _ -> {
            calls.add(call);
            return calls.size() - 1;
        });
        return new Expression.Slot(slot.apply(place), span);
    }

    List<AnalyticCall> analytics() {
        return analytics;
    }

    List<AggregateCall> aggregates() {
        return aggregates;
    }

    /// All expressions of a call.
    static List<Expression> expressions(AnalyticCall call) {
        List<Expression> all = new ArrayList<>(call.partitionBy());
        all.add(call.when());
        switch (call) {
            case AnalyticCall.Lag lag -> all.addAll(List.of(lag.value(), lag.otherwise()));
            case AnalyticCall.Last last -> all.addAll(List.of(last.value(), last.otherwise()));
            case AnalyticCall.IsFirst _ -> { }
            case AnalyticCall.Over over -> {
                all.addAll(over.aggregate().arguments());
                over.aggregate().order().forEach(order -> all.add(order.by()));
            }
            case AnalyticCall.Anomaly anomaly -> all.addAll(List.of(anomaly.value(), anomaly.confidence(), anomaly.history()));
        }
        return all;
    }
}
