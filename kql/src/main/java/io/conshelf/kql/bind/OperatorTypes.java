package io.conshelf.kql.bind;

import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;
import java.util.List;

/// The type of an operator that is not built yet, so that binding can go on behind it.
final class OperatorTypes {
    private OperatorTypes() {}

    static Type guess(String sign, List<Expr> operands) {
        return switch (sign) {
            case "+", "-", "*", "/", "%" -> {
                List<Type> types = operands.stream().map(Expr::type).toList();
                yield types.stream().allMatch(Type::isNumeric) ? CommonType.widest(types) : types.getFirst();
            }
            case "[]" -> Type.DYNAMIC;
            default -> Type.BOOL;
        };
    }
}
