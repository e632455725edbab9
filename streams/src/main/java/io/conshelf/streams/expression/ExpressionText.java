package io.conshelf.streams.expression;

import io.conshelf.streams.expression.Expression.Type;
import io.conshelf.streams.value.Value;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// Expressions as text, for plans that are printed and to tell whether two say the same. Slots are `#0`, `#1` …; parentheses stand around every operation.
public final class ExpressionText {
    private ExpressionText() {}

    public static String of(Expression expression) {
        return text(expression, false);
    }

    /// Equal for expressions that say the same wherever they stand, and however their names are spelled.
    public static String key(Expression expression) {
        return text(expression, true);
    }

    public static String of(List<Expression> expressions) {
        return expressions.stream().map(ExpressionText::of).collect(Collectors.joining(", "));
    }

    private static String text(Expression expression, boolean folded) {
        return switch (expression) {
            case Expression.Literal(Value value, _) -> literal(value);
            case Expression.Slot(int index, _) -> "#" + index;
            case Expression.Timestamp _ -> "System.Timestamp()";
            case Expression.Field(Expression of, String name, _) -> text(of, folded) + "." + name(folded ? name.toLowerCase(Locale.ROOT) : name);
            case Expression.Element(Expression of, int index, _) -> text(of, folded) + ".[" + index + "]";
            case Expression.Unary(var operator, Expression of, _) -> switch (operator) {
                case NOT -> "(NOT " + text(of, folded) + ")";
                case MINUS -> "(- " + text(of, folded) + ")";
                case COMPLEMENT -> "(~ " + text(of, folded) + ")";
            };
            case Expression.Binary(var operator, Expression left, Expression right, _) ->
                "(" + text(left, folded) + " " + operator.symbol() + " " + text(right, folded) + ")";
            case Expression.Like(Expression of, Expression pattern, _) -> "(" + text(of, folded) + " LIKE " + text(pattern, folded) + ")";
            case Expression.Between(Expression of, Expression low, Expression high, _) ->
                "(" + text(of, folded) + " BETWEEN " + text(low, folded) + " AND " + text(high, folded) + ")";
            case Expression.In(Expression of, var among, _) -> "(" + text(of, folded) + " IN (" + list(among, folded) + "))";
            case Expression.IsNull(Expression of, _) -> "(" + text(of, folded) + " IS NULL)";
            case Expression.Case(var branches, Expression otherwise, _) -> "CASE" + branches.stream()
                    .map(branch -> " WHEN " + text(branch.when(), folded) + " THEN " + text(branch.then(), folded)).collect(Collectors.joining())
                    + " ELSE " + text(otherwise, folded) + " END";
            case Expression.Cast(Expression of, Type to, var onFailure, _) ->
                (onFailure == Expression.OnFailure.ERROR ? "CAST(" : "TRY_CAST(") + text(of, folded) + " AS " + type(to) + ")";
            case Expression.Call(String function, var arguments, _) -> function + "(" + list(arguments, folded) + ")";
            case Expression.UserCall(String name, var arguments, _) -> "udf." + name + "(" + list(arguments, folded) + ")";
        };
    }

    private static String list(List<Expression> expressions, boolean folded) {
        return expressions.stream().map(one -> text(one, folded)).collect(Collectors.joining(", "));
    }

    public static String type(Type type) {
        return type == Type.NVARCHAR ? "nvarchar(max)" : type.name().toLowerCase(Locale.ROOT);
    }

    public static String name(String name) {
        boolean isPlain = !name.isEmpty() && Character.isLetter(name.charAt(0)) && name.chars().allMatch(c -> Character.isLetterOrDigit(c) || c == '_');
        return isPlain || name.startsWith("_") && name.chars().allMatch(c -> Character.isLetterOrDigit(c) || c == '_') ? name
                : "[" + name.replace("]", "]]") + "]";
    }

    private static String literal(Value value) {
        return switch (value) {
            case Value.Null _ -> "NULL";
            case Value.BigInt(long number) -> Long.toString(number);
            case Value.FloatingPoint(double number) -> Double.toString(number);
            case Value.Text(String text) -> "'" + text.replace("'", "''") + "'";
            case Value.DateTime(long ticks) -> "datetime(" + ticks + ")";
            case Value.Bit(boolean bit) -> bit ? "TRUE" : "FALSE";
            case Value.Record record -> "record" + record.shape().names();
            case Value.Array(var elements) -> "array[" + elements.size() + "]";
        };
    }
}
