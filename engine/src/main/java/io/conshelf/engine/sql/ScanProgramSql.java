package io.conshelf.engine.sql;

import io.conshelf.engine.duck.DuckTypes;
import io.conshelf.engine.duck.Sql;
import io.conshelf.kql.function.Template;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.ScanStep;
import io.conshelf.kql.plan.Plan.StepOutput;
import io.conshelf.kql.scan.ScanProgram;
import io.conshelf.kql.scan.ScanText;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// `scan` where a machine in Java computes all that looks at the state: a recursive query with one turn a block of rows. In a
/// turn the function `kql_scan` takes the text of a block, and what was known behind the one before, and gives the results of
/// the block's rows; what is known behind it is one more row of them. So no more than a block is in the function's hands. Where
/// its results are long it stops amid a block, and the next turn goes on with the same one.
///
/// A result (see [ScanText]) is the number of the row that it shows, how late its step comes, the sequence, and then the
/// columns that steps assign; the others are those of the row.
final class ScanProgramSql {
    /// Of so many rows with numbers alone the text is some hundred thousand characters.
    private static final int BLOCK_ROWS = 1 << 14;

    private static final int BLOCK_ROWS_WITH_TEXTS = 1 << 10;
    private static final int BLOCK_ROWS_WITH_GROWING_TEXTS = 1 << 7;

    /// Texts may be long, so blocks with them end after as many bytes too, not counting a row that is longer.
    private static final int BLOCK_BYTES = 4 << 20;

    /// Inside a `partition` a turn takes a block of each of up to 2,048 partitions together.
    private static final int BLOCKS_TOGETHER = 1 << 7;
    private static final int COLUMNS_BEFORE_VALUES = 3;

    private final PlanWriter plans;
    private final Plan.StepScan scan;
    private final ScanProgram program;
    private final ScanProgram.Compiled compiled;
    private final List<Column> input;
    private final Map<Integer, String> values;

    private ScanProgramSql(PlanWriter plans, Plan.StepScan scan, ScanProgram.Compiled compiled) {
        this.plans = plans;
        this.scan = scan;
        this.compiled = compiled;
        program = compiled.program();
        input = scan.input().columns();
        values = PlanWriter.plain(input);
    }

    static Select select(PlanWriter plans, Plan.StepScan scan, ScanProgram.Compiled compiled) {
        return new ScanProgramSql(plans, scan, compiled).select();
    }

    private Select select() {
        String numbered = plans.numbered(plans.select(scan.input()), input).sqlSelecting(PlanWriter.plainItems(input) + "o");
        String rows = plans.alias("n");
        String blocks = plans.alias("b");
        String results = plans.alias("r");
        String inOrder = hasTexts() ? blocksByLength(rows) : blocksOfRows(rows);
        String turn = "SELECT " + blocks + ".b, kql_scan(" + Sql.text(program.text()) + ", t, x, i, z) AS f FROM "
                + blocks + " JOIN " + results + " ON " + blocks + ".b = " + results + ".b + 1 WHERE starts_with(t, '" + ScanText.STATE + "')";
        // Behind some rows of a block is still behind the block before.
        String behind = "CASE WHEN starts_with(f, '" + ScanText.STATE_BEHIND_BLOCK + "') THEN b ELSE b - 1 END";
        String behindTurn = "SELECT " + behind + " AS b, string_split(f, '" + ScanText.ROW + "') AS l FROM (" + turn + ") AS " + plans.alias("q");
        String recursive = "SELECT CAST(-1 AS BIGINT) AS b, '" + ScanText.STATE + "' AS t UNION ALL SELECT b, unnest(l) AS t FROM (" + behindTurn + ") AS "
                + plans.alias("q");
        String split = "SELECT string_split(t, '" + ScanText.FIELD + "') AS l FROM " + results + " WHERE NOT starts_with(t, '" + ScanText.STATE + "')";
        String numbers = "SELECT CAST(l[1] AS BIGINT) AS so, CAST(l[2] AS BIGINT) AS p, l FROM (" + split + ") AS " + plans.alias("q");
        String with = "WITH RECURSIVE " + rows + " AS MATERIALIZED (" + numbered + "), " + blocks + " AS MATERIALIZED (" + inOrder + "), " + results
                + " AS (" + recursive + ") ";
        String all = "SELECT so AS o, p" + items() + " FROM (" + numbers + ") AS " + plans.alias("q") + " JOIN " + rows + " ON o = so";
        return Select.from("(" + with + all + ") AS " + plans.alias("q"), PlanWriter.plain(scan.columns())).orderedBy(List.of("o", "p"));
    }

