package io.conshelf.kql.function;

import static io.conshelf.kql.function.Declare.*;
import static io.conshelf.kql.function.ResultName.*;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;

/// Arithmetic over whole arrays of numbers, and what is read from them. An element that is no number, or is missing on one
/// side, gives null.
final class SeriesFunctions {
    private static final SequencedMap<String, Type> STATS = properties("min", REAL, "min_idx", LONG, "max", REAL,
            "max_idx", LONG, "avg", REAL, "stdev", REAL, "variance", REAL);
    private static final SequencedMap<String, Type> LINE = properties("rsquare", REAL, "slope", REAL, "variance", REAL,
            "rvariance", REAL, "interception", REAL, "line_fit", DYNAMIC);

    private static final SequencedMap<String, Type> TWO_LINES = properties("rsquare", REAL, "split_idx", LONG, "variance", REAL, "rvariance", REAL,
            "line_fit", DYNAMIC, "right_rsquare", REAL, "right_slope", REAL, "right_interception", REAL, "right_variance", REAL, "right_rvariance", REAL,
            "left_rsquare", REAL, "left_slope", REAL, "left_interception", REAL, "left_variance", REAL, "left_rvariance", REAL);
    private static final SequencedMap<String, Type> POLYNOMIAL =
            properties("rsquare", REAL, "coefficients", DYNAMIC, "variance", REAL, "rvariance", REAL, "poly_fit", DYNAMIC);
    private static final SequencedMap<String, Type> COMPLEX = properties("real", DYNAMIC, "imag", DYNAMIC);

    private static final SequencedMap<String, Type> PARTS =
            properties("baseline", DYNAMIC, "seasonal", DYNAMIC, "trend", DYNAMIC, "residual", DYNAMIC);
    private static final SequencedMap<String, Type> ANOMALIES = properties("ad_flag", DYNAMIC, "ad_score", DYNAMIC, "baseline", DYNAMIC);
    private static final SequencedMap<String, Type> PERIODS = properties("periods", DYNAMIC, "scores", DYNAMIC);
    private static final Set<String> TRENDS = new TreeSet<>(Set.of("avg", "linefit", "none"));
    private static final Set<String> METHODS = new TreeSet<>(Set.of("ctukey", "tukey"));
    private static final int PERIODS_MAX = 16;

    static final List<ScalarFunction> ALL = all();

    private SeriesFunctions() {}

