package io.conshelf.streams.operator;

import io.conshelf.streams.expression.Expression;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Which slots of a row an expression reads.
final class ReadSlots {
    private ReadSlots() {}

    static Set<Integer> of(Expression expression) {
        Set<Integer> slots = new HashSet<>();
        collect(expression, slots);
        return slots;
    }

    private static void collect(Expression expression, Set<Integer> slots) {
        switch (expression) {
            case Expression.Literal _, Expression.Timestamp _ -> { }
            case Expression.Slot slot -> slots.add(slot.index());
            case Expression.Field field -> collect(field.of(), slots);
            case Expression.Element element -> collect(element.of(), slots);
            case Expression.Unary unary -> collect(unary.of(), slots);
            case Expression.Binary binary -> all(List.of(binary.left(), binary.right()), slots);
            case Expression.Like like -> all(List.of(like.of(), like.pattern()), slots);
            case Expression.Between between -> all(List.of(between.of(), between.low(), between.high()), slots);
            case Expression.In in -> {
                collect(in.of(), slots);
                all(in.among(), slots);
            }
            case Expression.IsNull isNull -> collect(isNull.of(), slots);
            case Expression.Case branches -> {
                branches.branches().forEach(branch -> all(List.of(branch.when(), branch.then()), slots));
                collect(branches.otherwise(), slots);
            }
            case Expression.Cast cast -> collect(cast.of(), slots);
            case Expression.Call call -> all(call.arguments(), slots);
            case Expression.UserCall call -> all(call.arguments(), slots);
        }
    }

    private static void all(List<Expression> expressions, Set<Integer> slots) {
        expressions.forEach(expression -> collect(expression, slots));
    }
}
