package io.conshelf.engine.sql;

import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Plan;
import java.util.List;
import java.util.Map;

/// `partition`: a body beside each key, over the rows that have it.
final class PartitionSql {
    private PartitionSql() {}

    static Select select(PlanWriter plans, Plan.Partition partition) {
        List<Column> columns = partition.input().columns();
        Select input = plans.select(partition.input());
        Select rows = plans.nest(input, partition.input());
        String key = plans.expressions(rows).write(partition.key());
        String keyed = rows.sqlSelecting(rows.items(columns) + ", " + key + " AS k");
        String each = plans.alias("k");
        String source = plans.named("p", keyed);
        Select matching = Select.from(source + " AS " + plans.alias("q"), rows.plainValues(columns))
                .and("k IS NOT DISTINCT FROM " + each + "k");
        String distinct = "(SELECT DISTINCT k AS " + each + "k FROM " + source + " AS " + plans.alias("q") + ")";
        String keys = (partition.keysMax().isPresent() ? fewKeys(plans, distinct, each + "k", partition.keysMax().getAsInt()) : distinct)
                + " AS " + plans.alias("q");
        return plans.lateral(keys, Map.of(), matching, partition.body(), partition.body().columns());
    }

    private static String fewKeys(PlanWriter plans, String distinct, String key, int max) {
        return "(SELECT CASE WHEN count(*) OVER () > " + max + " THEN error('" + Plan.Partition.tooManyKeys(max) + "') ELSE " + key
                + " END AS " + key + " FROM " + distinct + " AS " + plans.alias("q") + ")";
    }
}
