package io.conshelf.engine.sql;

import io.conshelf.kql.function.Lowering;
import io.conshelf.kql.plan.Expr;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// How often each column's SQL would be written when expressions are rendered.
final class References {
    private static final int MANY = 1_000_000;

    private final Map<Integer, Integer> counts = new HashMap<>();

    private References() {}

    static Map<Integer, Integer> count(List<Expr> expressions) {
        var references = new References();
        expressions.forEach(expression -> references.walk(expression, 1));
        return references.counts;
    }

    static boolean areOnlyTo(Expr expression, java.util.Set<Integer> columns) {
        return columns.containsAll(count(List.of(expression)).keySet());
    }

    /// Whether they read rows of other tables.
    static boolean askQueries(List<Expr> expressions) {
        return expressions.stream().anyMatch(expression -> switch (expression) {
            case Expr.InQuery _, Expr.ScalarQuery _ -> true;
            case Expr.Call call -> askQueries(call.arguments());
            case Expr.Aggregate aggregate -> askQueries(aggregate.arguments());
            case Expr.Ref _, Expr.Constant _, Expr.Null _ -> false;
        });
    }

    private void walk(Expr expression, int times) {
        switch (expression) {
            case Expr.Ref ref -> counts.merge(ref.column().id(), times, (a, b) -> Math.min(MANY, a + b));
            case Expr.Constant _, Expr.Null _, Expr.ScalarQuery _ -> {}
            case Expr.InQuery in -> walk(in.needle(), times);
            case Expr.Aggregate aggregate -> arguments(aggregate.template(), aggregate.arguments(), times);
            case Expr.Call call -> arguments(templateOf(call.lowering()), call.arguments(), times);
        }
    }

    private void arguments(String template, List<Expr> arguments, int times) {
        for (int i = 0; i < arguments.size(); i++) {
            int uses = Math.max(1, occurrences(template, "{" + i + "}"));
            walk(arguments.get(i), Math.min(MANY, times * uses));
        }
    }

    private static String templateOf(Lowering lowering) {
        return switch (lowering) {
            case Lowering.Sql sql -> sql.template();
            case Lowering.Window window -> window.template();
            case Lowering.Intrinsic _, Lowering.Rewrite _, Lowering.Columns _, Lowering.Form _ -> "";
        };
    }

    private static int occurrences(String text, String part) {
        int count = 0;
        for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
            count++;
        }
        return count;
    }
}
