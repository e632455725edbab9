package io.conshelf.kql.function;

import static io.conshelf.kql.function.Declare.*;
import static io.conshelf.kql.function.ResultName.*;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// What is kept of a group to be put together with others later: `hll()` for `dcount()`, `tdigest()` for `percentile()`.
///
/// DuckDB reduces the rows, so that its limits on memory hold: to the least 1,025 hashes, the registers' distinct codes, or the
/// values at even ranks. A kernel writes down what is left. What is merged is not reduced so: the texts of a group become one
/// value, which has an end.
final class SketchFunctions {
    private static final Type[] HASHED = {LONG, DECIMAL, DATETIME, TIMESPAN, STRING, GUID};
    private static final String LESS_OR_EQUAL = Integer.toString(DistinctSketch.HASHES_MAX);
    /// The values of a sorted list at the ranks 0, 1/1024 … 1.
    private static final String AT_RANKS = "list_select(l, list_transform(range(" + (Digest.VALUES + 1) + "), lambda k: greatest(1, (len(l) * k + "
            + (Digest.VALUES - 1) + ") // " + Digest.VALUES + ")))";

    private static final String BOTH = " FILTER (WHERE {0} IS NOT NULL AND {1} IS NOT NULL)";
    /// Of a group that becomes one value; sketches of the highest accuracy have 350 kB each.
    private static final long GROUP_BYTES_MAX = 256L << 20;

    static final List<AggregateFunction> AGGREGATES = aggregates();
    static final List<ScalarFunction> ALL = scalars();

    private SketchFunctions() {}

    private static List<AggregateFunction> aggregates() {
        List<AggregateFunction> all = new ArrayList<>();
        all.add(aggregate("hll", "hll", "What dcount_hll() needs to count the distinct values.",
                signatures("", (value, filter) -> takes(value, accuracy()).returns(DYNAMIC), "{1}")));
        all.add(aggregate("hll_if", "hll_if", "What dcount_hll() needs to count the distinct values of the rows for which the predicate is true.",
                signatures(" FILTER (WHERE {1})", (value, filter) -> takes(value, bool("predicate"), accuracy()).returns(DYNAMIC), "{2}")));
        all.add(aggregate("hll_merge", "hll_merge", "The results of hll() put together.",
                takes(dynamic("hll")).returns(DYNAMIC).sql("kql_hll_merge(" + joined("hll_merge", "{0}", "") + ")")));
        all.add(aggregate("tdigest", "tdigest", "What percentile_tdigest() needs to tell percentiles of the values.", digests()));
        for (String name : List.of("tdigest_merge", "merge_tdigest")) {
            all.add(aggregate(name, "merge_tdigests", "The results of tdigest() put together.",
                    takes(dynamic("tdigest")).returns(DYNAMIC).sql("kql_tdigest_merge(" + joined(name, "{0}", "") + ")")));
        }
        return List.copyOf(all);
    }

    @FunctionalInterface
    private interface Shape {
        Declare.Returning of(Parameter value, String filter);
    }

    /// The texts of a group as an array.
    private static String joined(String function, String text, String filter) {
        return "CASE WHEN sum(strlen(" + text + "))" + filter + " > " + GROUP_BYTES_MAX + " THEN error('" + function + "(): a group has more than "
                + (GROUP_BYTES_MAX >> 20) + " MB to put together; put parts of it together first') ELSE '[' || string_agg(" + text + ", ',')" + filter + " || ']' END";
    }

    private static Parameter accuracy() {
        return integer("accuracy").asConstant().orElse(LONG, 1L);
    }

    private static Signature[] signatures(String filter, Shape shape, String accuracy) {
        List<Signature> all = new ArrayList<>();
        for (Type type : HASHED) {
            // An int has the hash of a long: 3803688792395291579 of 0 is documented.
            Parameter value = type == LONG ? integer("expr") : oneOf("expr", type);
            all.add(shape.of(value, filter).sql(sketch(HashFunctions.hash(type), filter, accuracy)));
        }
        all.add(shape.of(dynamic("expr"), filter).sql(sketch("kql_hash_text({0})", filter, accuracy)));
        return all.toArray(Signature[]::new);
    }

    private static String sketch(String hash, String filter, String accuracy) {
        String few = "min(DISTINCT " + hash + ", " + (DistinctSketch.HASHES_MAX + 1) + ")" + filter;
        String codes = "list(DISTINCT kql_hll_code(" + hash + ", " + accuracy + "))" + filter;
        return "CASE WHEN coalesce(len(" + few + "), 0) <= " + LESS_OR_EQUAL
                + " THEN kql_hll_few(array_to_string(" + few + ", ','), " + accuracy + ")"
                + " ELSE kql_hll_many(array_to_string(list_filter(" + codes + ", lambda code: code IS NOT NULL), ','), " + accuracy + ") END";
    }

