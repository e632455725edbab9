package io.conshelf.connectors.kusto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.conshelf.connectors.BatchId;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.ValueType;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The official client against answers in the shapes of the wire protocol.
class KustoClusterTest {
    private static final QueryOptions OPTIONS = new QueryOptions(Duration.ofMinutes(1), false);
    private static final String HEADER = "{\"FrameType\":\"DataSetHeader\",\"IsProgressive\":false,\"Version\":\"v2.0\"}";
    private static final String TABLE = "{\"FrameType\":\"DataTable\",\"TableId\":1,\"TableKind\":\"PrimaryResult\",\"TableName\":\"PrimaryResult\","
            + "\"Columns\":[{\"ColumnName\":\"n\",\"ColumnType\":\"long\"},{\"ColumnName\":\"d\",\"ColumnType\":\"dynamic\"}],\"Rows\":[%s]}";
    private static final String PROPERTIES = "{\"FrameType\":\"DataTable\",\"TableId\":0,\"TableKind\":\"QueryProperties\",\"TableName\":\"@ExtendedProperties\","
            + "\"Columns\":[{\"ColumnName\":\"Value\",\"ColumnType\":\"dynamic\"}],\"Rows\":[[\"x\"]]}";
    private static final String REFUSAL = "{\"error\":{\"code\":\"Forbidden\",\"message\":\"m\",\"@message\":\"not just now\",\"@permanent\":true}}";
    private static final String END = "{\"FrameType\":\"DataSetCompletion\",\"HasErrors\":false,\"Cancelled\":false}";

    @TempDir
    private Path folder;

    private final Map<String, String> answers = new ConcurrentHashMap<>();
    /// Answered before all others, once each.
    private final Queue<String> refusals = new ConcurrentLinkedQueue<>();
    private HttpServer server;
    private KustoCluster cluster;

    @BeforeEach
    void start() throws IOException, StoreException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String answer = refusals.poll();
            answer = answer == null ? answers.get(exchange.getRequestURI().getPath()) : answer;
            exchange.getRequestBody().readAllBytes();
            byte[] body = (answer == null ? "" : answer).getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(answer == null ? 404 : answer.startsWith("{\"error\"") ? 400 : 200, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        cluster = KustoCluster.connect(new KustoEndpoint(uri, true), new KustoCredential.None());
    }

    @AfterEach
    void stop() throws StoreException {
        cluster.close();
        server.stop(0);
    }

    private void answerQuery(String rows, String end) {
        answers.put("/v2/rest/query", "[" + String.join(",", HEADER, PROPERTIES, TABLE.formatted(rows), end) + "]");
    }

    @Test
    void rowsAreReadInOrderWithTheirTypes() throws StoreException {
        answerQuery("[9007199254740993,{\"a\":[1]}],[null,null]", END);
        try (RowReader rows = cluster.query("D", "T", OPTIONS)) {
            assertThat(rows.columns()).containsExactly(new Column("n", ValueType.LONG), new Column("d", ValueType.DYNAMIC));
            assertThat(rows.next().orElseThrow().toString()).isEqualTo("[9007199254740993, {\"a\":[1]}]");
            assertThat(rows.next().orElseThrow().toString()).isEqualTo("[null, null]");
            assertThat(rows.next()).isEmpty();
        }
    }

    @Test
    void rowsAreReadWhileTheClusterWritesMore() throws Exception {
        var isFirstRead = new CountDownLatch(1);
        var wasReadMeanwhile = new CompletableFuture<Boolean>();
        answerQueryBy(pieces -> {
            pieces.write("[1,null]");
            wasReadMeanwhile.complete(isFirstRead.await(2, TimeUnit.MINUTES));
            pieces.write(",[2,null]");
        });
        try (RowReader rows = cluster.query("D", "T", OPTIONS)) {
            assertThat(rows.next().orElseThrow().toString()).isEqualTo("[1, null]");
            isFirstRead.countDown();
            assertThat(wasReadMeanwhile.get()).isTrue();
            assertThat(rows.next().orElseThrow().toString()).isEqualTo("[2, null]");
            assertThat(rows.next()).isEmpty();
            assertThat(rows.next()).isEmpty();
        }
    }

