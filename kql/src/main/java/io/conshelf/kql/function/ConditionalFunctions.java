package io.conshelf.kql.function;

import static io.conshelf.kql.function.Declare.*;
import static io.conshelf.kql.function.ResultName.*;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;

/// Choices among values.
final class ConditionalFunctions {
    static final List<ScalarFunction> ALL = List.of(
            iff("iff"),
            iff("iif"),
            scalar("case", NONE, "The value after the first predicate that is true, or the last argument.",
                    takes(bool("predicate"), commonOrDynamic("then"), commonOrDynamic("else"))
                            .repeatingBeforeLast(2)
                            .returnsArgument(1)
                            .rewrite(ConditionalFunctions::choose)),
            scalar("coalesce", NONE, "The first argument that is not null, and not empty where it is a string.",
                    takes(string("arg"), string("arg")).repeatingLast().returns(STRING)
                            .rewrite(ConditionalFunctions::firstText),
                    takes(common("arg"), common("arg")).repeatingLast().returnsArgument(0).sql("coalesce({*})")),
            extreme("max_of", "The greatest of the arguments that are not null.", "greatest"),
            extreme("min_of", "The least of the arguments that are not null.", "least"),
            scalar("assert", NONE, "True; where the predicate is false, the query is refused with the message. Both are constants.",
                    takes(bool("condition"), string("message")).returns(BOOL).form(Lowering.SpecialForm.ASSERT)));

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

    private static Expr firstText(List<Expr> arguments) {
        StringBuilder sql = new StringBuilder("coalesce(");
        for (int i = 0; i < arguments.size(); i++) {
            sql.append("nullif({").append(i).append("}, ''), ");
        }
        return call("coalesce", sql.append("'')").toString(), STRING, arguments.toArray(Expr[]::new));
    }

    /// NaN is the greatest and the least of all, by recorded answers; DuckDB takes it for the greatest.
    private static ScalarFunction extreme(String name, String summary, String function) {
        List<Signature> all = new ArrayList<>();
        String sql = function + "({*})";
        all.add(takes(widest("arg"), widest("arg")).repeatingLast().returnsArgument(0).rewrite(args -> {
            Type type = args.getFirst().type();
            String template = type == REAL && name.equals("min_of")
                    ? "CASE WHEN isnan(greatest({*})) THEN CAST('NaN' AS DOUBLE) ELSE " + sql + " END"
                    : sql;
            return call(name, template, type, args.toArray(Expr[]::new));
        }));
        all.add(takes(common("arg", BOOL, DATETIME, TIMESPAN, STRING), common("arg", BOOL, DATETIME, TIMESPAN, STRING))
                .repeatingLast().returnsArgument(0).sql(sql));
        return scalar(name, NONE, summary, all.toArray(Signature[]::new));
    }
}
