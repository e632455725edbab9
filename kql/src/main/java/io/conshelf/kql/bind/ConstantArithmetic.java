package io.conshelf.kql.bind;

import io.conshelf.kql.function.Conversions;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Sums, differences, products and quotients of constants, for which nobody has to be asked: so they are known also where a query is kept or
/// only looked at.
final class ConstantArithmetic {
    private ConstantArithmetic() {}

    /// The value as a constant; empty where something else than arithmetic of longs and reals is in it, and where that has no plain result.
    static Optional<Expr> of(Expr value) {
        if (ExprWalk.isConstant(value)) {
            return Optional.of(value);
        }
        if (!(value instanceof Expr.Call(String function, _, List<Expr> arguments, Type type))) {
            return Optional.empty();
        }
        List<Expr> known = new ArrayList<>();
        for (Expr argument : arguments) {
            Optional<Expr> constant = of(argument);
            if (constant.isEmpty()) {
                return Optional.empty();
            }
            known.add(constant.get());
        }
        if (Conversions.isConversion(value)) {
            return Optional.of(Conversions.convert(known.getFirst(), type)).filter(ExprWalk::isConstant);
        }
        return switch (known.size()) {
            case 1 -> function.equals("-") ? negative(known.getFirst(), type) : Optional.empty();
            case 2 -> computed(function, known.getFirst(), known.getLast(), type);
            default -> Optional.empty();
        };
    }

    private static Optional<Expr> negative(Expr of, Type type) {
        return of.type() == type && (type == Type.LONG || type == Type.REAL) ? Literals.negated(of) : Optional.empty();
    }

    private static Optional<Expr> computed(String function, Expr left, Expr right, Type type) {
        return switch (type) {
            case LONG -> left instanceof Expr.Constant(Type a, Long x) && a == type && right instanceof Expr.Constant(Type b, Long y) && b == type
                    ? ofLongs(function, x, y).map(found -> new Expr.Constant(type, found)) : Optional.empty();
            case REAL -> left instanceof Expr.Constant(Type a, Double x) && a == type && right instanceof Expr.Constant(Type b, Double y) && b == type
                    ? ofReals(function, x, y).filter(Double::isFinite).map(found -> new Expr.Constant(type, found)) : Optional.empty();
            case BOOL, INT, DECIMAL, DATETIME, TIMESPAN, STRING, GUID, DYNAMIC -> Optional.empty();
        };
    }

    /// They wrap around, and quotients are cut towards zero, as at run time.
    private static Optional<Long> ofLongs(String function, long x, long y) {
        return switch (function) {
            case "+" -> Optional.of(x + y);
            case "-" -> Optional.of(x - y);
            case "*" -> Optional.of(x * y);
            case "/" -> y == 0 ? Optional.empty() : Optional.of(x / y);
            default -> Optional.empty();
        };
    }

    private static Optional<Double> ofReals(String function, double x, double y) {
        return switch (function) {
            case "+" -> Optional.of(x + y);
            case "-" -> Optional.of(x - y);
            case "*" -> Optional.of(x * y);
            case "/" -> Optional.of(x / y);
            default -> Optional.empty();
        };
    }
}
