package io.conshelf.kql.function;

import static io.conshelf.kql.function.Declare.*;
import static io.conshelf.kql.function.ResultName.*;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// Functions over the rows before and after, in a serialised input.
final class WindowFunctions {
    static final List<ScalarFunction> ALL = List.of(
            scalar("row_number", NONE, "The number of the row, counted anew where the restart is true.",
                    takes(integer("startingIndex").orElse(LONG, 1L), restart()).returns(LONG)
                            .by(window("(row_number() {over} + {0} - 1)", 1))),
            scalar("row_cumsum", NONE, "The sum of the values up to the row, begun anew where the restart is true.",
                    takes(oneOf("term", INT), restart()).returns(INT)
                            .by(window("CAST(sum({0}) {over} AS INTEGER)", 1)),
                    takes(oneOf("term", LONG), restart()).returns(LONG)
                            .by(window(ArithmeticOperators.wrapped("sum({0}) {over}"), 1)),
                    takes(oneOf("term", REAL, DECIMAL), restart()).returnsArgument(0).by(window("sum({0}) {over}", 1)),
                    takes(timespan("term"), restart()).returns(TIMESPAN)
                            .by(window("TRY_CAST(sum({0}) {over} AS BIGINT)", 1))),
            neighbour("prev", "lag", "The value in an earlier row."),
            neighbour("next", "lead", "The value in a later row."),
            rank("row_rank_dense", "The number of different values so far.",
                    (changed, _, restart) -> windowCall("row_rank_dense", "CAST(count_if({0}) {over} AS BIGINT)", LONG, changed, restart)),
            rank("row_rank_min", "The number of the first row with the value of this one.",
                    (changed, number, restart) -> windowCall("row_rank_min", "(max({0}) {over})", LONG,
                            call("row_rank_min", "CASE WHEN {0} THEN {1} END", LONG, changed, number), restart)));

    private WindowFunctions() {}

    private static Parameter restart() {
        return bool("restart").orElse(BOOL, false);
    }

    private static Lowering window(String template, int restart) {
        return new Lowering.Window(template, OptionalInt.of(restart));
    }

    private static Expr windowCall(String name, String template, Type type, Expr argument, Expr restart) {
        return new Expr.Call(name, window(template, 1), List.of(argument, restart), type);
    }

    /// A string has no null: beyond the ends it is empty.
    private static ScalarFunction neighbour(String name, String function, String summary) {
        List<Signature> all = new ArrayList<>();
        Parameter offset = integer("offset").orElse(LONG, 1L);
        all.add(takes(string("column"), offset).returns(STRING)
                .window("coalesce(" + function + "({0}, CAST({1} AS INTEGER)) {over}, '')"));
        all.add(takes(any("column"), offset).returnsArgument(0).window(function + "({0}, CAST({1} AS INTEGER)) {over}"));
        all.add(takes(common("column"), integer("offset"), common("default_value")).returnsArgument(0)
                .window(function + "({0}, CAST({1} AS INTEGER), {2}) {over}"));
        return scalar(name, NONE, summary, all.toArray(Signature[]::new));
    }

    @FunctionalInterface
    private interface Rank {
        Expr of(Expr changed, Expr number, Expr restart);
    }

    /// Ranks follow from where the value differs from that of the row before, or the rows begin anew.
    private static ScalarFunction rank(String name, String summary, Rank rank) {
        return scalar(name, NONE, summary,
                takes(oneOf("term", BOOL, INT, LONG, REAL, DECIMAL, DATETIME, TIMESPAN, STRING, GUID), restart())
                        .returns(LONG)
                        .rewrite(args -> {
                            Expr term = args.getFirst();
                            Expr restart = args.getLast();
                            Expr before = windowCall("prev", "lag({0}) {over}", term.type(), term, restart);
                            Expr number = windowCall("row_number", "row_number() {over}", LONG, term, restart);
                            Expr changed = call(name, "({0} = 1 OR {1} IS DISTINCT FROM {2})", BOOL, number, term, before);
                            return rank.of(changed, number, restart);
                        }));
    }
}
