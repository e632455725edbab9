package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Queries, commands and streaming ingestion as bytes on the wire, by what clients were seen to send and read.
@Timeout(600)
class WireTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static Server server;

    @BeforeAll
    static void start() throws Exception {
        server = Server.start(ServerConfig.local().withDatabases(List.of("Lab")));
        command(".create table Readings (Device:string, Value:real)");
        command(".alter table Readings policy streamingingestion enable");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void propertiesMayBeAnObjectOrItsText() throws Exception {
        String options = "{\"Options\":{\"query_take_max_records\":2},\"Parameters\":{\"n\":\"long(5)\"}}";
        String query = "{\"db\":\"Lab\",\"csl\":\"declare query_parameters(n:long); range x from 1 to n step 1\",\"properties\":%s}";
        for (String properties : List.of(options, JSON.writeValueAsString(options))) {
            var response = post("/v2/rest/query", query.formatted(properties));
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(primary(response).path("Rows").toString()).isEqualTo("[[1],[2]]");
        }
    }

    @Test
    void aTextParameterIsItsTextOrTheValueOfALiteral() throws Exception {
        // Java and Python send the text, Go a literal.
        String query = "{\"db\":\"Lab\",\"csl\":\"declare query_parameters(s:string); print s\",\"properties\":{\"Parameters\":{\"s\":%s}}}";
        for (String[] sent : new String[][] {{"it's \"so\"", "it's \"so\""}, {"\"it\\'s\"", "it's"}, {"'a", "'a"}, {"\"a\" and \"b\"", "\"a\" and \"b\""}}) {
            var response = post("/v2/rest/query", query.formatted(JSON.writeValueAsString(sent[0])));
            assertThat(primary(response).path("Rows").get(0).get(0).asText()).as(sent[0]).isEqualTo(sent[1]);
        }
    }

    @Test
    void aGetAnswersAsItsPostDoesAndIsReadOnly() throws Exception {
        var response = CLIENT.send(
                HttpRequest.newBuilder(server.uri().resolve("/v2/rest/query?db=Lab&csl=" + encoded("print a = 1"))).build(),
                BodyHandlers.ofString());
        assertThat(primary(response).path("Rows").toString()).isEqualTo("[[1]]");
    }

    /// The sink of Kafka asks so before it begins, in this order: it goes by the texts of the first column and the fourth.
    @Test
    void aSinkAsksWhetherItMayIngestBeforeItBegins() throws Exception {
        command(".create-or-alter table Readings ingestion json mapping 'm' '[{\"column\":\"Device\",\"Properties\":{\"Path\":\"$.d\"}}]'");
        for (String option : List.of("validate_permissions", "validatepermissions")) {
            String checked = "{\"db\":\"Lab\",\"csl\":\"%s\",\"properties\":{\"Options\":{\"" + option + "\":true}}}";
            assertThat(primary(post("/v2/rest/query", checked.formatted("Readings | count"))).path("Rows").toString()).isEqualTo("[[\"OK\"]]");
            assertThat(post("/v2/rest/query", checked.formatted("NoSuchTable | count")).statusCode()).isEqualTo(400);
            String lifted = "set " + option + "=false; Readings | count";
            assertThat(primary(post("/v2/rest/query", checked.formatted(lifted))).path("Rows").toString()).isEqualTo("[[\"OK\"]]");
        }
        var streaming = JSON.readTree(post("/v1/rest/mgmt", "{\"db\":\"Lab\",\"csl\":\".show table Readings policy streamingingestion\"}").body());
        assertThat(streaming.path("Tables").get(0).path("Rows").get(0).get(2).asText()).contains("\"IsEnabled\":true");
        assertThat(post("/v1/rest/mgmt", "{\"db\":\"Lab\",\"csl\":\".show table Readings ingestion json mapping 'm'\"}").statusCode()).isEqualTo(200);
        String access = "{\"db\":\"Lab\",\"csl\":\".show principal access with (principal = '%s', accesstype='%s',database='Lab',table='Readings')\"}";
        assertThat(JSON.readTree(post("/v1/rest/mgmt", access.formatted("aaduser=administrator@localhost;local", "ingest")).body())
                .path("Tables").get(0).path("Rows").get(0).get(3).asText()).isIn("true", "1");
        assertThat(JSON.readTree(post("/v1/rest/mgmt", access.formatted("aadapp=74be27de-1e4e-49d9-b579-fe0b331d3642;adfs", "ingest")).body())
                .path("Tables").get(0).path("Rows").get(0).get(3).asText()).isIn("false", "0");
        assertThat(post("/v1/rest/mgmt", access.formatted("aaduser=a@b;c", "fly")).statusCode()).isEqualTo(400);
    }

    @Test
    void aQueryThatIsOnlyCheckedIsPlannedAndACommandIsRefused() throws Exception {
        command(".create table Unharmed (a:long)");
        for (String option : List.of("validate_permissions", "validatepermissions")) {
            String asked = "{\"db\":\"Lab\",\"csl\":\"%s\",\"properties\":{\"Options\":{\"" + option + "\":%s}}}";
            for (String command : List.of(".drop table Unharmed", ".show tables", ".create tempstorage", ".set-or-append Unharmed <| print a = 1")) {
                var refused = post("/v1/rest/mgmt", asked.formatted(command, "true"));
                assertThat(refused.statusCode()).as(refused.body()).isEqualTo(400);
                assertThat(refused.body()).contains("not supported", "'" + option + "'");
            }
            assertThat(post("/v1/rest/mgmt", asked.formatted(".show table Unharmed cslschema", "false")).statusCode()).isEqualTo(200);
            for (String before : List.of(".set-or-append Unharmed <| ", ".show tables | take 1; ")) {
                String set = "{\"db\":\"Lab\",\"csl\":\"" + before + "set " + option + "=true; print a = 1\"}";
                assertThat(post("/v1/rest/mgmt", set).body()).contains("not supported", "'" + option + "'");
            }
            for (String wrong : List.of("set truncationmaxrecords=-1; Unharmed", "set servertimeout=1m; Unharmed", "set query_datetimescope_from='never'; Unharmed")) {
                assertThat(post("/v2/rest/query", asked.formatted(wrong, "true")).statusCode()).as(wrong).isEqualTo(400);
            }
        }
        assertThat(primary(post("/v2/rest/query", "{\"db\":\"Lab\",\"csl\":\"Unharmed | count\"}")).path("Rows").toString()).isEqualTo("[[0]]");
    }

    @Test
    void aRequestSaysWhichTimeItIsAbout() throws Exception {
        post("/v1/rest/mgmt", "{\"db\":\"Lab\",\"csl\":\".set Timed <| range t from datetime(2024-01-01) to datetime(2024-01-09) step 1d | extend a = 1\"}");
        String asked = "{\"db\":\"Lab\",\"csl\":\"%s\",\"properties\":{\"Options\":{\"query_datetimescope_column\":\"t\",\"query_datetimescope_from\":\"%s\","
                + "\"query_datetimescope_to\":\"2024-01-05T00:00:00Z\"}}}";
        for (String from : List.of("2024-01-03T00:00:00Z", "datetime(2024-01-03)", "2024-01-03")) {
            assertThat(primary(post("/v2/rest/query", asked.formatted("Timed | count", from))).path("Rows").toString()).as(from).isEqualTo("[[3]]");
        }
        assertThat(primary(post("/v2/rest/query", asked.formatted("set query_datetimescope_from = datetime(2024-01-05); Timed | count", "2024-01-03"))).path("Rows").toString())
                .isEqualTo("[[1]]");
        assertThat(post("/v2/rest/query", asked.formatted("Timed | count", "never")).statusCode()).isEqualTo(400);
    }

    @Test
    void aRequestAsksForSchemasAlone() throws Exception {
        String asked = "{\"db\":\"Lab\",\"csl\":\"print a = 1, b = 'x'\",\"properties\":{\"Options\":{\"query_results_apply_getschema\":true}}}";
        assertThat(primary(post("/v2/rest/query", asked)).path("Rows").toString())
                .isEqualTo("[[\"a\",0,\"System.Int64\",\"long\"],[\"b\",1,\"System.String\",\"string\"]]");
    }

    @Test
    void anOptionOfAnotherTypeIsRefusedBeforeItIsTakenForNone() throws Exception {
        command(".create table Unwritten (a:long)");
        String asked = "{\"db\":\"Lab\",\"csl\":\"%s\",\"properties\":{\"Options\":{\"%s\":%s}}}";
        for (String option : List.of("request_readonly", "request_readonly_hardline", "notruncation")) {
            var refused = post("/v1/rest/mgmt", asked.formatted(".drop table Unwritten", option, "\"yes\""));
            assertThat(refused.statusCode()).as(refused.body()).isEqualTo(400);
            assertThat(refused.body()).contains("'" + option + "' must be true or false, found 'yes'");
            assertThat(post("/v2/rest/query", asked.formatted("print 1", option, "\"yes\"")).statusCode()).as(option).isEqualTo(400);
            assertThat(post("/v2/rest/query", asked.formatted("print 1", option, "\"true\"")).statusCode()).as(option).isEqualTo(200);
        }
        // A text says it as well as JSON does.
        for (String value : List.of("true", "\"True\"", "1")) {
            assertThat(post("/v1/rest/mgmt", asked.formatted(".create tempstorage", "request_readonly_hardline", value)).statusCode())
                    .as(value).isEqualTo(403);
        }
        assertThat(post("/v2/rest/query", asked.formatted("print 1", "truncationmaxrecords", "\"few\"")).body()).contains("'truncationmaxrecords' must be a whole number");
        for (String value : List.of("1e1", "10.0", "10", "\"10\"")) {
            assertThat(post("/v2/rest/query", asked.formatted("print 1", "truncationmaxrecords", value)).statusCode()).as(value).isEqualTo(200);
        }
        for (String value : List.of("{\"a\":1}", "[\"a\"]")) {
            assertThat(post("/v2/rest/query", asked.formatted("print 1", "request_description", value)).body())
                    .as(value).contains("'request_description' must be a text, found '");
        }
        assertThat(post("/v2/rest/query", asked.formatted("Unwritten | count", "query_cursor_scoped_tables", "[\"Unwritten\"]")).statusCode()).isEqualTo(200);
        assertThat(post("/v2/rest/query", asked.formatted("Unwritten | count", "query_cursor_scoped_tables", "{\"a\":\"Unwritten\"}")).body())
                .contains("'query_cursor_scoped_tables' must be an array");
        assertThat(post("/v2/rest/query", asked.formatted("set notruncation='yes'; print 1", "queryconsistency", "\"strongconsistency\"")).body())
                .contains("'notruncation' must be true or false");
        assertThat(primary(post("/v2/rest/query", "{\"db\":\"Lab\",\"csl\":\"Unwritten | count\"}")).path("Rows").toString()).isEqualTo("[[0]]");
    }

    /// The end-to-end tests of Go's client ask so.
    @Test
    void queriesBehindACommandAndItsOperatorsAreResultsOfTheirOwn() throws Exception {
        var tables = JSON.readTree(post("/v1/rest/mgmt", "{\"db\":\"Lab\",\"csl\":\".show databases | project A='1' | take 1; let b = 2; print A=b;\"}").body()).path("Tables");
        assertThat(tables.get(0).path("Rows").toString()).isEqualTo("[[\"1\"]]");
        assertThat(tables.get(1).path("Rows").toString()).isEqualTo("[[2]]");
        assertThat(tables.size()).as("with the table of contents").isGreaterThan(2);
    }

    @Test
    void theTimeoutOfAStreamMayBeInMilliseconds() throws Exception {
        for (String timeout : List.of("600000", "00:10:00")) {
            var request = HttpRequest.newBuilder(server.uri().resolve("/v1/rest/ingest/Lab/Readings?streamFormat=csv")).header("servertimeout", timeout)
                    .POST(BodyPublishers.ofString("timed,1\n")).build();
            assertThat(CLIENT.send(request, BodyHandlers.ofString()).statusCode()).as(timeout).isEqualTo(200);
        }
    }

    /// Java's client sends `null` for every blob that its caller gave no id.
    @Test
    void managedSourcesWithoutAnIdAreNeverTakenForTheSame() throws Exception {
        command(".create table Unnamed (a:long)");
        command(".alter table Unnamed policy streamingingestion enable");
        for (String id : List.of("null", "null", "00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000000",
                "74be27de-1e4e-49d9-b579-fe0b331d3642", "74be27de-1e4e-49d9-b579-fe0b331d3642")) {
            var request = HttpRequest.newBuilder(server.uri().resolve("/v1/rest/ingest/Lab/Unnamed?streamFormat=csv"))
                    .header("x-ms-client-request-id", "KJC.executeManagedStreamingIngest.ingestFromBlob;" + id + ";0")
                    .POST(BodyPublishers.ofString("1\n")).build();
            assertThat(CLIENT.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
        }
        // Only the last two are attempts of one.
        assertThat(primary(post("/v2/rest/query", "{\"db\":\"Lab\",\"csl\":\"Unnamed | count\"}")).path("Rows").toString()).isEqualTo("[[5]]");
    }

    @Test
    void anUnknownDatabaseIsNamed() throws Exception {
        var response = post("/v2/rest/query", "{\"db\":\"Nowhere\",\"csl\":\"print 1\"}");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(error(response).path("code").asText()).isEqualTo("BadRequest_DatabaseNotExist");
    }

    @Test
    void whatAQueryReadIsInItsStatistics() throws Exception {
        command(".set-or-append Counted <| range a from 1 to 5 step 1");
        for (String version : List.of("v1", "v2")) {
            var body = post("/" + version + "/rest/query", "{\"db\":\"Lab\",\"csl\":\"Counted | where a > 3\"}").body();
            assertThat(body.replace("\\", "")).as(version).contains(
                    "\"input_dataset_statistics\":{\"extents\":{\"total\":1,\"scanned\":1},\"rows\":{\"total\":5,\"scanned\":5}}");
        }
    }

    @Test
    void truncationKeepsTheRowsAndAddsTheError() throws Exception {
        var frames = JSON.readTree(post(
                        "/v2/rest/query",
                        "{\"db\":\"Lab\",\"csl\":\"range n from 1 to 100 step 1\",\"properties\":{\"Options\":{\"truncationmaxrecords\":10}}}")
                .body());
        JsonNode rows = frames.get(2).path("Rows");
        assertThat(rows).hasSize(11);
        JsonNode error = rows.get(10).path("OneApiErrors").get(0).path("error");
        assertThat(error.path("code").asText()).isEqualTo("LimitsExceeded");
        assertThat(error.path("@message").asText()).contains("80DA0003").contains("E_QUERY_RESULT_SET_TOO_LARGE");
        assertThat(frames.get(3).path("HasErrors").asBoolean()).isTrue();
    }

    @Test
    void anErrorThatIsDeferredIsToldByTheStatusAlone() throws Exception {
        String query = "{\"db\":\"Lab\",\"csl\":\"range n from 1 to 100 step 1\",\"properties\":{\"Options\":{\"truncationmaxrecords\":2%s}}}";
        assertThat(post("/v1/rest/query", query.formatted("")).body()).contains("[[1],[2],{\"Exceptions\":[");
        var answer = JSON.readTree(post("/v1/rest/query", query.formatted(",\"deferpartialqueryfailures\":true")).body());
        assertThat(answer.has("Exceptions")).isFalse();
        assertThat(answer.path("Tables")).hasSize(4);
        assertThat(answer.path("Tables").get(0).path("Rows").toString()).isEqualTo("[[1],[2]]");
        JsonNode status = answer.path("Tables").get(2).path("Rows").get(0);
        assertThat(status.get(1).asInt()).isEqualTo(2);
        assertThat(status.get(4).asText()).contains("E_QUERY_RESULT_SET_TOO_LARGE");
    }

    @Test
    void aSetStatementShapesTheAnswerAsAnOptionOfTheRequestDoes() throws Exception {
        String set = "{\"db\":\"Lab\",\"csl\":\"set truncationmaxrecords = 2; set %s; range n from 1 to 100 step 1\"}";
        assertThat(JSON.readTree(post("/v1/rest/query", set.formatted("deferpartialqueryfailures")).body()).has("Exceptions")).isFalse();
        var frames = JSON.readTree(post("/v2/rest/query", set.formatted("deferpartialqueryfailures = true")).body());
        assertThat(frames.get(2).path("Rows").toString()).isEqualTo("[[1],[2]]");
        assertThat(frames.get(frames.size() - 1).path("HasErrors").asBoolean()).isFalse();
        assertThat(post("/v2/rest/query", set.formatted("results_v2_newlines_between_frames")).body()).contains("\n,");
        assertThat(JSON.readTree(post("/v2/rest/query", set.formatted("results_error_reporting_placement = 'end_of_dataset'")).body()).get(2).path("Rows"))
                .hasSize(2);
        assertThat(post("/v2/rest/query", set.formatted("results_error_reporting_placement = 'nowhere'")).statusCode()).isEqualTo(400);
    }

    @Test
    void aDrawingIsOfTheTableOfItsStatement() throws Exception {
        assertThat(drawings("print a = 1; print b = 2 | render piechart")).isEqualTo("1 null, 2 piechart");
        assertThat(drawings("print a = 1 | render timechart; print b = 2 | render piechart")).isEqualTo("1 timechart, 2 piechart");
        assertThat(drawings("range n from 1 to 3 step 1 | fork (take 1) (count); print b = 2 | render piechart")).isEqualTo("1 null, 3 piechart");
        assertThat(drawings("print a = 1; print b = 2")).isEqualTo("1 null");
    }

    private String drawings(String query) throws Exception {
        var said = new ArrayList<String>();
        for (JsonNode row : JSON.readTree(post("/v2/rest/query", "{\"db\":\"Lab\",\"csl\":\"" + query + "\"}").body()).get(1).path("Rows")) {
            said.add(row.get(0).asText() + " " + JSON.readTree(row.get(2).asText()).path("Visualization").asText());
        }
        return String.join(", ", said);
    }

    @Test
    void noTextLiftsALimitOfItsSender() throws Exception {
        String query = "{\"db\":\"Lab\",\"csl\":\"%s; range n from 1 to 9 step 1\",\"properties\":{\"Options\":{\"%s\":2}}}";
        for (String said : List.of("set notruncation", "set truncationmaxrecords=5")) {
            assertThat(post("/v1/rest/query", query.formatted(said, "truncationmaxrecords")).body()).as(said).contains("[[1],[2],{\"Exceptions\":[");
        }
        assertThat(post("/v1/rest/query", query.formatted("set query_take_max_records=5", "query_take_max_records")).body()).contains("[[1],[2]]");
    }

    @Test
    void fragmentsComeWhenAskedFor() throws Exception {
        var lines = post(
                        "/v2/rest/query",
                        "{\"db\":\"Lab\",\"csl\":\"range n from 1 to 3 step 1\",\"properties\":{\"Options\":{"
                                + "\"results_v2_newlines_between_frames\":true,\"results_v2_fragment_primary_tables\":true,"
                                + "\"results_error_reporting_placement\":\"end_of_table\"}}}")
                .body()
                .lines()
                .toList();
        assertThat(lines.get(3)).contains("\"TableFragment\"").contains("[[1],[2],[3]]");
        assertThat(lines.getLast()).isEqualTo("]");
    }

    @Test
    void theCursorToGoOnFromIsAProperty() throws Exception {
        post("/v1/rest/mgmt", "{\"db\":\"Lab\",\"csl\":\".set-or-append Polled <| print a = 1\"}");
        String query = "{\"db\":\"Lab\",\"csl\":\"Polled | where cursor_after('')\"}";
        JsonNode row = JSON.readTree(post("/v2/rest/query", query).body()).get(1).path("Rows").get(1);
        assertThat(row.get(1).asText()).isEqualTo("Cursor");
        String cursor = row.get(2).asText();
        assertThat(cursor).matches("[0-9]+");
        assertThat(post("/v1/rest/query", query).body()).contains("{\\\"Cursor\\\" : \\\"" + cursor + "\\\"}");
        assertThat(primary(post("/v2/rest/query", query.replace("''", "'" + cursor + "'"))).path("Rows")).isEmpty();
    }

    @Test
    void whatAFuzzyUnionGoesOnWithoutIsAWarning() throws Exception {
        String query = "{\"db\":\"Lab\",\"csl\":\"union isfuzzy=true (print a = 1), (NoSuchTable | where a > 0), NoSuch*\"}";
        JsonNode tables = JSON.readTree(post("/v1/rest/query", query).body()).path("Tables");
        assertThat(severities(tables.get(2).path("Rows"), 1, 4)).startsWith(
                "3 Failed to resolve entity 'NoSuchTable'", "3 Failed to resolve entity 'NoSuch*'", "4 Query completed successfully");
        JsonNode frames = JSON.readTree(post("/v2/rest/query", query).body());
        assertThat(severities(frames.get(frames.size() - 2).path("Rows"), 5, 11)).startsWith(
                "3 {\"Count\":1,\"Text\":\"Failed to resolve entity 'NoSuchTable'\"}",
                "3 {\"Count\":1,\"Text\":\"Failed to resolve entity 'NoSuch*'\"}",
                "4 {\"Count\":1,\"Text\":\"Query completed successfully\"}");
        assertThat(post("/v1/rest/query", query.replace("(print a = 1), ", "")).statusCode()).isEqualTo(400);
    }

    private static List<String> severities(JsonNode rows, int severity, int text) {
        return rows.valueStream().map(row -> row.get(severity).asText() + " " + row.get(text).asText()).toList();
    }

    @Test
    void severalResultsAreSeveralTables() throws Exception {
        var frames = JSON.readTree(post("/v2/rest/query", "{\"db\":\"Lab\",\"csl\":\"print a = 1; print b = 2\"}").body());
        assertThat(frames.get(2).path("TableId").asInt()).isEqualTo(1);
        assertThat(frames.get(3).path("TableId").asInt()).isEqualTo(2);
        assertThat(frames.get(3).path("Rows").toString()).isEqualTo("[[2]]");
        assertThat(frames.get(4).path("TableKind").asText()).isEqualTo("QueryCompletionInformation");
    }

    @Test
    void answersAreCompressedWhenAskedForUnlessTheClientIsOnThisMachine() throws Exception {
        var text = HttpRequest.newBuilder(server.uri().resolve("/v2/rest/query"))
                .POST(BodyPublishers.ofString("{\"db\":\"Lab\",\"csl\":\"range n from 1 to 1000 step 1\"}"));
        int plain = CLIENT.send(text.copy().build(), BodyHandlers.ofByteArray()).body().length;
        var asked = text.header("Accept-Encoding", "gzip,deflate");
        assertThat(gzipped(asked.copy().build())).hasSizeGreaterThan(plain);
        assertThat(gzipped(asked.header("X-Forwarded-For", "192.0.2.7").build())).hasSizeLessThan(plain);
    }

    private static byte[] gzipped(HttpRequest request) throws Exception {
        var response = CLIENT.send(request, BodyHandlers.ofByteArray());
        assertThat(response.headers().firstValue("Content-Encoding")).contains("gzip");
        var frames = JSON.readTree(new GZIPInputStream(new ByteArrayInputStream(response.body())));
        assertThat(frames.get(2).path("Rows")).hasSize(1000);
        return response.body();
    }

    @Test
    void compressedQueriesAreRead() throws Exception {
        var response = CLIENT.send(
                HttpRequest.newBuilder(server.uri().resolve("/v2/rest/query"))
                        .header("Content-Encoding", "gzip")
                        .POST(BodyPublishers.ofByteArray(gzip("{\"db\":\"Lab\",\"csl\":\"print a = 1\"}")))
                        .build(),
                BodyHandlers.ofString());
        assertThat(primary(response).path("Rows").toString()).isEqualTo("[[1]]");
    }

    @Test
    void whatIsNotGzipInsideIsRefused() throws Exception {
        byte[] broken = gzip("{\"db\":\"Lab\",\"csl\":\"print a = 1\"}".repeat(10));
        broken[broken.length / 2] ^= 0x55;
        var response = CLIENT.send(
                HttpRequest.newBuilder(server.uri().resolve("/v2/rest/query"))
                        .header("Content-Encoding", "gzip")
                        .POST(BodyPublishers.ofByteArray(Arrays.copyOf(broken, broken.length - 12)))
                        .build(),
                BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(400);
    }

    @Test
    void aClientThatLeavesEndsItsQuery() throws Exception {
        String query = "{\"db\":\"Lab\",\"csl\":\"range n from 1 to 50000000 step 1\",\"properties\":{\"Options\":{\"notruncation\":true}}}";
        try (var socket = new Socket("127.0.0.1", server.port())) {
            socket.getOutputStream()
                    .write(("POST /v2/rest/query HTTP/1.1\r\nHost: localhost\r\nx-ms-client-request-id: leaves;1\r\nContent-Length: "
                                    + query.length() + "\r\n\r\n" + query)
                            .getBytes(StandardCharsets.US_ASCII));
            socket.getInputStream().readNBytes(1_000);
            assertThat(server.engine().runningQueries()).anyMatch(running -> running.clientRequestId().equals("leaves;1"));
        }
        until(() -> server.engine().runningQueries().stream()
                .noneMatch(running -> running.clientRequestId().equals("leaves;1")));
    }

    @Test
    void manyRowsStreamWholeAndInOrder() throws Exception {
        var response = post(
                "/v2/rest/query",
                "{\"db\":\"Lab\",\"csl\":\"range n from 1 to 600000 step 1\",\"properties\":{\"Options\":{\"notruncation\":true}}}");
        JsonNode rows = primary(response).path("Rows");
        assertThat(rows).hasSize(600_000);
        assertThat(rows.get(599_999).get(0).asLong()).isEqualTo(600_000);
    }

    @Test
    void hostileColumnNamesComeBackAsTheyWere() throws Exception {
        var response = post(
                "/v2/rest/query",
                JSON.writeValueAsString(Map.of(
                        "db", "Lab", "csl", "print a = 1, A = 2, ['x\"y'] = 3, ['drop table'] = 4, ['😀'] = 5")));
        assertThat(primary(response).path("Columns").findValuesAsText("ColumnName"))
                .containsExactly("a", "A", "x\"y", "drop table", "😀");
    }

    @Test
    void streamedRowsAreThereAtOnceInEveryForm() throws Exception {
        command(".create table Streams (Device:string, Value:real)");
        command(".alter table Streams policy streamingingestion enable");
        byte[] csv = "a,1\n".getBytes(StandardCharsets.UTF_8);
        assertThat(ingest("Streams?streamFormat=Csv", csv, "none").body())
                .contains("\"Rows\":[[1,\"Inactive\",\"Unknown\",null]]");
        assertThat(ingest("Streams?streamFormat=CSV", gzip("b,2\n"), "gzip").statusCode()).isEqualTo(200);
        assertThat(ingest("Streams?streamFormat=csv", "c,3\n".getBytes(StandardCharsets.UTF_8), "none").statusCode()).isEqualTo(200);
        // Announced as gzip and not compressed, as clients do for binary formats: it is read as what it is.
        assertThat(ingest("Streams?streamFormat=avro", "no avro".getBytes(StandardCharsets.UTF_8), "gzip").body())
                .contains("BadRequest_InvalidBlob");
        assertThat(ingest("Streams?streamFormat=MultiJson", "[{\"Device\":\"d\",\"Value\":4}]".getBytes(StandardCharsets.UTF_8), "none")
                        .statusCode())
                .isEqualTo(200);
        assertThat(primary(post("/v2/rest/query", "{\"db\":\"Lab\",\"csl\":\"Streams | summarize sum(Value)\"}"))
                        .path("Rows").toString())
                .isEqualTo("[[10.0]]");
    }

    @Test
    void streamingBeyondTheLimitIs413() throws Exception {
        byte[] body = "a,1\n".repeat(3_000_000).getBytes(StandardCharsets.UTF_8);
        var response = ingest("Readings?streamFormat=csv", gzip(new String(body, StandardCharsets.UTF_8)), "gzip");
        assertThat(response.statusCode()).isEqualTo(413);
        assertThat(error(response).path("@permanent").asBoolean()).isTrue();
    }

    @Test
    void streamingFromAForeignBlobIsRefusedByName() throws Exception {
        var response = ingest(
                "Readings?streamFormat=csv&sourceKind=uri",
                "{\"SourceUri\":\"https://elsewhere.blob.core.windows.net/c/b.csv?sig=secret\"}".getBytes(StandardCharsets.UTF_8),
                "none");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(error(response).path("@message").asText()).contains("not a blob of this server").doesNotContain("secret");
    }

    @Test
    void resourcesCarryTheHostTheClientCameInOn() throws Exception {
        for (String host : List.of("localhost", "127.0.0.1")) {
            String authority = host + ":" + server.port();
            String answer = raw(authority, ".get ingestion resources");
            assertThat(answer)
                    .contains("SecuredReadyForAggregationQueue")
                    .contains("http://" + authority + "/conshelfqueue/ready-0?");
        }
    }

    @Test
    void anIngestionHostIsDataManagement() throws Exception {
        assertThat(raw("ingest-localhost:" + server.port(), ".show version")).contains("DataManagement");
        assertThat(raw("localhost:" + server.port(), ".show version")).contains("Engine");
    }

    @Test
    void lightRequestsAnswerWhileHeavyOnesRun() throws Exception {
        // Eight queries that would take far longer than this test.
        String heavy = "range a from 1 to 1000000 step 1 | extend k = 1 | join kind=inner (range b from 1 to 1000000 step 1"
                + " | extend k = 1) on k | summarize sum(a * b)";
        List<CompletableFuture<HttpResponse<String>>> running = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            running.add(CLIENT.sendAsync(
                    HttpRequest.newBuilder(server.uri().resolve("/v2/rest/query"))
                            .header("x-ms-client-request-id", "heavy;" + i)
                            .POST(BodyPublishers.ofString(JSON.writeValueAsString(Map.of("db", "Lab", "csl", heavy))))
                            .build(),
                    BodyHandlers.ofString()));
        }
        until(() -> server.engine().runningQueries().size() >= 8);
        assertThat(CLIENT.send(
                                HttpRequest.newBuilder(server.uri().resolve("/health/ready")).timeout(Duration.ofMinutes(2)).build(),
                                BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(200);
        assertThat(command(".show queries").body()).contains("heavy;7");
        for (int i = 0; i < 8; i++) {
            assertThat(command(".cancel query \"heavy;" + i + "\"").statusCode()).isEqualTo(200);
        }
        for (var query : running) {
            assertThat(query.get().body()).contains("ancel");
        }
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void until(Condition condition) throws Exception {
        long end = System.nanoTime() + Duration.ofMinutes(5).toNanos();
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as("waited too long").isLessThan(end);
            LockSupport.parkNanos(5_000_000);
        }
    }

    private static HttpResponse<String> command(String text) throws Exception {
        return post("/v1/rest/mgmt", JSON.writeValueAsString(Map.of("db", "Lab", "csl", text)));
    }

    private static HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return CLIENT.send(
                HttpRequest.newBuilder(server.uri().resolve(path))
                        .header("Content-Type", "application/json; charset=utf-8")
                        .header("Accept", "application/json")
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private static HttpResponse<String> ingest(String tableAndQuery, byte[] body, String encoding) throws Exception {
        var request = HttpRequest.newBuilder(server.uri().resolve("/v1/rest/ingest/Lab/" + tableAndQuery))
                .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)));
        if (!encoding.equals("none")) {
            request.header("Content-Encoding", encoding);
        }
        return CLIENT.send(request.build(), BodyHandlers.ofString());
    }

    /// The whole answer to a command sent under this host name.
    private static String raw(String authority, String command) throws IOException {
        byte[] body = JSON.writeValueAsBytes(Map.of("csl", command));
        try (var socket = new Socket("127.0.0.1", server.port())) {
            socket.setSoTimeout(20_000);
            var out = socket.getOutputStream();
            out.write(("POST /v1/rest/mgmt HTTP/1.1\r\nHost: " + authority + "\r\nContent-Length: " + body.length
                            + "\r\nConnection: close\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            out.write(body);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static JsonNode primary(HttpResponse<String> response) throws IOException {
        for (JsonNode frame : JSON.readTree(response.body())) {
            if (frame.path("TableKind").asText().equals("PrimaryResult")) {
                return frame;
            }
        }
        throw new AssertionError("no primary result in " + response.body());
    }

    private static JsonNode error(HttpResponse<String> response) throws IOException {
        return JSON.readTree(response.body()).path("error");
    }

    private static byte[] gzip(String text) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
