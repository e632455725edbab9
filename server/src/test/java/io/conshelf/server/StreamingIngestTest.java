package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Streaming ingestion as its clients use it.
@Timeout(600)
class StreamingIngestTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir
    Path folder;

    private Server server;

    @BeforeEach
    void start() throws Exception {
        open();
        command(".create table T (Device:string, Value:real)");
        command(".alter table T policy streamingingestion enable");
    }

    private void open() {
        server = Server.start(ServerConfig.local().withData(folder.resolve("data")).withDatabases(List.of("Lab")));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void everyFormatIsStreamed() throws Exception {
        Map<String, byte[]> bodies = new LinkedHashMap<>();
        bodies.put("CSV", text("a,1\n"));
        bodies.put("TSV", text("a\t1\n"));
        bodies.put("TSVe", text("a\t1\n"));
        bodies.put("PSV", text("a|1\n"));
        bodies.put("SCsv", text("a;1\n"));
        bodies.put("SOHsv", text("a\u00011\n"));
        bodies.put("JSON", text("{\"Device\":\"a\",\"Value\":1}\n"));
        bodies.put("MultiJSON", text("[{\"Device\":\"a\",\n\"Value\":1}]"));
        bodies.put("SingleJson", text("{\"Device\":\"a\",\n\"Value\":1}"));
        bodies.put("Avro", avro());
        bodies.put("ApacheAvro", avro());
        bodies.put("W3CLogFile", text("#Fields: Device Value\na 1\n"));
        for (var body : bodies.entrySet()) {
            assertThat(ingest("T?streamFormat=" + body.getKey(), body.getValue(), "none").statusCode()).as(body.getKey()).isEqualTo(200);
        }
        assertThat(answer("T | where Device == 'a' and Value == 1 | count")).isEqualTo("[[" + bodies.size() + "]]");
        // These have one column.
        assertThat(ingest("T?streamFormat=Txt", text("txt\n"), "none").statusCode()).isEqualTo(200);
        assertThat(ingest("T?streamFormat=Raw", text("raw\nraw"), "none").statusCode()).isEqualTo(200);
        assertThat(answer("T | where isnull(Value) | project Device | order by Device asc")).isEqualTo("[[\"raw\\nraw\"],[\"txt\"]]");
        for (String format : List.of("Parquet", "ORC")) {
            var refused = ingest("T?streamFormat=" + format, text("x"), "none");
            assertThat(refused.statusCode()).as(format).isEqualTo(400);
            assertThat(error(refused).path("@permanent").asBoolean()).as(format).isTrue();
        }
    }

    @Test
    void bodiesMayBeCompressed() throws Exception {
        assertThat(ingest("T?streamFormat=csv", compressed("a,1\n", true), "gzip").statusCode()).isEqualTo(200);
        assertThat(ingest("T?streamFormat=csv", compressed("a,1\n", false), "deflate").statusCode()).isEqualTo(200);
        var plain = ingest("T?streamFormat=csv", text("a,1\n"), "gzip");
        assertThat(plain.statusCode()).isEqualTo(400);
        assertThat(plain.body()).contains("not valid gzip");
        var unknown = ingest("T?streamFormat=csv", text("a,1\n"), "br");
        assertThat(unknown.statusCode()).isEqualTo(400);
        assertThat(unknown.body()).contains("gzip", "deflate", "'br'");
        assertThat(answer("T | count")).isEqualTo("[[2]]");
    }

    @Test
    void theFormatMustBeSaid() throws Exception {
        for (String target : List.of("T", "T?mappingName=M", "T?streamFormat=")) {
            var response = ingest(target, text("a,1\n"), "none");
            assertThat(response.statusCode()).as(target).isEqualTo(400);
            assertThat(response.body()).contains("'streamFormat' is missing");
        }
        assertThat(answer("T | count")).isEqualTo("[[0]]");
    }

    @Test
    void aBlobIsStreamedByItsUri() throws Exception {
        for (byte[] content : List.of(text("a,1\n"), compressed("a,1\n", true))) {
            String blob = upload(content);
            var response = ingest("T?streamFormat=csv&sourceKind=uri", text("{\"SourceUri\":\"" + blob + "\"}"), "none");
            assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        }
        assertThat(answer("T | count")).isEqualTo("[[2]]");
    }

    @Test
    void aMappingIsNamedByTheRequest() throws Exception {
        command(".create table T ingestion json mapping 'M' '[{\"column\":\"Device\",\"Properties\":{\"Path\":\"$.d\"}}]'");
        assertThat(ingest("T?streamFormat=json&mappingName=M", text("{\"d\":\"x\"}"), "none").statusCode()).isEqualTo(200);
        assertThat(answer("T | project Device")).isEqualTo("[[\"x\"]]");
        // What a request needs to know is remembered; a change of the mapping is seen all the same.
        command(".alter table T ingestion json mapping 'M' '[{\"column\":\"Device\",\"Properties\":{\"Path\":\"$.e\"}}]'");
        assertThat(ingest("T?streamFormat=json&mappingName=M", text("{\"e\":\"y\"}"), "none").statusCode()).isEqualTo(200);
        assertThat(answer("T | order by Device asc | project Device")).isEqualTo("[[\"x\"],[\"y\"]]");
        assertThat(error(ingest("T?streamFormat=json&mappingName=N", text("{}"), "none")).path("code").asText())
                .isEqualTo("BadRequest_MappingReferenceWasNotFound");
    }

    @Test
    void aRequestThatFailsLeavesNothing() throws Exception {
        var response = ingest("T?streamFormat=csv", text("a,1\nb,2\nc\n"), "none");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(error(response).path("code").asText()).isEqualTo("Stream_WrongNumberOfFields");
        assertThat(answer("T | count")).isEqualTo("[[0]]");
    }

    @Test
    void aTableWithoutThePolicyKeepsWhatWasStreamedAndTakesNoMore() throws Exception {
        ingest("T?streamFormat=csv", text("a,1\nb,2\n"), "none");
        command(".alter table T policy streamingingestion disable");
        var refused = ingest("T?streamFormat=csv", text("c,3\n"), "none");
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(error(refused).path("@permanent").asBoolean()).isTrue();
        assertThat(error(refused).path("@message").asText()).contains("T");
        assertThat(answer("T | count")).isEqualTo("[[2]]");
        // Stopping seals.
        server.close();
        open();
        assertThat(answer("T | where isnotempty(extent_id()) | summarize dcount(extent_id()), count()")).isEqualTo("[[1,2]]");
        assertThat(command(".show table T extents").body()).contains("\"Rows\":[[");
    }

    @Test
    void thePolicyOfTheDatabaseHoldsForItsTables() throws Exception {
        command(".create table U (Device:string)");
        assertThat(ingest("U?streamFormat=csv", text("a\n"), "none").statusCode()).isEqualTo(400);
        command(".alter database Lab policy streamingingestion enable");
        assertThat(ingest("U?streamFormat=csv", text("a\n"), "none").statusCode()).isEqualTo(200);
        command(".alter table U policy streamingingestion disable");
        assertThat(ingest("U?streamFormat=csv", text("a\n"), "none").statusCode()).isEqualTo(400);
    }

    @Test
    void moreRequestsAtOnceThanCoresBearAreThrottled() throws Exception {
        int atOnce = 6 * Runtime.getRuntime().availableProcessors();
        var waiting = new ArrayList<Socket>();
        try {
            for (int i = 0; i < atOnce; i++) {
                var socket = new Socket("127.0.0.1", server.port());
                socket.setSoTimeout(300_000);
                waiting.add(socket);
                begin(socket.getOutputStream(), "x,0\n".repeat(80_000));
            }
            // They are being read one after the other; the next finds no room.
            HttpResponse<String> response;
            long end = System.nanoTime() + Duration.ofMinutes(5).toNanos();
            do {
                response = ingest("T?streamFormat=csv", text("x,1\n"), "none");
                assertThat(System.nanoTime()).isLessThan(end);
            } while (response.statusCode() == 200);
            assertThat(response.statusCode()).isEqualTo(429);
            assertThat(error(response).path("code").asText()).isEqualTo("General_ThrottledIngestion");
            assertThat(error(response).path("@permanent").asBoolean()).isFalse();
            for (var socket : waiting) {
                assertThat(finish(socket)).isEqualTo("HTTP/1.1 200 OK");
            }
        } finally {
            for (var socket : waiting) {
                socket.close();
            }
        }
        assertThat(answer("T | where Device == 'slow' | count")).isEqualTo("[[" + atOnce + "]]");
    }

    @Test
    void whoSendsSlowlyHoldsNoPlace() throws Exception {
        var slow = new ArrayList<Socket>();
        // Enough for more than ten minutes of the slowest pace: this one is to be there at the end, however long that takes.
        String beginning = "x,0\n".repeat(40_000);
        try {
            for (int i = 0; i < 12 * Runtime.getRuntime().availableProcessors(); i++) {
                var socket = new Socket("127.0.0.1", server.port());
                socket.setSoTimeout(300_000);
                slow.add(socket);
                begin(socket.getOutputStream(), i == 0 ? beginning : "");
            }
            for (int i = 0; i < 20; i++) {
                assertThat(ingest("T?streamFormat=csv", text("x,1\n"), "none").statusCode()).isEqualTo(200);
            }
            assertThat(finish(slow.getFirst())).isEqualTo("HTTP/1.1 200 OK");
        } finally {
            for (var socket : slow) {
                socket.close();
            }
        }
        assertThat(answer("T | where Value == 1 | count")).isEqualTo("[[21]]");
    }

    /// Most clients look for an answer only when all is written, and a connection closed before that hides the reason.
    @Test
    void aClientThatWritesItsWholeBodyFirstStillLearnsWhyItWasRefused() throws Exception {
        command(".create table Closed (Device:string, Value:real)");
        for (int bytes : List.of(100, 5 << 20, 11 << 20)) {
            for (String length : List.of("Content-Length: " + bytes, "Transfer-Encoding: chunked")) {
                assertThat(answerAfterWriting("Closed", bytes, length)).as(bytes + ", " + length).startsWith("HTTP/1.1 4").contains(
                        bytes > 10 << 20 && length.startsWith("C") ? "413" : "400");
                assertThat(answerAfterWriting("T", bytes, length)).as(bytes + ", " + length).startsWith(
                        bytes > 10 << 20 ? "HTTP/1.1 413" : "HTTP/1.1 400");
            }
        }
        assertThat(answer("T | count")).isEqualTo("[[0]]");
    }

    /// The status line; the body is a quote that nothing closes.
    private String answerAfterWriting(String table, int bytes, String length) throws IOException {
        try (var socket = new Socket("127.0.0.1", server.port())) {
            socket.setSoTimeout(60_000);
            var out = socket.getOutputStream();
            out.write(text("POST /v1/rest/ingest/Lab/" + table + "?streamFormat=csv HTTP/1.1\r\nHost: 127.0.0.1:" + server.port() + "\r\n"
                    + length + "\r\n\r\n"));
            boolean isChunked = length.endsWith("chunked");
            byte[] body = text("\"" + "x".repeat(bytes - 1));
            if (isChunked) {
                out.write(text(Integer.toHexString(bytes) + "\r\n"));
            }
            out.write(body);
            if (isChunked) {
                out.write(text("\r\n0\r\n\r\n"));
            }
            return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8)).readLine();
        }
    }

    /// All but the end of the row that is the last.
    private void begin(OutputStream out, String rows) throws IOException {
        out.write(text("POST /v1/rest/ingest/Lab/T?streamFormat=csv HTTP/1.1\r\nHost: 127.0.0.1:" + server.port()
                + "\r\nContent-Length: " + (rows.length() + 7) + "\r\n\r\n" + rows + "slo"));
        out.flush();
    }

    private static String finish(Socket socket) throws IOException {
        socket.getOutputStream().write(text("w,1\n"));
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8)).readLine();
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] compressed(String text, boolean isGzip) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var out = isGzip ? new GZIPOutputStream(bytes) : new DeflaterOutputStream(bytes)) {
            out.write(text(text));
        }
        return bytes.toByteArray();
    }

    private static byte[] avro() throws IOException {
        var schema = SchemaBuilder.record("R").fields().requiredString("Device").requiredDouble("Value").endRecord();
        var bytes = new ByteArrayOutputStream();
        try (var file = new DataFileWriter<GenericRecord>(new GenericDatumWriter<>(schema)).create(schema, bytes)) {
            file.append(new GenericRecordBuilder(schema).set("Device", "a").set("Value", 1.0).build());
        }
        return bytes.toByteArray();
    }

    private String upload(byte[] content) throws Exception {
        JsonNode configuration = JSON.readTree(CLIENT.send(
                HttpRequest.newBuilder(server.uri().resolve("/v1/rest/ingestion/configuration")).build(), BodyHandlers.ofString()).body());
        String blob = configuration.path("containerSettings").path("containers").get(0).path("path").asText()
                .replace("?", "/stream-" + content.length + ".csv?");
        var uploaded = CLIENT.send(
                HttpRequest.newBuilder(URI.create(blob)).header("x-ms-blob-type", "BlockBlob").PUT(BodyPublishers.ofByteArray(content)).build(),
                BodyHandlers.ofString());
        assertThat(uploaded.statusCode()).isEqualTo(201);
        return blob;
    }

    private HttpResponse<String> ingest(String tableAndQuery, byte[] body, String encoding) throws Exception {
        var request = HttpRequest.newBuilder(server.uri().resolve("/v1/rest/ingest/Lab/" + tableAndQuery))
                .POST(BodyPublishers.ofByteArray(body));
        if (!encoding.equals("none")) {
            request.header("Content-Encoding", encoding);
        }
        return CLIENT.send(request.build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> command(String text) throws Exception {
        var response = post("/v1/rest/mgmt", text);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response;
    }

    /// The rows of a query, as JSON.
    private String answer(String query) throws Exception {
        var response = post("/v1/rest/query", query);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return JSON.readTree(response.body()).path("Tables").path(0).path("Rows").toString();
    }

    private HttpResponse<String> post(String path, String text) throws Exception {
        return CLIENT.send(
                HttpRequest.newBuilder(server.uri().resolve(path))
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(JSON.writeValueAsString(Map.of("db", "Lab", "csl", text))))
                        .build(),
                BodyHandlers.ofString());
    }

    private static JsonNode error(HttpResponse<String> response) throws IOException {
        return JSON.readTree(response.body()).path("error");
    }
}
