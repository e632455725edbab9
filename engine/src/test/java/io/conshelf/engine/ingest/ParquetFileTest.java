package io.conshelf.engine.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.BatchIngestion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class ParquetFileTest {
    @AutoClose
    private final TestCluster cluster = TestCluster.inMemory();

    private BatchIngestion.Source parquet(String select) throws Exception {
        Path file = cluster.staging.resolve("data.parquet");
        try (var connection = DriverManager.getConnection("jdbc:duckdb:");
                var statement = connection.createStatement()) {
            statement.execute("COPY (" + select + ") TO '" + file + "' (FORMAT parquet)");
        }
        return new BatchIngestion.Source("data", file, false, 0);
    }

    private BatchIngestion.Outcome load(String table, BatchIngestion.Mapping mapping, BatchIngestion.Source source) {
        return cluster.load(TestCluster.batch(table, "parquet", mapping, source)).outcomes().getFirst();
    }

    @Test
    void columnsGoToColumnsOfTheirNamesAndBecomeTheirTypes() throws Exception {
        cluster.create("T", "d:datetime, ns:datetime, day:datetime, i:int, l:long, f:real, m:decimal, b:bool, s:string, "
                + "g:guid, j:dynamic, list:dynamic, A:string, missing:string, moment:string");
        var source = parquet("""
                SELECT TIMESTAMP '2014-05-25 08:20:03.123456' AS d, TIMESTAMP_NS '2014-05-25 08:20:03.123456700' AS ns,
                DATE '0001-01-01' AS day, CAST(7 AS TINYINT) AS i, CAST(18446744073709551615 AS UBIGINT) AS l,
                CAST(1.5 AS FLOAT) AS f, CAST(2.25 AS DECIMAL(5,2)) AS m, true AS b, 'x' AS s,
                UUID '74be27de-1e4e-49d9-b579-fe0b331d3642' AS g, {'k': 1, 'v': ['a']} AS j, [1, NULL] AS list, 'A' AS "A",
                TIMESTAMPTZ '2014-05-25 08:20:03+00' AS moment
                UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL""");

        var outcome = load("T", new BatchIngestion.Mapping.Identity(), source);

        assertThat(outcome.error()).isEmpty();
        assertThat(outcome.rows()).isEqualTo(2);
        assertThat(outcome.rawBytes()).isPositive();
        assertThat(cluster.rows("T")).containsExactly(
                "2014-05-25T08:20:03.1234560Z|2014-05-25T08:20:03.1234567Z|0001-01-01T00:00:00.0000000Z|7|null|1.5|2.25|true|x"
                        + "|74be27de-1e4e-49d9-b579-fe0b331d3642|{\"k\":1,\"v\":[\"a\"]}|[1,null]|A||2014-05-25T08:20:03.0000000Z",
                "null|null|null|null|null|null|null|null||null|null|null|||");
    }

    @Test
    void pathsReachIntoStructures() throws Exception {
        cluster.create("T", "k:long, first:string, all:string, c:string, n:long, t:datetime, late:long");
        var source = parquet(
                "SELECT {'k': 1, 'v': ['a', 'b']} AS \"A b\", 1400000000123456789 AS ns, 'x' AS \"a\", 7 AS late");

        var outcome = load("T", new BatchIngestion.Mapping.Inline("""
                [{"Column":"k","Properties":{"Path":"$['A b'].k"}},
                 {"Column":"first","Properties":{"Path":"$['A b'].v[1]"}},
                 {"Column":"all","Properties":{"Field":"A b"}},
                 {"Column":"c","Properties":{"ConstValue":"it's"}},
                 {"Column":"n","Properties":{"Transform":"SourceLineNumber"}},
                 {"Column":"t","Properties":{"Path":"$.ns","Transform":"DateTimeFromUnixNanoseconds"}},
                 {"Column":"late","Properties":{"Path":"$.late"}}]"""), source);

        assertThat(outcome.error()).isEmpty();
        assertThat(cluster.rows("T")).containsExactly(
                "1|b|{\"k\":1,\"v\":[\"a\",\"b\"]}|it's|1|2014-05-13T16:53:20.1234567Z|7");
    }

    @Test
    void everyTypeConvertsToEveryTypeWithoutFailing() throws Exception {
        String[] sources = {
            "true", "CAST(300 AS SMALLINT)", "9223372036854775807", "CAST(1e300 AS DOUBLE)", "CAST('nan' AS FLOAT)", "1.5",
            "CAST('99999999999999999999999999999999999999' AS DECIMAL(38,0))", "'text'", "'12'", "CAST('ab' AS BLOB)",
            "TIMESTAMP '9999-12-31 23:59:59'", "TIMESTAMP '290000-01-01'", "DATE '2020-01-01'", "TIME '01:02:03'",
            "INTERVAL 1 DAY", "uuid()", "[1]", "MAP {'a': 1}", "{'a': {'b': 1}}", "NULL::INTEGER", "'{\"a\":1}'::JSON"
        };
        String types = "b:bool, i:int, l:long, r:real, m:decimal, d:datetime, t:timespan, s:string, g:guid, j:dynamic";
        cluster.create("T", types);
        String names = String.join(",", types.replaceAll(":\\w+", "").split(", "));
        for (String source : sources) {
            String select = "SELECT " + String.join(", ", java.util.Arrays.stream(names.split(","))
                    .map(name -> source + " AS " + name)
                    .toList());
            var outcome = load("T", new BatchIngestion.Mapping.Identity(), parquet(select));
            assertThat(outcome.error()).as(source).isEmpty();
        }
        assertThat(cluster.rows("T")).hasSize(sources.length).contains(
                "true|300|300|300.0|300|null|null|300|null|300",
                "null|12|12|12.0|12|null|12.00:00:00|12|null|12");
    }

    @Test
    void whatIsNoParquetFails() throws Exception {
        cluster.create("T", "a:long");
        Path file = Files.writeString(cluster.staging.resolve("x.parquet"), "PAR1 or not");

        var outcome = load(
                "T", new BatchIngestion.Mapping.Identity(), new BatchIngestion.Source("x", file, false, 0));

        assertThat(outcome.error().orElseThrow().code()).isEqualTo("BadRequest_InvalidBlob");
        assertThat(cluster.rows("T")).isEmpty();
    }
}