    @Test
    void whoeverReadsNoFurtherEndsTheQuery() throws Exception {
        var end = new CompletableFuture<Boolean>();
        answerQueryBy(pieces -> {
            String row = "[1,\"" + "x".repeat(100_000) + "\"]";
            try {
                pieces.write(row);
                for (int i = 0; i < 10_000; i++) {
                    pieces.write("," + row);
                }
                end.complete(false);
            } catch (IOException gone) {
                end.complete(true);
            }
        });
        try (RowReader rows = cluster.query("D", "T", OPTIONS)) {
            assertThat(rows.next()).isPresent();
        }
        assertThat(end.get(2, TimeUnit.MINUTES)).as("the connection broke off before a gigabyte was written").isTrue();
    }

    @Test
    void aReaderThatIsInterruptedWhileItWaitsIsCancelled() throws Exception {
        var isOver = new CountDownLatch(1);
        answerQueryBy(pieces -> {
            pieces.write("[1,null]");
            isOver.await(20, TimeUnit.SECONDS);
        });
        try (RowReader rows = cluster.query("D", "T", OPTIONS)) {
            assertThat(rows.next()).isPresent();
            Thread.currentThread().interrupt();
            assertThatThrownBy(rows::next).isInstanceOf(StoreException.class).extracting("code").isEqualTo("OperationCancelled");
            assertThat(Thread.interrupted()).isTrue();
        } finally {
            isOver.countDown();
        }
    }

    @Test
    void anAnswerThatBreaksOffIsNotTakenForWhole() throws Exception {
        // The end of a connection may be told ahead of what came before it.
        var isFirstRead = new CountDownLatch(1);
        answerQueryBy(pieces -> {
            pieces.write("[1,null]");
            isFirstRead.await(2, TimeUnit.MINUTES);
            throw new IOException("the cluster stops here");
        });
        try (RowReader rows = cluster.query("D", "T", OPTIONS)) {
            assertThat(rows.next()).isPresent();
            isFirstRead.countDown();
            assertThatThrownBy(rows::next).isInstanceOf(StoreException.class).hasMessageContaining("broke off");
        }
    }

