package io.conshelf.kql.function;

import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;
import java.util.List;

/// From any type to any other, as `tolong()` and its kin do it and as the binder does it where Kusto converts by itself.
public final class Conversions {
    private Conversions() {}

    /// Whether an expression is a conversion of its only argument.
    static boolean isConversion(Expr value) {
        return value instanceof Expr.Call(String function, _, List<Expr> arguments, Type type)
                && arguments.size() == 1 && function.equals("to" + type);
    }

    /// The expression as a value of another type; what can't be converted becomes null.
    public static Expr convert(Expr value, Type target) {
        if (value.type() == target) {
            return value;
        }
        String template = switch (target) {
            case LONG -> "TRY_CAST({0} AS BIGINT)";
            case INT -> "TRY_CAST({0} AS INTEGER)";
            case REAL -> "TRY_CAST({0} AS DOUBLE)";
            case DECIMAL -> "TRY_CAST({0} AS DECIMAL(38,17))";
            case BOOL -> "TRY_CAST({0} AS BOOLEAN)";
            case DATETIME, TIMESPAN -> "TRY_CAST({0} AS BIGINT)";
            case GUID -> "TRY_CAST({0} AS UUID)";
            case STRING, DYNAMIC -> "coalesce(CAST({0} AS VARCHAR), '')";
        };
        return new Expr.Call("to" + target, new Lowering.Sql(template), List.of(value), target);
    }
}
