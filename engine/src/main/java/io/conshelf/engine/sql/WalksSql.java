package io.conshelf.engine.sql;

import io.conshelf.engine.duck.DuckTypes;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Cycles;
import io.conshelf.kql.plan.Plan.PathFold;
import io.conshelf.kql.plan.Plan.PathPart;
import io.conshelf.kql.plan.Plan.PathValue;
import java.util.ArrayList;
import java.util.List;

/// Edges of variable length as a recursive query: a turn makes all walks one edge longer. Walks begin once at each node that the
/// rows name, and are then joined to the rows.
final class WalksSql {
    private final PlanWriter plans;
    private final Plan.Walks walks;
    private final boolean readsNodes;

    private WalksSql(PlanWriter plans, Plan.Walks walks) {
        this.plans = plans;
        this.walks = walks;
        readsNodes = walks.values().stream().anyMatch(value -> value.of() == PathPart.INNER_NODES);
    }

    static Select select(PlanWriter plans, Plan.Walks walks) {
        return new WalksSql(plans, walks).select();
    }

    private Select select() {
        List<Column> columns = walks.input().columns();
        Select input = plans.nest(plans.select(walks.input()), walks.input());
        String rows = plans.alias("i");
        String starts = input.sqlSelecting(PlanWriter.plainItems(columns) + plans.expressions(input).write(walks.start()) + " AS s");
        String edges = plans.alias("e");
        String nodes = plans.alias("n");
        String paths = plans.alias("p");
        var ctes = new ArrayList<String>();
        ctes.add(rows + " AS MATERIALIZED (" + starts + ")");
        ctes.add(edges + " AS MATERIALIZED (" + parts(walks.edges(), PathPart.EDGES,
                List.of(walks.index(), walks.from(), walks.to()), List.of("x", "f", "t")) + ")");
        if (readsNodes) {
            ctes.add(nodes + " AS MATERIALIZED (" + parts(walks.nodes(), PathPart.INNER_NODES, List.of(walks.key()), List.of("k")) + ")");
        }
        ctes.add(paths + " AS (" + seed(rows) + " UNION ALL " + longer(paths, edges, nodes) + ")");
        var items = new ArrayList<String>();
        columns.forEach(column -> items.add(rows + "." + Select.name(column.id())));
        items.add(paths + ".b AS " + Select.name(walks.end().id()));
        items.add(paths + ".l AS " + Select.name(walks.length().id()));
        items.add(paths + ".xs AS " + Select.name(walks.numbers().id()));
        items.add(paths + ".ks AS " + Select.name(walks.between().id()));
        for (int i = 0; i < walks.values().size(); i++) {
            items.add(result(walks.values().get(i), paths + ".v" + i) + " AS " + Select.name(walks.values().get(i).column().id()));
        }
        String sql = "WITH RECURSIVE " + String.join(", ", ctes) + " SELECT " + String.join(", ", items) + " FROM " + rows + " JOIN "
                + paths + " ON " + rows + ".s IS NOT DISTINCT FROM " + paths + ".a WHERE " + paths + ".l >= " + walks.least();
        return Select.from("(" + sql + ") AS " + plans.alias("q"), PlanWriter.plain(walks.columns()));
    }

    /// Edges or nodes with what is computed of each.
    private String parts(Plan plan, PathPart of, List<Column> columns, List<String> names) {
        Select select = plans.nest(plans.select(plan), plan);
        var expressions = plans.expressions(select);
        var items = new ArrayList<String>();
        for (int i = 0; i < columns.size(); i++) {
            items.add(Select.name(columns.get(i).id()) + " AS " + names.get(i));
        }
        for (int i = 0; i < walks.values().size(); i++) {
            PathValue value = walks.values().get(i);
            if (value.of() == of) {
                String sql = expressions.write(value.value());
                items.add((value.fold() == PathFold.LIST ? "coalesce(" + sql + ", 'null')" : "coalesce(" + sql + ", false)") + " AS v" + i);
            }
        }
        return select.sqlSelecting(String.join(", ", items));
    }

    private String seed(String rows) {
        String key = DuckTypes.of(walks.start().type());
        var items = new ArrayList<String>(List.of("s AS a", "s AS b", "CAST(0 AS BIGINT) AS l", "CAST([] AS BIGINT[]) AS xs",
                "CAST([] AS " + key + "[]) AS ks"));
        for (int i = 0; i < walks.values().size(); i++) {
            items.add(switch (walks.values().get(i).fold()) {
                case LIST -> "CAST([] AS VARCHAR[])";
                case ALL -> "true";
                case ANY -> "false";
            } + " AS v" + i);
        }
        return "SELECT DISTINCT " + String.join(", ", items) + " FROM " + rows;
    }

    private String longer(String paths, String edges, String nodes) {
        var items = new ArrayList<String>(List.of(paths + ".a", edges + ".t", paths + ".l + 1",
                "list_append(" + paths + ".xs, " + edges + ".x)",
                "CASE WHEN " + paths + ".l = 0 THEN " + paths + ".ks ELSE list_append(" + paths + ".ks, " + paths + ".b) END"));
        for (int i = 0; i < walks.values().size(); i++) {
            PathValue value = walks.values().get(i);
            boolean ofEdges = value.of() == PathPart.EDGES;
            String before = paths + ".v" + i;
            String one = (ofEdges ? edges : nodes) + ".v" + i;
            String more = switch (value.fold()) {
                case LIST -> "list_append(" + before + ", " + one + ")";
                case ALL -> "(" + before + " AND " + one + ")";
                case ANY -> "(" + before + " OR " + one + ")";
            };
            items.add(ofEdges ? more : "CASE WHEN " + paths + ".l = 0 THEN " + before + " ELSE " + more + " END");
        }
        String withNodes = readsNodes ? " JOIN " + nodes + " ON " + nodes + ".k IS NOT DISTINCT FROM " + paths + ".b" : "";
        return "SELECT " + String.join(", ", items) + " FROM " + paths + " JOIN " + edges + " ON " + edges + ".f IS NOT DISTINCT FROM "
                + paths + ".b" + withNodes + " WHERE " + paths + ".l < " + walks.most() + onlyOnce(paths, edges);
    }

    private String onlyOnce(String paths, String edges) {
        return switch (walks.cycles()) {
            case Cycles.ALL -> "";
            case Cycles.UNIQUE_EDGES -> " AND NOT list_contains(" + paths + ".xs, " + edges + ".x)";
            case Cycles.NONE -> " AND " + edges + ".t IS DISTINCT FROM " + paths + ".a AND " + edges + ".t IS DISTINCT FROM " + paths
                    + ".b AND NOT list_contains(" + paths + ".ks, " + edges + ".t)";
        };
    }

    private static String result(PathValue value, String sql) {
        return value.fold() == PathFold.LIST ? "'[' || array_to_string(" + sql + ", ',') || ']'" : sql;
    }
}
