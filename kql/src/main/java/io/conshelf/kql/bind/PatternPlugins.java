package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.bind.Meaning.Scalar;
import io.conshelf.kql.function.PatternMining;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// `basket`, `diffpatterns`, `autocluster`: DuckDB drops what is too rare and counts the rows that are left, [PatternMining] finds the patterns in
/// them, and each becomes a row again.
final class PatternPlugins {
    static final Set<String> NAMES = Set.of("autocluster", "basket", "diffpatterns");
    private static final long BASKET_DIMENSIONS = 5;
    private static final double SIZE_WEIGHT = 0.5;
    private static final long SEEDS = 25;
    private static final String LARGEST = Double.toString(Double.MAX_VALUE);

    private final Binder binder;
    private final PluginUse use;
    private final PatternArguments arguments;

    PatternPlugins(Binder binder, PluginUse use) {
        this.binder = binder;
        this.use = use;
        this.arguments = new PatternArguments(binder, use);
    }

    /// Where the arguments of a plugin stand; -1 where it has none of a kind.
    private record Places(int weight, int threshold, int dimensions, int sizeWeight, int seeds, int wildcards) {
        static Places of(String plugin) {
            return switch (plugin) {
                case "basket" -> new Places(1, 0, 2, -1, -1, 3);
                case "diffpatterns" -> new Places(3, 4, 5, -1, -1, 6);
                // The seeds, third, are where its search begins; ours looks at all patterns.
                default -> new Places(1, -1, -1, 0, 2, 3);
            };
        }
    }

    Optional<Rows> rows() {
        if (!use.bind(Set.of())) {
            return Optional.empty();
        }
        boolean isDifference = use.name().equals("diffpatterns");
        Places places = Places.of(use.name());
        if (arguments.value(places.weight).isPresent() && arguments.column(places.weight).isEmpty()) {
            return arguments.failed(places.weight, "'WeightColumn' is no column");
        }
        OptionalDouble threshold = arguments.threshold(places.threshold);
        OptionalLong dimensions = arguments.integer(places.dimensions, "MaxDimensions",
                use.name().equals("basket") ? BASKET_DIMENSIONS : Integer.MAX_VALUE, 0, Integer.MAX_VALUE);
        OptionalDouble sizeWeight = arguments.real(places.sizeWeight, "SizeWeight", SIZE_WEIGHT, 0, 1);
        OptionalLong seeds = arguments.integer(places.seeds, "NumSeeds", SEEDS, 0, Integer.MAX_VALUE);
        if (threshold.isEmpty() || dimensions.isEmpty() || sizeWeight.isEmpty() || seeds.isEmpty()) {
            return Optional.empty();
        }
        Optional<Column> weight = arguments.column(places.weight);
        Optional<Column> split = isDifference ? arguments.column(0) : Optional.empty();
        List<Column> mined = use.input().columns().stream()
                .filter(column -> !weight.equals(Optional.of(column)) && !split.equals(Optional.of(column)))
                .toList();
        if (isDifference && split.isEmpty()) {
            return arguments.failed(0, "the first argument is no column");
        }
        if (mined.isEmpty()) {
            return use.failed("there are no columns to find patterns in");
        }
        return use.run(counted(mined, weight, split, threshold.getAsDouble())).flatMap(counts -> {
            List<Column> made = counts.columns();
            List<Expr> refs = made.stream().<Expr>map(Expr.Ref::new).toList();
            Expr patterns = PatternMining.patterns(refs.subList(0, mined.size()), refs.subList(mined.size(), refs.size()),
                    use.name(), new PatternMining.Bounds(threshold.getAsDouble(), dimensions.getAsLong(), sizeWeight.getAsDouble(), 1));
            use.inner().declare("_M", Rows.of(new Plan.Project(counts.plan(),
                    List.of(new Plan.Assignment(binder.column("_m", Type.DYNAMIC), patterns)))));
            return use.run(expanded(mined, places.wildcards));
        });
    }

