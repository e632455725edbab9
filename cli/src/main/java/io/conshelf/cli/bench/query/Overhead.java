package io.conshelf.cli.bench.query;

import io.conshelf.cli.bench.Benchmark.Figure;
import io.conshelf.cli.bench.query.QueryBenchmark.Sides;
import io.conshelf.connectors.kusto.KustoCluster;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.util.List;
import java.util.function.Consumer;

/// What a query costs where there is next to nothing to do, and what a row costs on its way out.
final class Overhead {
    private static final int ROWS = 1_000_000;

    private final URI server;
    private final KustoCluster cluster;
    private final PlainHttp plain;
    private final Connection duck;
    private final int rounds;
    private final Consumer<Figure> figures;
    private final HttpClient http = HttpClient.newHttpClient();

    Overhead(int port, KustoCluster cluster, PlainHttp plain, Connection duck, int rounds, Consumer<Figure> figures) {
        this.server = URI.create("http://127.0.0.1:" + port);
        this.cluster = cluster;
        this.plain = plain;
        this.duck = duck;
        this.rounds = rounds;
        this.figures = figures;
    }

    void measure() throws Exception {
        shortOnes("query: a constant, client", () -> QueryBenchmark.readAll(cluster, "print 1"), "SELECT 1");
        shortOnes("query: a constant, plain HTTP", () -> plain.ask("print 1"), "SELECT 1");
        shortOnes("query: 50 lines over no rows", () -> plain.ask(FIFTY_LINES), FIFTY_LINES_SQL);
        // Ours goes as far as the SQL, which nobody plans, and answers that the query may be run; the peer plans its own.
        shortOnes("query: 50 lines, checked only", () -> plain.ask("set validate_permissions;\n" + FIFTY_LINES), "EXPLAIN " + FIFTY_LINES_SQL);
        String some = "set notruncation; Flights | take " + ROWS;
        String json = "COPY (SELECT * FROM flights LIMIT " + ROWS + ") TO '/dev/null' (FORMAT json, ARRAY true)";
        for (String version : List.of("v1", "v2")) {
            var sides = Sides.measure(rounds, () -> post("/" + version + "/rest/query", some), () -> QueryBenchmark.execute(duck, json));
            figures.accept(Figure.of("query: 1 M rows of JSON " + version, sides.ours(), sides.peer(), "DuckDB writing JSON", "ms"));
            figures.accept(Figure.of("query: 1 M rows of JSON " + version, sides.oursCpu(), sides.peerCpu(), "DuckDB writing JSON", Sides.CPU));
        }
    }

    private interface Once {
        void run() throws Exception;
    }

    private void shortOnes(String name, Once ours, String sql) {
        var sides = Sides.measure(rounds, ours::run, () -> QueryBenchmark.execute(duck, sql));
        figures.accept(sides.time(name));
        figures.accept(sides.cpu(name));
    }

    private void post(String path, String kql) throws IOException, InterruptedException {
        String body = "{\"db\":\"NetDefaultDB\",\"csl\":\"" + kql.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"}";
        var request = HttpRequest.newBuilder(server.resolve(path)).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)).build();
        HttpResponse<InputStream> answer = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream in = answer.body()) {
            if (answer.statusCode() != 200) {
                throw new IOException("the server answered " + answer.statusCode() + ": " + new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8));
            }
            in.transferTo(OutputStream.nullOutputStream());
        }
    }

    /// A query as people write it for a report.
    private static final String FIFTY_LINES = """
            let from_day = datetime(2001-01-01);
            let to_day = datetime(2001-07-01);
            let late = (delay:int, limit:int) { delay > limit };
            let busy = toscalar(
                Nothing
                | summarize n = count() by origin
                | summarize max(n));
            let airports =
                Nothing
                | summarize leaving = count() by airport = origin
                | where leaving > 100
                | top 50 by leaving;
            let flights =
                Nothing
                | where ['date'] between (from_day .. to_day)
                | where isnotempty(origin)
                | where isnotempty(destination)
                | extend day = bin(['date'], 1d)
                | extend hour = hourofday(['date'])
                | extend weekday = dayofweek(['date']) / 1d
                | extend isLate = late(delay, 15)
                | extend isVeryLate = late(delay, 60)
                | extend band = case(
                    distance < 250, 'short',
                    distance < 1000, 'middle',
                    'long')
                | extend speed = iff(delay > 0, todouble(distance) / delay, real(null))
                | project-away legs
                | project-rename route_note = note;
            flights
            | where band != 'short'
            | where weekday in (1, 2, 3, 4, 5)
            | parse route_note with 'Flight ' start ' to ' end ':' *
            | extend route = strcat(start, '-', end)
            | extend share = todouble(delay) / busy
            | where route !has 'test'
            | join kind=inner (airports) on $left.origin == $right.airport
            | summarize
                flights = count(),
                lateOnes = countif(isLate),
                veryLate = countif(isVeryLate),
                meanDelay = avg(delay),
                worst = max(delay),
                largestShare = max(share),
                days = dcount(day)
                by route, band, hour
            | extend lateShare = round(100.0 * lateOnes / flights, 2)
            | extend veryLateShare = round(100.0 * veryLate / flights, 2)
            | where flights > 10
            | extend rating = case(lateShare < 10, 'good', lateShare < 25, 'fair', 'bad')
            | project route, band, hour, flights, lateShare, veryLateShare, meanDelay, worst, largestShare, days, rating
            | order by lateShare desc, route asc
            | take 100
            """;

    private static final String FIFTY_LINES_SQL = """
            WITH busy AS (SELECT max(n) AS n FROM (SELECT count(*) AS n FROM nothing GROUP BY origin)),
            airports AS (SELECT origin AS airport, count(*) AS leaving FROM nothing GROUP BY 1 HAVING count(*) > 100 ORDER BY leaving DESC LIMIT 50),
            chosen AS (
                SELECT *, regexp_extract(note, '^Flight (.*?) to (.*?):', ['start', 'finish']) AS p,
                    CASE WHEN distance < 250 THEN 'short' WHEN distance < 1000 THEN 'middle' ELSE 'long' END AS band
                FROM nothing
                WHERE date BETWEEN TIMESTAMP '2001-01-01' AND TIMESTAMP '2001-07-01' AND origin <> '' AND destination <> ''
                    AND distance >= 250 AND dayofweek(date) IN (1, 2, 3, 4, 5))
            SELECT *, round(100.0 * late / flights, 2) AS lateShare, round(100.0 * veryLate / flights, 2) AS veryLateShare,
                CASE WHEN lateShare < 10 THEN 'good' WHEN lateShare < 25 THEN 'fair' ELSE 'bad' END AS rating
            FROM (
                SELECT p.start || '-' || p.finish AS route, band, hour(date) AS hour, count(*) AS flights, count(*) FILTER (WHERE delay > 15) AS late,
                    count(*) FILTER (WHERE delay > 60) AS veryLate, avg(delay) AS meanDelay, max(delay) AS worst, max(delay / (SELECT n FROM busy)) AS largestShare,
                    count(DISTINCT date_trunc('day', date)) AS days
                FROM chosen JOIN airports ON origin = airport
                WHERE NOT regexp_matches(p.start || '-' || p.finish, '(?i)(^|[^a-z0-9])test($|[^a-z0-9])')
                GROUP BY ALL)
            WHERE flights > 10 ORDER BY lateShare DESC, route LIMIT 100
            """;
}