    private static List<ScalarFunction> all() {
        List<ScalarFunction> all = new ArrayList<>();
        for (String name : SeriesKernels.UNARY.keySet()) {
            all.add(scalar("series_" + name, NONE, "The " + name + " of each element.",
                    takes(dynamic("series")).returns(DYNAMIC).sql("kql_series_" + name + "({0})")));
        }
        for (String name : SeriesKernels.BINARY.keySet()) {
            all.add(elementwise(name, "The elements of two series computed with each other: " + name + "."));
        }
        for (String name : SeriesKernels.COMPARISONS.keySet()) {
            all.add(elementwise(name, "The elements of two series compared with each other: " + name.replace('_', ' ') + "."));
        }
        all.add(scalar("series_sum", NONE, "The sum of the elements.",
                takes(dynamic("series")).returns(REAL).sql("kql_array_sum({0})")));
        all.add(scalar("series_product", NONE, "The product of the elements.",
                takes(dynamic("series")).returns(REAL).sql("kql_series_product({0})")));
        all.add(scalar("series_magnitude", NONE, "The square root of the sum of the elements' squares.",
                takes(dynamic("series")).returns(REAL).sql("sqrt(kql_series_dot_product({0}, {0}))")));
        all.add(scalar("series_dot_product", NONE, "The sum of the products of the elements.",
                takes(dynamic("series1"), dynamic("series2")).returns(REAL).sql("kql_series_dot_product({0}, {1})"),
                takes(dynamic("series1"), number("series2").as(DYNAMIC)).returns(REAL).sql("kql_series_dot_product({0}, {1})"),
                takes(number("series1").as(DYNAMIC), dynamic("series2")).returns(REAL).sql("kql_series_dot_product({0}, {1})")));
        all.add(scalar("series_cosine_similarity", NONE, "The cosine of the angle between two series.",
                takes(dynamic("series1"), dynamic("series2"), numberAsReal("series1_magnitude").orNull(REAL),
                        numberAsReal("series2_magnitude").orNull(REAL)).returns(REAL).sql("kql_series_cosine({*})")));
        all.add(scalar("series_pearson_correlation", NONE, "The correlation of two series.",
                takes(dynamic("series1"), dynamic("series2")).returns(REAL).sql("kql_series_correlation({0}, {1})")));
        addFills(all);
        all.add(scalar("series_fir", FIRST_ARGUMENT, "The series filtered by the weighted sum of the elements so far.",
                takes(dynamic("series"), dynamic("filter")).returns(DYNAMIC).sql("kql_series_fir_as_fits({0}, {1})"),
                takes(dynamic("series"), dynamic("filter"), bool("normalize"), bool("center").orElse(BOOL, false))
                        .returns(DYNAMIC).sql("kql_series_fir({0}, {1}, {2}, {3})")));
        all.add(scalar("series_iir", FIRST_ARGUMENT, "The series filtered recursively.",
                takes(dynamic("series"), dynamic("numerators"), dynamic("denominators")).returns(DYNAMIC)
                        .sql("kql_series_iir({0}, {1}, {2})")));
        all.add(scalar("series_stats_dynamic", NONE, "Least and greatest element, mean, spread, sum and length, as a bag.",
                takes(dynamic("series"), bool("ignore_nonfinite").orElse(BOOL, false)).returns(DYNAMIC)
                        .sql("kql_series_stats({0}, {1})")));
        all.add(scalar("series_stats", NONE, "Least and greatest element, mean and spread, as columns.",
                takes(dynamic("series"), bool("ignore_nonfinite").orElse(BOOL, false)).returns(REAL)
                        .columns((args, names) -> columns("series_stats", names, call("series_stats",
                                "kql_series_stats({0}, {1})", DYNAMIC, args.getFirst(), args.getLast()), STATS))));
        all.add(scalar("series_fit_line", NONE, "The straight line that fits a series best, as columns.",
                takes(dynamic("series")).returns(REAL).columns((args, names) -> columns("series_fit_line", names,
                        call("series_fit_line", "kql_series_fit_line({0})", DYNAMIC, args.getFirst()), LINE))));
        all.add(scalar("series_fit_line_dynamic", NONE, "The straight line that fits a series best, as a bag.",
                takes(dynamic("series")).returns(DYNAMIC).sql("kql_series_fit_line({0})")));
        all.add(scalar("series_fit_2lines", NONE, "The two straight lines, one after the other, that fit a series best, as columns.",
                takes(dynamic("series")).returns(REAL).columns((args, names) -> columns("series_fit_2lines", names,
                        call("series_fit_2lines", "kql_series_fit_2lines({0})", DYNAMIC, args.getFirst()), TWO_LINES))));
        all.add(scalar("series_fit_2lines_dynamic", NONE, "The two straight lines, one after the other, that fit a series best, as a bag.",
                takes(dynamic("series")).returns(DYNAMIC).sql("kql_series_fit_2lines({0})")));
        all.add(scalar("series_fit_poly", NONE, "The polynomial of a degree that fits a series best, as columns.",
                polynomial(takes(dynamic("y_series"), dynamic("x_series"), integer("degree").orElse(LONG, 1L)), false),
                polynomial(takes(dynamic("y_series"), integer("degree").orElse(LONG, 1L)), true)));
        all.add(frequencies("series_fft", "The frequencies of a series, as real and imaginary parts.", false));
        all.add(frequencies("series_ifft", "The series of its frequencies, as real and imaginary parts.", true));
        all.add(scalar("series_outliers", FIRST_ARGUMENT, "How far each element lies beyond the usual range, in widths of it.",
                takes(dynamic("series"), string("kind").orElse(STRING, "ctukey"), numberAsReal("ignore_val").orElse(REAL, Double.NaN),
                        numberAsReal("min_percentile").orElse(REAL, 10.0), numberAsReal("max_percentile").orElse(REAL, 90.0)).returns(DYNAMIC)
                        .sql("kql_series_outliers({0}, {1}, coalesce({2}, 'NaN'::DOUBLE), {3}, {4})")));
        addDecompositions(all);
        return List.copyOf(all);
    }

