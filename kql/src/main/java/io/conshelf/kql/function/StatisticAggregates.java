package io.conshelf.kql.function;

import static io.conshelf.kql.function.Declare.*;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;

/// Spread and percentiles.
final class StatisticAggregates {
    static final List<AggregateFunction> ALL = all();

    private StatisticAggregates() {}

    private static List<AggregateFunction> all() {
        List<AggregateFunction> all = new ArrayList<>();
        spread(all, "stdev", "The standard deviation of the values as a sample.", "sqrt(" + variance("var_samp") + ")");
        spread(all, "stdevp", "The standard deviation of the values as a whole population.", "sqrt(" + variance("var_pop") + ")");
        spread(all, "variance", "The variance of the values as a sample.", variance("var_samp"));
        spread(all, "variancep", "The variance of the values as a whole population.", variance("var_pop"));
        // There is no stdevpif.
        all.removeIf(function -> function.name().equals("stdevpif"));
        covariance(all, "covariance", "covar_samp");
        covariance(all, "covariancep", "covar_pop");
        all.add(aggregate("percentile", "percentile", "The value below which so many percent of the values lie.",
                AggregateFunction.Output.EACH_PERCENTILE, percentile()));
        all.add(aggregate("percentiles", "percentile", "The values below which so many percent of the values lie.",
                AggregateFunction.Output.EACH_PERCENTILE, percentile()));
        all.add(aggregate("percentilew", "percentile", "The value below which so many percent of the weight lies.",
                AggregateFunction.Output.EACH_WEIGHTED_PERCENTILE, weighted()));
        all.add(aggregate("percentilesw", "percentile", "The values below which so many percent of the weight lies.",
                AggregateFunction.Output.EACH_WEIGHTED_PERCENTILE, weighted()));
        all.add(aggregate("percentiles_array", "percentiles", "An array of the values below which so many percent of the values lie.",
                takes(anyAsDynamic("expr"), dynamic("percentages")).returns(DYNAMIC)
                        .sql("kql_percentiles('[' || string_agg({0}, ',') || ']', '', any_value({1}))"),
                takes(anyAsDynamic("expr"), number("percentage").as(DYNAMIC)).repeatingLast().returns(DYNAMIC)
                        .sql("kql_percentiles('[' || string_agg({0}, ',') || ']', '', any_value('[' || concat_ws(',', {1*}) || ']'))")));
        all.add(aggregate("percentilesw_array", "percentiles",
                "An array of the values below which so many percent of the weight lies.",
                takes(anyAsDynamic("expr"), number("weight").as(DYNAMIC), dynamic("percentages")).returns(DYNAMIC)
                        .sql(weightedArray("any_value({2})")),
                takes(anyAsDynamic("expr"), number("weight").as(DYNAMIC), number("percentage").as(DYNAMIC)).repeatingLast().returns(DYNAMIC)
                        .sql(weightedArray("any_value('[' || concat_ws(',', {2*}) || ']')"))));
        return List.copyOf(all);
    }

    /// By recorded answers a variance is rounded to ten digits, and that of a single value is 0; by its page that of no value, too.
    private static String variance(String function) {
        return "coalesce(round(" + function + "({0})#, 10), 0.0)";
    }

    private static void spread(List<AggregateFunction> all, String name, String summary, String template) {
        BasicAggregates.pair(all, name, name, summary, filter -> {
            List<Signature> signatures = new ArrayList<>();
            for (Type type : List.of(INT, LONG, REAL, DECIMAL, DATETIME, TIMESPAN)) {
                signatures.addAll(BasicAggregates.of(filter, oneOf("expr", type).as(REAL), REAL, template));
            }
            return signatures;
        });
    }

    private static void covariance(List<AggregateFunction> all, String name, String function) {
        String template = "coalesce(round(" + function + "({0}, {1})#, 10), 0.0)";
        all.add(aggregate(name, name, "The covariance of two columns.",
                takes(measure("x"), measure("y")).returns(REAL).sql(template.replace("#", ""))));
        all.add(aggregate(name + "if", name + "if", "The covariance of two columns over the rows for which the predicate is true.",
                takes(measure("x"), measure("y"), bool("predicate")).returns(REAL)
                        .sql(template.replace("#", " FILTER (WHERE {2})"))));
    }

    private static Parameter measure(String name) {
        return oneOf(name, INT, LONG, REAL, DECIMAL, DATETIME, TIMESPAN).as(REAL);
    }

    /// The nearest rank, as Kusto takes it: percentile([10, 20], 50) is 10 on record.
    private static Signature[] percentile() {
        List<Signature> all = new ArrayList<>();
        String sql = "quantile_disc({0}, CAST({1} AS DOUBLE) / 100)";
        // Ints are kept as such: they are half as long.
        all.add(takes(oneOf("expr", INT), number("percentage").asConstant()).returns(LONG).sql("CAST(" + sql + " AS BIGINT)"));
        all.add(takes(oneOf("expr", LONG), number("percentage").asConstant()).returns(LONG).sql(sql));
        all.add(takes(oneOf("expr", REAL, DECIMAL).as(REAL), number("percentage").asConstant()).returns(REAL).sql(sql));
        for (Type type : List.of(BOOL, DATETIME, TIMESPAN, STRING, GUID, DYNAMIC)) {
            all.add(takes(oneOf("expr", type), number("percentage").asConstant()).returns(type).sql(sql));
        }
        return all.toArray(Signature[]::new);
    }

    private static Signature[] weighted() {
        List<Signature> all = new ArrayList<>();
        for (Type type : List.of(LONG, REAL, DATETIME, TIMESPAN)) {
            Parameter value = switch (type) {
                case LONG -> oneOf("expr", INT, LONG);
                case REAL -> oneOf("expr", REAL, DECIMAL).as(REAL);
                case BOOL, INT, DECIMAL, DATETIME, TIMESPAN, STRING, GUID, DYNAMIC -> oneOf("expr", type);
            };
            String sqlType = type == REAL ? "DOUBLE" : "BIGINT";
            all.add(takes(value.as(DYNAMIC), number("weight").as(DYNAMIC), number("percentage").asConstant().as(DYNAMIC)).returns(type)
                    .sql(fromDynamic(type, "json_extract(" + weightedArray("any_value('[' || {2} || ']')") + ", '$[0]')", sqlType)));
        }
        return all.toArray(Signature[]::new);
    }

    private static String fromDynamic(Type type, String json, String sqlType) {
        String text = "CAST(" + json + " AS VARCHAR)";
        return switch (type) {
            case DATETIME -> "kql_dynamic_datetime(" + text + ")";
            case TIMESPAN -> "kql_dynamic_timespan(" + text + ")";
            case BOOL, INT, LONG, REAL, DECIMAL, STRING, GUID, DYNAMIC -> "TRY_CAST(" + text + " AS " + sqlType + ")";
        };
    }

    private static String weightedArray(String percentages) {
        return "kql_percentiles('[' || string_agg({0}, ',') || ']', '[' || string_agg({1}, ',') || ']', " + percentages + ")";
    }
}
