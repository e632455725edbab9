package io.conshelf.kql.function;

import io.conshelf.kql.type.Type;
import java.util.List;

/// A Java function over whole vectors, registered with DuckDB and called in templates by its name. It sees nulls, and
/// decides about them.
///
/// @param name       `kql_` and what it does; no other function of DuckDB has it
/// @param parameters physical types; no guid, which a template casts to and from text
/// @param variadic   the last parameter may repeat; every repeated argument has its type
/// @param perRow     it looks at all rows of a batch together, so that one of constants is no constant
/// @param mayFail    some arguments make it fail, so that it is not to be called for rows that do not need it
/// @param body       stateless and thread-safe
public record Kernel(
        String name, List<Type> parameters, boolean variadic, Type returns, boolean perRow, boolean mayFail, KernelBody body) {
    public Kernel {
        parameters = List.copyOf(parameters);
    }

    public Kernel(String name, List<Type> parameters, boolean variadic, Type returns, KernelBody body) {
        this(name, parameters, variadic, returns, false, false, body);
    }

    Kernel overAllRows() {
        return new Kernel(name, parameters, variadic, returns, true, mayFail, body);
    }

    Kernel thatMayFail() {
        return new Kernel(name, parameters, variadic, returns, perRow, true, body);
    }
}
