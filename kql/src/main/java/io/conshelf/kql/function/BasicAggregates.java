package io.conshelf.kql.function;

import static io.conshelf.kql.function.Declare.*;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// Counting, adding, extremes. By recorded answers the sum of nothing is 0, the mean of nothing NaN, an extreme of nothing
/// null; sums of longs wrap around, and NaN is the greatest and the least number.
final class BasicAggregates {
    static final List<AggregateFunction> ALL = all();

    private BasicAggregates() {}

    private static List<AggregateFunction> all() {
        List<AggregateFunction> all = new ArrayList<>();
        all.add(aggregate("count", "count", "The number of rows.",
                takes().returns(LONG).sql("count(*)"),
                // The engine takes an argument, and counts nulls too.
                takes(any("value")).returns(LONG).sql("count(*)")));
        all.add(aggregate("countif", "countif", "The number of rows for which the predicate is true.",
                takes(bool("predicate")).returns(LONG).sql("count(*) FILTER (WHERE {0})")));
        pair(all, "sum", "sum", "The sum of the values.", BasicAggregates::sums);
        pair(all, "avg", "avg", "The mean of the values.", BasicAggregates::means);
        pair(all, "min", "min", "The least value.", filter -> extremes("min", filter));
        pair(all, "max", "max", "The greatest value.", filter -> extremes("max", filter));
        all.add(namedAfterArgument("arg_max", "The row with the greatest value: the value, and other columns of the row.",
                AggregateFunction.Output.EXTREME_AND_OTHERS, extremeAndOther("max")));
        all.add(namedAfterArgument("arg_min", "The row with the least value: the value, and other columns of the row.",
                AggregateFunction.Output.EXTREME_AND_OTHERS, extremeAndOther("min")));
        all.add(aggregate("argmax", "max", "The old name of arg_max().",
                AggregateFunction.Output.EXTREME_AND_OTHERS, extremeAndOther("max")));
        all.add(aggregate("argmin", "min", "The old name of arg_min().",
                AggregateFunction.Output.EXTREME_AND_OTHERS, extremeAndOther("min")));
        all.add(namedAfterArgument("take_any", "The values of some row; a single value is not null or empty unless all are.",
                AggregateFunction.Output.OF_ONE_ROW, someValue("")));
        all.add(aggregate("any", "any", "The old name of take_any().", AggregateFunction.Output.OF_ONE_ROW, someValue("")));
        all.add(namedAfterArgument("take_anyif", "The value of some row for which the predicate is true, not null or empty unless all are.",
                AggregateFunction.Output.ONE, someValue(" FILTER (WHERE {1})")));
        all.add(aggregate("anyif", "anyif", "The old name of take_anyif().", someValue(" FILTER (WHERE {1})")));
        // Exact, where Kusto estimates.
        pair(all, "dcount", "dcount", "The number of distinct values.", filter -> {
            Parameter accuracy = oneOf("accuracy", INT, LONG).asConstant().orElse(LONG, 1L);
            String sql = "count(DISTINCT {0})";
            return List.of(filter.isEmpty()
                    ? takes(any("expr"), accuracy).returns(LONG).sql(sql)
                    : takes(any("expr"), bool("predicate"), accuracy).returns(LONG).sql(sql + filter));
        });
        Type[] countable = {BOOL, INT, LONG, REAL, DECIMAL, DATETIME, TIMESPAN, STRING, GUID};
        pair(all, "count_distinct", "count_distinct", "The number of distinct values.",
                filter -> of(filter, oneOf("expr", countable), LONG, "count(DISTINCT {0})"));
        bits(all, "binary_all_and", "and", "Bits that are set in all values.");
        bits(all, "binary_all_or", "or", "Bits that are set in one of the values.");
        bits(all, "binary_all_xor", "xor", "Bits that are set in an odd number of the values.");
        return List.copyOf(all);
    }

    /// An aggregate and its form with a predicate as last argument.
    ///
    /// @param signatures makes the signatures, with a FILTER clause over the second argument or none
    static void pair(
            List<AggregateFunction> all, String name, String prefix, String summary, Function<String, List<Signature>> signatures) {
        all.add(aggregate(name, prefix, summary, signatures.apply("").toArray(Signature[]::new)));
        all.add(aggregate(name + "if", prefix + "if", summary.substring(0, summary.length() - 1) + " of the rows for which the predicate is true.",
                signatures.apply(" FILTER (WHERE {1})").toArray(Signature[]::new)));
    }

    /// One signature over a value, with a predicate where there is a filter; `template` holds one aggregate, or `#` where
    /// the filter goes after each.
    static List<Signature> of(String filter, Parameter value, Type type, String template) {
        String sql = template.contains("#") ? template.replace("#", filter) : template + filter;
        return List.of(filter.isEmpty()
                ? takes(value).returns(type).sql(sql)
                : takes(value, bool("predicate")).returns(type).sql(sql));
    }

