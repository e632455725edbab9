package io.conshelf.engine.sql;

import io.conshelf.kql.plan.Plan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// What several results of one request read, as `let r = toscalar(rand()); print r; print r` does: it is computed once, before
/// the first of them, into a temporary table that goes with the request's transaction.
final class CommonParts {
    static final String ROWS = "s";
    static final String VALUE = "v";

    /// A query with an identity: the rows of a `materialize()`, the value of a `toscalar()`.
    ///
    /// @param isDrawn whether it would be another one if it was computed again
    record Part(Plan plan, boolean isDrawn) {}

    private final QueryContext context;
    private final List<Map<String, Part>> parts;
    private final Set<String> common;
    private final Set<String> told = new HashSet<>();

    private CommonParts(QueryContext context, List<Plan> plans) {
        this.context = context;
        parts = plans.stream().map(Intrinsics::parts).toList();
        var uses = new HashMap<String, Integer>();
        parts.forEach(each -> each.keySet().forEach(name -> uses.merge(name, 1, Integer::sum)));
        var known = new LinkedHashMap<String, Part>();
        parts.forEach(known::putAll);
        common = known.entrySet().stream()
                .filter(part -> uses.get(part.getKey()) > 1 && isComputedOnce(part.getKey(), part.getValue()))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    /// The statements of several results, which are run in this order.
    static List<Statement> statements(List<Plan> plans, QueryContext context) {
        var common = new CommonParts(context, plans);
        var statements = new ArrayList<Statement>();
        for (int i = 0; i < plans.size(); i++) {
            List<String> before = common.toldBefore(i);
            statements.add(PlanWriter.write(plans.get(i), context, common.told).after(before));
        }
        return statements;
    }

    /// Rows that are as many as those they come from, and the same each time, are read sooner again than kept.
    private static boolean isComputedOnce(String name, Part part) {
        return name.startsWith(VALUE) || part.isDrawn() || isReduced(part.plan());
    }

    private static boolean isReduced(Plan plan) {
        return switch (plan) {
            case Plan.Aggregate _, Plan.Limit _, Plan.Top _, Plan.Rows _, Plan.MakeSeries _ -> true;
            case Plan.Filter p -> isReduced(p.input());
            case Plan.Project p -> isReduced(p.input());
            case Plan.Sort p -> isReduced(p.input());
            case Plan.Serialize p -> isReduced(p.input());
            case Plan.Window p -> isReduced(p.input());
            case Plan.Shared p -> isReduced(p.definition());
            case Plan.Union p -> p.inputs().stream().allMatch(CommonParts::isReduced);
            case Plan.Join p -> isReduced(p.left()) && isReduced(p.right());
            case Plan.Scan _, Plan.Range _, Plan.Supplied _, Plan.Expand _, Plan.Apply _, Plan.ApplyInput _, Plan.Partition _, Plan.StepScan _, Plan.Walks _, Plan.Refused _ -> false;
        };
    }

    private List<String> toldBefore(int result) {
        var before = new ArrayList<String>();
        parts.get(result).forEach((name, part) -> {
            if (common.contains(name) && !told.contains(name)) {
                before.add("CREATE TEMP TABLE " + name + " AS " + (name.startsWith(VALUE)
                        ? PlanWriter.writeValue(part.plan(), context, told) : PlanWriter.writeRows(part.plan(), context, told)));
                told.add(name);
            }
        });
        return before;
    }
}
