package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.core.util.BinaryData;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.blob.sas.BlobContainerSasPermission;
import com.azure.storage.blob.sas.BlobServiceSasSignatureValues;
import com.azure.storage.common.StorageSharedKeyCredential;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.cli.it.ManagementRest.Answer;
import io.conshelf.engine.external.Postgres;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Stream Analytics as `conshelf up` serves it: the management interface, and jobs that run, stop, and go on after a crash.
class StreamServiceTest {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000000";
    private static final String JOB = SUBSCRIPTION + "/resourceGroups/lab/providers/Microsoft.StreamAnalytics/streamingjobs/readings";

    @TempDir
    Path folder;

    @TempDir
    private Path data;

    private UpProcess up;

    @BeforeEach
    void start() throws IOException {
        Files.createDirectories(folder.resolve("in"));
        up = open();
    }

    private UpProcess open() {
        return UpProcess.start(folder, folder, "--data", data.toString(), "--database", "Lab");
    }

    @AfterEach
    void stop() {
        up.close();
    }

    private Answer send(String method, String path, String body, String... headers) {
        return new ManagementRest(up.url(), "2021-10-01-preview").send(method, path, body, headers);
    }

    /// A job over the files of a folder, into a file.
    private void define() {
        Answer made = send("PUT", JOB, """
                {"location": "local", "properties": {"sku": {"name": "Standard"}, "compatibilityLevel": "1.2", "eventsOutOfOrderPolicy": "Adjust",
                 "inputs": [{"name": "in", "properties": {"type": "Stream", "datasource": {"type": "File", "properties": {"path": "%s", "follow": true}},
                   "serialization": {"type": "Json", "properties": {"encoding": "UTF8"}}}}],
                 "outputs": [{"name": "out", "properties": {"datasource": {"type": "File", "properties": {"path": "%s"}}, "serialization": {"type": "Json"}}}],
                 "transformation": {"name": "query", "properties": {"streamingUnits": 1, "query":
                   "SELECT System.Timestamp() AS [Time], COUNT(*) AS Events INTO out FROM [in] TIMESTAMP BY at GROUP BY TumblingWindow(second, 10)"}}}}
                """.formatted(folder.resolve("in"), folder.resolve("out.json")));
        assertThat(made.status()).as(made.body().toString()).isEqualTo(201);
    }

