package io.conshelf.kql.function;

/// How a call without a name of its own names its column.
public enum ResultName {
    /// `Column1`, or `print_0` in `print`.
    NONE,
    /// The name of the first argument: `bin(a, 1)` is `a`.
    FIRST_ARGUMENT,
    /// The first argument and a suffix: `array_sort_asc(a)` is `a_sorted`.
    FIRST_ARGUMENT_AND_SUFFIX,
    /// `strlen(a)` is `strlen_a`.
    NAME_AND_FIRST_ARGUMENT,
    /// The name of the first argument where it is the only one.
    ONLY_ARGUMENT,
    /// A prefix and the first argument: `sum(a)` is `sum_a`, `make_list(a)` is `list_a`.
    PREFIX_AND_FIRST_ARGUMENT,
    /// A prefix alone: `count()` is `count_`.
    PREFIX
}