    /// The blocks: `b` counts them, `i` is how many rows come before, `x` the text, `z` is true of the last one.
    private String blocksOfRows(String rows) {
        int size = blockPart(blockRows());
        String texts = "SELECT (o - 1) // " + size + " AS b, string_agg(" + rowText() + ", '" + ScanText.ROW + "' ORDER BY o) AS x FROM " + rows
                + " GROUP BY 1";
        return "SELECT b, b * " + size + " AS i, x, lead(b) OVER (ORDER BY b) IS NULL AS z FROM (" + texts + ") AS " + plans.alias("q");
    }

    /// The same where a block is cut into several if it is long.
    private String blocksByLength(String rows) {
        String texts = "SELECT o, (o - 1) // " + blockPart(blockRows()) + " AS g, " + rowText() + " AS x FROM " + rows;
        String cut = "SELECT o, g, x, sum(strlen(x)) OVER (PARTITION BY g ORDER BY o ROWS UNBOUNDED PRECEDING) // " + blockPart(BLOCK_BYTES)
                + " AS h FROM (" + texts + ") AS " + plans.alias("q");
        String parts = "SELECT min(o) - 1 AS i, string_agg(x, '" + ScanText.ROW + "' ORDER BY o) AS x FROM (" + cut + ") AS " + plans.alias("q")
                + " GROUP BY g, h";
        return "SELECT row_number() OVER (ORDER BY i) - 1 AS b, i, x, lead(i) OVER (ORDER BY i) IS NULL AS z FROM (" + parts + ") AS "
                + plans.alias("q");
    }

    private boolean hasTexts() {
        return program.fields().stream().anyMatch(type -> type == Type.STRING || type == Type.DYNAMIC);
    }

    private int blockRows() {
        return compiled.growsText() ? BLOCK_ROWS_WITH_GROWING_TEXTS : hasTexts() ? BLOCK_ROWS_WITH_TEXTS : BLOCK_ROWS;
    }

    private int blockPart(int alone) {
        return plans.isLateral() ? alone / BLOCKS_TOGETHER : alone;
    }

    /// A row in the form that the function reads.
    private String rowText() {
        ExprWriter expressions = plans.expressions(Select.from("", values));
        var texts = new ArrayList<String>();
        compiled.fields().forEach(field -> texts.add(ScanText.fieldSql(field.type(), Template.atom(expressions.write(field)))));
        return texts.isEmpty() ? "''" : String.join(" || '" + ScanText.FIELD + "' || ", texts.stream().map(Template::atom).toList());
    }

    private String items() {
        List<String> defaults = plans.expressions(Select.from("", Map.of())).writeAll(scan.defaults());
        var places = new HashMap<Integer, Integer>();
        program.given().forEach(column -> places.put(column, COLUMNS_BEFORE_VALUES + 1 + places.size()));
        var items = new StringBuilder();
        for (int i = 0; i < scan.made().size(); i++) {
            Column made = scan.made().get(i);
            String otherwise = i < scan.row().size() ? Select.name(scan.row().get(i).id()) : defaults.get(i - scan.row().size());
            String duckType = DuckTypes.of(made.type());
            String value = places.containsKey(i)
                    ? assigned(i, ScanText.valueSql(made.type(), duckType, "l[" + places.get(i) + "]"), otherwise) : otherwise;
            items.append(", CAST(").append(value).append(" AS ").append(duckType).append(") AS ").append(Select.name(made.id()));
        }
        scan.matchId().ifPresent(column -> items.append(", CAST(l[").append(COLUMNS_BEFORE_VALUES).append("] AS BIGINT) AS ")
                .append(Select.name(column.id())));
        return items.toString();
    }

    /// The value of a column where the result's step assigns it, else what it is otherwise.
    private String assigned(int column, String value, String otherwise) {
        var by = new ArrayList<String>();
        boolean isByAll = true;
        for (int k = 0; k < scan.steps().size(); k++) {
            ScanStep step = scan.steps().get(k);
            if (step.output() == StepOutput.NONE) {
                continue;
            }
            if (program.steps().get(k).assigned().containsKey(column)) {
                by.add(Integer.toString(scan.steps().size() - 1 - k));
            } else {
                isByAll = false;
            }
        }
        return isByAll ? value : "CASE WHEN p IN (" + String.join(", ", by) + ") THEN " + value + " ELSE " + otherwise + " END";
    }
}