    private void events(String file, int from, int to) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int second = from; second < to; second++) {
            lines.append("{\"at\": \"2026-01-31T08:%02d:%02dZ\"}\n".formatted(second / 60, second % 60));
        }
        // A file is read when it is there, so it comes whole.
        Path written = Files.writeString(folder.resolve(file), lines);
        Files.move(written, folder.resolve("in").resolve(file));
    }

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

    private String state() {
        return send("GET", JOB, "").body().at("/properties/jobState").asText();
    }

    private Answer await(Answer accepted) {
        assertThat(accepted.status()).as(accepted.body().toString()).isEqualTo(202);
        return Eventually.holds(() -> send("GET", accepted.headers().get("Location"), ""), answer -> answer.status() != 202);
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
    void partsHaveEtagsKeepTheirSecretsAndAreMerged() {
        assertThat(send("PUT", JOB, "{\"location\": \"local\", \"properties\": {}}").status()).isEqualTo(201);
        String input = JOB + "/inputs/hub";
        Answer made = send("PUT", input, """
                {"properties": {"type": "Stream", "datasource": {"type": "Microsoft.ServiceBus/EventHub", "properties": {"serviceBusNamespace": "localhost:1",
                 "eventHubName": "h", "sharedAccessPolicyName": "p", "sharedAccessPolicyKey": "hidden", "more": 1}}, "serialization": {"type": "Json"}}}
                """, "If-None-Match", "*");
        assertThat(made.status()).isEqualTo(201);
        assertThat(made.body().toString()).contains("\"more\":1").doesNotContain("hidden");
        String etag = made.headers().get("ETag");
        assertThat(etag).contains(made.body().at("/properties/etag").asText());
        assertThat(send("PUT", input, "{\"properties\": {}}", "If-None-Match", "*").status()).isEqualTo(412);
        assertThat(send("GET", input, "", "If-None-Match", etag).status()).isEqualTo(304);

        Answer changed = send("PATCH", input, "{\"properties\": {\"datasource\": {\"type\": \"Microsoft.ServiceBus/EventHub\", \"properties\": {\"consumerGroupName\": \"g\"}}}}",
                "If-Match", etag);
        assertThat(changed.status()).as(changed.body().toString()).isEqualTo(200);
        assertThat(changed.body().at("/properties/datasource/properties/eventHubName").asText()).isEqualTo("h");
        assertThat(send("PATCH", input, "{\"properties\": {}}", "If-Match", etag).error()).startsWith("PreconditionFailed");

        assertThat(send("GET", JOB + "/inputs?$select=etag", "").body().at("/value/0/properties").properties()).extracting(Map.Entry::getKey).containsExactly("etag");
        assertThat(send("GET", JOB, "").body().at("/properties/inputs").isMissingNode()).isTrue();
        assertThat(send("GET", JOB + "?$expand=inputs", "").body().at("/properties/inputs/0/name").asText()).isEqualTo("hub");
        assertThat(send("DELETE", input, "").status()).isEqualTo(200);
        assertThat(send("DELETE", input, "").status()).isEqualTo(204);
    }

    @Test
    void whatIsWrongIsToldWithItsPlaceAndWhatIsNotBuiltByName() {
        Answer nameless = send("PUT", JOB, "{\"properties\": {\"inputs\": [{\"properties\": {}}]}}");
        assertThat(nameless.status()).isEqualTo(400);
        assertThat(nameless.error()).contains("The property 'name' is required");
        Answer broken = send("PUT", JOB, "{\"properties\": {\"eventsOutOfOrderPolicy\": \"Ignore\", \"outputErrorPolicy\": \"Panic\"}}");
        assertThat(broken.body().at("/error/details").size()).isEqualTo(2);
        assertThat(broken.body().at("/error/details/0/target").asText()).isEqualTo("properties.eventsOutOfOrderPolicy");
        assertThat(send("GET", up.url() + JOB, "").error()).startsWith("MissingApiVersionParameter");
        assertThat(send("POST", JOB + "/start", "").status()).isEqualTo(404);

        define();
        Answer stored = send("PUT", JOB + "/outputs/board", "{\"properties\": {\"datasource\": {\"type\": \"PowerBI\", \"properties\": {\"dataset\": \"d\", \"refreshToken\": \"hidden\"}}}}");
        assertThat(stored.status()).isEqualTo(201);
        assertThat(stored.body().toString()).contains("\"dataset\":\"d\"").doesNotContain("hidden");
        Answer refused = send("POST", JOB + "/start", "{}");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.error()).contains("'Power BI' (PowerBI) is not supported as output");
        assertThat(send("DELETE", JOB + "/outputs/board", "").status()).isEqualTo(200);

        Answer units = send("PATCH", JOB + "/transformations/query", "{\"properties\": {\"streamingUnits\": \"many\"}}");
        assertThat(units.status()).isEqualTo(400);
        assertThat(units.error()).contains("'properties.streamingUnits' is to be a number of streaming units, found \"many\"");
        assertThat(send("PATCH", JOB + "/transformations/query", "{\"properties\": {\"streamingUnits\": 6, \"query\": \"\"}}").status()).isEqualTo(200);
        send("PUT", JOB + "/transformations/query", "{\"properties\": {\"query\": \"SELECT a FROM nowhere\\nINTO\"}}");
        Answer uncompiled = send("POST", JOB + "/start", "{}");
        assertThat(uncompiled.status()).isEqualTo(400);
        assertThat(uncompiled.error()).contains("line ");
        assertThat(send("POST", JOB + "/start", "{\"outputStartMode\": \"LastOutputEventTime\"}").error()).contains("for jobs that have run before");
    }

    private static List<String> details(Answer answer) {
        return answer.body().at("/error/details").valueStream().map(detail -> detail.path("message").asText()).toList();
    }

    @Test
    void everythingThatKeepsAJobFromStartingIsToldAtOnce() throws Exception {
        define();
        Rest.command(up.url(), "Lab", ".create table Fitting (a:string, b:long)");
        send("PUT", JOB + "/outputs/board", "{\"properties\": {\"datasource\": {\"type\": \"PowerBI\", \"properties\": {}}}}");
        send("PUT", JOB + "/outputs/table", """
                {"properties": {"datasource": {"type": "Microsoft.Kusto/clusters/databases", "properties": {"cluster": "lab.westeurope", "database": "Lab",
                 "table": "Fitting", "authenticationMode": "Msi"}}}}
                """);
        String counts = "SELECT COUNT(*) AS a, 1 AS c INTO [table] FROM [in] TIMESTAMP BY at GROUP BY TumblingWindow(second, 10)";
        send("PUT", JOB + "/transformations/query", "{\"properties\": {\"query\": \"%s; SELECT at INTO tabel FROM [in] TIMESTAMP BY at\"}}".formatted(counts));
        Answer refused = send("POST", JOB + "/start", "{}");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(details(refused)).satisfiesExactly(
                board -> assertThat(board).startsWith("'Power BI' (PowerBI) is not supported as output"),
                name -> assertThat(name).startsWith("the job has no output 'tabel'; did you mean 'table'? (line 1, column "),
                type -> assertThat(type).isEqualTo("output 'table': the column 'a' of the table 'Fitting' is a string and takes no bigint"
                        + "; CAST(… AS nvarchar(max)) in the query makes it fit, TRY_CAST where values differ"),
                column -> assertThat(column).isEqualTo("output 'table': the table 'Fitting' has no column 'c'; it has a, b"));

        send("DELETE", JOB + "/outputs/board", "");
        send("PUT", JOB + "/transformations/query", "{\"properties\": {\"query\": \"%s\"}}".formatted(counts));
        Answer failed = await(send("POST", JOB + "/start", "{}"));
        assertThat(failed.status()).isEqualTo(409);
        assertThat(failed.error()).contains("takes no bigint; CAST(").endsWith(" (and 1 more in 'details')");
        assertThat(details(failed)).hasSize(2);
    }

    @Test
    void storesAreAskedWhenInputsAreTried() throws Exception {
        Databases.needPostgres();
        define();
        int port;
        try (Postgres postgres = Postgres.start()) {
            port = postgres.port();
            postgres.execute("CREATE ROLE job LOGIN PASSWORD 'job'");
            postgres.execute("CREATE TABLE places (id int)");
            postgres.execute("GRANT ALL ON places TO job");
            assertThat(tried(places(port, "job", "SELECT id FROM places"))).isEqualTo("TestSucceeded");
            assertThat(tried(places(port, "job", "SELECT id FROM nowhere"))).startsWith("TestFailed").contains("\"nowhere\" does not exist");
            assertThat(tried(places(port, "other", "SELECT id FROM places"))).startsWith("TestFailed").contains("127.0.0.1");
        }
        assertThat(tried(places(port, "job", "SELECT id FROM places"))).as("it is gone").startsWith("TestFailed").contains("127.0.0.1");
        container();
        assertThat(tried(blobs("tests"))).isEqualTo("TestSucceeded");
        assertThat(tried(blobs("nowhere"))).startsWith("TestFailed").contains("nowhere");
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

    private static String places(int port, String user, String query) {
        return """
                {"properties": {"type": "Reference", "datasource": {"type": "Microsoft.DBForPostgreSQL/servers/databases", "properties": {"server": "127.0.0.1:%d",
                 "database": "postgres", "user": "%s", "password": "job", "refreshType": "RefreshPeriodicallyWithFull", "refreshRate": "00:00:01",
                 "fullSnapshotQuery": "%s"}}}}""".formatted(port, user, query);
    }

    private static String blobs(String container) {
        return """
                {"properties": {"type": "Stream", "datasource": {"type": "Microsoft.Storage/Blob", "properties": {"storageAccounts":
                 [{"accountName": "labstore", "accountKey": "%s"}], "container": "%s", "pathPattern": ""}}, "serialization": {"type": "Json"}}}"""
                .formatted(Azurite.KEY, container);
    }

    private String tried(String input) {
        JsonNode status = await(send("POST", JOB + "/inputs/tried/test", input)).body();
        return (status.path("status").asText() + " " + status.at("/error/message").asText()).strip();
    }

    @Test
    void queriesAreCompiledAndPartsTried() {
        define();
        String location = SUBSCRIPTION + "/providers/Microsoft.StreamAnalytics/locations/local/";
        Answer compiled = send("POST", location + "compileQuery", """
                {"query": "SELECT COUNT(*) FROM [in]", "inputs": [{"name": "in", "type": "Stream"}], "functions": [], "jobType": "Cloud", "compatibilityLevel": "1.2"}
                """);
        assertThat(compiled.status()).isEqualTo(200);
        assertThat(compiled.body().path("errors").size()).as(compiled.body().toString()).isEqualTo(1);
        assertThat(send("POST", location + "compileQuery", """
                {"query": "SELECT udf.twice(UDF.TWICE(a)) AS a, udf.nothing(b) AS b FROM [in]", "inputs": [{"name": "in", "type": "Stream"}],
                 "functions": [{"name": "Twice", "type": "Scalar"}, {"name": "unused", "type": "Scalar"}], "jobType": "Cloud"}
                """).body().path("functions").toString()).isEqualTo("[\"Twice\"]");
        assertThat(await(send("POST", JOB + "/outputs/out/test", "")).body().path("status").asText()).isEqualTo("TestSucceeded");
        Answer tried = await(send("POST", JOB + "/outputs/out/test", "{\"properties\": {\"datasource\": {\"type\": \"File\", \"properties\": {\"path\": \"/etc/out.json\"}}}}"));
        assertThat(tried.body().path("status").asText()).isEqualTo("TestFailed");
        assertThat(tried.body().at("/error/message").asText()).contains("may not be reached");

        String function = "{\"properties\": {\"type\": \"Scalar\", \"properties\": {\"binding\": {\"type\": \"Microsoft.StreamAnalytics/JavascriptUdf\", \"properties\": {\"script\": \"%s\"}}}}}";
        Answer untested = await(send("POST", JOB + "/functions/f/test", function.formatted("function (x, y) { return x + y; }")));
        assertThat(untested.body().path("status").asText()).isEqualTo("TestFailed");
        assertThat(untested.body().path("error").toString()).isEqualTo(
                "{\"code\":\"BadRequest\",\"message\":\"Test operation is not supported for function type: Microsoft.StreamAnalytics/JavascriptUdf\"}");
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

    private BlobContainerClient container() {
        String endpoint = up.url().replace("localhost", "127.0.0.1") + "/labstore";
        return new BlobServiceClientBuilder().endpoint(endpoint).credential(new StorageSharedKeyCredential("labstore", Azurite.KEY)).buildClient()
                .createBlobContainerIfNotExists("tests");
    }

    /// The address of a blob of the embedded storage that opens it for an hour.
    private String signed(String blob) {
        BlobContainerClient container = container();
        return container.getBlobContainerUrl() + (blob.isEmpty() ? "" : "/" + blob) + "?"
                + container.generateSas(new BlobServiceSasSignatureValues(OffsetDateTime.now().plusHours(1), BlobContainerSasPermission.parse("rcwl")));
    }

    private JsonNode queryTest(String query, String diagnostics) {
        Answer accepted = send("POST", SUBSCRIPTION + "/providers/Microsoft.StreamAnalytics/locations/local/testQuery", """
                {"diagnostics": {%s}, "streamingJob": {"properties": {"compatibilityLevel": "1.2",
                  "inputs": [{"name": "in", "properties": {"type": "Stream", "datasource": {"type": "Raw", "properties": {"payload": "{\\"a\\": 1}\\n{\\"a\\": \\"x\\"}\\n[5]"}}}}],
                  "outputs": [{"name": "out", "properties": {"datasource": {"type": "Raw", "properties": {}}}},
                              {"name": "other", "properties": {"datasource": {"type": "Raw", "properties": {"payloadUri": "%s"}}, "serialization": {"type": "Csv", "properties": {"fieldDelimiter": ";", "encoding": "UTF8"}}}}],
                  "transformation": {"name": "t", "properties": {"query": "%s"}}}}}
                """.formatted(diagnostics, signed("other.csv"), query));
        return await(accepted).body();
    }

    private String blob(String name) throws Exception {
        var answer = CLIENT.send(HttpRequest.newBuilder(URI.create(signed(name))).build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    @Test
    void aQueryIsTriedOverEventsOfTheRequest() throws Exception {
        String place = "\"writeUri\": \"" + signed("") + "\", \"path\": \"first/try\"";
        JsonNode good = queryTest("SELECT a INTO out FROM [in]; SELECT COUNT(*) AS n INTO other FROM [in] GROUP BY TumblingWindow(second, 10)", place);
        assertThat(good.path("status").asText()).as(good.toString()).isEqualTo("Success");
        assertThat(good.path("outputUri").asText()).contains("/tests/first/try/out.json?");
        assertThat(blob("first/try/out.json")).isEqualTo("{\"a\":1}\n{\"a\":\"x\"}\n");
        assertThat(blob("other.csv").lines()).containsExactly("n", "2");
        assertThat(blob("first/try/diagnostics.json")).contains("\"DataErrorType\":\"InputDeserializerError.InvalidData\"", "\"EventCount\":1");

        JsonNode uncompiled = queryTest("SELECT a INTO out FROM nowhere", place);
        assertThat(uncompiled.path("status").asText()).isEqualTo("CompilerError");
        assertThat(uncompiled.at("/error/message").asText()).contains("nowhere");
        JsonNode faulty = queryTest("SELECT CAST(a AS bigint) AS a INTO out FROM [in]", place);
        assertThat(faulty.path("status").asText()).isEqualTo("RuntimeError");
        assertThat(faulty.at("/error/message").asText()).contains("Cannot cast");
        JsonNode unwritten = queryTest("SELECT a INTO out FROM [in]", place.replaceAll("sig=[^&\"]+", "sig=wrong"));
        assertThat(unwritten.path("status").asText()).isEqualTo("RuntimeError");
        assertThat(unwritten.toString()).doesNotContain("sig=");

        String location = SUBSCRIPTION + "/providers/Microsoft.StreamAnalytics/locations/local/";
        Answer elsewhere = send("POST", location + "testQuery", """
                {"diagnostics": {"writeUri": "http://127.0.0.1:9/labstore/tests?sig=x"}, "streamingJob": {"properties": {"transformation": {"name": "t", "properties": {"query": "-"}}}}}""");
        assertThat(elsewhere.error()).contains("'127.0.0.1:9' is not the storage of this cluster");
        Answer live = send("POST", location + "testQuery", """
                {"streamingJob": {"properties": {"inputs": [{"name": "in", "properties": {"type": "Stream", "datasource": {"type": "File", "properties": {"path": "/etc/passwd"}}}}]}}}""");
        assertThat(live.error()).contains("of the type 'Raw' alone, found 'File'");
    }

    @Test
    void anInputIsSampled() throws Exception {
        String input = """
                {"input": {"name": "in", "properties": {"type": "Stream", "datasource": {"type": "File", "properties": {"path": "%s"}}, "serialization": {"type": "Json"}}},
                 "compatibilityLevel": "1.2", "eventsUri": "%s"}""";
        String location = SUBSCRIPTION + "/providers/Microsoft.StreamAnalytics/locations/local/sampleInput";
        assertThat(await(send("POST", location, input.formatted(folder.resolve("in"), signed("sample.json")))).body().path("status").asText())
                .isEqualTo("NoEventsFoundInRange");
        events("a.json", 0, 3);
        JsonNode sampled = await(send("POST", location, input.formatted(folder.resolve("in"), signed("sample.json")))).body();
        assertThat(sampled.path("status").asText()).as(sampled.toString()).isEqualTo("ReadAllEventsInRange");
        assertThat(sampled.path("lastArrivalTime").asText()).endsWith("Z");
        assertThat(blob("sample.json").lines()).hasSize(3).first().isEqualTo("{\"at\":\"2026-01-31T08:00:00Z\"}");
        JsonNode refused = await(send("POST", location, input.formatted("/etc/passwd", signed("sample.json")))).body();
        assertThat(refused.path("status").asText()).isEqualTo("ErrorConnectingToInput");
        JsonNode headless = await(send("POST", location, """
                {"input": {"name": "in", "properties": {"type": "Stream", "datasource": {"type": "Raw", "properties": {"payload": "2026-01-31T08:00:00Z,21.5\\n2026-01-31T08:00:01Z,22"}},
                 "serialization": {"type": "Csv", "properties": {"fieldDelimiter": ","}}}}, "eventsUri": "%s"}""".formatted(signed("sample.json")))).body();
        assertThat(headless.path("status").asText()).isEqualTo("ReadAllEventsInRange");
        assertThat(headless.at("/diagnostics/0").asText()).contains("called '2026-01-31T08:00:00Z'", "column1, column2");
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
