package io.conshelf.engine.sql;

import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Plan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// What several results of one request read, as `let r = toscalar(rand()); print r; print r` does: it is computed once, before
/// the first of them, into a temporary table that goes with the request's transaction.
///
/// Rows are kept where they could be others if they were computed again: by chance, or because threads decide which of equal rows
/// come first, which a group is represented by, and in which order numbers are added. All other rows are read sooner again than kept.
final class CommonParts {
    static final String ROWS = "s";
    static final String VALUE = "v";

    /// A query with an identity: the rows of a `materialize()`, the value of a `toscalar()`.
    ///
    /// @param mayDiffer whether it could be another one if it was computed again
    record Part(Plan plan, boolean mayDiffer) {}

    private final QueryContext context;
    private final List<Map<String, Part>> parts;
    private final Set<String> common;
    /// The columns that any of the results reads; others are not kept.
    private final Set<Integer> read;
    private final Map<String, Set<Integer>> told = new HashMap<>();

    private CommonParts(QueryContext context, List<Plan> plans) {
        this.context = context;
        var all = plans.stream().map(Intrinsics::parts).toList();
        parts = all.stream().map(Intrinsics.Parts::byName).toList();
        var uses = new HashMap<String, Integer>();
        parts.forEach(each -> each.keySet().forEach(name -> uses.merge(name, 1, Integer::sum)));
        var known = new LinkedHashMap<String, Part>();
        parts.forEach(known::putAll);
        common = known.entrySet().stream()
                .filter(part -> uses.get(part.getKey()) > 1 && part.getValue().mayDiffer())
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
        var reads = new ColumnReads();
        all.forEach(each -> reads.add(each.reads()));
        read = common.isEmpty() ? Set.of() : reads.ids();
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

    private List<String> toldBefore(int result) {
        var before = new ArrayList<String>();
        parts.get(result).forEach((name, part) -> {
            if (common.contains(name) && !told.containsKey(name)) {
                List<Column> columns = part.plan().columns().stream().filter(column -> read.contains(column.id())).toList();
                before.add("CREATE TEMP TABLE " + name + " AS " + (name.startsWith(VALUE)
                        ? PlanWriter.writeValue(part.plan(), context, told) : PlanWriter.writeRows(part.plan(), columns, context, told)));
                told.put(name, columns.stream().map(Column::id).collect(Collectors.toSet()));
            }
        });
        return before;
    }
}
