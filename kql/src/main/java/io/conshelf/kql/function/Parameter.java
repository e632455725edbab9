package io.conshelf.kql.function;

import io.conshelf.kql.type.Type;
import java.util.EnumSet;
import java.util.Set;

/// One parameter of a signature.
///
/// @param name     as documented
/// @param accepts  the types an argument may have as it is; others are converted where Kusto converts, or refused
/// @param optional may be left out
/// @param constant must be a constant known while binding
public record Parameter(String name, Set<Type> accepts, Kind kind, boolean optional, boolean constant) {
    public Parameter {
        accepts = Set.copyOf(accepts);
    }

    /// How the type of an argument is decided.
    public enum Kind {
        /// One of the accepted types, unchanged.
        ANY_OF,
        /// All parameters of this kind are converted to the widest numeric type among them.
        WIDEST_NUMBER,
        /// All parameters of this kind are converted to their common type.
        COMMON
    }

    public static Parameter of(String name, Type... types) {
        return new Parameter(name, Set.of(types), Kind.ANY_OF, false, false);
    }

    public static Parameter any(String name) {
        return new Parameter(name, EnumSet.allOf(Type.class), Kind.ANY_OF, false, false);
    }

    public Parameter asOptional() {
        return new Parameter(name, accepts, kind, true, constant);
    }

    public Parameter asConstant() {
        return new Parameter(name, accepts, kind, optional, true);
    }
}
