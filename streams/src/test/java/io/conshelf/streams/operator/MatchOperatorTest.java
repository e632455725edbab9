package io.conshelf.streams.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.plan.MatchPattern;
import io.conshelf.streams.plan.MatchPattern.Node;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Value;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What is given up because memory is bounded is told each time.
class MatchOperatorTest {
    private static final Node A = new Node.Name("A");
    private static final Node B = new Node.Name("B");
    private static final Node SOME = new Node.Repeat(A, 1, MatchPattern.Count.NONE);

    private final List<Loss> losses = new ArrayList<>();

    /// A is any row, B is one of at least 100.
    private List<String> matches(Node pattern, MatchOperator.Limits limits, long... values) {
        Expression value = RandomSteps.VALUE;
        MatchPattern match = new MatchPattern(100 * RandomSteps.SECOND, List.of(), pattern, List.of(new MatchPattern.Definition("B",
                new Expression.Binary(Expression.BinaryOperator.GREATER, value, RandomSteps.number(99), Span.NONE))),
                List.of(new MatchPattern.Read(MatchPattern.ReadFunction.FIRST, "A", value)),
                List.of(new MatchPattern.Measure("first", new Expression.Slot(1, Span.NONE))));
        MatchOperator operator = new MatchOperator(match, Evaluation.in(Context.DEFAULT), limits, (loss, _) -> losses.add(loss));
        List<String> matches = new ArrayList<>();
        var state = operator.create();
        long ticks = RandomSteps.BEGIN;
        for (long one : values) {
            operator.row(state, 0, Row.event(ticks += RandomSteps.SECOND, new Value.Record(Shape.of(List.of("v")), new Value[] {Value.of(one)})),
                    row -> matches.add(AnyHostTest.text(row).replaceAll(".*\\D(\\d+)\\D*$", "$1")));
        }
        operator.time(state, Long.MAX_VALUE - 1, row -> matches.add(AnyHostTest.text(row).replaceAll(".*\\D(\\d+)\\D*$", "$1")));
        return matches;
    }

    @Test
    void attemptsBeyondTheLimitAreTold() {
        Node pattern = new Node.Sequence(List.of(SOME, B));
        assertThat(matches(pattern, new MatchOperator.Limits(10, 3, 100), 1, 2, 3, 4, 5, 100)).containsExactlyInAnyOrder("3", "4", "5");
        assertThat(losses).containsOnly(Loss.ATTEMPTS).hasSize(3);
        losses.clear();
        assertThat(matches(pattern, MatchOperator.Limits.DEFAULT, 1, 2, 3, 4, 5, 100)).containsExactlyInAnyOrder("1", "2", "3", "4", "5");
        assertThat(losses).isEmpty();
    }

    @Test
    void waysBeyondTheLimitAreTold() {
        Node pattern = new Node.Sequence(List.of(SOME, new Node.AnyRow(), SOME, new Node.AnyRow(), B));
        assertThat(matches(pattern, MatchOperator.Limits.DEFAULT, 1, 2, 3, 4, 100)).containsExactly("1");
        assertThat(losses).isEmpty();
        matches(pattern, new MatchOperator.Limits(2, 100, 100), 1, 2, 3, 4, 100);
        assertThat(losses).isNotEmpty().containsOnly(Loss.WAYS);
    }
}
