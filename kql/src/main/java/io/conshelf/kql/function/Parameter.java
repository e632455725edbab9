package io.conshelf.kql.function;

import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/// One parameter of a signature. Made by the words of [Declare].
///
/// @param name     as documented
/// @param accepts  the types an argument may have; any other is refused
/// @param use      what becomes of the argument's type
/// @param fixed    what the argument may depend on
/// @param fallback the value that stands for the argument where it is left out; present makes the parameter optional, so
///                 a lowering always sees every parameter
public record Parameter(String name, Set<Type> accepts, Use use, Fixed fixed, Optional<Expr> fallback) {
    public Parameter {
        accepts = Set.copyOf(accepts);
    }

    /// What an argument may depend on: its row, nothing but the query, or nothing, so that it is known while binding; or it has to be
    /// written as it is.
    public enum Fixed { NOT, FOR_ALL_ROWS, CONSTANT, LITERAL }

    /// What the lowering sees of an argument.
    public sealed interface Use {
        /// The argument with its own type.
        record AsIs() implements Use {}

        /// The argument converted to one type, as [Conversions] does.
        record As(Type type) implements Use {}

        /// All arguments of this use become the widest number type among them: int, long, real, decimal.
        record AsWidestNumber() implements Use {}

        /// All arguments of this use become the type common to them; types without one are refused.
        record AsCommon() implements Use {}

        /// All arguments of this use become the type common to them, where a dynamic one yields to any other; types
        /// without one become dynamic.
        record AsCommonOrDynamic() implements Use {}

        /// The argument is a type literal, and becomes the type's name as a string constant.
        record AsTypeName() implements Use {}
    }

    static Parameter asIs(String name, Set<Type> accepts) {
        return new Parameter(name, accepts, new Use.AsIs(), Fixed.NOT, Optional.empty());
    }

    static Parameter any(String name) {
        return asIs(name, EnumSet.allOf(Type.class));
    }

    /// The lowering sees the argument converted to this type.
    Parameter as(Type type) {
        return with(new Use.As(type));
    }

    Parameter with(Use newUse) {
        return new Parameter(name, accepts, newUse, fixed, fallback);
    }

    /// The argument must be a constant, or made of such.
    Parameter asConstant() {
        return new Parameter(name, accepts, use, Fixed.CONSTANT, fallback);
    }

    /// The argument must be a literal, or a name for one.
    Parameter asLiteral() {
        return new Parameter(name, accepts, use, Fixed.LITERAL, fallback);
    }

    /// The argument must be the same for all rows.
    Parameter sameForAll() {
        return new Parameter(name, accepts, use, Fixed.FOR_ALL_ROWS, fallback);
    }

    /// The argument may be left out, and is then this constant.
    Parameter orElse(Type type, Object value) {
        return new Parameter(name, accepts, use, fixed, Optional.of(new Expr.Constant(type, value)));
    }

    /// The argument may be left out, and is then the null of this type.
    Parameter orNull(Type type) {
        return new Parameter(name, accepts, use, fixed, Optional.of(new Expr.Null(type)));
    }

    public boolean isOptional() {
        return fallback.isPresent();
    }
}
