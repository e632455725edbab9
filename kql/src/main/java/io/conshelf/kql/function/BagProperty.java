package io.conshelf.kql.function;

import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;
import java.util.List;
import java.util.Optional;

/// The property of a bag that `bag_pack(key, value)` makes, where the key is a value of the row.
///
/// @param value a dynamic
public record BagProperty(Expr key, Expr value) {
    /// Empty where a bag is made in any other way.
    public static Optional<BagProperty> of(Expr bag) {
        return bag instanceof Expr.Call(_, Lowering.Sql(String template), List<Expr> arguments, _) && template.equals(DynamicFunctions.PROPERTY)
                ? Optional.of(new BagProperty(arguments.getFirst(), arguments.getLast())) : Optional.empty();
    }

    /// The bag of it alone.
    public Expr bag() {
        return Declare.call("bag_pack", DynamicFunctions.PROPERTY, Type.DYNAMIC, key, value);
    }
}
