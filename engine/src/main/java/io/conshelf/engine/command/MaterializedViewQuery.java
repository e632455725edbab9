package io.conshelf.engine.command;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.kql.syntax.Parser;
import io.conshelf.kql.syntax.Syntax;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// What the query of a materialized view may be: the source table, operators that go row by row, and one summarize at the end.
final class MaterializedViewQuery {
    private static final Set<String> AGGREGATES = Set.of(
            "count", "countif", "dcount", "dcountif", "min", "max", "avg", "avgif", "sum", "sumif", "arg_max", "arg_min",
            "take_any", "take_anyif", "hll", "make_set", "make_list", "make_bag", "percentile", "percentiles", "tdigest");
    private static final Set<String> ROWS = Set.of("arg_max", "arg_min", "take_any");
    private static final Pattern CURSOR = Pattern.compile(
            "\\b(cursor_after|cursor_before_or_at|cursor_current|current_cursor|external_table|externaldata|cluster|database|rand|new_guid)\\s*\\(");
    private static final Pattern CLOCK = Pattern.compile("\\b(now|ago)\\s*\\(");

    private MaterializedViewQuery() {}

    /// @throws KustoException when it may not be
    static void check(String query) {
        if (CLOCK.matcher(query).find()) {
            throw bad("the query must not depend on the time at which it is read: 'now()' and 'ago()' are not allowed");
        }
        var cursor = CURSOR.matcher(query);
        if (cursor.find()) {
            throw bad("'" + cursor.group(1) + "' is not allowed in the query");
        }
        var operators = operators(query);
        for (var operator : operators) {
            boolean isLast = operator == operators.getLast();
            switch (operator) {
                case Syntax.Summarize summarize when isLast -> summarize.aggregates().forEach(MaterializedViewQuery::checkAggregate);
                case Syntax.Sort _, Syntax.Top _, Syntax.TopNested _, Syntax.Partition _, Syntax.Serialize _, Syntax.Take _,
                        Syntax.Summarize _, Syntax.Distinct _ ->
                        throw bad("only the last operator is a 'summarize', and 'sort', 'top', 'top-nested', 'take', 'distinct', "
                                + "'partition' and 'serialize' are not allowed");
                case Syntax.TabularOperator _ when isLast -> throw bad("the last operator is a 'summarize'");
                case Syntax.TabularOperator _ -> {
                    // goes row by row
                }
            }
        }
    }

    private static List<Syntax.TabularOperator> operators(String query) {
        var statements = Parser.parse(query).tree().statements();
        if (statements.isEmpty() || !(statements.getLast() instanceof Syntax.ExpressionStatement(Syntax.Pipe pipe, _))) {
            throw bad("the query begins with its source and ends with 'summarize'");
        }
        return pipe.operators();
    }

    private static List<Syntax.Expression> aggregates(String query) {
        return operators(query).getLast() instanceof Syntax.Summarize summarize
                ? summarize.aggregates().stream().map(MaterializedViewQuery::bare).toList() : List.of();
    }

    /// @throws KustoException unless the view has its source's columns by a star
    static void requireStar(String query) {
        var aggregates = aggregates(query);
        boolean isStar = aggregates.size() == 1
                && aggregates.getFirst() instanceof Syntax.FunctionCall call
                && ROWS.contains(call.function().text())
                && call.arguments().getLast() instanceof Syntax.Star;
        if (!isStar) {
            throw bad("'autoUpdateSchema' is for a single 'arg_max(…, *)', 'arg_min(…, *)' or 'take_any(*)'");
        }
    }

    /// @throws KustoException unless each group stands for one row of the source
    static void requireRowAggregation(String query) {
        var aggregates = aggregates(query);
        if (aggregates.size() != 1 || !(aggregates.getFirst() instanceof Syntax.FunctionCall call) || !ROWS.contains(call.function().text())) {
            throw bad("a 'lookback' without 'lookback_column' is for a single 'arg_max', 'arg_min' or 'take_any'");
        }
    }

    private static Syntax.Expression bare(Syntax.Expression aggregate) {
        return aggregate instanceof Syntax.NamedExpression named ? named.value() : aggregate;
    }

    private static void checkAggregate(Syntax.Expression aggregate) {
        boolean isAllowed = bare(aggregate) instanceof Syntax.FunctionCall call && AGGREGATES.contains(call.function().text());
        if (!isAllowed) {
            throw bad("an aggregation is one of " + String.join(", ", AGGREGATES.stream().sorted().toList()) + ", alone");
        }
    }

    static KustoException bad(String problem) {
        return new KustoException(Errors.badRequest("Materialized view: " + problem));
    }
}
