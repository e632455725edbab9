package io.conshelf.engine.sql;

import io.conshelf.kql.plan.Expr;
import java.util.List;
import java.util.stream.IntStream;

/// Functions that give one of their arguments.
final class Choices {
    private Choices() {}

    /// The arguments that a call may give; none where it makes something else of them.
    static List<Expr> of(Expr.Call call) {
        List<Expr> arguments = call.arguments();
        int last = arguments.size() - 1;
        IntStream given = switch (call.function()) {
            case "iff", "iif" -> IntStream.of(1, 2);
            case "case" -> IntStream.rangeClosed(1, last).filter(i -> i % 2 == 1 || i == last);
            case "coalesce", "max_of", "min_of" -> IntStream.rangeClosed(0, last);
            case String _ -> IntStream.empty();
        };
        return given.filter(i -> i <= last).mapToObj(arguments::get).toList();
    }
}
