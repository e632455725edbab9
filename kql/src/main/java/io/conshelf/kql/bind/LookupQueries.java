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
    /// Which addresses and networks fit is found out of each of them once, however many rows have them.
    private static final String ADDRESS_LOOKUP = """
            let w = materialize(_T | extend _0 = tostring(_1) | serialize _r = row_number());
            let l = materialize(_L);
            let a = materialize(w | distinct _0);
            let n = materialize(l | distinct _key);
            let p = {P};
            let m = materialize(w | join kind=inner p on $left._0 == $right._a | join kind=inner l on _key{E});
            m | project _r, {I}, {J}{U} | sort by _r asc | project-away _r""";
    /// Two addresses fit where they are equal within the shorter prefix, so those of two lengths are joined by what that leaves of them.
    private static final String IPV4_PAIRS = """
            a | project _a = _0, _s = ipv4_netmask_suffix(_0), _j = 1
            | join kind=inner (n | summarize by _k = ipv4_netmask_suffix(_key) | where isnotnull(_k) | extend _j = 1) on _j
            | project _a, _s, _k, _v = parse_ipv4_mask(_a, min_of(_s, _k))
            | join kind=inner (n | project _key, _k = ipv4_netmask_suffix(_key), _j = 1
                | join kind=inner (a | summarize by _s = ipv4_netmask_suffix(_0) | where isnotnull(_s) | extend _j = 1) on _j
                | project _key, _s, _k, _v = parse_ipv4_mask(_key, min_of(_s, _k))) on _s, _k, _v
            | project _a, _key""";
    private static final String IPV6_PAIRS = """
            a | project _a = _0, _j = 1 | join kind=inner (n | extend _j = 1) on _j | where ipv6_is_in_range(_a, _key) | project _a, _key""";

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
        if (isMissing(use, key, table.get())) {
            return Optional.empty();
        }
        List<String> equal = new ArrayList<>();
        for (int i = 3; isAddress && i < use.arguments().size(); i++) {
            if (use.arguments().get(i) instanceof Syntax.NameReference(String name, _, _)) {
                if (isMissing(use, i, table.get()) || isMissing(use, i, use.input())) {
                    return Optional.empty();
                }
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
                // One that only the table has is told by its name.
                String own = use.input().columns().stream().filter(other -> other.name().equals(column.name())).findFirst()
                        .map(use::written).orElseGet(() -> WrittenQuery.quoted(column.name()));
                same.append(", $left.").append(own).append(" == $right.").append(name);
            } else if (!name.equals("_key") || withKey) {
                kept.add(name);
            }
        }
        use.inner().declare("_L", Rows.of(new Plan.Project(table.get().plan(), renamed)));
        String others = kept.stream().map(name -> ", " + name).collect(Collectors.joining());
        String lookup = switch (use.name()) {
            case "ipv4_lookup" -> ADDRESS_LOOKUP.replace("{P}", IPV4_PAIRS);
            case "ipv6_lookup" -> ADDRESS_LOOKUP.replace("{P}", IPV6_PAIRS);
            default -> LOOKUP.replace("{M}", place(use));
        };
        return use.run(lookup.replace("{E}", same).replace("{I}, {J}", use.given() + others)
                .replace("{U}", returnsUnmatched(use) ? " | union (w | join kind=leftanti m on _r | project _r, " + use.given() + ")" : ""));
    }

    /// Whether rows lack the column that an argument names, which is told there.
    private boolean isMissing(PluginUse use, int argument, Rows rows) {
        boolean isMissing = !rows.open() && use.arguments().get(argument) instanceof Syntax.NameReference(String name, _, _)
                && Columns.of(rows).find(name).isEmpty();
        if (isMissing) {
            binder.report(Messages.unresolvedScalar(use.at(argument), use.name(), Parameters.text(use.arguments().get(argument)), Columns.of(rows)));
        }
        return isMissing;
    }

    /// By its name, or the flag that stands behind the keys.
    private static boolean returnsUnmatched(PluginUse use) {
        return use.option("return_unmatched") || use.arguments().stream().skip(3)
                .filter(Syntax.BoolLiteral.class::isInstance).map(Syntax.BoolLiteral.class::cast)
                .findFirst().filter(Syntax.BoolLiteral::value).isPresent();
    }

    private static String place(PluginUse use) {
        return switch (use.name()) {
            case "geo_line_lookup" -> "geo_distance_point_to_line(_2, _3, _key) <= " + radius(use);
            default -> use.arguments().size() > 4 || use.options().containsKey("radius")
                    ? "geo_distance_point_to_polygon(_2, _3, _key) <= " + radius(use) : "geo_point_in_polygon(_2, _3, _key)";
        };
    }

    private static String radius(PluginUse use) {
        return use.options().containsKey("radius") ? "_radius" : "_4";
    }
}
