package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.syntax.Syntax;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The plugins that put beside rows those of another table that fit them.
final class LookupQueries {
    private static final String LOOKUP = """
            let w = materialize(_T | serialize _r = row_number());
            let m = materialize(w | extend _k = 1 | join kind=inner (_L | extend _k = 1) on _k{E} | where {M});
            m | project _r, {I}, {J}{U} | sort by _r asc | project-away _r""";

    private final Binder binder;

    LookupQueries(Binder binder) {
        this.binder = binder;
    }

    Optional<Rows> rows(PluginUse use) {
        boolean isAddress = use.name().startsWith("ip");
        int key = isAddress ? 2 : 1;
        if (use.arguments().size() <= key || !(use.arguments().get(key) instanceof Syntax.NameReference(String keyName, _, _))) {
            binder.refuse(use.at(), "evaluate " + use.name() + " with a key that is no column");
            return Optional.empty();
        }
        Optional<Rows> table = binder.expressions.rows(use.arguments().getFirst(), use.scope());
        Set<Integer> skipped = isAddress
                ? IntStream.range(0, use.arguments().size()).filter(i -> i != 1).boxed().collect(Collectors.toSet()) : Set.of(0, 1);
        if (table.isEmpty() || !use.bind(skipped) || !use.bindRadius()) {
            return Optional.empty();
        }
        List<String> equal = new ArrayList<>();
        for (int i = 3; isAddress && i < use.arguments().size(); i++) {
            if (use.arguments().get(i) instanceof Syntax.NameReference(String name, _, _)) {
                equal.add(name);
            }
        }
        boolean withKey = isAddress || use.option("return_lookup_key");
        List<Plan.Assignment> renamed = new ArrayList<>();
        List<String> kept = new ArrayList<>();
        StringBuilder same = new StringBuilder();
        for (Column column : table.get().columns()) {
            String name = column.name().equals(keyName) ? "_key" : "_l" + renamed.size();
            renamed.add(new Plan.Assignment(binder.column(name, column.type()), new Expr.Ref(column)));
            if (equal.contains(column.name())) {
                same.append(", $left.").append(WrittenQuery.quoted(column.name())).append(" == $right.").append(name);
            } else if (!name.equals("_key") || withKey) {
                kept.add(name);
            }
        }
        use.inner().declare("_L", Rows.of(new Plan.Project(table.get().plan(), renamed)));
        String others = kept.stream().map(name -> ", " + name).collect(Collectors.joining());
        return use.run(LOOKUP.replace("{E}", same).replace("{M}", match(use)).replace("{I}, {J}", use.given() + others)
                .replace("{U}", returnsUnmatched(use) ? " | union (w | join kind=leftanti m on _r | project _r, " + use.given() + ")" : ""));
    }

    /// By its name, or the flag that stands behind the keys.
    private static boolean returnsUnmatched(PluginUse use) {
        return use.option("return_unmatched") || use.arguments().stream().skip(3)
                .filter(Syntax.BoolLiteral.class::isInstance).map(Syntax.BoolLiteral.class::cast)
                .findFirst().filter(Syntax.BoolLiteral::value).isPresent();
    }

    private static String match(PluginUse use) {
        return switch (use.name()) {
            case "ipv4_lookup" -> "ipv4_is_in_range(_1, _key)";
            case "ipv6_lookup" -> "ipv6_is_in_range(_1, _key)";
            case "geo_line_lookup" -> "geo_distance_point_to_line(_2, _3, _key) <= " + radius(use);
            default -> use.arguments().size() > 4 || use.options().containsKey("radius")
                    ? "geo_distance_point_to_polygon(_2, _3, _key) <= " + radius(use) : "geo_point_in_polygon(_2, _3, _key)";
        };
    }

    private static String radius(PluginUse use) {
        return use.options().containsKey("radius") ? "_radius" : "_4";
    }
}
