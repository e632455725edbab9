package io.conshelf.cli.bench.query;

import java.util.List;
import java.util.stream.IntStream;

/// A question in KQL, and in the SQL of somebody who knows DuckDB and wants it to win. Both mean the same: the benchmark
/// compares the rows before it takes the time.
///
/// @param promised the columns that are the same whichever of several possible rows come, by their places; the number of rows always is
record Question(String name, String kql, String sql, List<Integer> promised) {
    /// What replaces `{days}` in both texts: the days that the flights span.
    static final String DAYS = "{days}";

    /// More than any question has.
    private static final List<Integer> ALL_COLUMNS = IntStream.range(0, 10).boxed().toList();

    private static Question of(String name, String kql, String sql) {
        return new Question(name, kql, sql, ALL_COLUMNS);
    }

    Question over(int days) {
        return new Question(name, kql.replace(DAYS, Integer.toString(days)), sql.replace(DAYS, Integer.toString(days)), promised);
    }

    /// The same of tables without rows.
    Question overNothing() {
        return new Question(name, kql.replace("Flights", "Nothing"), sql.replace("flights", "nothing"), promised);
    }

    /// `dcount` is exact here, and DuckDB's estimate (64 registers, some 13 % off) is further from the truth than the 1.6 %
    /// that KQL promises, so the peer counts exactly. Percentiles are the nearest rank on both sides.
    static final List<Question> ALL = List.of(
            of("count",
                    "Flights | count",
                    "SELECT count(*) FROM flights"),
            of("summarize",
                    "Flights | summarize count(), avg(delay), max(distance) by origin",
                    "SELECT origin, count(*), avg(delay), max(distance) FROM flights GROUP BY origin"),
            of("bin",
                    "Flights | summarize flights = count() by bin(['date'], 1d)",
                    "SELECT date_trunc('day', date), count(*) FROM flights GROUP BY 1"),
            of("bin of an hour, filtered",
                    "Flights | where delay between (10 .. 120) | summarize count(), sum(delay) by bin(['date'], 1h), destination",
                    "SELECT date_trunc('hour', date), destination, count(*), sum(delay) FROM flights WHERE delay BETWEEN 10 AND 120 GROUP BY 1, 2"),
            new Question("top",
                    "Flights | where delay > 60 and origin == 'SFO' | top 10 by distance",
                    "SELECT * FROM flights WHERE delay > 60 AND origin = 'SFO' ORDER BY distance DESC LIMIT 10",
                    List.of(2, 3)),
            new Question("top by a real",
                    "Flights | top 10 by hours",
                    "SELECT * FROM flights ORDER BY hours DESC NULLS LAST LIMIT 10",
                    List.of(7)),
            new Question("top by a real, ascending",
                    "Flights | top 10 by hours asc",
                    "SELECT * FROM flights ORDER BY hours ASC NULLS FIRST LIMIT 10",
                    List.of(7)),
            of("case",
                    "Flights | extend how = case(delay < 0, 'early', delay < 15, 'on time', delay < 60, 'late', 'very late') | summarize count() by how, destination",
                    "SELECT CASE WHEN delay < 0 THEN 'early' WHEN delay < 15 THEN 'on time' WHEN delay < 60 THEN 'late' ELSE 'very late' END AS how,"
                            + " destination, count(*) FROM flights GROUP BY ALL"),
            of("has, in few rows",
                    "Flights | where note has 'sfo' | summarize count() by destination",
                    "SELECT destination, count(*) FROM flights WHERE contains(lower(note), 'sfo')"
                            + " AND regexp_matches(note, '(?i)(^|[^a-z0-9])sfo($|[^a-z0-9])') GROUP BY 1"),
            of("has, in all rows",
                    "Flights | where note has 'late' | summarize count() by destination",
                    "SELECT destination, count(*) FROM flights WHERE regexp_matches(note, '(?i)(^|[^a-z0-9])late($|[^a-z0-9])') GROUP BY 1"),
            of("has_any",
                    "Flights | where note has_any ('sfo', 'lax', 'jfk') | count",
                    "SELECT count(*) FROM flights WHERE (contains(lower(note), 'sfo') OR contains(lower(note), 'lax') OR contains(lower(note), 'jfk'))"
                            + " AND regexp_matches(note, '(?i)(^|[^a-z0-9])(sfo|lax|jfk)($|[^a-z0-9])')"),
            of("in~",
                    "Flights | where origin in~ ('sfo', 'lax', 'jfk', 'ord') | summarize count() by origin",
                    "SELECT origin, count(*) FROM flights WHERE lower(origin) IN ('sfo', 'lax', 'jfk', 'ord') GROUP BY 1"),
            of("contains",
                    "Flights | where note contains 'O to L' | summarize count() by destination",
                    "SELECT destination, count(*) FROM flights WHERE contains(lower(note), 'o to l') GROUP BY 1"),
            of("startswith",
                    "Flights | where note startswith 'flight s' | count",
                    "SELECT count(*) FROM flights WHERE starts_with(lower(note), 'flight s')"),
            of("parse",
                    "Flights | parse note with 'Flight ' start ' to ' end ': ' miles:long ' miles, ' late:long ' minutes late'"
                            + " | summarize sum(miles), max(late) by start, end",
                    "SELECT p.start, p.finish, sum(CAST(p.miles AS BIGINT)), max(CAST(p.late AS BIGINT)) FROM (SELECT regexp_extract(note,"
                            + " '^Flight (.*?) to (.*?): (-?\\d+) miles, (-?\\d+) minutes late$', ['start', 'finish', 'miles', 'late']) AS p FROM flights) GROUP BY 1, 2"),
            of("mv-expand",
                    "Flights | mv-expand airport = legs to typeof(string) | summarize count() by airport",
                    "SELECT airport, count(*) FROM (SELECT unnest(from_json(legs, '[\"VARCHAR\"]')) AS airport FROM flights) GROUP BY 1"),
            of("dynamic",
                    "Flights | summarize count() by start = tostring(legs[0])",
                    "SELECT json_extract_string(legs, '$[0]'), count(*) FROM flights GROUP BY 1"),
            of("make-series",
                    "Flights | make-series flights = count() default = 0 on ['date'] from datetime(2001-01-01) to datetime(2001-01-01) + {days} * 1d step 1d by origin",
                    "WITH g AS (SELECT origin, date_trunc('day', date) AS day, count(*) AS n FROM flights WHERE date >= TIMESTAMP '2001-01-01'"
                            + " AND date < TIMESTAMP '2001-01-01' + INTERVAL {days} DAY GROUP BY ALL),"
                            + " d AS (SELECT TIMESTAMP '2001-01-01' + INTERVAL 1 DAY * i AS day FROM range({days}) AS r(i))"
                            + " SELECT origin, list(coalesce(n, 0) ORDER BY day), list(day ORDER BY day) FROM (SELECT DISTINCT origin FROM g)"
                            + " CROSS JOIN d LEFT JOIN g USING (origin, day) GROUP BY origin"),
            of("join",
                    "Flights | join kind=inner Airports on $left.origin == $right.iata | summarize count(), avg(delay) by state",
                    "SELECT state, count(*), avg(delay) FROM flights JOIN airports ON origin = iata GROUP BY state"),
            of("join of two summaries",
                    "Flights | summarize leaving = count() by airport = origin"
                            + " | join kind=fullouter (Flights | where delay > 30 | summarize late = count() by airport = destination) on airport"
                            + " | project airport, leaving, late",
                    "SELECT coalesce(a.airport, ''), leaving, late FROM (SELECT origin AS airport, count(*) AS leaving FROM flights GROUP BY 1) a"
                            + " FULL JOIN (SELECT destination AS airport, count(*) AS late FROM flights WHERE delay > 30 GROUP BY 1) b ON a.airport = b.airport"),
            of("lookup",
                    "Flights | lookup (Airports | project origin = iata, city) on origin | where city startswith 'san' | summarize count() by city",
                    "SELECT city, count(*) FROM flights JOIN airports ON origin = iata WHERE starts_with(lower(city), 'san') GROUP BY city"),
            of("dcount",
                    "Flights | summarize dcount(destination), dcount(distance) by origin",
                    "SELECT origin, count(DISTINCT destination), count(DISTINCT distance) FROM flights GROUP BY origin"),
            of("dcount of many",
                    "Flights | summarize dcount(note)",
                    "SELECT count(DISTINCT note) FROM flights"),
            of("percentile",
                    "Flights | summarize percentile(delay, 95)",
                    "SELECT quantile_disc(delay, 0.95) FROM flights"),
            of("percentiles",
                    "Flights | summarize percentiles(delay, 50, 90, 99) by origin",
                    "SELECT origin, q[1], q[2], q[3] FROM (SELECT origin, quantile_disc(delay, [0.5, 0.9, 0.99]) AS q FROM flights GROUP BY origin)"),
            of("arg_max",
                    "Flights | summarize arg_max(['date'], delay) by origin, destination | summarize count(), max(['date']) by origin",
                    "SELECT origin, count(*), max(latest) FROM (SELECT origin, destination, max(date) AS latest, arg_max(delay, date) FROM flights GROUP BY ALL) GROUP BY 1"),
            of("format_datetime",
                    "Flights | summarize count() by hour = format_datetime(['date'], 'yyyy-MM-dd HH')",
                    "SELECT strftime(date, '%Y-%m-%d %H'), count(*) FROM flights GROUP BY 1"),
            of("split",
                    "Flights | summarize count() by to = tostring(split(note, ' ')[3])",
                    "SELECT split_part(note, ' ', 4), count(*) FROM flights GROUP BY 1"),
            of("extract",
                    "Flights | extend miles = toint(extract(@': (\\d+) miles', 1, note)) | summarize sum(miles), max(miles) by origin",
                    "SELECT origin, sum(miles), max(miles) FROM (SELECT origin, TRY_CAST(regexp_extract(note, ': (\\d+) miles', 1) AS INTEGER) AS miles FROM flights)"
                            + " GROUP BY 1"),
            of("make_set",
                    "Flights | summarize places = make_set(destination) by origin | project origin, many = array_length(places)",
                    "SELECT origin, len(list(DISTINCT destination)) FROM flights GROUP BY 1"),
            of("distinct",
                    "Flights | distinct origin, destination | count",
                    "SELECT count(*) FROM (SELECT DISTINCT origin, destination FROM flights)"),
            new Question("100,000 rows to the client",
                    "Flights | take 100000",
                    "SELECT * FROM flights LIMIT 100000",
                    List.of()));
}
