package io.conshelf.kql.function;

import static io.conshelf.kql.function.Declare.*;
import static io.conshelf.kql.function.ResultName.*;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// Functions over neighbouring rows of a serialised input.
public final class RowFunctions {
    /// The function that needs the rows one after the other; the binder makes an operator of it.
    public static final String SESSION = "row_window_session";

    private static final Set<Type> RANKED = EnumSet.complementOf(EnumSet.of(DYNAMIC));

    static final List<ScalarFunction> ALL = List.of(
            scalar("prev", NONE, "A column's value some rows before this one.", neighbour("lag")),
            scalar("next", NONE, "A column's value some rows after this one.", neighbour("lead")),
            scalar("row_number", NONE, "The row's number, counted from a start and again after each restart.",
                    takes(integer("start").orElse(LONG, 1L), restart())
                            .returns(LONG)
                            .by(ofTotals("{0} - 1 + row_number()", "{0} - 1 + {total0}", "row_number()"))),
            scalar("row_cumsum", NONE, "The sum of the values up to this row, from the last restart on.",
                    takes(oneOf("term", INT), restart()).returns(INT).by(sum("TRY_CAST(%s AS INTEGER)")),
                    takes(oneOf("term", LONG), restart()).returns(LONG).by(sum(ArithmeticOperators.wrapped("%s"))),
                    takes(oneOf("term", REAL), restart()).returns(REAL).by(window("sum({0})", 1)),
                    takes(oneOf("term", DECIMAL), restart())
                            .returns(DECIMAL)
                            .by(window("CAST(sum({0}) {over} AS DECIMAL(38,17))", 1)),
                    takes(oneOf("term", TIMESPAN), restart())
                            .returns(TIMESPAN)
                            .by(sum("TRY_CAST(%s AS BIGINT)"))),
            scalar(SESSION, NONE, "When the session began that a row belongs to, by how far its moment lies behind the one before and the session's first.",
                    takes(datetime("expr"), timespan("maxDistanceFromFirst"), timespan("maxDistanceBetweenNeighbors"), restart())
                            .returns(DATETIME)
                            .window(SESSION)),
            scalar("row_rank_dense", NONE, "How many different values came up to this row, in rows sorted by them.",
                    takes(Parameter.asIs("term", RANKED), restart())
                            .returns(LONG)
                            .rewrite(arguments -> new Expr.Call("count over run",
                                    ofTotals("CAST(count_if({0}) {over} AS BIGINT)", "CAST({total0} AS BIGINT)", "count_if({0})"),
                                    List.of(changed(arguments), arguments.getLast()), LONG))),
            scalar("row_rank_min", NONE, "The number of the first row with this row's value, in rows sorted by it.",
                    takes(Parameter.asIs("term", RANKED), restart())
                            .returns(LONG)
                            .rewrite(arguments -> new Expr.Call("latest",
                                    // Where rows begin anew there is a value, so no run has to be told apart.
                                    new Lowering.Window("arg_max({0}, {order})"),
                                    List.of(call("iff", "CASE WHEN {0} THEN {1} END", LONG, changed(arguments), rowNumber(arguments))), LONG))));

    private RowFunctions() {}

    private static Signature[] neighbour(String function) {
        var signatures = new ArrayList<Signature>();
        for (Type type : Type.values()) {
            String missing = type == STRING ? "''" : "NULL";
            Parameter column = oneOf("column", type);
            Parameter offset = integer("offset").as(LONG);
            signatures.add(takes(column, offset.orElse(LONG, 1L))
                    .returns(type)
                    .window(function + "({0}, {1}, " + missing + ")"));
            signatures.add(takes(column, offset, any("default").as(type).sameForAll())
                    .returns(type)
                    .window(function + "({0}, {1}, {2})"));
        }
        return signatures.toArray(Signature[]::new);
    }

    private static Parameter restart() {
        return bool("restart").orElse(BOOL, false);
    }

    private static Lowering window(String template, int restart) {
        return new Lowering.Window(template, OptionalInt.of(restart));
    }

    /// A function whose second argument restarts it, and which is made of sums.
    private static Lowering ofTotals(String template, String totals, String... sums) {
        return new Lowering.Window(template, OptionalInt.of(1), Optional.of(new Lowering.Totals(List.of(sums), totals)));
    }

    /// The sum of whole numbers, which is null until there is one.
    private static Lowering sum(String cast) {
        return ofTotals(cast.formatted("sum({0}) {over}"), cast.formatted("CASE WHEN {total1} > 0 THEN {total0} END"), "sum({0})", "count({0})");
    }

    private static Expr rowNumber(List<Expr> arguments) {
        return new Expr.Call("row_number",
                new Lowering.Window("row_number()", OptionalInt.of(0), Optional.of(new Lowering.Totals(List.of("row_number()"), "{total0}"))),
                List.of(arguments.getLast()), LONG);
    }

    // The first row of a run differs from the one before, whatever stands there.
    private static Expr changed(List<Expr> arguments) {
        Expr term = arguments.getFirst();
        Expr before = new Expr.Call("prev", new Lowering.Window("lag({0})"), List.of(term), term.type());
        return call("changed", "{0} = 1 OR {1} IS DISTINCT FROM {2}", BOOL, rowNumber(arguments), term, before);
    }
}