    private String counted(List<Column> mined, Optional<Column> weight, Optional<Column> split, double threshold) {
        // No share of an infinite sum could be told.
        String weighed = weight.map(column -> "todouble(" + use.written(column) + ")")
                .map(number -> "iff(isfinite(" + number + "), " + number + ", 0.0)").orElse("1.0");
        StringBuilder query = new StringBuilder("let w = materialize(_T");
        split.ifPresent(column -> query.append(" | extend _s = tostring(").append(use.written(column)).append(") | where _s in (_1, _2)"));
        query.append(" | project ");
        for (int i = 0; i < mined.size(); i++) {
            query.append("_c").append(i).append(" = tostring(").append(use.written(mined.get(i))).append("), ");
        }
        query.append(split.isPresent() ? "_a = iff(_s == _1, W, 0.0), _b = iff(_s == _2, W, 0.0));\n".replace("W", weighed)
                : "_a = " + weighed + ", _b = 0.0);\n");
        return query.append(frequent(mined.size(), threshold, "")).toString();
    }

    /// Of rows `w` with columns `_c0`, `_c1` … and weights `_a` and `_b`: the lists of the columns, of others and of the weights, in which equal rows
    /// are one, once values that are too rare for any pattern are all the same.
    ///
    /// @param other a column of texts: how many tokens they have; empty where the columns are no tokens
    static String frequent(int columns, double threshold, String other) {
        // What has no token has no value there.
        String valued = other.isEmpty() ? "" : "| where isnotempty(_c%d) ";
        StringBuilder query = new StringBuilder("let n = toscalar(w | summarize sum(_a));\nlet m = toscalar(w | summarize sum(_b));\n");
        for (int i = 0; i < columns; i++) {
            query.append("let k%1$d = w %3$s| summarize _a = sum(_a), _b = sum(_b) by _c%1$d | where n > 0 and _a >= %2$s * n or m > 0 and _b >= %2$s * m | project _c%1$d;\n"
                    .formatted(i, threshold, valued.formatted(i)));
        }
        // What is infinite is left to whoever adds it up.
        query.append("w | summarize _a = max_of(min_of(sum(_a), M), -M), _b = max_of(min_of(sum(_b), M), -M) by ".replace("M", LARGEST));
        query.append(each(columns, "_c%1$d = iff(_c%1$d in (k%1$d), strcat('=', _c%1$d), '')")).append(other.isEmpty() ? "" : ", " + other);
        query.append("\n| summarize ").append(each(columns, "_l%1$d = make_list(_c%1$d)")).append(other.isEmpty() ? "" : ", make_list(" + other + ")");
        return query.append(", make_list(_a), make_list(_b)").toString();
    }

    private static String each(int columns, String text) {
        return IntStream.range(0, columns).mapToObj(text::formatted).collect(Collectors.joining(", "));
    }

    /// The patterns as rows with all columns of the input; a wildcard stands where one has no value.
    private String expanded(List<Column> mined, int wildcards) {
        boolean isDifference = use.name().equals("diffpatterns");
        int figures = isDifference ? 5 : 2;
        StringBuilder query = new StringBuilder("_M | mv-expand with_itemindex=_i _m | project _i, ");
        query.append(isDifference ? "tolong(_m[0]), tolong(_m[1]), todouble(_m[2]), todouble(_m[3]), todouble(_m[4])" : "tolong(_m[0]), todouble(_m[1])");
        List<String> values = new ArrayList<>();
        for (Column column : use.input().columns()) {
            String wildcard = wildcard(column.type(), wildcards);
            int at = mined.indexOf(column);
            values.add(at < 0 ? wildcard : "iff(isnull(_m[%1$d]), %2$s, %3$s)".formatted(figures + at, wildcard,
                    SequenceQueries.converted("tostring(_m[" + (figures + at) + "])", column.type())));
        }
        for (int i = 0; i < values.size(); i++) {
            query.append(", _v").append(i).append(" = ").append(values.get(i));
        }
        return query.toString();
    }

    private String wildcard(Type type, int from) {
        for (int i = from; i < use.values().size(); i++) {
            Optional<Expr> given = arguments.value(i);
            if (given.isPresent() && given.get().type() == type) {
                use.inner().declare("_w" + i, Scalar.named(given.get(), "_w" + i));
                return "_w" + i;
            }
        }
        return type == Type.STRING ? "''" : type.kustoName() + "(null)";
    }
}
