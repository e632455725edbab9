package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.core.util.BinaryData;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.cli.it.ManagementRest.Answer;
import io.conshelf.engine.external.Postgres;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/// Stream Analytics as `conshelf up` serves it: jobs that run, stop, and go on after a crash.
class StreamServiceTest extends ServedJobs {
    /// The windows that are in the file, by their ends, each as often as it is there.
    private List<String> windows() {
        List<String> windows = new ArrayList<>();
        for (JsonNode row : shown()) {
            windows.add(row.path("Time").asText().substring(14, 19) + " has " + row.path("Events").asInt());
        }
        return windows;
    }

    /// The rows of the file, which is seen to grow: its end may be half a row.
    private List<JsonNode> shown() {
        List<JsonNode> rows = new ArrayList<>();
        try {
            List<String> lines = Files.exists(folder.resolve("out.json")) ? Files.readAllLines(folder.resolve("out.json")) : List.of();
            for (int line = 0; line < lines.size(); line++) {
                try {
                    rows.add(JSON.readTree(lines.get(line)));
                } catch (JsonProcessingException half) {
                    assertThat(line).as(lines.get(line)).isEqualTo(lines.size() - 1);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return rows;
    }

    private String text(String path) {
        try {
            return CLIENT.send(HttpRequest.newBuilder(URI.create(up.url() + path)).build(), BodyHandlers.ofString()).body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aJobRunsStopsGoesOnAndSurvivesACrash() throws Exception {
        define();
        assertThat(state()).isEqualTo("Created");
        events("a.json", 1, 25);
        assertThat(await(send("POST", JOB + "/start", "{\"outputStartMode\": \"CustomTime\", \"outputStartTime\": \"2026-01-31T00:00:00Z\"}")).status()).isEqualTo(200);
        assertThat(Eventually.holds(this::windows, windows -> windows.size() >= 2)).containsExactly("00:10 has 10", "00:20 has 10");
        assertThat(state()).isEqualTo("Running");

        // by the names of Azure Monitor
        Eventually.holds(() -> text("/metrics"), metrics -> metrics.contains("# HELP stream_analytics_OutputWatermarkDelaySeconds Watermark Delay\n")
                && metrics.contains("stream_analytics_InputEvents{job=\"readings\",resource_group=\"lab\",subscription=\"00000000-0000-0000-0000-000000000000\"} 24\n")
                && metrics.contains("stream_analytics_OutputEvents{job=\"readings\",resource_group=\"lab\",subscription=\"00000000-0000-0000-0000-000000000000\"} 2\n"));

        Answer refused = send("PATCH", JOB + "/transformations/query", "{\"properties\": {\"streamingUnits\": 3}}");
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.error()).contains("is Running; stop it before it is changed");

        // what a window holds so far is remembered over the stop
        assertThat(await(send("POST", JOB + "/stop", "")).status()).isEqualTo(200);
        assertThat(state()).isEqualTo("Stopped");
        assertThat(send("POST", JOB + "/stop", "").status()).isEqualTo(200);
        events("b.json", 25, 45);
        assertThat(await(send("POST", JOB + "/start", "{\"outputStartMode\": \"LastOutputEventTime\"}")).status()).isEqualTo(200);
        List<String> stopped = List.of("00:10 has 10", "00:20 has 10", "00:30 has 10", "00:40 has 10");
        assertThat(Eventually.holds(this::windows, windows -> windows.size() >= 4)).as("once over a stop").isEqualTo(stopped);
        assertThat(send("GET", JOB, "").body().at("/properties/lastOutputEventTime").asText()).startsWith("2026-01-31T08:00:");

        up.kill();
        up = open();
        assertThat(Eventually.holds(this::state, "Running"::equals)).isEqualTo("Running");
        events("c.json", 45, 75);
        // a file has rows at least once over a crash; LiveJobTest shows for tables that none is doubled
        Set<String> expected = new TreeSet<>(stopped);
        expected.addAll(List.of("00:50 has 10", "01:00 has 10", "01:10 has 10"));
        assertThat(Eventually.holds(() -> Set.copyOf(windows()), windows -> windows.size() >= 7)).isEqualTo(expected);

        assertThat(send("DELETE", JOB, "").status()).isEqualTo(200);
        assertThat(send("GET", JOB, "").status()).isEqualTo(404);
    }

    /// What was uploaded for a table is in the state that the job goes on with, and belongs to that table.
    @Test
    void anOutputThatIsLedToAnotherTableGetsOnlyWhatComesAfterTheStop() throws Exception {
        define();
        Rest.command(up.url(), "Lab", ".create table Before (Events:long)");
        Rest.command(up.url(), "Lab", ".create table After (Events:long)");
        leadTo("Before");
        assertThat(send("PUT", JOB + "/transformations/query", """
                {"properties": {"streamingUnits": 1, "query":
                 "SELECT COUNT(*) AS Events INTO out FROM [in] TIMESTAMP BY at GROUP BY TumblingWindow(second, 10)"}}""").status()).isEqualTo(200);
        events("a.json", 1, 25);
        assertThat(await(send("POST", JOB + "/start", "{\"outputStartMode\": \"CustomTime\", \"outputStartTime\": \"2026-01-31T00:00:00Z\"}")).status()).isEqualTo(200);
        assertThat(Eventually.holds(() -> rows("Before"), rows -> rows >= 2)).isEqualTo(2);
        assertThat(await(send("POST", JOB + "/stop", "")).status()).isEqualTo(200);

        leadTo("After");
        events("b.json", 25, 45);
        assertThat(await(send("POST", JOB + "/start", "{\"outputStartMode\": \"LastOutputEventTime\"}")).status()).isEqualTo(200);
        assertThat(Eventually.holds(() -> rows("After"), rows -> rows >= 2)).isEqualTo(2);
        assertThat(await(send("POST", JOB + "/stop", "")).status()).isEqualTo(200);
        assertThat(rows("Before")).isEqualTo(2);
        assertThat(rows("After")).isEqualTo(2);
    }

    private void leadTo(String table) {
        assertThat(send("PUT", JOB + "/outputs/out", """
                {"properties": {"datasource": {"type": "Microsoft.Kusto/clusters/databases", "properties": {"cluster": "https://lab.westeurope.kusto.windows.net",
                 "database": "Lab", "table": "%s", "authenticationMode": "Msi", "deliveryMode": "Queued", "flushImmediately": true}}}}""".formatted(table)).status())
                .isEqualTo(200);
    }

    private long rows(String table) {
        try {
            return JSON.readTree(Rest.query(up.url(), "Lab", table + " | count")).at("/Tables/0/Rows/0/0").asLong();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aJobThatGoesOnWaitsForAnOutputThatCannotBeWrittenJustThen() throws Exception {
        Databases.needPostgres();
        try (Postgres postgres = Postgres.start()) {
            postgres.execute("CREATE ROLE job LOGIN PASSWORD 'job'");
            postgres.execute("CREATE TABLE counts (\"Events\" bigint)");
            postgres.execute("GRANT ALL ON counts TO job");
            define();
            assertThat(send("PUT", JOB + "/outputs/out", """
                    {"properties": {"datasource": {"type": "Microsoft.DBForPostgreSQL/servers/databases", "properties": {"server": "127.0.0.1:%d",
                     "database": "postgres", "user": "job", "password": "job", "table": "counts"}}}}""".formatted(postgres.port())).status()).isEqualTo(200);
            assertThat(send("PUT", JOB + "/transformations/query", """
                    {"properties": {"streamingUnits": 1, "query":
                     "SELECT COUNT(*) AS Events INTO out FROM [in] TIMESTAMP BY at GROUP BY TumblingWindow(second, 10)"}}""").status()).isEqualTo(200);
            events("a.json", 1, 25);
            assertThat(await(send("POST", JOB + "/start", "{\"outputStartMode\": \"CustomTime\", \"outputStartTime\": \"2026-01-31T00:00:00Z\"}")).status())
                    .isEqualTo(200);
            assertThat(Eventually.holds(() -> counted(postgres), rows -> rows == 2)).isEqualTo(2);

            up.kill();
            postgres.execute("ALTER TABLE counts RENAME TO elsewhere");
            up = open();
            assertThat(Eventually.holds(this::state, state -> state.equals("Degraded") || state.equals("Failed"))).isEqualTo("Degraded");
            assertThat(send("GET", JOB, "").body().at("/properties/diagnostics/conditions/0/message").asText()).contains("output 'out'").contains("counts");

            postgres.execute("ALTER TABLE elsewhere RENAME TO counts");
            events("b.json", 25, 45);
            assertThat(Eventually.holds(() -> counted(postgres), rows -> rows >= 4)).isGreaterThanOrEqualTo(4);
            assertThat(Eventually.holds(this::state, "Running"::equals)).isEqualTo("Running");
        }
    }

    private static long counted(Postgres postgres) {
        try {
            return Long.parseLong(postgres.rows("SELECT count(*)::text FROM counts").getFirst());
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aJobIsDegradedWhileItsReferenceDataIsNotRefreshed() throws Exception {
        Databases.needPostgres();
        define();
        try (Postgres postgres = Postgres.start()) {
            postgres.execute("CREATE ROLE job LOGIN PASSWORD 'job'");
            postgres.execute("CREATE TABLE places (at text, events bigint)");
            postgres.execute("INSERT INTO places VALUES ('2026-01-31T08:00:01Z', 7)");
            postgres.execute("GRANT ALL ON places TO job");
            assertThat(send("PUT", JOB + "/inputs/places", places(postgres.port(), "job", "SELECT at, events AS \\\"Events\\\" FROM places")).status()).isEqualTo(201);
            assertThat(send("PUT", JOB + "/transformations/query", """
                    {"properties": {"streamingUnits": 1, "query":
                     "SELECT System.Timestamp() AS [Time], p.Events AS Events INTO out FROM [in] i TIMESTAMP BY at JOIN places p ON i.at = p.at"}}""").status()).isEqualTo(200);
            events("a.json", 1, 2);
            assertThat(await(send("POST", JOB + "/start", "{\"outputStartMode\": \"CustomTime\", \"outputStartTime\": \"2026-01-31T00:00:00Z\"}")).status()).isEqualTo(200);
            assertThat(Eventually.holds(this::windows, rows -> !rows.isEmpty())).containsExactly("00:01 has 7");
            postgres.execute("ALTER TABLE places RENAME TO away");
            assertThat(Eventually.holds(this::state, "Degraded"::equals)).isEqualTo("Degraded");
            assertThat(send("GET", JOB, "").body().at("/properties/diagnostics/conditions/0/message").asText()).startsWith("input 'places': ").contains("\"places\" does not exist");
            postgres.execute("ALTER TABLE away RENAME TO places");
            assertThat(Eventually.holds(this::state, "Running"::equals)).isEqualTo("Running");
        }
    }

    @Test
    void thePythonClientRunsAJobIntoATable() throws Exception {
        var python = Surroundings.present(Surroundings.root().resolve(".conshelf/python/bin/python"), "Python with the official clients");
        Rest.command(up.url(), "Lab", ".create table FromPython (Time:datetime, Room:string, Value:real)");
        Files.writeString(folder.resolve("readings.json"), """
                {"device": "a", "at": "2026-01-31T08:00:00Z", "value": 21}
                {"device": "b", "at": "2026-01-31T08:00:01Z", "value": 10}
                {"device": "c", "at": "2026-01-31T08:00:02Z", "value": 10}
                """);
        Files.writeString(folder.resolve("devices.json"), "[{\"device\": \"a\", \"room\": \"kitchen\"}, {\"device\": \"b\", \"room\": \"cellar\"}]");
        var program = Surroundings.root().resolve("it/python/stream_analytics.py");
        var finished = Surroundings.run(folder, Map.of(), List.of(python.toString(), program.toString(), up.url(), folder.toString(), "Lab"));
        assertThat(finished.exitCode()).as(finished.output()).isZero();
        assertThat(finished.output()).endsWith("ok\n");
    }

    @Test
    void theNodeClientRunsAJobIntoATable() throws Exception {
        Surroundings.present(Surroundings.root().resolve("it/node/node_modules"), "Node with the official clients");
        Rest.command(up.url(), "Lab", ".create table FromNode (Device:string, Value:long)");
        var program = Surroundings.root().resolve("it/node/stream_analytics.mjs");
        var finished = Surroundings.run(folder, Map.of(), List.of("node", program.toString(), up.url().replace("localhost", "127.0.0.1"), "Lab"));
        assertThat(finished.exitCode()).as(finished.output()).isZero();
        assertThat(finished.output()).endsWith("ok\n");
    }

    @Test
    void blobsAreReadAsTheyCome() throws Exception {
        define();
        assertThat(send("PUT", JOB + "/inputs/in", """
                {"properties": {"type": "Stream", "datasource": {"type": "Microsoft.Storage/Blob", "properties": {"storageAccounts":
                 [{"accountName": "labstore", "accountKey": "%s"}], "container": "tests", "pathPattern": "days/{date}", "dateFormat": "yyyy/MM/dd"}},
                 "serialization": {"type": "Csv", "properties": {"fieldDelimiter": ",", "encoding": "UTF8"}}, "compression": {"type": "GZip"}}}"""
                .formatted(Azurite.KEY)).status()).isEqualTo(200);
        assertThat(send("PUT", JOB + "/transformations/query",
                "{\"properties\": {\"streamingUnits\": 1, \"query\": \"SELECT CAST(n AS bigint) AS n, BlobName INTO out FROM [in]\"}}").status()).isEqualTo(200);
        upload("days/2026/01/31/a.csv.gz", "n\n1\n2\n");
        upload("elsewhere/b.csv.gz", "n\n9\n");
        assertThat(await(send("POST", JOB + "/start", "{\"outputStartMode\": \"CustomTime\", \"outputStartTime\": \"2026-01-31T00:00:00Z\"}")).status()).isEqualTo(200);
        assertThat(Eventually.holds(this::numbers, numbers -> numbers.size() >= 2)).containsExactly("1 days/2026/01/31/a.csv.gz", "2 days/2026/01/31/a.csv.gz");
        upload("days/2026/02/01/c.csv.gz", "n\n3\n");
        assertThat(Eventually.holds(this::numbers, numbers -> numbers.size() >= 3)).endsWith("3 days/2026/02/01/c.csv.gz");

        assertThat(await(send("POST", JOB + "/stop", "")).status()).isEqualTo(200);
        upload("days/2026/02/02/d.csv.gz", "n\n4\n");
        assertThat(await(send("POST", JOB + "/start", "{\"outputStartMode\": \"LastOutputEventTime\"}")).status()).isEqualTo(200);
        assertThat(Eventually.holds(this::numbers, numbers -> numbers.size() >= 4)).hasSize(4).endsWith("4 days/2026/02/02/d.csv.gz");
    }

    private void upload(String blob, String text) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        container().getBlobClient(blob).upload(BinaryData.fromBytes(packed.toByteArray()));
    }

    private List<String> numbers() {
        return shown().stream().map(row -> row.path("n").asInt() + " " + row.path("BlobName").asText()).toList();
    }

    @Test
    void aJobThatFailsSaysWhy() throws Exception {
        define();
        send("PATCH", JOB + "/transformations/query", "{\"properties\": {\"query\": \"SELECT CAST(at AS bigint) AS a INTO out FROM [in]\"}}");
        events("a.json", 0, 3);
        await(send("POST", JOB + "/start", "{\"outputStartMode\": \"CustomTime\", \"outputStartTime\": \"2026-01-31T00:00:00Z\"}"));
        assertThat(Eventually.holds(this::state, "Failed"::equals)).isEqualTo("Failed");
        JsonNode condition = send("GET", JOB, "").body().at("/properties/diagnostics/conditions/0");
        assertThat(condition.path("code").asText()).isEqualTo("JobFailed");
        assertThat(condition.path("message").asText()).contains("Cannot cast");
        assertThat(condition.path("since").asText()).endsWith("Z");
    }

    @Test
    void aJobThatIsOverTellsWhatWasWrongWithItsData() throws Exception {
        define();
        send("PUT", JOB + "/inputs/in", """
                {"properties": {"type": "Stream", "datasource": {"type": "Raw", "properties": {"payload": "1,a\\n2,b\\nx,c"}}, "serialization": {"type": "Csv"}}}
                """);
        send("PATCH", JOB + "/transformations/query", """
                {"properties": {"query": "CREATE TABLE [in] (column1 bigint, column2 nvarchar(max)); SELECT column1 * 10 AS n, column2 AS s INTO out FROM [in]"}}
                """);
        await(send("POST", JOB + "/start", ""));
        assertThat(Eventually.holds(this::state, "Stopped"::equals)).isEqualTo("Stopped");
        assertThat(Files.readAllLines(folder.resolve("out.json"))).containsExactly("{\"n\":10,\"s\":\"a\"}", "{\"n\":20,\"s\":\"b\"}");
        JsonNode conditions = send("GET", JOB + "/inputs/in", "").body().at("/properties/diagnostics/conditions");
        assertThat(conditions).hasSize(1);
        assertThat(conditions.at("/0/code").asText()).isEqualTo("InputDeserializerError.TypeConversionError");
        assertThat(conditions.at("/0/message").asText()).contains("Unable to convert column: column1");
        assertThat(send("GET", JOB + "/outputs/out", "").body().at("/properties/diagnostics").isMissingNode()).isTrue();
    }
}
