package io.conshelf.kql.bind;

import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.OperatorParameter;
import io.conshelf.kql.syntax.Syntax.TabularOperator;
import java.util.List;
import java.util.Map;

/// The hints of operators. They tell a cluster of many nodes how to share the work and change nothing here, but what is
/// misspelled is told: who writes a hint means it.
final class Hints {
    private static final List<String> STRATEGIES = List.of("auto", "broadcast", "centralized", "shuffle");

    /// The words of hints, by operator.
    private static final Map<String, Map<String, List<String>>> WORDS = Map.of(
            "summarize", Map.of("hint.strategy", List.of("shuffle")),
            "distinct", Map.of("hint.strategy", STRATEGIES),
            "join", Map.of("hint.strategy", STRATEGIES, "hint.remote", List.of("auto", "left", "local", "right", "unresolved")),
            "evaluate", Map.of("hint.distribution", List.of("single", "per_node", "per_shard", "default"),
                    "hint.remote", List.of("auto", "local")));

    private final Binder binder;

    Hints(Binder binder) {
        this.binder = binder;
    }

    /// @param columns of what the operator works on, which a key to share rows by is one of
    void check(TabularOperator operator, Columns columns) {
        switch (operator) {
            case Syntax.Summarize op -> check("summarize", op.parameters(), columns);
            case Syntax.Distinct op -> check("distinct", op.parameters(), columns);
            case Syntax.MakeSeries op -> check("make-series", op.parameters(), columns);
            case Syntax.Join op -> check("join", op.parameters(), columns);
            case Syntax.Evaluate op -> check("evaluate", op.parameters(), columns);
            case TabularOperator _ -> { }
        }
    }

    private void check(String operator, List<OperatorParameter> parameters, Columns columns) {
        Parameters all = new Parameters(binder, operator, parameters);
        WORDS.getOrDefault(operator, Map.of()).forEach(all::word);
        for (OperatorParameter parameter : parameters) {
            switch (parameter.name().text()) {
                case "hint.num_partitions" -> number(operator, parameter);
                case "hint.shufflekey" -> key(operator, parameter, columns);
                default -> { }
            }
        }
    }

    private void number(String operator, OperatorParameter parameter) {
        if (!(parameter.value() instanceof Syntax.LongLiteral || parameter.value() instanceof Syntax.IntLiteral
                || parameter.value() instanceof Syntax.MissingExpression)) {
            binder.report(Messages.integerExpected(parameter.value().span(), operator));
        }
    }

    private void key(String operator, OperatorParameter parameter, Columns columns) {
        if (!(parameter.value() instanceof Syntax.NameReference(String name, _, Span at))) {
            if (!(parameter.value() instanceof Syntax.MissingExpression)) {
                binder.report(Messages.columnNameExpected(parameter.value().span(), operator));
            }
            return;
        }
        if (columns.find(name).isEmpty() && !columns.open()) {
            binder.report(Messages.unresolvedScalar(at, operator, name));
        }
    }
}
