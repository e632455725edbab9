package io.conshelf.streams.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.plan.AnalyticCall;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import java.util.List;
import org.junit.jupiter.api.Test;

class LagHistoryTest {
    @Test
    void noMoreIsKeptThanTheLimitReachesBack() {
        Span span = Span.NONE;
        Expression one = new Expression.Literal(Value.of(1), span);
        var history = new LagHistory(new AnalyticCall.Lag(one, 1_000_000, one, 10, List.of(), Expression.TRUE, span), Evaluation.in(Context.DEFAULT));
        var past = history.create();
        for (int i = 0; i < 10_000; i++) {
            history.row(past, new Row(i, new Value[0]));
            assertThat(past.size()).isLessThanOrEqualTo(11);
        }
    }
}
