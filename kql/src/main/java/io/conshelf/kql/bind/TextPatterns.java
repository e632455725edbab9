package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.function.PatternMining;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.type.Type;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// `diffpatterns_text`: the first tokens of a text become columns, in which [PatternMining] finds what tells one set of rows from the other.
/// Texts are compared from their beginning, as the page's example shows them.
final class TextPatterns {
    static final String NAME = "diffpatterns_text";
    private static final int TOKENS_MAX = 20;
    private static final int TOKENS_MIN_MAX = 200;
    /// What the kernel tells, as rows.
    private static final String EXPANDED = """
            _M | mv-expand _m
            | project _t = tolong(_m[0]), _f = tolong(_m[1]), _p = todouble(_m[2]), _q = todouble(_m[3]), _x = tostring(_m[4])""";

    private final Binder binder;
    private final PluginUse use;

    TextPatterns(Binder binder, PluginUse use) {
        this.binder = binder;
        this.use = use;
    }

    Optional<Rows> rows() {
        if (!use.bind(Set.of()) || !is(0, Type.STRING) || !is(1, Type.BOOL)) {
            return Optional.empty();
        }
        var arguments = new PatternArguments(binder, use);
        OptionalLong least = arguments.integer(2, "MinTokens", 1, 0, TOKENS_MIN_MAX);
        OptionalDouble threshold = arguments.threshold(3);
        OptionalLong most = arguments.integer(4, "MaxTokens", TOKENS_MAX, 0, TOKENS_MAX);
        if (least.isEmpty() || threshold.isEmpty() || most.isEmpty()) {
            return Optional.empty();
        }
        int tokens = (int) most.getAsLong();
        if (tokens == 0) {
            return use.run("_T | take 0 | project _t = 0, _f = 0, _p = 0.0, _q = 0.0, _x = ''");
        }
        var bounds = new PatternMining.Bounds(threshold.getAsDouble(), Integer.MAX_VALUE, 0, least.getAsLong());
        return use.run(counted(tokens, threshold.getAsDouble())).flatMap(counts -> {
            List<Expr> refs = counts.columns().stream().<Expr>map(Expr.Ref::new).toList();
            Expr patterns = PatternMining.patterns(refs.subList(0, tokens + 1), refs.subList(tokens + 1, refs.size()), NAME, bounds);
            use.inner().declare("_M", Rows.of(new Plan.Project(counts.plan(),
                    List.of(new Plan.Assignment(binder.column("_m", Type.DYNAMIC), patterns)))));
            return use.run(EXPANDED);
        });
    }

    private static String counted(int tokens, double threshold) {
        String columns = IntStream.range(0, tokens).mapToObj(i -> ", _c" + i + " = tostring(_t[" + i + "])").collect(Collectors.joining());
        // A condition that is null puts a row into neither set.
        return "let w = materialize(_T | project _t = extract_all(@'(\\S+)', _0), _a = iff(_1, 1.0, 0.0), _b = iff(not(_1), 1.0, 0.0) | where _a + _b > 0\n"
                + "| project _a, _b, _n = coalesce(min_of(array_length(_t), " + tokens + "), 0)" + columns + ");\n"
                + PatternPlugins.frequent(tokens, threshold, "_n");
    }

    private boolean is(int place, Type type) {
        Optional<Expr> value = place < use.values().size() ? use.values().get(place) : Optional.empty();
        value.filter(expr -> expr.type() != type)
                .ifPresent(expr -> binder.report(Messages.typeExpected(use.at(place), NAME, type.kustoName(), expr.type())));
        return value.filter(expr -> expr.type() == type).isPresent();
    }
}
