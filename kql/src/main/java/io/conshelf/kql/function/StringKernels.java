package io.conshelf.kql.function;

import java.util.List;

/// What strings need beyond DuckDB's functions.
final class StringKernels {
    static final List<Kernel> ALL = List.of(
            Kernels.textToText("kql_reverse", text -> new StringBuilder(text).reverse().toString()));

    private StringKernels() {}
}
