package io.conshelf.engine.sql;

import io.conshelf.kql.plan.Expr;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Arguments that a template has several times and that must not stand there so often: of a random one DuckDB would draw each time another value,
/// and long ones in each other would grow with the power of their depth, and be computed as often in the branches of a choice.
final class WrittenOnce {
    private static final String NAME = "given";

    /// What is longer is not repeated. Shorter ones are, as DuckDB filters scans by them and computes what it finds twice once.
    private static final int REPEATED_CHARS_MAX = 1_000;

    /// DuckDB writes the first argument twice itself.
    private static final String DOUBLING = "nullif(";
    private static final int DOUBLINGS_MAX = 3;

    private WrittenOnce() {}

    /// The template with its arguments. Where such a one is repeated, all but constants become the one element of a list, and the template what
    /// that element is made into.
    static String fill(String template, List<Expr> arguments, List<String> sqls) {
        // Into what is made of an element DuckDB takes no query.
        if (template.contains("(SELECT ") || IntStream.range(0, sqls.size()).noneMatch(i -> isRepeated(template, i, arguments.get(i), sqls.get(i)))) {
            return Template.fill(template, sqls);
        }
        List<String> fields = new ArrayList<>();
        List<String> named = new ArrayList<>();
        for (int i = 0; i < sqls.size(); i++) {
            if (isConstant(arguments.get(i))) {
                named.add(sqls.get(i));
            } else {
                fields.add("a" + i + " := " + sqls.get(i));
                named.add("struct_extract(" + NAME + ", 'a" + i + "')");
            }
        }
        return "list_transform([struct_pack(" + String.join(", ", fields) + ")], lambda " + NAME + ": " + Template.fill(template, named) + ")[1]";
    }

    private static boolean isRepeated(String template, int index, Expr argument, String sql) {
        // Templates over many constants are long.
        if (isConstant(argument)) {
            return false;
        }
        String place = "{" + index + "}";
        int first = template.indexOf(place);
        boolean isTwice = first >= 0 && (first != template.lastIndexOf(place) || template.lastIndexOf(DOUBLING, first) >= 0);
        return isTwice && (sql.length() > REPEATED_CHARS_MAX || doublings(sql) > DOUBLINGS_MAX || PlanWriter.isVolatile(sql));
    }

    private static int doublings(String sql) {
        int count = 0;
        for (int at = sql.indexOf(DOUBLING); at >= 0 && count <= DOUBLINGS_MAX; at = sql.indexOf(DOUBLING, at + 1)) {
            count++;
        }
        return count;
    }

    private static boolean isConstant(Expr argument) {
        return argument instanceof Expr.Constant || argument instanceof Expr.Null;
    }
}
