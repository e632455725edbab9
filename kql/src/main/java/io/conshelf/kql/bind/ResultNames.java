package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Scalar;
import io.conshelf.kql.function.ResultName;
import io.conshelf.kql.function.ScalarFunction;
import java.util.List;

/// The automatic column name of a call.
final class ResultNames {
    private ResultNames() {}

    static String of(ScalarFunction function, List<Scalar> arguments) {
        if (function.resultName() == ResultName.ONLY_ARGUMENT && arguments.size() != 1) {
            return "";
        }
        return of(function.resultName(), function.prefix(), arguments.isEmpty() ? "" : arguments.getFirst().name());
    }

    /// @param first the automatic name of the first argument; empty where it has none
    static String of(ResultName rule, String prefix, String first) {
        return switch (rule) {
            case NONE -> "";
            case FIRST_ARGUMENT, ONLY_ARGUMENT -> first;
            case FIRST_ARGUMENT_AND_SUFFIX -> first.isEmpty() ? "" : first + "_" + prefix;
            case NAME_AND_FIRST_ARGUMENT, PREFIX_AND_FIRST_ARGUMENT -> prefix + "_" + first;
            case PREFIX -> prefix;
        };
    }
}