    @Test
    void anAnswerMayBePacked() throws Exception {
        server.createContext("/v2/rest/query", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().add("Content-Encoding", "gzip");
            exchange.sendResponseHeaders(200, 0);
            try (var packed = new GZIPOutputStream(exchange.getResponseBody())) {
                packed.write(("[" + String.join(",", HEADER, TABLE.formatted("[1,null]"), END) + "]").getBytes(StandardCharsets.UTF_8));
            }
        });
        try (RowReader rows = cluster.query("D", "T", OPTIONS)) {
            assertThat(rows.next()).isPresent();
            assertThat(rows.next()).isEmpty();
        }
    }

    private interface Pieces {
        void write(String rows) throws IOException;
    }

    private interface Writer {
        void write(Pieces pieces) throws IOException, InterruptedException;
    }

    /// Answers queries with rows that are sent as they are written.
    private void answerQueryBy(Writer writer) {
        String[] around = ("[" + String.join(",", HEADER, TABLE.formatted("%s"), END) + "]").split("%s");
        server.createContext("/v2/rest/query", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, 0);
            var body = exchange.getResponseBody();
            Pieces pieces = text -> {
                body.write(text.getBytes(StandardCharsets.UTF_8));
                body.flush();
            };
            try {
                pieces.write(around[0]);
                writer.write(pieces);
                pieces.write(around[1]);
                body.close();
            } catch (InterruptedException interrupted) {
                throw new IOException(interrupted);
            }
        });
    }

    @Test
    void anErrorAmongTheRowsEndsTheQueryWithItsCode() throws StoreException {
        answerQuery("[1,null],{\"OneApiErrors\":[{\"error\":{\"code\":\"LimitsExceeded\",\"message\":\"m\",\"@message\":\"too many\",\"@permanent\":false}}]}", END);
        try (RowReader rows = cluster.query("D", "T", OPTIONS)) {
            rows.next();
            assertThatThrownBy(rows::next).isInstanceOf(StoreException.class).hasMessage("The query failed: too many")
                    .extracting("code").isEqualTo("LimitsExceeded");
        }
    }

    @Test
    void anErrorAtTheEndIsNotMissed() throws StoreException {
        answerQuery("[1,null]", "{\"FrameType\":\"DataSetCompletion\",\"HasErrors\":true,\"Cancelled\":false,"
                + "\"OneApiErrors\":[{\"error\":{\"code\":\"Late\",\"@message\":\"broke\",\"@permanent\":true}}]}");
        try (RowReader rows = cluster.query("D", "T", OPTIONS)) {
            rows.next();
            assertThatThrownBy(rows::next).hasMessage("The query failed: broke");
        }
    }

    @Test
    void twoResultsAreRefused() throws StoreException {
        answerQuery("[1,null]", TABLE.formatted("[2,null]") + "," + END);
        try (RowReader rows = cluster.query("D", "T", OPTIONS)) {
            rows.next();
            assertThatThrownBy(rows::next).hasMessageContaining("more than one tabular result");
        }
    }

    @Test
    void severalResultsAreReadOneAfterTheOther() throws StoreException {
        String charted = PROPERTIES.replace("[\"x\"]", "[1,\"Cursor\",\"5\"],[1,\"Visualization\",\"{\\\"Visualization\\\":\\\"piechart\\\"}\"]");
        answers.put("/v2/rest/query", "[" + String.join(",", HEADER, charted, TABLE.formatted("[1,null]"), TABLE.formatted("[2,null],[3,null]"), END) + "]");
        try (QueryAnswer answer = cluster.ask("D", "T; T", OPTIONS)) {
            assertThat(answer.visualization()).contains("{\"Visualization\":\"piechart\"}");
            assertThat(answer.next().orElseThrow().toString()).isEqualTo("[1, null]");
            assertThat(answer.next()).isEmpty();
            assertThat(answer.nextResult()).isTrue();
            assertThat(answer.next().orElseThrow().toString()).isEqualTo("[2, null]");
            assertThat(answer.next().orElseThrow().toString()).isEqualTo("[3, null]");
            assertThat(answer.next()).isEmpty();
            assertThat(answer.nextResult()).isFalse();
        }
    }

    @Test
    void aCommandMayStandBehindComments() throws StoreException {
        answers.put("/v1/rest/mgmt", "{\"Tables\":[{\"TableName\":\"Table_0\",\"Columns\":[{\"ColumnName\":\"n\",\"ColumnType\":\"long\"}],\"Rows\":[[7]]}]}");
        try (RowReader rows = cluster.query("D", "// how many\n\n  // there are\n.show tables | count", OPTIONS)) {
            assertThat(rows.next().orElseThrow().toString()).isEqualTo("[7]");
        }
    }

    @Test
    void aRefusedCommandKeepsTheServicesSentence() {
        answers.put("/v1/rest/mgmt", "{\"error\":{\"code\":\"BadRequest_EntityNotFound\",\"message\":\"Request is invalid\",\"@type\":\"T\","
                + "\"@message\":\"Entity ID 'T' was not found\",\"@context\":{},\"@permanent\":true}}");
        assertThatThrownBy(() -> cluster.command("D", ".show table T", Duration.ofSeconds(20))).isInstanceOf(StoreException.class)
                .hasMessage("The command failed: Entity ID 'T' was not found").extracting("code").isEqualTo("BadRequest_EntityNotFound");
    }

    @Test
    void aClusterThatLendsNoStorageIsToldInItsOwnWords() {
        answers.put("/v1/rest/mgmt", REFUSAL);
        assertThatThrownBy(() -> cluster.containers()).isInstanceOf(StoreException.class).hasMessageEndingWith("where to upload failed: not just now");
    }

    @Test
    void storageThatIsNotLentAtFirstIsAskedForAgain() throws StoreException {
        refusals.addAll(List.of(REFUSAL, REFUSAL));
        answers.put("/v1/rest/mgmt", """
                {"Tables": [{"TableName": "Table_0", "Columns": [
                    {"ColumnName": "ResourceTypeName", "DataType": "String", "ColumnType": "string"},
                    {"ColumnName": "StorageRoot", "DataType": "String", "ColumnType": "string"}],
                  "Rows": [["TempStorage", "https://lent.blob.core.windows.net/container?sas"]]}]}""");
        assertThat(cluster.containers()).extracting(container -> container.getAccountName()).containsExactly("lent");
    }

    @Test
    void aTablesColumnsAreReadFromItsSchema() throws StoreException {
        answers.put("/v1/rest/mgmt", "{\"Tables\":[{\"TableName\":\"Table_0\",\"Columns\":[{\"ColumnName\":\"TableName\",\"DataType\":\"String\"},"
                + "{\"ColumnName\":\"Schema\",\"DataType\":\"String\"}],\"Rows\":[[\"T\",\"a:long,['b c']:string,d:dynamic\"]]}]}");
        assertThat(cluster.columns("D", "T")).containsExactly(Map.entry("a", ValueType.LONG), Map.entry("b c", ValueType.STRING), Map.entry("d", ValueType.DYNAMIC));
    }

    @Test
    void endpointsLeadToTheEmbeddedClusterUnlessListed() throws StoreException {
        Endpoints endpoints = Endpoints.embedded(URI.create("http://localhost:5000/"), List.of("https://real.westeurope.kusto.windows.net"));
        assertThat(endpoints.resolve("https://flights.westeurope.kusto.windows.net "))
                .isEqualTo(new KustoEndpoint(URI.create("http://127.0.0.1:5000"), true));
        assertThat(endpoints.resolve("https://ingest-real.westeurope.kusto.windows.net/x"))
                .isEqualTo(new KustoEndpoint(URI.create("https://real.westeurope.kusto.windows.net"), false));
        assertThat(Endpoints.replacedBy(URI.create("http://127.0.0.1:1")).resolve("https://a.b.kusto.windows.net").isEmbedded()).isFalse();
        assertThatThrownBy(() -> endpoints.resolve("cluster")).hasMessageContaining("is not an endpoint");
    }

    @Test
    void onlyThisMachineAndWhatIsListedCanBeReached() {
        Endpoints endpoints = Endpoints.embedded(URI.create("http://localhost:5000/"), List.of("https://api.example.com/v1", "Files.example.com"));
        assertThat(List.of("localhost", "127.0.0.1", "127.1.2.3", "[::1]", "api.example.com", "FILES.example.com")).allMatch(endpoints::allows);
        assertThat(List.of("example.com", "127.0.0.1.example.com", "localhost.example.com", "10.0.0.1")).noneMatch(endpoints::allows);
        assertThat(endpoints.home()).contains(URI.create("http://127.0.0.1:5000"));
        assertThat(Endpoints.replacedBy(URI.create("https://real.kusto.windows.net")).home()).isEmpty();
    }

    @Test
    void aKeyDoesNotShowInText() {
        assertThat(new KustoCredential.ServicePrincipal("id", "hidden", "tenant").toString()).doesNotContain("hidden");
    }

    @Test
    void aBatchThatWasStoppedQueuesNothingMore() throws Exception {
        Path file = Files.writeString(folder.resolve("rows.csv"), "1,a\n");
        IngestionBatch batch = cluster.batch("D", "T", BatchId.of("copy", List.of("rows")));
        batch.stop();
        assertThatThrownBy(() -> batch.add(BlobContent.Range.whole(file), "'rows.csv'",
                        new IngestionSettings("csv", Optional.empty(), false, true, Map.of()), BatchId.of("copy", List.of("rows"))))
                .isInstanceOf(StoreException.class).hasMessageContaining("'rows.csv' is not uploaded any more").extracting("code").isEqualTo("OperationCancelled");
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(batch.await().files()).isZero();
    }
}
