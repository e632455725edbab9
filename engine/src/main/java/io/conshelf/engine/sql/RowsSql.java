package io.conshelf.engine.sql;

import io.conshelf.engine.duck.DuckTypes;
import io.conshelf.engine.duck.Sql;
import io.conshelf.kql.function.Template;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.Chunk;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Rows that are read from nowhere: what a statement writes down, was given, or counts.
final class RowsSql {
    private static final int LITERAL_ROWS_MAX = 20;

    private RowsSql() {}

    static Select rows(PlanWriter plans, Plan.Rows rows) {
        List<Column> columns = rows.columns();
        Select nothing = Select.from("", Map.of());
        if (rows.rows().size() > 1 && !columns.isEmpty()) {
            var lists = ConstantList.rows(rows.rows(), columns.stream().map(column -> Select.name(column.id())).toList(),
                    columns.stream().map(Column::type).toList());
            if (lists.isPresent()) {
                return Select.from("(" + lists.get() + ") AS " + plans.alias("v"), PlanWriter.plain(columns));
            }
            List<List<String>> cells =
                    rows.rows().stream().map(row -> plans.expressions(nothing).writeAll(row)).toList();
            return values(plans, columns, cells);
        }
        var values = new LinkedHashMap<Integer, String>();
        for (int i = 0; i < columns.size(); i++) {
            Column column = columns.get(i);
            values.put(column.id(), rows.rows().isEmpty()
                    ? Literals.nullOf(column.type())
                    : plans.expressions(nothing).write(rows.rows().getFirst().get(i)));
        }
        Select one = nothing.withValues(values);
        if (rows.rows().size() > 1) {
            return Select.from("range(" + rows.rows().size() + ") AS " + plans.alias("q"), values);
        }
        return rows.rows().isEmpty() ? one.and("false") : one;
    }

    private static Select values(PlanWriter plans, List<Column> columns, List<List<String>> cells) {
        String alias = plans.alias("v");
        String names = columns.stream().map(column -> Select.name(column.id())).collect(Collectors.joining(", "));
        String rows = cells.stream()
                .map(row -> row.stream().collect(Collectors.joining(", ", "(", ")")))
                .collect(Collectors.joining(", "));
        return Select.from("(VALUES " + rows + ") AS " + alias + "(" + names + ")", PlanWriter.plain(columns));
    }

    /// @param all what the statement was given, by name
    static Select supplied(PlanWriter plans, Plan.Supplied supplied, Map<String, List<Chunk>> all) {
        List<Chunk> chunks = all.get(supplied.name());
        if (chunks == null) {
            throw new AssertionError("no rows were supplied as '" + supplied.name() + "'");
        }
        int count = chunks.stream().mapToInt(Chunk::rows).sum();
        if (count > LITERAL_ROWS_MAX && !supplied.columns().isEmpty()) {
            String json = Cells.json(supplied.columns(), chunks);
            // DuckDB's reader of JSON ends a text there.
            if (!json.contains("\\u0000")) {
                return unpacked(plans, supplied.columns(), json);
            }
        }
        var cells = new ArrayList<List<String>>();
        for (Chunk chunk : chunks) {
            for (int row = 0; row < chunk.rows(); row++) {
                cells.add(Cells.literals(supplied.columns(), chunk, row));
            }
        }
        if (!cells.isEmpty()) {
            return values(plans, supplied.columns(), cells);
        }
        return rows(plans, new Plan.Rows(supplied.columns(), List.of()));
    }

    private static Select unpacked(PlanWriter plans, List<Column> columns, String json) {
        String alias = plans.alias("j");
        var values = new LinkedHashMap<Integer, String>();
        for (int i = 0; i < columns.size(); i++) {
            String cell = alias + ".r[" + (i + 1) + "]";
            Type type = columns.get(i).type();
            values.put(columns.get(i).id(), type == Type.STRING || type == Type.DYNAMIC ? cell : "CAST(" + cell + " AS " + DuckTypes.of(type) + ")");
        }
        return Select.from("(SELECT unnest(from_json(" + Sql.text(json) + ", '[[\"VARCHAR\"]]')) AS r) AS " + alias, values);
    }

    static Select range(PlanWriter plans, Plan.Range range) {
        ExprWriter writer = plans.expressions(Select.from("", Map.of()));
        String from = writer.write(range.from());
        String to = writer.write(range.to());
        String step = steps(range.step(), writer.write(range.step()));
        String alias = plans.alias("g");
        Column column = range.column();
        return switch (column.type()) {
            case INT, LONG, DATETIME, TIMESPAN -> {
                String value = column.type() == Type.INT ? "CAST(" + alias + ".i AS INTEGER)" : alias + ".i";
                yield Select.from("generate_series(" + from + ", " + to + ", " + step + ") AS " + alias + "(i)",
                        Map.of(column.id(), value));
            }
            case REAL, DECIMAL -> {
                String count = "CAST(floor((" + to + " - " + from + ") / " + step + ") AS BIGINT)";
                String value = "CAST(" + from + " + " + alias + ".i * " + step + " AS "
                        + DuckTypes.of(column.type()) + ")";
                yield Select.from("generate_series(0, " + count + ") AS " + alias + "(i)",
                        Map.of(column.id(), value));
            }
            case BOOL, STRING, GUID, DYNAMIC ->
                throw new AssertionError("a range of " + column.type() + " was bound");
        };
    }

    /// A constant step of zero was refused before.
    private static String steps(Expr step, String sql) {
        return step instanceof Expr.Constant || step instanceof Expr.Null
                ? sql : "CASE WHEN " + Template.atom(sql) + " = 0 THEN error('range: the step cannot be zero') ELSE " + sql + " END";
    }
}
