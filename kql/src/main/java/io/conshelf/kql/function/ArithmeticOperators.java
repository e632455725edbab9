package io.conshelf.kql.function;

import static io.conshelf.kql.function.Declare.*;
import static io.conshelf.kql.function.ResultName.*;
import static io.conshelf.kql.type.Type.*;

import java.util.List;

/// `+ - * / %` and the signs.
final class ArithmeticOperators {
    static final List<ScalarFunction> ALL = List.of(
            scalar("+", NONE, "The sum.",
                    takes(widest("left"), widest("right")).returnsArgument(0).sql("{0} + {1}"),
                    takes(datetime("left"), timespan("right")).returns(DATETIME).sql("{0} + {1}"),
                    takes(timespan("left"), datetime("right")).returns(DATETIME).sql("{0} + {1}"),
                    takes(timespan("left"), timespan("right")).returns(TIMESPAN).sql("{0} + {1}")));

    private ArithmeticOperators() {}
}
