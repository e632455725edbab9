package io.conshelf.engine.sql;

import io.conshelf.kql.function.Lowering;
import io.conshelf.kql.function.Template;
import io.conshelf.kql.plan.Expr;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

    private static final Pattern PLACE = Pattern.compile("\\{([0-9]{0,6})(\\*?)}");

    /// One value of an argument that is none.
    private static final Pattern WITHOUT = Pattern.compile("nullif\\(\\{([0-9]{1,6})}, ('[^'{}]*')\\)");

    private WrittenOnce() {}

    /// The template with its arguments. Where such a one is repeated, all but constants and short calls of them become the one element of a list, and
    /// the template what that element is made into.
    static String fill(String choices, List<Expr> arguments, List<String> sqls) {
        String template = withoutOnce(choices, arguments, sqls);
        // Into what is made of an element DuckDB takes no query.
        if (template.contains("(SELECT ") || IntStream.range(0, sqls.size()).noneMatch(i -> isRepeated(template, i, arguments.get(i), sqls.get(i)))) {
            return Template.fill(template, sqls);
        }
        List<String> fields = new ArrayList<>();
        List<String> named = new ArrayList<>();
        for (int i = 0; i < sqls.size(); i++) {
            if (isShort(arguments.get(i), sqls.get(i))) {
                named.add(sqls.get(i));
            } else {
                fields.add("a" + i + " := " + sqls.get(i));
                named.add("struct_extract(" + NAME + ", 'a" + i + "')");
            }
        }
        return "list_transform([struct_pack(" + String.join(", ", fields) + ")], lambda " + NAME + ": " + Template.fill(template, named) + ")[1]";
    }

    /// An argument that DuckDB alone doubles is a list by itself and stays in its place: a choice leaves it out for the rows that do not need it,
    /// and it may fail for them. Doubled it would be computed for all, as DuckDB takes what it finds twice out of all but a CASE.
    private static String withoutOnce(String template, List<Expr> arguments, List<String> sqls) {
        return !template.contains(DOUBLING) ? template : WITHOUT.matcher(template).replaceAll(found -> {
            int index = Integer.parseInt(found.group(1));
            boolean isAlone = (isLong(arguments.get(index), sqls.get(index)) || PlanWriter.mayFail(sqls.get(index))) && places(template, index).size() == 1;
            return Matcher.quoteReplacement(isAlone ? "list_transform([{" + index + "}], lambda alone: nullif(alone, " + found.group(2) + "))[1]" : found.group());
        });
    }

    /// Whether an argument that must not be repeated would be.
    static boolean isRepeated(String template, int index, Expr argument, String sql) {
        if (!isLong(argument, sql)) {
            return false;
        }
        List<Integer> places = places(template, index);
        return places.size() > 1 || places.size() == 1 && isDoubled(template, places.getFirst());
    }

    /// Where an argument stands, alone or among all from one on.
    private static List<Integer> places(String template, int index) {
        return PLACE.matcher(template).results()
                .filter(place -> place.group(2).isEmpty() ? place.group(1).equals(Integer.toString(index))
                        : place.group(1).isEmpty() || Integer.parseInt(place.group(1)) <= index)
                .map(MatchResult::start).toList();
    }

    private static boolean isLong(Expr argument, String sql) {
        return !isConstant(argument) && (sql.length() > REPEATED_CHARS_MAX || doublings(sql) > DOUBLINGS_MAX || PlanWriter.isVolatile(sql));
    }

    private static boolean isDoubled(String template, int place) {
        for (int at = template.indexOf(DOUBLING); at >= 0 && at < place; at = template.indexOf(DOUBLING, at + 1)) {
            if (Template.closing(template, at + DOUBLING.length() - 1) > place) {
                return true;
            }
        }
        return false;
    }

    private static int doublings(String sql) {
        int count = 0;
        for (int at = sql.indexOf(DOUBLING); at >= 0 && count <= DOUBLINGS_MAX; at = sql.indexOf(DOUBLING, at + 1)) {
            count++;
        }
        return count;
    }

    private static boolean isShort(Expr argument, String sql) {
        return isConstant(argument) || argument instanceof Expr.Call call && call.lowering() instanceof Lowering.Sql
                && call.arguments().stream().allMatch(WrittenOnce::isConstant) && !isLong(argument, sql);
    }

    private static boolean isConstant(Expr argument) {
        return argument instanceof Expr.Constant || argument instanceof Expr.Null;
    }
}
