package io.conshelf.kql.function;

import java.util.List;

/// A built-in scalar function: everything the binder, the SQL writer, completion and the reference page know of it.
public record ScalarFunction(String name, List<Signature> signatures, ResultName resultName, String summary) {
    public ScalarFunction {
        signatures = List.copyOf(signatures);
    }
}