    private static Signature[] digests() {
        List<Signature> all = new ArrayList<>();
        for (Type type : List.of(LONG, REAL, DATETIME, TIMESPAN)) {
            Parameter value = type == LONG ? oneOf("expr", INT, LONG).as(LONG) : type == REAL ? oneOf("expr", REAL, DECIMAL).as(REAL) : oneOf("expr", type);
            all.add(takes(value).returns(DYNAMIC).sql("kql_tdigest(array_to_string(list_transform([list_sort(list({0}) FILTER (WHERE {0} IS NOT NULL), 'ASC')],"
                    + " lambda l: " + AT_RANKS + ")[1], ','), count({0}), '" + type.kustoName() + "')"));
        }
        all.add(takes(oneOf("expr", INT, LONG, REAL, DECIMAL, DATETIME, TIMESPAN).as(DYNAMIC), integer("weight").as(DYNAMIC)).returns(DYNAMIC)
                .sql("kql_tdigest_weighted(" + joined("tdigest", "{0}", BOTH) + ", " + joined("tdigest", "{1}", BOTH) + ")"));
        return all.toArray(Signature[]::new);
    }

    private static List<ScalarFunction> scalars() {
        List<ScalarFunction> all = new ArrayList<>();
        all.add(scalar("dcount_hll", NAME_AND_FIRST_ARGUMENT, "The number of distinct values that hll() has seen.",
                takes(dynamic("hll")).returns(LONG).sql("kql_hll_count({0})")));
        all.add(scalar("hll_merge", PREFIX, "hll_merged_result", "Results of hll() put together.", merged("hll", "kql_hll_merge")));
        for (String name : List.of("tdigest_merge", "merge_tdigest")) {
            all.add(scalar(name, PREFIX, "tdigests_merge_result", "Results of tdigest() put together.", merged("tdigest", "kql_tdigest_merge")));
        }
        Parameter digest = dynamic("tdigest");
        Parameter percentage = numberAsReal("percentile").as(DYNAMIC);
        all.add(scalar("percentile_tdigest", NAME_AND_FIRST_ARGUMENT, "The value below which so many percent of those lie that tdigest() has seen.",
                takes(digest, percentage).returns(DYNAMIC).rewrite(args -> DynamicFunctions.path(percentiles(args), "[0]")),
                takes(digest, percentage, typeLiteral("type")).returns(DYNAMIC).rewrite(args ->
                        Conversions.convert(DynamicFunctions.path(percentiles(args.subList(0, 2)), "[0]"), RegexFunctions.typeOf(args.getLast())))));
        all.add(scalar("percentiles_array_tdigest", PREFIX_AND_FIRST_ARGUMENT, "percentile_tdigest",
                "The values below which so many percent of those lie that tdigest() has seen.",
                takes(digest, dynamic("percentiles")).returns(DYNAMIC).sql("kql_tdigest_percentiles({0}, {1})"),
                takes(digest, dynamic("percentiles"), typeLiteral("type")).returns(DYNAMIC).sql("kql_tdigest_percentiles({0}, {1})"),
                takes(digest, percentage).repeatingLast().returns(DYNAMIC)
                        .sql("kql_tdigest_percentiles({0}, '[' || concat_ws(',', {1*}) || ']')")));
        all.add(scalar("rank_tdigest", NONE, "How many of the values that tdigest() has seen are not above one.",
                takes(dynamic("digest"), anyAsDynamic("value")).returns(REAL).sql("kql_tdigest_rank({0}, {1}, false)")));
        all.add(scalar("percentrank_tdigest", NONE, "How many percent of the values that tdigest() has seen are not above one.",
                takes(dynamic("digest"), anyAsDynamic("value")).returns(REAL).sql("kql_tdigest_rank({0}, {1}, true)")));
        return List.copyOf(all);
    }

    private static Expr percentiles(List<Expr> args) {
        return call("percentile_tdigest", "kql_tdigest_percentiles({0}, '[' || {1} || ']')", DYNAMIC, args.toArray(Expr[]::new));
    }

    private static Signature merged(String name, String kernel) {
        return takes(Stream.of(name, name + "2").map(Declare::dynamic).toArray(Parameter[]::new)).repeatingLast().returns(DYNAMIC)
                .sql(kernel + "('[' || concat_ws(',', {*}) || ']')");
    }
}
