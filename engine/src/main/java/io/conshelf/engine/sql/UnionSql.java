package io.conshelf.engine.sql;

import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Plan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// `union`: the rows of all inputs, with those hidden columns that all of them have.
final class UnionSql {
    private UnionSql() {}

    static Select select(PlanWriter plans, Plan.Union union) {
        List<Select> inputs = union.inputs().stream().map(plans::select).toList();
        Set<Integer> hidden = inputs.stream()
                .map(input -> input.hiddenValues().keySet())
                .reduce((a, b) -> a.stream().filter(b::contains).collect(Collectors.toSet()))
                .orElse(Set.of());
        var texts = new ArrayList<String>();
        var versions = new VersionNumbers();
        for (int i = 0; i < inputs.size(); i++) {
            Select input = inputs.get(i);
            List<Column> columns = union.inputs().get(i).columns();
            var values = new LinkedHashMap<Integer, String>();
            var missing = new LinkedHashMap<Integer, String>();
            for (int k = 0; k < columns.size(); k++) {
                Column column = union.columns().get(k);
                values.put(column.id(), input.values().get(columns.get(k).id()));
                // Beside decimals, versions would have to be decimals too.
                if (VersionNumbers.isMissing(union.inputs().get(i), columns.get(k)) && versions.are(union, column)) {
                    missing.put(column.id(), VersionNumbers.MISSING);
                }
            }
            hidden.stream().sorted().forEach(id -> values.put(id, input.values().get(id)));
            Map<Integer, String> all = input.isOrdered() ? plainRenamed(values, columns, union.columns()) : values;
            all.putAll(missing);
            Select renamed = (input.isOrdered() ? plans.nest(input, union.inputs().get(i)) : input).withValues(all);
            texts.add("(" + renamed.sql(union.columns()) + ")");
        }
        var values = PlanWriter.plain(union.columns());
        hidden.forEach(id -> values.put(id, Select.name(id)));
        return Select.from("(" + String.join(" UNION ALL ", texts) + ") AS " + plans.alias("q"), values);
    }

    private static Map<Integer, String> plainRenamed(Map<Integer, String> shape, List<Column> from, List<Column> to) {
        var values = new LinkedHashMap<Integer, String>();
        for (int i = 0; i < to.size(); i++) {
            values.put(to.get(i).id(), Select.name(from.get(i).id()));
        }
        shape.keySet().stream().filter(id -> id < 0).forEach(id -> values.put(id, Select.name(id)));
        return values;
    }
}
