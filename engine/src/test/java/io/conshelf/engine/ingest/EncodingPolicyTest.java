package io.conshelf.engine.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.BatchIngestion;
import io.conshelf.engine.Engine;
import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.Principal;
import io.conshelf.engine.Request;
import io.conshelf.engine.StreamingIngestion;
import io.conshelf.engine.spec.ResultText;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How large a value may become, on every way in: longer strings are cut, longer dynamic values are null.
class EncodingPolicyTest {
    private static final int MB = 1 << 20;
    private static final String TOO_LONG = "ü".repeat(MB / 2 + 1);
    /// The same text in a query; a call repeats no more often than this.
    private static final String TOO_LONG_KQL = "strcat(strrep(strrep('ü', 1024), 512), 'ü')";
    private static final String LARGE_ARRAY = "[" + "1,".repeat(MB / 2) + "1]";
    private static final String USUAL = "cut to 1048576, null";
    private static final String LARGE = "whole, whole";

    @TempDir
    private Path folder;

    private EngineConfig config;
    private Engine engine;
    private int tables;

    @BeforeEach
    void open() {
        config = EngineConfig.inMemory(folder);
        engine = Engine.open(config);
        run(".alter database policy streamingingestion enable");
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private static Request request() {
        return new Request(Principal.LOCAL_ADMINISTRATOR, "NetDefaultDB", "encoding", UUID.randomUUID(), Map.of(), Map.of(),
                "test", "test", Instant.parse("2026-03-01T10:00:00Z"), Duration.ofMinutes(1), false);
    }

    private List<String> run(String text) {
        try (var answer = text.startsWith(".") ? engine.command(request(), text) : engine.query(request(), text)) {
            return ResultText.of(answer);
        }
    }

    /// A way for the two values into a table `(s:string, d:dynamic)`.
    @FunctionalInterface
    private interface WayIn {
        void into(String table) throws IOException, SQLException;
    }

    private final Map<String, WayIn> waysIn = Map.of(
            "streamed csv", table -> stream(table, "csv", csv()),
            "streamed json", table -> stream(table, "json", json()),
            "a csv file", table -> load(table, "csv", Files.write(staged(), csv().getBytes(StandardCharsets.UTF_8))),
            "a json file", table -> load(table, "json", Files.write(staged(), json().getBytes(StandardCharsets.UTF_8))),
            "a parquet file", table -> load(table, "parquet", parquet("'" + LARGE_ARRAY + "'")),
            "a nested parquet file", table -> load(table, "parquet", parquet("list_transform(range(" + (MB / 2 + 1) + "), lambda x: 1)")),
            "inline", table -> run(".ingest inline into table " + table + " <| " + csv()),
            "a query", table -> run(".append " + table + " <| " + rows()),
            "an update policy", table -> {
                run(".create table From" + table + " (n:long)");
                run(".create-or-alter function Large() { " + rows() + " }");
                run(".alter table " + table + " policy update '[{\"Source\":\"From" + table + "\",\"IsTransactional\":true,\"Query\":\"Large()\"}]'");
                stream("From" + table, "csv", "1\n");
            });

    private static String csv() {
        return TOO_LONG + ",\"" + LARGE_ARRAY + "\"\n";
    }

    private static String json() {
        return "{\"s\":\"" + TOO_LONG + "\",\"d\":" + LARGE_ARRAY + "}\n";
    }

    private static String rows() {
        return "print s = " + TOO_LONG_KQL + ", d = repeat(1, " + (MB / 2 + 1) + ")";
    }

    private Path staged() {
        return config.stagingFolder().resolve("f" + UUID.randomUUID());
    }

    private Path parquet(String dynamic) throws SQLException {
        var file = staged();
        try (var duck = DriverManager.getConnection("jdbc:duckdb:"); var statement = duck.createStatement()) {
            statement.execute("COPY (SELECT '" + TOO_LONG + "' AS s, " + dynamic + " AS d) TO '" + file + "' (FORMAT parquet)");
        }
        return file;
    }

    private void stream(String table, String format, String content) {
        engine.ingestStream(request(), new StreamingIngestion("NetDefaultDB", table, format, Optional.empty(),
                new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8)), Optional.empty()));
    }

    private void load(String table, String format, Path file) throws IOException {
        var source = new BatchIngestion.Source("source", file, false, Files.size(file));
        var result = engine.ingestBatch(request(), new BatchIngestion("NetDefaultDB", table, format, List.of(source),
                new BatchIngestion.Mapping.Identity(), Set.of(), Set.of(), Optional.empty(), false,
                new BatchIngestion.Validation(BatchIngestion.Validation.Check.CONSTANT_COLUMNS, false), Optional.empty()));
        assertThat(result.outcomes().getFirst().error()).isEmpty();
    }

    /// What became of the values, by their way in.
    private String kept(WayIn way, List<String> policies) throws IOException, SQLException {
        var table = "T" + tables++;
        run(".create table " + table + " (s:string, d:dynamic)");
        policies.forEach(policy -> run(policy.replace("T.", table + ".").replace("table T", "table " + table)));
        way.into(table);
        return run(table + " | project strcat(iff(s == " + TOO_LONG_KQL + ", 'whole',"
                + " strcat('cut to ', 2 * strlen(s))), ', ', iff(isnull(d), 'null', iff(array_length(d) == " + (MB / 2 + 1)
                + ", 'whole', 'other')))").getLast();
    }

    @Test
    void withoutAPolicyAStringIsCutAndADynamicValueIsNullOnEveryWayIn() throws IOException, SQLException {
        for (var way : waysIn.entrySet()) {
            assertThat(kept(way.getValue(), List.of())).as(way.getKey()).isEqualTo(USUAL);
        }
    }

    @Test
    void aBigObjectIsKeptWholeOnEveryWayIn() throws IOException, SQLException {
        var policies = List.of(
                ".alter column T.s policy encoding type='BigObject'", ".alter column T.d policy encoding type='BigObject32'");
        for (var way : waysIn.entrySet()) {
            assertThat(kept(way.getValue(), policies)).as(way.getKey()).isEqualTo(LARGE);
        }
    }

    @Test
    void theColumnsPolicyStandsBeforeTheTablesAndThatBeforeTheDatabases() throws IOException, SQLException {
        var way = waysIn.get("streamed csv");
        run(".alter database policy encoding '{\"MaxValueSize\": 2000000}'");
        assertThat(kept(way, List.of())).isEqualTo(LARGE);
        assertThat(kept(way, List.of(".alter table T policy encoding '{\"MaxValueSize\": 1001}'"))).isEqualTo("cut to 1000, null");
        assertThat(kept(way, List.of(".alter table T policy encoding '{\"Type\": \"BigObject\"}'",
                ".alter column T.d policy encoding type='Identifier'"))).isEqualTo("whole, null");
        assertThat(kept(way, List.of(".alter column T.s policy encoding type='BigObject'", ".alter column T.s policy encoding type='Null'",
                ".alter table T policy encoding '{\"MaxValueSize\": 100}'"))).isEqualTo("cut to 100, null");
    }

    @Test
    void aChangedPolicyIsForWhatComesAfterIt() throws IOException, SQLException {
        run(".create table Changed (s:string, d:dynamic)");
        stream("Changed", "csv", csv());
        run(".alter column Changed.d policy encoding type='BigObject'");
        stream("Changed", "csv", csv());
        assertThat(run("Changed | summarize countif(isnull(d)), countif(isnotnull(d))").getLast()).isEqualTo("1 | 1");
    }
}