    private static void addDecompositions(List<ScalarFunction> all) {
        all.add(scalar("series_decompose", NONE, "What repeats in a series, its trend, both together, and the rest, as columns.",
                takes(dynamic("series"), integer("period").orElse(LONG, -1L), string("trend").orElse(STRING, "avg"),
                        integer("test_points").orElse(LONG, 0L), numberAsReal("seasonality_threshold").orElse(REAL, 0.6))
                        .returns(DYNAMIC).columns((args, names) -> {
                            among("series_decompose", "trend", args.get(2), TRENDS);
                            return columns("series_decompose", names, call("series_decompose",
                                    "kql_series_decompose({*})", DYNAMIC, args.toArray(Expr[]::new)), PARTS);
                        })));
        all.add(scalar("series_decompose_anomalies", NONE, "Which elements lie far off what a series' season and trend predict, as columns.",
                takes(dynamic("series"), numberAsReal("threshold").orElse(REAL, 1.5), integer("period").orElse(LONG, -1L),
                        string("trend").orElse(STRING, "avg"), integer("test_points").orElse(LONG, 0L),
                        string("method").orElse(STRING, "ctukey"), numberAsReal("seasonality_threshold").orElse(REAL, 0.6))
                        .returns(DYNAMIC).columns((args, names) -> {
                            among("series_decompose_anomalies", "trend", args.get(3), TRENDS);
                            among("series_decompose_anomalies", "method", args.get(5), METHODS);
                            return columns("series_decompose_anomalies", names, call("series_decompose_anomalies",
                                    "kql_series_anomalies({*})", DYNAMIC, args.toArray(Expr[]::new)), ANOMALIES);
                        })));
        // By recorded answers its trend is a line unless it is told, and it makes one column.
        all.add(scalar("series_decompose_forecast", NONE, "What a series' season and trend predict, also for its last elements.",
                takes(dynamic("series"), integer("test_points"), integer("period").orElse(LONG, -1L),
                        string("trend").orElse(STRING, "linefit"), numberAsReal("seasonality_threshold").orElse(REAL, 0.6))
                        .returns(DYNAMIC).rewrite(args -> {
                            among("series_decompose_forecast", "trend", args.get(3), TRENDS);
                            return DynamicFunctions.path(call("series_decompose_forecast", "kql_series_decompose({0}, {2}, {3}, {1}, {4})",
                                    DYNAMIC, args.toArray(Expr[]::new)), ".\"baseline\"");
                        })));
        all.add(scalar("series_seasonal", NONE, "What repeats in a series.",
                takes(dynamic("series"), integer("period").orElse(LONG, -1L), integer("test_points").orElse(LONG, 0L)).returns(DYNAMIC)
                        .sql("kql_series_seasonal({*})")));
        all.add(scalar("series_periods_detect", NONE, "The periods in which a series repeats itself, and how well, as columns.",
                takes(dynamic("series"), numberAsReal("min_period"), numberAsReal("max_period"), integer("num_periods"))
                        .returns(DYNAMIC).columns((args, names) -> columns("series_periods_detect", names, call("series_periods_detect",
                                "kql_series_periods_detect({*})", DYNAMIC, args.toArray(Expr[]::new)), PERIODS))));
        all.add(scalar("series_periods_validate", NONE, "How well a series repeats itself in periods, as columns.",
                takes(dynamic("series"), number("period").as(DYNAMIC)).repeatingLast().returns(DYNAMIC).columns((args, names) -> {
                    if (args.size() > PERIODS_MAX + 1) {
                        throw new BadArgument("series_periods_validate(): expected at most " + PERIODS_MAX + " periods, found " + (args.size() - 1));
                    }
                    return columns("series_periods_validate", names, call("series_periods_validate",
                            "kql_series_periods_validate({0}, '[' || concat_ws(',', {1*}) || ']')", DYNAMIC, args.toArray(Expr[]::new)), PERIODS);
                })));
    }

    /// Of the words that a function knows; a word that is no constant is looked at when the query runs, and gives null.
    private static void among(String function, String parameter, Expr argument, Set<String> known) {
        if (argument instanceof Expr.Constant(_, String word) && !known.contains(word)) {
            throw new BadArgument(function + "(): " + parameter + " is '" + word + "'; expected one of " + String.join(", ", known), word);
        }
    }

