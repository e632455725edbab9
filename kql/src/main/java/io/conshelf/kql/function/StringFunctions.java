package io.conshelf.kql.function;

import static io.conshelf.kql.function.Declare.*;
import static io.conshelf.kql.function.ResultName.*;
import static io.conshelf.kql.type.Type.*;

import java.util.List;

/// Length, case, parts.
final class StringFunctions {
    static final List<ScalarFunction> ALL = List.of(
            scalar("strlen", NAME_AND_FIRST_ARGUMENT, "The number of characters of a text.",
                    takes(stringOrDynamic("source")).returns(LONG).sql("length({0})")),
            scalar("toupper", NONE, "The text in upper case.",
                    takes(anyAsString("value")).returns(STRING).sql("upper({0})")),
            scalar("tolower", NONE, "The text in lower case.",
                    takes(anyAsString("value")).returns(STRING).sql("lower({0})")),
            scalar("reverse", NONE, "The text from its end to its beginning.",
                    takes(anyAsString("value")).returns(STRING).sql("kql_reverse({0})")),
            scalar("strcat", NONE, "The texts of all arguments, one after the other.",
                    takes(anyAsString("arg")).repeatingLast().returns(STRING).sql("concat({*})")));

    private StringFunctions() {}
}
