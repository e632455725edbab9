package io.conshelf.kql.function;

import static io.conshelf.kql.function.Declare.*;
import static io.conshelf.kql.function.ResultName.*;
import static io.conshelf.kql.type.Type.*;

import java.util.List;

/// `and`, `or`, `not()`. A null counts as neither: `null and false` is false, `null or true` is true, as in SQL.
final class LogicalOperators {
    static final List<ScalarFunction> ALL = List.of(
            scalar("and", NONE, "True where both are true.",
                    takes(boolOrDynamic("left"), boolOrDynamic("right")).returns(BOOL).sql("{0} AND {1}")),
            scalar("or", NONE, "True where one is true.",
                    takes(boolOrDynamic("left"), boolOrDynamic("right")).returns(BOOL).sql("{0} OR {1}")),
            scalar("not", NONE, "True where the value is false.",
                    takes(bool("expression")).returns(BOOL).sql("NOT {0}")));

    private LogicalOperators() {}

    private static Parameter boolOrDynamic(String name) {
        return oneOf(name, BOOL, DYNAMIC).as(BOOL);
    }
}
