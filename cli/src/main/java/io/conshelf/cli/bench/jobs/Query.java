package io.conshelf.cli.bench.jobs;

/// What is compared: a query, and the job that somebody wrote by hand instead ([HandWrittenJobs]).
enum Query {
    PASS_THROUGH("pass-through", "SELECT * INTO output FROM readings TIMESTAMP BY time"),

    FILTER("filter", """
            SELECT deviceId, time, temperature INTO output FROM readings TIMESTAMP BY time
            WHERE temperature > 30 AND status = 'ok'"""),

    TUMBLING_AVERAGE("tumbling average", """
            SELECT deviceId, AVG(temperature) AS mean, COUNT(*) AS n, System.Timestamp() AS windowEnd INTO output
            FROM readings TIMESTAMP BY time GROUP BY deviceId, TumblingWindow(second, 10)"""),

    TEMPORAL_JOIN("temporal join", """
            SELECT c.deviceId, c.command, r.temperature, r.time INTO output
            FROM commands c TIMESTAMP BY time
            JOIN readings r TIMESTAMP BY time ON c.deviceId = r.deviceId AND DATEDIFF(millisecond, c, r) BETWEEN 0 AND 5000"""),

    LAG("LAG", """
            SELECT deviceId, time, temperature, LAG(temperature) OVER (PARTITION BY deviceId LIMIT DURATION(minute, 10)) AS before INTO output
            FROM readings TIMESTAMP BY time""");

    private final String title;
    private final String text;

    Query(String title, String text) {
        this.title = title;
        this.text = text;
    }

    String title() {
        return title;
    }

    String text() {
        return text;
    }
}