    private static Signature polynomial(Parameters parameters, boolean isEven) {
        return parameters.returns(REAL).columns((args, names) -> columns("series_fit_poly", names,
                isEven ? call("series_fit_poly", "kql_series_fit_poly({0}, '{}', {1})", DYNAMIC, args.getFirst(), args.getLast())
                        : call("series_fit_poly", "kql_series_fit_poly({0}, {1}, {2})", DYNAMIC, args.toArray(Expr[]::new)), POLYNOMIAL));
    }

    private static ScalarFunction frequencies(String name, String summary, boolean isInverse) {
        return scalar(name, NONE, summary,
                takes(dynamic("series"), dynamic("series_imaginary")).returns(DYNAMIC).columns((args, names) -> columns(name, names,
                        call(name, "kql_series_fft({0}, {1}, " + isInverse + ")", DYNAMIC, args.toArray(Expr[]::new)), COMPLEX)),
                takes(dynamic("series")).returns(DYNAMIC).columns((args, names) -> columns(name, names,
                        call(name, "kql_series_fft({0}, '{}', " + isInverse + ")", DYNAMIC, args.getFirst()), COMPLEX)));
    }

    private static List<Lowering.NamedValue> columns(
            String function, List<String> names, Expr bag, SequencedMap<String, Type> properties) {
        List<Lowering.NamedValue> columns = new ArrayList<>();
        properties.forEach((property, type) -> columns.add(new Lowering.NamedValue(
                function + "_" + names.getFirst() + "_" + property,
                Conversions.convert(DynamicFunctions.path(bag, ".\"" + property + "\""), type))));
        return columns;
    }

    private static SequencedMap<String, Type> properties(Object... namesAndTypes) {
        SequencedMap<String, Type> properties = new LinkedHashMap<>();
        for (int i = 0; i < namesAndTypes.length; i += 2) {
            properties.put((String) namesAndTypes[i], (Type) namesAndTypes[i + 1]);
        }
        return properties;
    }

    private static ScalarFunction elementwise(String name, String summary) {
        String sql = "kql_series_" + name + "({0}, {1})";
        return scalar("series_" + name, NONE, summary,
                takes(dynamic("series1"), dynamic("series2")).returns(DYNAMIC).sql(sql),
                takes(dynamic("series1"), number("series2").as(DYNAMIC)).returns(DYNAMIC).sql(sql),
                takes(number("series1").as(DYNAMIC), dynamic("series2")).returns(DYNAMIC).sql(sql));
    }

    private static void addFills(List<ScalarFunction> all) {
        Parameter placeholder = number("missing_value_placeholder").as(DYNAMIC).orNull(DYNAMIC);
        all.add(scalar("series_fill_const", FIRST_ARGUMENT, "The series with a constant where values are missing.",
                takes(dynamic("series"), number("constant_value").as(DYNAMIC).orElse(DYNAMIC, "0"), placeholder)
                        .returns(DYNAMIC).sql("kql_series_fill_const({0}, {1}, coalesce({2}, 'null'))")));
        all.add(scalar("series_fill_forward", FIRST_ARGUMENT, "The series with the last value before where values are missing.",
                takes(dynamic("series"), placeholder).returns(DYNAMIC).sql("kql_series_fill_forward({0}, coalesce({1}, 'null'))")));
        all.add(scalar("series_fill_backward", FIRST_ARGUMENT, "The series with the next value where values are missing.",
                takes(dynamic("series"), placeholder).returns(DYNAMIC).sql("kql_series_fill_backward({0}, coalesce({1}, 'null'))")));
        all.add(scalar("series_fill_linear", FIRST_ARGUMENT, "The series with values on the line between their neighbours where they are missing.",
                takes(dynamic("series"), placeholder, bool("fill_edges").orElse(BOOL, true),
                        number("constant_value").as(DYNAMIC).orElse(DYNAMIC, "0")).returns(DYNAMIC)
                        .sql("kql_series_fill_linear({0}, coalesce({1}, 'null'), {2}, {3})")));
    }
}
