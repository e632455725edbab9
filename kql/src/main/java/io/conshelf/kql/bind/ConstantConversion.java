package io.conshelf.kql.bind;

import io.conshelf.kql.function.Conversions;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;
import java.math.BigDecimal;
import java.util.Optional;

/// Converts constants while binding, so that literals stay literals.
final class ConstantConversion {
    private ConstantConversion() {}

    /// The constant as another type; empty where that is work for a function.
    static Optional<Expr> convert(Expr value, Type target) {
        if (value instanceof Expr.Null && target != Type.STRING) {
            return Optional.of(new Expr.Null(target));
        }
        if (value instanceof Expr.Constant(Type type, String text) && type == Type.STRING && target != Type.DYNAMIC) {
            return Optional.of(Conversions.ofText(text, target));
        }
        if (!(value instanceof Expr.Constant(Type type, Object constant)) || !type.isNumeric()) {
            return Optional.empty();
        }
        Number number = (Number) constant;
        return switch (target) {
            case LONG -> type.isInteger() ? of(target, number.longValue()) : Optional.empty();
            case INT -> type.isInteger() && number.longValue() == number.intValue()
                    ? of(target, number.intValue()) : Optional.empty();
            case REAL -> type != Type.DECIMAL ? of(target, number.doubleValue()) : Optional.empty();
            case DECIMAL -> type.isInteger() ? of(target, BigDecimal.valueOf(number.longValue())) : Optional.empty();
            case BOOL, DATETIME, TIMESPAN, STRING, GUID, DYNAMIC -> Optional.empty();
        };
    }

    private static Optional<Expr> of(Type type, Object value) {
        return Optional.of(new Expr.Constant(type, value));
    }
}
