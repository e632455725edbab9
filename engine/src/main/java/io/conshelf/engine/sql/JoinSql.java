package io.conshelf.engine.sql;

import io.conshelf.kql.function.Template;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.JoinKind;
import io.conshelf.kql.type.Type;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/// Joins of all kinds. Both sides are subqueries, so that the ids of their columns are all the condition needs.
final class JoinSql {
    private JoinSql() {}

    static Select select(PlanWriter plans, Plan.Join join) {
        Select written = plans.select(join.left());
        // Beside each row of another SELECT, DuckDB loses the columns of an inner join by a column of that row, but not where the rows are numbered
        // and a condition reads the numbers: those it computes before it joins.
        Select left = plans.isLateral() && join.kind() == JoinKind.INNER ? plans.numbered(written, join.left().columns()).and("o > 0") : written;
        Select right = plans.select(join.right());
        String leftSql = join.kind() == JoinKind.INNER_UNIQUE ? distinctOn(plans, left, join) : left.sql(join.left().columns());
        String leftFrom = "(" + leftSql + ") AS " + plans.alias("q");
        String rightFrom = "(" + right.sql(join.right().columns()) + ") AS " + plans.alias("q");
        var values = new LinkedHashMap<Integer, String>();
        side(values, join.left(), join.kind() == JoinKind.RIGHT_OUTER || join.kind() == JoinKind.FULL_OUTER);
        side(values, join.right(), join.kind() == JoinKind.LEFT_OUTER || join.kind() == JoinKind.FULL_OUTER);
        String from = switch (join.kind()) {
            case INNER, INNER_UNIQUE -> leftFrom + " JOIN " + rightFrom;
            case LEFT_OUTER -> leftFrom + " LEFT JOIN " + rightFrom;
            case RIGHT_OUTER -> leftFrom + " RIGHT JOIN " + rightFrom;
            case FULL_OUTER -> leftFrom + " FULL JOIN " + rightFrom;
            case LEFT_SEMI -> leftFrom + " SEMI JOIN " + rightFrom;
            case LEFT_ANTI -> leftFrom + " ANTI JOIN " + rightFrom;
            case RIGHT_SEMI -> rightFrom + " SEMI JOIN " + leftFrom;
            case RIGHT_ANTI -> rightFrom + " ANTI JOIN " + leftFrom;
        };
        values.keySet().retainAll(PlanWriter.ids(join));
        return Select.from(from + " ON " + condition(plans, join), values);
    }

    // Nulls match each other in Kusto's joins.
    private static String condition(PlanWriter plans, Plan.Join join) {
        if (join.keys().isEmpty()) {
            return "true";
        }
        ExprWriter left = plans.expressions(Select.from("", PlanWriter.plain(join.left().columns())));
        ExprWriter right = plans.expressions(Select.from("", PlanWriter.plain(join.right().columns())));
        return join.keys().stream()
                .map(key -> Template.atom(left.write(key.left())) + " IS NOT DISTINCT FROM "
                        + Template.atom(right.write(key.right())))
                .collect(Collectors.joining(" AND "));
    }

    private static String distinctOn(PlanWriter plans, Select left, Plan.Join join) {
        Select base = plans.unlimited(left, join.left());
        var versions = new VersionNumbers();
        String keys = join.keys().stream()
                // DuckDB refuses a literal there, as the column of a table of one row is.
                .map(key -> "CAST(" + plans.expressions(base).write(key.left()) + " AS " + versions.type(join.left(), key.left()) + ")")
                .collect(Collectors.joining(", "));
        return base.sqlSelecting("DISTINCT ON (" + keys + ") " + base.items(join.left().columns()));
    }

    private static void side(Map<Integer, String> values, Plan side, boolean mayBeMissing) {
        for (Column column : side.columns()) {
            String name = Select.name(column.id());
            boolean isText = mayBeMissing && column.type() == Type.STRING;
            values.put(column.id(), isText ? "coalesce(" + name + ", '')" : name);
        }
    }
}
