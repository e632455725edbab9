package io.conshelf.kql.function;

import java.util.List;

/// A built-in scalar function or operator: everything the binder, the SQL writer, completion and the reference page know
/// of it. An operator is a function named like its sign: `+`, `has_cs`, `!in`; the unary signs take one argument.
///
/// @param prefix     the word in the automatic column name where [#resultName] has one: `type` of `type_a`
/// @param signatures the first one that accepts the arguments is the one
public record ScalarFunction(
        String name, ResultName resultName, String prefix, String summary, List<Signature> signatures) {
    public ScalarFunction {
        signatures = List.copyOf(signatures);
    }
}
