package io.conshelf.kql.function;

import static io.conshelf.kql.function.Declare.*;
import static io.conshelf.kql.function.ResultName.*;

import io.conshelf.kql.plan.Expr;

import java.util.List;

/// Choices among values.
final class ConditionalFunctions {
    static final List<ScalarFunction> ALL = List.of(
            iff("iff"),
            iff("iif"),
            scalar("coalesce", NONE, "The first argument that is not null, and not empty where it is a string.",
                    takes(common("first"), common("arg")).repeatingLast().returnsArgument(0).sql("coalesce({*})")),
            scalar("case", NONE, "The value after the first predicate that is true, or the last argument.",
                    takes(bool("predicate"), commonOrDynamic("then"), commonOrDynamic("else"))
                            .repeatingBeforeLast(2)
                            .returnsArgument(1)
                            .rewrite(ConditionalFunctions::choose)));

    private ConditionalFunctions() {}

    private static ScalarFunction iff(String name) {
        return scalar(name, NONE, "The second argument where the first is true, else the third.",
                takes(bool("if"), commonOrDynamic("then"), commonOrDynamic("else"))
                        .returnsArgument(1)
                        .sql("CASE WHEN {0} THEN {1} ELSE {2} END"));
    }

    private static Expr choose(List<Expr> arguments) {
        StringBuilder sql = new StringBuilder("CASE");
        int last = arguments.size() - 1;
        for (int i = 0; i < last; i += 2) {
            sql.append(" WHEN {").append(i).append("} THEN {").append(i + 1).append('}');
        }
        sql.append(" ELSE {").append(last).append("} END");
        return call("case", sql.toString(), arguments.get(last).type(), arguments.toArray(Expr[]::new));
    }
}
