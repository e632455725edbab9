package io.conshelf.streams.operator;

import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.expression.Expression.OnFailure;
import io.conshelf.streams.expression.Expression.Type;
import io.conshelf.streams.plan.Step.EqualKey;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.Text;
import java.util.List;

/// The keys by which rows of a join must be equal. They are found by a [Key] in which a text that is a datetime is one, as a comparison of the two would
/// take it; whether rows of one key are equal is then asked once more. NULL equals nothing.
final class JoinEquality {
    private final Evaluator[] left;
    private final Evaluator[] right;
    private final Evaluator dateTime;

    private JoinEquality(Evaluator[] left, Evaluator[] right, Evaluator dateTime) {
        this.left = left;
        this.right = right;
        this.dateTime = dateTime;
    }

    static JoinEquality of(List<EqualKey> equal, Evaluation evaluation) {
        return new JoinEquality(StepKeys.all(equal.stream().map(EqualKey::left).toList(), evaluation),
                StepKeys.all(equal.stream().map(EqualKey::right).toList(), evaluation),
                evaluation.of(new Expression.Cast(new Expression.Slot(0, Span.NONE), Type.DATETIME, OnFailure.NULL, Span.NONE)));
    }

    boolean isEmpty() {
        return left.length == 0;
    }

    Key leftKey(Row row) {
        return key(left, row);
    }

    Key rightKey(Row row) {
        return key(right, row);
    }

    private Key key(Evaluator[] evaluators, Row row) {
        if (evaluators.length == 0) {
            return Key.NONE;
        }
        Value[] values = StepKeys.values(evaluators, row);
        for (int i = 0; i < values.length; i++) {
            values[i] = met(values[i]);
        }
        return Key.of(values);
    }

    /// As what a value is looked for: a text that is a datetime meets those that are one.
    Value met(Value value) {
        return value instanceof Text(String text) && mayBeDateTime(text)
                && dateTime.value(new Row(0, new Value[] {value})) instanceof Value.DateTime asDateTime ? asDateTime : value;
    }

    private static boolean mayBeDateTime(String text) {
        return text.length() >= 10 && text.charAt(4) == '-' && Character.isDigit(text.charAt(0)) && Character.isDigit(text.charAt(3));
    }

    /// Of rows that have one key.
    boolean holds(Row leftRow, Row rightRow) {
        for (int i = 0; i < left.length; i++) {
            Value one = left[i].value(leftRow);
            Value other = right[i].value(rightRow);
            if (one == Value.Null.NULL || other == Value.Null.NULL) {
                return false;
            }
            if (one instanceof Text(String text) && other instanceof Text(String otherText) && !text.equals(otherText)) {
                return false;
            }
        }
        return true;
    }
}