    private static List<Signature> sums(String filter) {
        List<Signature> all = new ArrayList<>();
        // Ints add up to a long, however many a table can have; DuckDB adds them faster than longs.
        all.addAll(of(filter, oneOf("expr", INT), LONG, "coalesce(CAST(sum({0})# AS BIGINT), 0)"));
        all.addAll(of(filter, oneOf("expr", LONG), LONG, "coalesce(" + ArithmeticOperators.wrapped("sum({0})#") + ", 0)"));
        all.addAll(of(filter, oneOf("expr", REAL), REAL, "coalesce(sum({0})#, 0.0)"));
        all.addAll(of(filter, oneOf("expr", DECIMAL), DECIMAL, "coalesce(sum({0})#, CAST(0 AS DECIMAL(38,17)))"));
        all.addAll(of(filter, timespan("expr"), TIMESPAN, "coalesce(TRY_CAST(sum({0})# AS BIGINT), 0)"));
        all.addAll(of(filter, datetime("expr"), DATETIME, ArithmeticOperators.within("TRY_CAST(sum({0})# AS BIGINT)")));
        all.addAll(of(filter, dynamic("expr").as(REAL), REAL, "coalesce(sum({0})#, 0.0)"));
        return all;
    }

    private static List<Signature> means(String filter) {
        String nothing = "CAST('NaN' AS DOUBLE)";
        List<Signature> all = new ArrayList<>();
        all.addAll(of(filter, oneOf("expr", INT), REAL, mean("CAST(sum({0})# AS BIGINT)", nothing)));
        // The sum wraps around before it is divided: avg of 2^63-2, 1 and 2^63-1 is -2/3 on record.
        all.addAll(of(filter, oneOf("expr", LONG), REAL, mean(ArithmeticOperators.wrapped("sum({0})#"), nothing)));
        all.addAll(of(filter, oneOf("expr", REAL), REAL, "coalesce(avg({0})#, " + nothing + ")"));
        all.addAll(of(filter, oneOf("expr", DECIMAL), DECIMAL,
                "kql_decimal_divide(sum({0})#, CAST(count({0})# AS DECIMAL(38,17)))"));
        all.addAll(of(filter, timespan("expr"), TIMESPAN, "TRY_CAST(sum({0})# // nullif(count({0})#, 0) AS BIGINT)"));
        all.addAll(of(filter, datetime("expr"), DATETIME, "TRY_CAST(sum({0})# // nullif(count({0})#, 0) AS BIGINT)"));
        all.addAll(of(filter, dynamic("expr").as(REAL), REAL, "coalesce(avg({0})#, " + nothing + ")"));
        return all;
    }

    private static String mean(String sum, String nothing) {
        return "coalesce(CAST(" + sum + " AS DOUBLE) / nullif(count({0})#, 0), " + nothing + ")";
    }

    private static List<Signature> extremes(String function, String filter) {
        List<Signature> all = new ArrayList<>();
        String plain = function + "({0})";
        String real = function.equals("max")
                ? plain
                : "CASE WHEN bool_or(isnan({0}))# THEN CAST('NaN' AS DOUBLE) ELSE min({0})# END";
        all.addAll(of(filter, oneOf("expr", REAL), REAL, real));
        for (Type type : List.of(BOOL, INT, LONG, DECIMAL, DATETIME, TIMESPAN, STRING)) {
            all.addAll(of(filter, oneOf("expr", type), type, plain));
        }
        return all;
    }

    /// The extreme itself, and another column of its row: of the first row where all values are null, on record. NaN is DuckDB's
    /// greatest number only, so the least real is the greatest when negated.
    private static Signature[] extremeAndOther(String function) {
        Type[] ordered = {BOOL, INT, LONG, DECIMAL, DATETIME, TIMESPAN, STRING};
        boolean turned = function.equals("min");
        return new Signature[] {
            takes(oneOf("extreme", ordered)).returnsArgument(0).sql(function + "({0})"),
            takes(oneOf("extreme", REAL)).returns(REAL).sql(turned ? "-max(-{0})" : "max({0})"),
            takes(oneOf("extreme", ordered), any("returned")).returnsArgument(1).sql(other("arg_" + function + "_null({1}, {0} {order})")),
            takes(oneOf("extreme", REAL), any("returned")).returnsArgument(1)
                    .sql(other(turned ? "arg_max_null({1}, -{0} {order})" : "arg_max_null({1}, {0} {order})"))
        };
    }

    private static String other(String ofTheExtreme) {
        return "CASE WHEN count({0}) = 0 THEN first({1} {order}) ELSE " + ofTheExtreme + " END";
    }

    /// A value that is not null, nor an empty text, where there is one.
    private static Signature[] someValue(String filter) {
        return new Signature[] {
            some(filter, string("expr"), "any_value(nullif({0}, '') {order})"), some(filter, any("expr"), "any_value({0} {order})")
        };
    }

    private static Signature some(String filter, Parameter value, String template) {
        return filter.isEmpty() ? takes(value).returnsArgument(0).sql(template)
                : takes(value, bool("predicate")).returnsArgument(0).sql(template + filter);
    }

    private static void bits(List<AggregateFunction> all, String name, String operation, String summary) {
        all.add(namedAfterArgument(name, summary, AggregateFunction.Output.ONE,
                takes(oneOf("expr", INT, LONG)).returnsArgument(0).sql("bit_" + operation + "({0})")));
    }
}
