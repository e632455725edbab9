package io.conshelf.kql.function;

import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;
import java.util.List;
import java.util.Optional;

/// Strings that `pack_array()` makes an array of, for what takes that apart again at once.
public final class PackedTexts {
    private PackedTexts() {}

    /// The strings, in their order; empty where a value is anything else.
    public static Optional<List<Expr>> of(Expr array) {
        return array instanceof Expr.Call(String function, _, List<Expr> elements, _) && function.equals(DynamicFunctions.ARRAY)
                && elements.stream().allMatch(PackedTexts::isText)
                        ? Optional.of(elements.stream().map(element -> ((Expr.Call) element).arguments().getFirst()).toList()) : Optional.empty();
    }

    private static boolean isText(Expr element) {
        return element instanceof Expr.Call(_, Lowering.Sql(String template), List<Expr> arguments, _)
                && template.equals(Conversions.STRING_TO_DYNAMIC) && arguments.getFirst().type() == Type.STRING;
    }
}
