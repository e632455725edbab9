package io.conshelf.kql.function;

import static io.conshelf.kql.function.Declare.*;
import static io.conshelf.kql.function.ResultName.*;

import io.conshelf.kql.type.Type;
import java.util.List;

/// `tolong()` and its kin.
final class ConversionFunctions {
    static final List<ScalarFunction> ALL = List.of(
            conversion("tolong", Type.LONG),
            conversion("toint", Type.INT),
            conversion("tostring", Type.STRING));

    private ConversionFunctions() {}

    private static ScalarFunction conversion(String name, Type target) {
        return scalar(name, FIRST_ARGUMENT, "The value as " + target + ", or null where it has none.",
                takes(any("value")).returns(target).rewrite(arguments -> Conversions.convert(arguments.getFirst(), target)));
    }
}
