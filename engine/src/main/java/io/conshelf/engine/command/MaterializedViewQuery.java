package io.conshelf.engine.command;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.kql.syntax.Parser;
import io.conshelf.kql.syntax.Syntax;
import java.util.Set;
import java.util.regex.Pattern;

/// What the query of a materialized view may be: the source table, operators that go row by row, and one summarize at the end.
final class MaterializedViewQuery {
    private static final Set<String> AGGREGATES = Set.of(
            "count", "countif", "dcount", "dcountif", "min", "max", "avg", "avgif", "sum", "sumif", "arg_max", "arg_min",
            "take_any", "take_anyif", "hll", "make_set", "make_list", "make_bag", "percentile", "percentiles", "tdigest");
    private static final Pattern CLOCK = Pattern.compile("\\b(now|ago)\\s*\\(");

    private MaterializedViewQuery() {}

    /// @throws KustoException when it may not be
    static void check(String query, String source) {
        var statements = Parser.parse(query).tree().statements();
        boolean isPipe = !statements.isEmpty()
                && statements.getLast() instanceof Syntax.ExpressionStatement(Syntax.Pipe pipe, _)
                && pipe.source() instanceof Syntax.NameReference table
                && table.name().equals(source);
        if (!isPipe) {
            throw bad("the query begins with the source table '" + source + "' and ends with 'summarize'");
        }
        if (CLOCK.matcher(query).find()) {
            throw bad("the query must not depend on the time at which it is read: 'now()' and 'ago()' are not allowed");
        }
        var pipe = (Syntax.Pipe) ((Syntax.ExpressionStatement) statements.getLast()).expression();
        for (var operator : pipe.operators()) {
            boolean isLast = operator == pipe.operators().getLast();
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

    private static void checkAggregate(Syntax.Expression aggregate) {
        var bare = aggregate instanceof Syntax.NamedExpression named ? named.value() : aggregate;
        boolean isAllowed = bare instanceof Syntax.FunctionCall call && AGGREGATES.contains(call.function().text());
        if (!isAllowed) {
            throw bad("an aggregation is one of " + String.join(", ", AGGREGATES.stream().sorted().toList()) + ", alone");
        }
    }

    private static KustoException bad(String problem) {
        return new KustoException(Errors.badRequest("Materialized view: " + problem));
    }
}
