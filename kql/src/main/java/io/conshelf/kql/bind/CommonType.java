package io.conshelf.kql.bind;

import io.conshelf.kql.type.Type;
import java.util.List;
import java.util.Optional;

/// The type that values of several types can share.
final class CommonType {
    private static final List<Type> NUMBERS = List.of(Type.INT, Type.LONG, Type.REAL, Type.DECIMAL);

    private CommonType() {}

    static Optional<Type> of(List<Type> types) {
        if (types.stream().distinct().count() == 1) {
            return Optional.of(types.getFirst());
        }
        return types.stream().allMatch(Type::isNumeric) ? Optional.of(widest(types)) : Optional.empty();
    }

    /// One type for all, where only int and long are taken for one: the recorded engine refuses `coalesce(5, 1.5)`, which the
    /// language service lets pass.
    static Optional<Type> alike(List<Type> types) {
        return types.stream().distinct().count() == 1 || types.stream().allMatch(Type::isInteger) ? of(types) : Optional.empty();
    }

    /// The same of branches, where dynamic yields to any other type.
    static Optional<Type> alikeBranches(List<Type> types) {
        List<Type> certain = types.stream().filter(type -> type != Type.DYNAMIC).distinct().toList();
        return certain.isEmpty() ? Optional.of(Type.DYNAMIC) : alike(certain);
    }

    /// The widest number type among numbers.
    static Type widest(List<Type> types) {
        return NUMBERS.get(types.stream().mapToInt(NUMBERS::indexOf).max().orElseThrow());
    }

    /// For branches: dynamic yields to any other type, and different types become dynamic.
    static Type ofBranches(List<Type> types) {
        List<Type> certain = types.stream().filter(type -> type != Type.DYNAMIC).distinct().toList();
        return certain.isEmpty() ? Type.DYNAMIC : of(certain).orElse(Type.DYNAMIC);
    }
}
