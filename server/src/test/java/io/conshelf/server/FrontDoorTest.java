package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.engine.Limits;
import io.conshelf.engine.RunningQuery;
import io.conshelf.server.page.WebOrigin;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrontDoorTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static Server server;

    @BeforeAll
    static void start() throws Exception {
        server = Server.start(ServerConfig.local());
        var made = post("/v1/rest/mgmt", "{\"db\":\"NetDefaultDB\",\"csl\":\".create table Nothing (a:string)\"}");
        assertThat(made.statusCode()).as(made.body()).isEqualTo(200);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void readyOnceStarted() throws Exception {
        assertThat(get("/health/ready").statusCode()).isEqualTo(200);
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
    }

    @Test
    void everyAnswerCarriesTheIdsOfItsRequest() throws Exception {
        var response = CLIENT.send(
                HttpRequest.newBuilder(at("/v1/rest/ping")).header("x-ms-client-request-id", "me;1").build(),
                BodyHandlers.ofString());
        assertThat(response.headers().firstValue("x-ms-client-request-id")).contains("me;1");
        assertThat(response.headers().firstValue("x-ms-activity-id")).hasValueSatisfying(id -> assertThat(id).hasSize(36));
        assertThat(get("/v1/rest/ping").headers().firstValue("x-ms-client-request-id"))
                .hasValueSatisfying(id -> assertThat(id).startsWith("unspecified;"));
    }

    /// Whatever answers: a page, the cluster, the storage, what refuses, and what never came to be a request.
    @Test
    void everyAnswerTellsBrowsersToDoNothingElseWithIt() throws Exception {
        String host = " HTTP/1.1\r\nHost: localhost:" + server.port() + "\r\nConnection: close\r\n";
        for (String request : List.of("GET /" + host, "GET /health/live" + host, "GET /metrics" + host, "GET /nowhere" + host, "PUT /v1/rest/mgmt" + host,
                "POST /v1/rest/mgmt" + host + "Content-Length: 24\r\n\r\n{\"csl\":\".show version\"} ", "POST /v2/rest/query" + host + "Origin: http://localhost:1\r\n",
                "POST /v2/rest/query" + host + "Content-Length: 17\r\n\r\n{\"csl\":\"print 1\"}", "GET /conshelfblob/temp-0/x" + host, "GET /health/live HTTP/1.1\r\n", "GARBAGE\r\n")) {
            String answer = raw(request.contains("\r\n\r\n") ? request : request + "\r\n");
            String head = answer.substring(0, answer.indexOf("\r\n\r\n"));
            assertThat(head.lines().filter(line -> line.startsWith("Content-Security-Policy: "))).as(answer).singleElement().asString()
                    .contains("default-src 'none'", "frame-ancestors 'none'").doesNotContain("unsafe");
            for (String line : List.of("X-Content-Type-Options: nosniff", "X-Frame-Options: DENY", "Referrer-Policy: no-referrer", "Cross-Origin-Resource-Policy: same-origin")) {
                assertThat(head.lines().filter(line::equalsIgnoreCase)).as("%s of %s", line, answer).hasSize(1);
            }
            assertThat(head).as("by http there is nothing to insist on").doesNotContainIgnoringCase("Strict-Transport-Security");
        }
    }

    /// What somebody has stored is of this server's address, and is no page of it.
    @Test
    void whatIsStoredHereIsShownInASandbox() throws Exception {
        String blob = staged("<script>fetch('/v1/rest/mgmt')</script>".getBytes(StandardCharsets.UTF_8)) + "&rsct=text/html";
        for (var shown : List.of(HttpRequest.newBuilder(URI.create(blob)).build(), HttpRequest.newBuilder(URI.create(blob)).header("Range", "bytes=0-3").build())) {
            var headers = CLIENT.send(shown, BodyHandlers.ofString()).headers();
            assertThat(headers.allValues("Content-Security-Policy")).singleElement().asString().startsWith("sandbox; default-src 'none'");
            assertThat(headers.firstValue("X-Content-Type-Options")).contains("nosniff");
        }
    }

    @Test
    void aClientThatGoesAwayEndsItsQuery() throws Exception {
        String query = "{\"db\":\"NetDefaultDB\",\"csl\":\"range x from 1 to 1000000000000 step 1 | summarize dcount(x)\"}";
        try (var client = new Socket("127.0.0.1", server.port())) {
            client.getOutputStream().write(("POST /v2/rest/query HTTP/1.1\r\nHost: localhost:" + server.port()
                    + "\r\nContent-Type: application/json\r\nx-ms-client-request-id: gone\r\nContent-Length: " + query.length()
                    + "\r\n\r\n" + query).getBytes(StandardCharsets.US_ASCII));
            await(() -> isRunning("gone"));
        }
        await(() -> !isRunning("gone"));
        assertThat(server.engine().endedQueries()).anySatisfy(ended -> {
            assertThat(ended.clientRequestId()).isEqualTo("gone");
            assertThat(ended.state()).isEqualTo(RunningQuery.State.CANCELLED);
        });
    }

    @Test
    void whoTakesNothingOfAnAnswerKeepsNoPlaceOnceItsTimeIsOver() throws Exception {
        var onePlace = Limits.ofThisMachine().withConcurrentQueries(1, 10, Duration.ofMillis(100));
        String query = "{\"db\":\"NetDefaultDB\",\"csl\":\"set notruncation; range x from 1 to 100000000 step 1 | extend s = strrep('x', 1000)\","
                + "\"properties\":{\"Options\":{\"servertimeout\":\"00:00:05\"}}}";
        try (var small = Server.start(ServerConfig.local().withEngineLimits(onePlace)); var client = new Socket("127.0.0.1", small.port())) {
            client.getOutputStream().write(("POST /v2/rest/query HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
                    + query.length() + "\r\n\r\n" + query).getBytes(StandardCharsets.US_ASCII));
            assertThat(client.getInputStream().read()).isEqualTo('H');
            var light = HttpRequest.newBuilder(small.uri().resolve("/v2/rest/query")).header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString("{\"db\":\"NetDefaultDB\",\"csl\":\"print 1\"}")).build();
            assertThat(CLIENT.send(light, BodyHandlers.ofString()).statusCode()).isEqualTo(429);
            await(() -> {
                try {
                    return CLIENT.send(light, BodyHandlers.ofString()).statusCode() == 200;
                } catch (IOException | InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
        }
    }

    @Test
    void aConnectionGoesOnAfterALongQuery() throws Exception {
        String query = "{\"db\":\"NetDefaultDB\",\"csl\":\"range x from 1 to 1000000000000 step 1"
                + " | summarize dcount(x)\",\"properties\":{\"Options\":{\"servertimeout\":\"00:00:02\"}}}";
        for (int i = 0; i < 2; i++) {
            var answer = CLIENT.send(
                    HttpRequest.newBuilder(at("/v2/rest/query")).header("Content-Type", "application/json")
                            .POST(BodyPublishers.ofString(query)).build(),
                    BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(504);
            assertThat(get("/v1/rest/ping").statusCode()).isEqualTo(200);
        }
    }

    private static boolean isRunning(String clientRequestId) {
        return server.engine().runningQueries().stream().anyMatch(query -> query.clientRequestId().equals(clientRequestId)
                && query.state() == RunningQuery.State.RUNNING);
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited too long").isLessThan(end);
            Thread.onSpinWait();
            Thread.yield();
        }
    }

    /// Its sender may send it all the same, and nobody could tell it from the next request.
    @ParameterizedTest
    @ValueSource(strings = {
        "PUT /conshelfblob/temp-0/x", "POST /conshelfqueue/ready-0/messages", "POST /conshelftable/t", "GET /health/live", "POST /v1/rest/none"})
    void aConnectionEndsWithAnAnswerThatDidNotWaitForTheBody(String request) throws Exception {
        String answer = raw(request + " HTTP/1.1\r\nHost: localhost:" + server.port() + "\r\nExpect: 100-continue\r\nContent-Length: 30\r\n\r\n");
        assertThat(answer).containsIgnoringCase("connection: close").doesNotContain("100 Continue");
    }

    @Test
    void whoIsTurnedAwayIsToldWhenToAskAgain() throws Exception {
        command(".create-or-alter workload_group default ```{\"RequestRateLimitPolicies\":[{\"IsEnabled\":true,\"Scope\":\"WorkloadGroup\","
                + "\"LimitKind\":\"ConcurrentRequests\",\"Properties\":{\"MaxConcurrentRequests\":0}}]}```");
        try {
            var answer = command(".show version");
            assertThat(answer.statusCode()).isEqualTo(429);
            assertThat(answer.headers().firstValue("Retry-After")).contains("1");
        } finally {
            assertThat(command(".create-or-alter workload_group default ```{}```").statusCode()).isEqualTo(200);
        }
    }

    private static HttpResponse<String> command(String text) throws Exception {
        return post("/v1/rest/mgmt", JSON.writeValueAsString(Map.of("csl", text)));
    }

    @Test
    void metadataHasTheSixFieldsThatClientsNeed() throws Exception {
        var response = get("/v1/rest/auth/metadata");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(JSON.readTree(response.body()).path("AzureAD").fieldNames())
                .toIterable()
                .contains(
                        "LoginEndpoint", "LoginMfaRequired", "KustoClientAppId", "KustoClientRedirectUri",
                        "KustoServiceResourceId", "FirstPartyAuthorityUrl");
    }

    @Test
    void metricsCountRequestsByRoute() throws Exception {
        get("/v1/rest/ping");
        assertThat(get("/metrics").body()).contains("conshelf_http_requests_seconds_count{route=\"ping\",status=\"200\"}");
    }

    @Test
    void unknownPathIsA404InTheServicesShape() throws Exception {
        var response = get("/nowhere");
        assertThat(response.statusCode()).isEqualTo(404);
        JsonNode error = JSON.readTree(response.body()).path("error");
        assertThat(error.path("code").asText()).isEqualTo("NotFound");
        assertThat(error.path("@permanent").asBoolean()).isTrue();
        assertThat(error.path("@context").path("processId").isInt()).isTrue();
    }

    @Test
    void endpointsAnswerBelowAPathPrefix() throws Exception {
        assertThat(get("/some/prefix/v1/rest/ping").statusCode()).isEqualTo(200);
    }

    @Test
    void aWrongMethodIsNamedWithThoseThatWork() throws Exception {
        var response = get("/v1/rest/mgmt");
        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("Allow")).contains("POST");
    }

    @Test
    void aForeignHostIsRefused() throws Exception {
        assertThat(raw("GET /health/ready HTTP/1.1\r\nHost: evil.example:80\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 403");
    }

    @Test
    void anIngestionHostIsOneOfOurs() throws Exception {
        assertThat(raw("GET /health/ready HTTP/1.1\r\nHost: ingest-localhost:80\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 200");
    }

    @Test
    void namesInPathsNeedNotBeEncoded() throws Exception {
        for (String path : List.of("/v1/rest/ingest/No Base/Größe", "/v1/rest/ingest/No%20Base/Gr%C3%B6%C3%9Fe")) {
            assertThat(raw("POST " + path + "?streamFormat=csv HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
                            + "Connection: close\r\n\r\n1\n"))
                    .startsWith("HTTP/1.1 400")
                    .contains("Database 'No Base' was not found");
        }
    }

    @Test
    void aSecretsNameThatIsNotWellEncodedIsABadRequest() throws Exception {
        assertThat(raw("GET /vaults/lab/secrets/%zz?api-version=7.4 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 400").contains("The name of a secret");
    }

    @Test
    void aForeignPageIsRefused() throws Exception {
        var response = CLIENT.send(
                HttpRequest.newBuilder(at("/v1/rest/mgmt"))
                        .header("Origin", "https://evil.example")
                        .POST(BodyPublishers.ofString("{\"csl\":\".show version\"}"))
                        .build(),
                BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(403);
    }

    /// Whatever else listens on this machine shows pages too.
    @Test
    void aPageOfAnotherPortSchemeOrNameOfThisMachineIsRefused() throws Exception {
        int port = server.port();
        var strangers = List.of("http://127.0.0.1:" + (port + 1), "http://127.0.0.1", "https://127.0.0.1:" + port, "http://localhost:" + port,
                "http://ingest-localhost:" + port, "http://127.0.0.1:" + port + ".evil.example", "http://evil.example:" + port, "null", "file://", "");
        for (String stranger : strangers) {
            var refused = fromPage(server, stranger, "/v1/rest/mgmt", "{\"csl\":\".show version\"}");
            assertThat(refused.statusCode()).as(stranger).isEqualTo(403);
            assertThat(message(refused)).as(stranger).contains("'" + stranger + "'", "'origins'");
        }
        assertThat(fromPage(server, "http://127.0.0.1:" + port, "/v1/rest/mgmt", "{\"csl\":\".show version\"}").statusCode()).isEqualTo(200);
    }

    /// The page of a proxy, or of a portal under development, which asks at another name and port than the server is asked at.
    @Test
    void pagesOfFurtherOriginsAreOursWhereTheyAreNamed() throws Exception {
        var named = Stream.of("https://Lab.example", "http://localhost:5173").map(text -> WebOrigin.read(text).orElseThrow()).collect(Collectors.toSet());
        try (var behind = Server.start(ServerConfig.local().withOrigins(named))) {
            for (String page : List.of("https://lab.example", "https://lab.example:443", "http://localhost:5173", behind.uri().toString())) {
                assertThat(fromPage(behind, page, "/v1/rest/mgmt", "{\"csl\":\".show version\"}").statusCode()).as(page).isEqualTo(200);
            }
            for (String page : List.of("http://lab.example", "https://lab.example:8443", "https://localhost:5173", "http://localhost:5174")) {
                assertThat(fromPage(behind, page, "/v1/rest/mgmt", "{\"csl\":\".show version\"}").statusCode()).as(page).isEqualTo(403);
            }
        }
    }

    @Test
    void theStorageKnowsItsPagesByTheirPortsToo() throws Exception {
        URI container = URI.create(JSON.readTree(command(".create tempstorage").body()).at("/Tables/0/Rows/0/0").asText());
        for (var page : Map.of("http://127.0.0.1:" + (server.port() + 1), 403, "https://127.0.0.1:" + server.port(), 403, "http://127.0.0.1:" + server.port(), 201).entrySet()) {
            var put = HttpRequest.newBuilder(at(container.getRawPath() + "/page.txt?" + container.getRawQuery())).header("x-ms-blob-type", "BlockBlob")
                    .header("Origin", page.getKey()).PUT(BodyPublishers.ofString("x")).build();
            assertThat(CLIENT.send(put, BodyHandlers.ofString()).statusCode()).as(page.getKey()).isEqualTo(page.getValue());
        }
    }

    private static HttpResponse<String> fromPage(Server asked, String origin, String path, String body) throws Exception {
        return CLIENT.send(HttpRequest.newBuilder(asked.uri().resolve(path)).header("Origin", origin).POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
    }

    /// As browsers ask for images, frames and links of a page: without its origin. Another port of this machine is the same site to them.
    @Test
    void whatAForeignPageEmbedsIsRefused() throws Exception {
        for (String site : List.of("cross-site", "same-site")) {
            for (String path : List.of("/v2/rest/query?db=NetDefaultDB&csl=print%201", "/metrics", "/health/ready")) {
                var embedded = HttpRequest.newBuilder(at(path)).header("Sec-Fetch-Site", site).header("Sec-Fetch-Mode", "navigate").build();
                assertThat(CLIENT.send(embedded, BodyHandlers.ofString()).statusCode()).as(site + path).isEqualTo(403);
            }
            assertThat(CLIENT.send(HttpRequest.newBuilder(at("/")).header("Sec-Fetch-Site", site).build(), BodyHandlers.ofString()).statusCode()).isEqualTo(200);
        }
        for (String site : List.of("same-origin", "none")) {
            assertThat(CLIENT.send(HttpRequest.newBuilder(at("/metrics")).header("Sec-Fetch-Site", site).build(), BodyHandlers.ofString()).statusCode()).as(site).isEqualTo(200);
        }
        for (String path : List.of("/v1/rest/query?db=NetDefaultDB&csl=print%201", "/v2/rest/query?db=NetDefaultDB&csl=print%201", "/v1/rest/auth/metadata", "/metrics")) {
            var embedded = CLIENT.send(HttpRequest.newBuilder(at(path)).header("Sec-Fetch-Site", "cross-site").header("Sec-Fetch-Mode", "no-cors").build(), BodyHandlers.ofString());
            assertThat(embedded.statusCode()).as(path).isEqualTo(403);
            var typed = CLIENT.send(HttpRequest.newBuilder(at(path)).header("Sec-Fetch-Site", "none").build(), BodyHandlers.ofString());
            assertThat(typed.statusCode()).as(path).isEqualTo(200);
        }
        assertThat(CLIENT.send(HttpRequest.newBuilder(at("/")).header("Sec-Fetch-Site", "cross-site").build(), BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    }

    private static HttpRequest.Builder fromExplorer(Server asked, String path) {
        return HttpRequest.newBuilder(asked.uri().resolve(path)).header("Origin", "https://dataexplorer.azure.com");
    }

    private static HttpResponse<String> fromExplorer(Server asked, String path, String command) throws Exception {
        return CLIENT.send(fromExplorer(asked, path).POST(BodyPublishers.ofString(JSON.writeValueAsString(Map.of("db", "NetDefaultDB", "csl", command,
                "properties", Map.of("Options", Map.of("queryconsistency", "strongconsistency", "query_language", "csl")))))).build(), BodyHandlers.ofString());
    }

    /// As a browser asks, with the headers that the page sends.
    @Test
    void aBrowserIsToldThatThePagesOfTheExplorerMayAsk() throws Exception {
        for (String path : List.of("/v1/rest/mgmt", "/v2/rest/query", "/v1/rest/query", "/v1/rest/auth/metadata")) {
            var told = CLIENT.send(fromExplorer(server, path).header("Access-Control-Request-Method", "POST")
                    .header("Access-Control-Request-Headers", "content-type,x-ms-app,x-ms-client-request-id,x-ms-user-id").header("Access-Control-Request-Private-Network", "true")
                    .method("OPTIONS", BodyPublishers.noBody()).build(), BodyHandlers.ofString());
            assertThat(told.statusCode()).as(path).isEqualTo(200);
            assertThat(told.headers().firstValue("Access-Control-Allow-Origin")).contains("https://dataexplorer.azure.com");
            assertThat(told.headers().firstValue("Access-Control-Allow-Methods")).contains("GET, POST");
            assertThat(told.headers().firstValue("Access-Control-Allow-Headers")).contains("content-type,x-ms-app,x-ms-client-request-id,x-ms-user-id");
            assertThat(told.headers().firstValue("Access-Control-Allow-Private-Network")).contains("true");
        }
    }

    @Test
    void thePagesOfTheExplorerDrawTheirTreeAskAndAreToldWhatIsWrong() throws Exception {
        for (String command : List.of(".show version", ".show cluster", ".show databases", ".show databases entities", ".show databases schema as json",
                ".show database NetDefaultDB schema as json", ".show tables", ".show materialized-views", ".show functions", ".show principal roles")) {
            var answer = fromExplorer(server, "/v1/rest/mgmt", command);
            assertThat(answer.statusCode()).as(command + " " + answer.body()).isEqualTo(200);
            assertThat(answer.headers().firstValue("Access-Control-Allow-Origin")).contains("https://dataexplorer.azure.com");
        }
        assertThat(fromExplorer(server, "/v2/rest/query", "print Answer = 41 + 1").body()).contains("[[42]]");
        var wrong = fromExplorer(server, "/v2/rest/query", "print |");
        assertThat(wrong.statusCode()).isEqualTo(400);
        assertThat(wrong.headers().firstValue("Access-Control-Allow-Origin")).contains("https://dataexplorer.azure.com");
    }

    @Test
    void thePagesOfTheExplorerChangeNothingUnlessTheyAreLet() throws Exception {
        var refused = fromExplorer(server, "/v1/rest/mgmt", ".create table FromAPage (a:long)");
        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(403);
        assertThat(fromExplorer(server, "/v1/rest/ingest/NetDefaultDB/T?streamFormat=csv", "").statusCode()).isEqualTo(403);
        assertThat(fromExplorer(server, "/subscriptions/s/providers/Microsoft.Kusto/clusters?api-version=1", "").statusCode()).isEqualTo(403);
        for (String lending : List.of(".get ingestion resources", ".get kusto identity token", ".show export containers")) {
            assertThat(fromExplorer(server, "/v1/rest/mgmt", lending).statusCode()).as(lending).isEqualTo(403);
        }
        assertThat(fromExplorer(server, "/v2/rest/query", "evaluate http_request_post('%s')".formatted(at("/v1/rest/mgmt"))).body()).contains("request_readonly_hardline");
        // What a page may learn of the storage is not for pages.
        String queue = JSON.readTree(command(".get ingestion resources").body()).path("Tables").path(0).path("Rows").path(1).path(1).asText();
        assertThat(CLIENT.send(fromExplorer(server, queue.replace("?", "/messages?")).POST(BodyPublishers.ofString("<QueueMessage><MessageText>e30=</MessageText></QueueMessage>"))
                .build(), BodyHandlers.ofString()).statusCode()).isEqualTo(403);
        try (var writing = Server.start(ServerConfig.local().withExplorer(ServerConfig.Explorer.WRITE));
                var closed = Server.start(ServerConfig.local().withExplorer(ServerConfig.Explorer.NONE))) {
            assertThat(fromExplorer(writing, "/v1/rest/mgmt", ".create table FromAPage (a:long)").statusCode()).isEqualTo(200);
            var stranger = fromExplorer(closed, "/v1/rest/mgmt", ".show version");
            assertThat(stranger.statusCode()).isEqualTo(403);
            assertThat(stranger.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
        }
    }

    @Test
    void whatIsNotHttpIsRefusedInTheServicesShape() throws Exception {
        assertThat(raw("GARBAGE\r\n\r\n")).startsWith("HTTP/1.1 400").contains("General_BadRequest");
    }

    @Test
    void aMethodThatIsNoWordIsRefusedInTheServicesShape() throws Exception {
        for (String method : List.of("PO(ST", "PO\u0001ST", "P\u00e9T", "\u0000", "\"GET\"")) {
            assertThat(raw(method + " /v1/rest/ping HTTP/1.1\r\nHost: localhost\r\n\r\n")).as(method).startsWith("HTTP/1.1 400").contains("General_BadRequest");
        }
    }

    /// Whoever stands in front of the server may see another end of such a request, and with it another beginning of the next.
    @ParameterizedTest
    @ValueSource(strings = {
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
        "Content-Length: 4\r\nContent-Length: 5\r\n\r\n12345",
        "Content-Length: 4, 5\r\n\r\n12345",
        "Content-Length: +4\r\n\r\n1234",
        "Content-Length: -4\r\n\r\n1234",
        "Content-Length: 0x4\r\n\r\n1234",
        "Content-Length: \r\n\r\n1234",
        "Content-Length: 99999999999999999999\r\n\r\n1234",
        "Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\n{}\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n2\r\n{}GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "X-A: b\r\n Content-Length: 4\r\n\r\n1234",
        "X-A: b\rContent-Length: 4\r\n\r\n1234",
        "Host: attacker.example\r\nContent-Length: 0\r\n\r\n",
    })
    void aRequestWhoseEndIsNotPlainIsRefusedAndTheConnectionEnds(String rest) throws Exception {
        String answer = raw("POST /v1/rest/mgmt HTTP/1.1\r\nHost: localhost\r\n" + rest + "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 400 ").doesNotContain("ok\n");
        assertThat(answer.split("HTTP/1\\.1 ")).as("one answer").hasSize(2);
    }

    @Test
    void theStorageRefusesAChunkThatIsNoneToo() throws Exception {
        URI container = URI.create(JSON.readTree(command(".create tempstorage").body()).at("/Tables/0/Rows/0/0").asText());
        for (String chunk : List.of("zz\r\n", "-1\r\n", "ffffffffffffffffff\r\n{}\r\n", "2\r\n{}GET /health/live HTTP/1.1\r\n")) {
            String answer = raw("PUT " + container.getRawPath() + "/x.csv?" + container.getRawQuery() + " HTTP/1.1\r\nHost: localhost\r\nx-ms-blob-type: BlockBlob\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n" + chunk + "\r\n0\r\n\r\nGET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertThat(answer).as(chunk).startsWith("HTTP/1.1 400 ").doesNotContain("ok\n");
        }
    }

    @Test
    void aConnectionThatIsToEndEndsWithItsAnswer() throws Exception {
        for (String target : List.of("/v1/rest/ping", "/nowhere", "/conshelfblob/temp-0/none", "/conshelfqueue/none/messages?sv=2021-12-02&sig=x")) {
            assertThat(raw("GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")).as(target).startsWith("HTTP/1.1 ");
        }
    }

    @Test
    void aBodyThatIsNotJsonIsNamedWithItsPlace() throws Exception {
        var response = post("/v2/rest/query", "{\"csl\":");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(message(response)).contains("the body is not valid JSON at line 1");
    }

    @Test
    void deepNestingIsRefused() throws Exception {
        var response = post("/v2/rest/query", "{\"x\":" + "[".repeat(5000) + "]".repeat(5000) + ",\"csl\":\"print 1\"}");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(message(response)).contains("nesting depth");
    }

    @Test
    void aBodyBeyondTheLimitIs413() throws Exception {
        try (var small = Server.start(ServerConfig.local().withLimits(new ServerLimits(
                1_000, 10, 8_192, 8_192, 10, 10, 10, 1_000, 1_000, 1_000, ServerLimits.DEFAULT.identityTokenLifetime(),
                ServerLimits.DEFAULT.storageUriLifetime(), 3, 10)))) {
            var response = CLIENT.send(
                    HttpRequest.newBuilder(small.uri().resolve("/v2/rest/query"))
                            .POST(BodyPublishers.ofString("{\"csl\":\"" + "x".repeat(2_000) + "\"}"))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(response.statusCode()).isEqualTo(413);
            assertThat(response.body()).contains("PayloadTooLarge");
        }
    }

    /// What unpacks to nothing is never too much of it.
    @ParameterizedTest
    @ValueSource(strings = {"a name that does not end", "empty files one behind the other", "a stream that only ends its blocks", "a name that does not end, of a blob"})
    void aBodyThatUnpacksToNothingIsBoundedAllTheSame(String what) throws Exception {
        var empty = new ByteArrayOutputStream();
        new GZIPOutputStream(empty).close();
        byte[] header = {0x1f, (byte) 0x8b, 8, 8, 0, 0, 0, 0, 0, 0};
        boolean isDeflated = what.startsWith("a stream");
        var body = new ByteArrayOutputStream();
        body.write(what.startsWith("a name") ? header : isDeflated ? new byte[] {0x78, 1} : new byte[0]);
        // An empty block that is stored: five bytes, and not the last.
        byte[] more = what.startsWith("a name") ? new byte[] {'x'} : isDeflated ? new byte[] {0, 0, 0, -1, -1} : empty.toByteArray();
        while (body.size() < 11 << 20) {
            body.write(more);
        }
        var request = HttpRequest.newBuilder(at("/v1/rest/ingest/NetDefaultDB/Nothing?streamFormat=csv" + (what.endsWith("blob") ? "&sourceKind=uri" : "")));
        if (what.endsWith("blob")) {
            request.POST(BodyPublishers.ofString("{\"SourceUri\":\"" + staged(body.toByteArray()) + "\"}"));
        } else {
            // Its length is not told.
            request.header("Content-Encoding", isDeflated ? "deflate" : "gzip").POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body.toByteArray())));
        }
        var response = CLIENT.send(request.build(), BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(what.startsWith("empty") ? 400 : 413);
    }

    /// The address of a blob that a client has put where data management told it.
    private static String staged(byte[] content) throws Exception {
        String container = JSON.readTree(command(".create tempstorage").body()).at("/Tables/0/Rows/0/0").asText();
        String blob = container.replace("?", "/nothing.csv.gz?");
        var response = CLIENT.send(
                HttpRequest.newBuilder(URI.create(blob)).header("x-ms-blob-type", "BlockBlob").PUT(BodyPublishers.ofByteArray(content)).build(), BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
        return blob;
    }

    @Test
    void aMissingQueryTextIsNamed() throws Exception {
        assertThat(message(post("/v2/rest/query", "{\"db\":\"x\"}"))).contains("'csl' is missing");
    }

    @Test
    void aCommandAtTheQueryEndpointIsSentToItsPlace() throws Exception {
        var response = post("/v2/rest/query", "{\"csl\":\"// hello\\n .show tables\"}");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(message(response)).contains("do not support api_version=v2");
    }

    @Test
    void aQueryAtTheCommandEndpointIsSentToItsPlace() throws Exception {
        var response = post("/v1/rest/mgmt", "{\"csl\":\"print 1\"}");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(message(response)).contains("starts with a dot");
    }

    @Test
    void aNonsensicalTimeoutIsRefused() throws Exception {
        var response = post(
                "/v2/rest/query", "{\"csl\":\"print 1\",\"properties\":{\"Options\":{\"servertimeout\":\"soon\"}}}");
        assertThat(message(response)).contains("'servertimeout' must be a timespan");
    }

    @Test
    void onlyLoopbackIsServed() {
        assertThatThrownBy(() -> Server.start(ServerConfig.local().withHost("0.0.0.0")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not this machine's loopback");
    }

    @Test
    void aPortInUseIsNamed() {
        assertThatThrownBy(() -> Server.start(ServerConfig.local().withPort(server.port())))
                .hasMessageContaining("Could not listen on 127.0.0.1:" + server.port());
    }

    @Test
    void nobodySignsInWhereNobodyHasTo() throws Exception {
        assertThat(get("/common/discovery/instance").statusCode()).isEqualTo(404);
        assertThat(get("/v1/rest/applications").body()).contains("--auth none");
    }

    private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return CLIENT.send(HttpRequest.newBuilder(at(path)).build(), BodyHandlers.ofString());
    }

    private static HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return CLIENT.send(
                HttpRequest.newBuilder(at(path))
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private static String message(HttpResponse<String> response) throws IOException {
        return JSON.readTree(response.body()).path("error").path("@message").asText();
    }

    private static String raw(String request) throws IOException {
        try (var socket = new Socket("127.0.0.1", server.port())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            socket.setSoTimeout(5_000);
            var answer = new ByteArrayOutputStream();
            try {
                socket.getInputStream().transferTo(answer);
            } catch (SocketTimeoutException e) {
                throw new AssertionError("The connection stayed open after: " + answer, e);
            }
            return answer.toString(StandardCharsets.UTF_8);
        }
    }

    private static URI at(String path) {
        return server.uri().resolve(path);
    }
}
