package io.conshelf.cli.bench.query;

import io.conshelf.cli.bench.Benchmark.Figure;
import io.conshelf.cli.bench.query.QueryBenchmark.Sides;
import io.conshelf.connectors.kusto.KustoCluster;
import java.sql.Connection;
import java.util.List;
import java.util.function.Consumer;

/// `scan`, which takes one row after the other whatever its steps say, beside the windows that somebody writes who needs no
/// more than these two steps. They are no [Question]s: what SQL has a window for is what `scan` is least made for.
final class ScanFigures {
    private static final List<Integer> ROWS = List.of(1_000_000, 3_000_000);

    /// The number of rows is `{rows}` in all of them.
    private static final List<Question> QUESTIONS = List.of(
            new Question("scan, a running sum",
                    "range x from 1 to {rows} step 1 | scan declare (total:long = 0) with (step s: true => total = s.total + x;) | summarize count(), max(total)",
                    "SELECT count(*), max(total) FROM (SELECT sum(x) OVER (ORDER BY x) AS total FROM range(1, {rows} + 1) AS r(x))",
                    List.of(0, 1)),
            new Question("scan, the last value that is there",
                    "range x from 1 to {rows} step 1 | extend v = iff(x % 5 == 0, x, long(null))"
                            + " | scan declare (known:long) with (step s: true => known = coalesce(v, s.known);) | summarize count(), sum(known)",
                    "SELECT count(*), sum(last) FROM (SELECT last_value(v IGNORE NULLS) OVER (ORDER BY x) AS last"
                            + " FROM (SELECT x, CASE WHEN x % 5 = 0 THEN x END AS v FROM range(1, {rows} + 1) AS r(x)))",
                    List.of(0, 1)));

    private final KustoCluster cluster;
    private final Connection duck;
    private final int rounds;
    private final Consumer<Figure> figures;

    ScanFigures(KustoCluster cluster, Connection duck, int rounds, Consumer<Figure> figures) {
        this.cluster = cluster;
        this.duck = duck;
        this.rounds = rounds;
        this.figures = figures;
    }

    void measure() throws Exception {
        for (Question template : QUESTIONS) {
            for (int rows : ROWS) {
                String count = Integer.toString(rows);
                var question = new Question(template.name(), template.kql().replace("{rows}", count), template.sql().replace("{rows}", count), template.promised());
                SameRows.check(question, QueryBenchmark.rows(cluster, question), QueryBenchmark.rows(duck, question));
                var sides = Sides.measure(rounds, () -> QueryBenchmark.readAll(cluster, question.kql()), () -> QueryBenchmark.execute(duck, question.sql()));
                String name = "query: " + question.name() + ", " + rows / 1_000_000 + " M rows";
                figures.accept(sides.time(name));
                figures.accept(sides.cpu(name));
            }
        }
    }
}
