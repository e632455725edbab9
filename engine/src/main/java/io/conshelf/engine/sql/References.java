package io.conshelf.engine.sql;

import io.conshelf.kql.function.Lowering;
import io.conshelf.kql.plan.Expr;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// How often each column's SQL would be written when expressions are rendered.
final class References {
    private static final int MANY = 1_000_000;

    private static final Pattern CHOICE = Pattern.compile("\\b(CASE|coalesce|ifnull)\\b");
    private static final Pattern ARGUMENT = Pattern.compile("\\{([0-9]+)}");

    private final Map<Integer, Integer> counts = new HashMap<>();
    private final Set<Integer> always = new HashSet<>();

    private References() {}

    static Map<Integer, Integer> count(List<Expr> expressions) {
        var references = new References();
        expressions.forEach(expression -> references.walk(expression, 1, true));
        return references.counts;
    }

    /// The columns whose values are asked for in every row, and not in some branch of a `case()` only.
    static Set<Integer> always(List<Expr> expressions) {
        var references = new References();
        expressions.forEach(expression -> references.walk(expression, 1, true));
        return references.always;
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

    private void walk(Expr expression, int times, boolean isAlways) {
        switch (expression) {
            case Expr.Ref ref -> {
                counts.merge(ref.column().id(), times, (a, b) -> Math.min(MANY, a + b));
                if (isAlways) {
                    always.add(ref.column().id());
                }
            }
            case Expr.Constant _, Expr.Null _, Expr.ScalarQuery _ -> {}
            case Expr.InQuery in -> walk(in.needle(), times, isAlways);
            case Expr.Aggregate aggregate -> arguments(aggregate.template(), aggregate.arguments(), times, isAlways);
            case Expr.Call call -> arguments(templateOf(call.lowering()), call.arguments(), times, isAlways);
        }
    }

    private void arguments(String template, List<Expr> arguments, int times, boolean isAlways) {
        // Of what chooses, only the argument that is looked at first is looked at in any case.
        int first = isAlways && CHOICE.matcher(template).find() ? firstArgument(template) : -1;
        for (int i = 0; i < arguments.size(); i++) {
            if (arguments.get(i) instanceof Expr.Constant || arguments.get(i) instanceof Expr.Null) {
                continue;
            }
            int uses = Math.max(1, occurrences(template, "{" + i + "}"));
            walk(arguments.get(i), Math.min(MANY, times * uses), isAlways && (first < 0 || i == first));
        }
    }

    private static int firstArgument(String template) {
        var argument = ARGUMENT.matcher(template);
        return argument.find() ? Integer.parseInt(argument.group(1)) : 0;
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
