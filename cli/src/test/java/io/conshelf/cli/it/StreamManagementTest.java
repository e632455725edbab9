package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.sas.BlobContainerSasPermission;
import com.azure.storage.blob.sas.BlobServiceSasSignatureValues;
import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.cli.it.ManagementRest.Answer;
import io.conshelf.engine.external.Postgres;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The management interface of Stream Analytics as `conshelf up` serves it: parts of jobs, what is wrong with them, and what is tried before a job runs.
class StreamManagementTest extends ServedJobs {
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
}
