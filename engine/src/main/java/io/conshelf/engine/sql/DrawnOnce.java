package io.conshelf.engine.sql;

import io.conshelf.kql.plan.Expr;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Calls of random values: where a template has an argument several times, DuckDB would draw each time another value.
final class DrawnOnce {
    private static final String NAME = "drawn";

    private DrawnOnce() {}

    /// The template with its arguments. Where a random one is repeated, all but constants become the one element of a list, and the template what
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
        String place = "{" + index + "}";
        return template.indexOf(place) != template.lastIndexOf(place) && !isConstant(argument) && PlanWriter.isVolatile(sql);
    }

    private static boolean isConstant(Expr argument) {
        return argument instanceof Expr.Constant || argument instanceof Expr.Null;
    }
}
