package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.conshelf.engine.Engine;
import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.ExternalStorage;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Principal;
import io.conshelf.engine.Request;
import io.conshelf.server.tls.LocalAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Queries that call a web service of this machine by `http_request` and `http_request_post`, asked over the wire.
@Timeout(600)
class HttpRequestTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private static final List<String> ASKED = new CopyOnWriteArrayList<>();
    private static CountDownLatch over;
    private static ExecutorService threads;
    private static HttpServer web;
    private static Server server;

    @BeforeAll
    static void start() throws Exception {
        over = new CountDownLatch(1);
        threads = Executors.newVirtualThreadPerTaskExecutor();
        web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        web.setExecutor(threads);
        web.createContext("/", HttpRequestTest::answer);
        web.start();
        server = Server.start(ServerConfig.local().withDatabases(List.of("Lab")));
    }

    @AfterAll
    static void stop() {
        over.countDown();
        server.close();
        web.stop(0);
        threads.close();
    }

    @BeforeEach
    void allow() throws Exception {
        ASKED.clear();
        policy("[{\"CalloutType\":\"webapi\",\"CalloutUriRegex\":\"^https?://127\\\\.0\\\\.0\\\\.1\",\"CanCall\":true}]");
    }

    @AfterEach
    void forget() throws Exception {
        policy("[]");
    }

    private static void policy(String entries) throws Exception {
        assertThat(post("/v1/rest/mgmt", ".alter cluster policy callout ```" + entries + "```").statusCode()).isEqualTo(200);
    }

    private static void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().toString();
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            var headers = exchange.getRequestHeaders();
            ASKED.add(exchange.getRequestMethod() + " " + path + " " + body + " id=" + headers.getFirst("x-ms-client-request-id") + " readonly="
                    + headers.getFirst("x-ms-readonly") + " type=" + headers.getFirst("Content-Type") + " own=" + headers.getFirst("x-own"));
            byte[] text = switch (exchange.getRequestURI().getPath()) {
                case "/json" -> "{\"Items\":[{\"a\":1},{\"a\":2}]}".getBytes(StandardCharsets.UTF_8);
                case "/broken" -> "{\"Items\":".getBytes(StandardCharsets.UTF_8);
                case "/latin" -> "{\"a\":\"é\"}".getBytes(StandardCharsets.ISO_8859_1);
                case "/large" -> new byte[17 << 20];
                case "/heavy" -> new byte[15 << 20];
                default -> "plain é".getBytes(StandardCharsets.UTF_8);
            };
            String type = switch (exchange.getRequestURI().getPath()) {
                case "/text" -> "text/plain; charset=utf-8";
                case "/latin" -> "application/json; charset=iso-8859-1";
                default -> "application/json";
            };
            exchange.getResponseHeaders().add("Content-Type", type);
            exchange.getResponseHeaders().add("X-Two", "one");
            exchange.getResponseHeaders().add("X-Two", "two");
            int status = switch (exchange.getRequestURI().getPath()) {
                case "/moved" -> 302;
                case "/none" -> 404;
                case "/busy" -> 503;
                default -> 200;
            };
            if (status == 302) {
                exchange.getResponseHeaders().add("Location", uri("/json"));
            }
            if (exchange.getRequestURI().getPath().equals("/silent")) {
                over.await();
            }
            exchange.sendResponseHeaders(status, text.length);
            exchange.getResponseBody().write(text);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static String uri(String path) {
        return "http://127.0.0.1:" + web.getAddress().getPort() + path;
    }

    private static HttpResponse<String> post(String path, String csl) throws Exception {
        return post(path, csl, Map.of());
    }

    private static HttpResponse<String> post(String path, String csl, Map<String, Object> options) throws Exception {
        return CLIENT.send(HttpRequest.newBuilder(server.uri().resolve(path)).header("x-ms-client-request-id", "test;" + options.size())
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(JSON.writeValueAsString(Map.of("db", "Lab", "csl", csl, "properties", Map.of("Options", options)))))
                .build(), BodyHandlers.ofString());
    }

    private static String rows(String csl) throws Exception {
        var response = post("/v2/rest/query", csl);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        for (JsonNode frame : JSON.readTree(response.body())) {
            if (frame.path("TableKind").asText().equals("PrimaryResult")) {
                return frame.path("Rows").toString();
            }
        }
        throw new AssertionError("no primary result in " + response.body());
    }

    private static String refused(String csl) throws Exception {
        var response = post("/v2/rest/query", csl);
        assertThat(response.body()).contains("@message");
        return response.body();
    }

    @Test
    void theAnswerIsARow() throws Exception {
        assertThat(rows("evaluate http_request(\"" + uri("/json?$filter=name eq 'A b'") + "\") | project ResponseBody.Items | mv-expand ResponseBody_Items "
                + "| evaluate bag_unpack(ResponseBody_Items)")).isEqualTo("[[1],[2]]");
        assertThat(ASKED).first().asString().startsWith("GET /json?$filter=name%20eq%20'A%20b'  id=test;0 readonly=true type=null");
        assertThat(rows("evaluate http_request('" + uri("/text") + "') | project tostring(ResponseBody), ResponseHeaders['x-two'], gettype(ResponseBody)"))
                .isEqualTo("[[\"plain é\",\"one, two\",\"string\"]]");
        assertThat(rows("evaluate http_request('" + uri("/broken") + "') | project gettype(ResponseBody)")).isEqualTo("[[\"string\"]]");
        assertThat(rows("evaluate http_request('" + uri("/latin") + "') | project tostring(ResponseBody.a)")).isEqualTo("[[\"é\"]]");
    }

    @Test
    void oneCallIsMadeOnce() throws Exception {
        assertThat(rows("let r = materialize(evaluate http_request('" + uri("/json") + "')); r | union r | count")).isEqualTo("[[2]]");
        assertThat(ASKED).hasSize(1);
        assertThat(rows("evaluate http_request('" + uri("/json") + "') | where isnotempty(ResponseBody) | extend n = array_length(ResponseBody.Items) | summarize sum(n), count()"))
                .isEqualTo("[[2,1]]");
        assertThat(ASKED).hasSize(2);
        rows("let unused = evaluate http_request('" + uri("/json") + "'); print 1");
        assertThat(ASKED).hasSize(2);
    }

    @Test
    void headersAndContentAreSent() throws Exception {
        assertThat(rows("let body = tostring(dynamic({'q': 'é'})); evaluate http_request_post('" + uri("/text") + "', dynamic({'x-own': h'mine', "
                + "'content-type': 'application/json'}), dynamic({}), body) | count")).isEqualTo("[[1]]");
        rows("evaluate http_request_post('" + uri("/json") + "', dynamic(null)) | count");
        assertThat(ASKED).containsExactly(
                "POST /text {\"q\":\"é\"} id=test;0 readonly=true type=application/json; charset=utf-8 own=mine",
                "POST /json  id=test;0 readonly=true type=application/json; charset=utf-8 own=null");
        ASKED.clear();
        post("/v1/rest/mgmt", ".set-or-replace Kept <| evaluate http_request('" + uri("/json") + "') | project ResponseBody");
        assertThat(ASKED).singleElement().asString().contains("readonly=null");
        assertThat(rows("Kept | project array_length(ResponseBody.Items)")).isEqualTo("[[2]]");
    }

    @Test
    void whatMayNotBeSentIsNamed() throws Exception {
        for (String header : List.of("Host", "content-length", "X-MS-ReadOnly", "Transfer-Encoding", "Content-Type")) {
            assertThat(refused("evaluate http_request('" + uri("/json") + "', dynamic({'" + header + "': 'x'}))")).contains("'" + header + "'");
        }
        assertThat(refused("evaluate http_request('" + uri("/json") + "', dynamic({'x-own': 'a\\r\\nb: c'}))")).contains("'x-own'");
        assertThat(refused("evaluate http_request('" + uri("/json") + "', dynamic({'bad name': 'a'}))")).contains("header's name");
        assertThat(refused("evaluate http_request('" + uri("/json") + "', dynamic({'Authorization': h'Bearer s3cret'}))"))
                .contains("by https alone").doesNotContain("s3cret");
        assertThat(refused("evaluate http_request('" + uri("/json") + "', dynamic({}), dynamic({'retries': 5}))")).contains("'retries'");
        assertThat(refused("evaluate http_request('" + uri("/json") + "', dynamic(['x']))")).contains("are a bag");
        assertThat(refused("evaluate http_request('ftp://127.0.0.1/x')")).contains("begins with 'https://'");
        assertThat(refused("evaluate http_request('http://me:s3cret@127.0.0.1/x')")).contains("no user and password").doesNotContain("s3cret");
        assertThat(refused("evaluate http_request('" + uri("/json") + "') : (A:string)")).contains("ResponseHeaders:dynamic");
        assertThat(refused("print body = 'x' | evaluate http_request_post('" + uri("/json") + "')")).contains("'rows piped into http_request_post' is not supported");
        assertThat(ASKED).isEmpty();
    }

    @Test
    void onlyWhatThePolicyAndTheConfigurationNameIsCalled() throws Exception {
        policy("[]");
        assertThat(refused("evaluate http_request('" + uri("/json") + "')")).contains("no entry of the cluster's callout policy", "webapi");
        policy("[{\"CalloutType\":\"webapi\",\"CalloutUriRegex\":\".*\",\"CanCall\":true},"
                + "{\"CalloutType\":\"webapi\",\"CalloutUriRegex\":\"/busy\",\"CanCall\":false}]");
        for (String host : List.of("example.com", "169.254.169.254", "127.0.0.1.example.com", "[::ffff:127.0.0.1]", "0.0.0.0", "localhost.")) {
            assertThat(refused("evaluate http_request('https://" + host + "/x')")).as(host).contains("'live'");
        }
        assertThat(refused("evaluate http_request('" + uri("/busy") + "')")).contains("forbids");
        assertThat(rows("evaluate http_request('" + uri("/json") + "') | count")).isEqualTo("[[1]]");
        String calls = IntStream.rangeClosed(0, 100).mapToObj(i -> "(evaluate http_request('" + uri("/json?" + i) + "'))").collect(Collectors.joining(","));
        assertThat(refused("union " + calls)).contains("at most 100 servers");
        var disabled = post("/v1/rest/mgmt", ".disable plugin http_request");
        assertThat(disabled.statusCode()).isEqualTo(200);
        assertThat(refused("evaluate http_request('" + uri("/json") + "')")).contains("is disabled");
        assertThat(post("/v1/rest/mgmt", ".enable plugin http_request").statusCode()).isEqualTo(200);
        for (String option : List.of("request_callout_disabled", "request_readonly_hardline")) {
            assertThat(post("/v2/rest/query", "evaluate http_request('" + uri("/json") + "')", Map.of(option, true)).body()).contains("'" + option + "'");
        }
    }

    @Test
    void whatIsNoAnswerIsAnError() throws Exception {
        assertThat(refused("evaluate http_request('" + uri("/none?key=s3cret") + "')")).contains("the status 404").doesNotContain("s3cret");
        assertThat(refused("evaluate http_request('" + uri("/moved") + "')")).contains("redirections are not followed");
        assertThat(refused("evaluate http_request('" + uri("/busy") + "')")).contains("the status 503", "\"@permanent\":false");
        assertThat(refused("evaluate http_request('" + uri("/large") + "')")).contains("gave no answer");
        assertThat(refused("evaluate http_request('http://127.0.0.1:1/')")).contains("gave no answer");
        assertThat(ASKED).noneMatch(asked -> asked.startsWith("GET /json"));
    }

    @Test
    void aQueryThatIsStoppedLeavesTheService() throws Exception {
        String query = "evaluate http_request('" + uri("/silent") + "')";
        assertThat(post("/v2/rest/query", query, Map.of("servertimeout", "00:00:01")).body()).contains("E_TIMEOUT");
        var asked = CLIENT.sendAsync(HttpRequest.newBuilder(server.uri().resolve("/v2/rest/query")).header("x-ms-client-request-id", "to cancel")
                .POST(BodyPublishers.ofString(JSON.writeValueAsString(Map.of("db", "Lab", "csl", query)))).build(), BodyHandlers.ofString());
        until(() -> ASKED.size() == 2);
        post("/v1/rest/mgmt", ".cancel query 'to cancel'");
        assertThat(asked.get().body()).contains("E_QUERY_CANCELLED");
        until(() -> !rows(".show running queries | project Text", "/v1/rest/mgmt").contains("/silent"));
    }

    @Test
    void queriesThatWaitForAServiceHoldUpNoOthers() throws Exception {
        for (int i = 0; i < 4; i++) {
            CLIENT.sendAsync(HttpRequest.newBuilder(server.uri().resolve("/v2/rest/query")).header("x-ms-client-request-id", "waits " + i)
                    .POST(BodyPublishers.ofString(JSON.writeValueAsString(Map.of("db", "Lab", "csl", "evaluate http_request('" + uri("/silent") + "')"))))
                    .build(), BodyHandlers.ofString());
        }
        until(() -> ASKED.size() == 4);
        assertThat(rows("range x from 1 to 2000000 step 1 | summarize count() by x % 3 | summarize sum(count_)")).isEqualTo("[[2000000]]");
        for (int i = 0; i < 4; i++) {
            post("/v1/rest/mgmt", ".cancel query 'waits " + i + "'");
        }
        until(() -> !rows(".show running queries | project Text", "/v1/rest/mgmt").contains("/silent"));
    }

    private static String rows(String command, String path) throws Exception {
        return JSON.readTree(post(path, command).body()).path("Tables").get(0).path("Rows").toString();
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    @Test
    void answersOfARequestAreHeldWithinALimit() throws Exception {
        var calls = new StringBuilder("union (print 1)");
        for (int i = 0; i < 90; i++) {
            calls.append(", (evaluate http_request('").append(uri("/heavy?" + i)).append("'))");
        }
        assertThat(refused(calls + " | count")).contains("MB together");
        assertThat(rows("evaluate http_request('" + uri("/heavy") + "') | count")).isEqualTo("[[1]]");
    }

    private static void until(Condition condition) throws Exception {
        long end = System.nanoTime() + Duration.ofMinutes(5).toNanos();
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as("waited too long").isLessThan(end);
            LockSupport.parkNanos(5_000_000);
        }
    }

    @Test
    void secretsAreNotShown() throws Exception {
        rows("evaluate http_request(h'" + uri("/json?key=s3cret") + "', dynamic({'x-own': h's3cret'})) | count");
        assertThat(ASKED.getFirst()).contains("key=s3cret", "own=s3cret");
        for (String shown : List.of(".show queries", ".show commands-and-queries", ".show journal")) {
            assertThat(post("/v1/rest/mgmt", shown).body()).as(shown).doesNotContain("s3cret");
        }
        assertThat(post("/v1/rest/mgmt", ".show queryplan <| evaluate http_request(h'" + uri("/json?key=s3cret") + "')").body()).doesNotContain("s3cret");
    }

    @Test
    void aServiceIsAskedByHttpsWhoseCertificateHolds(@TempDir Path folder) throws Exception {
        var authority = LocalAuthority.in(folder.resolve("tls"));
        authority.make();
        HttpsServer secure = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        secure.setHttpsConfigurator(new HttpsConfigurator(authority.certificate(List.of("localhost"), List.of()).context()));
        secure.createContext("/", exchange -> {
            try (exchange) {
                byte[] text = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")).getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, text.length);
                exchange.getResponseBody().write(text);
            }
        });
        secure.start();
        String query = "evaluate http_request('https://localhost:" + secure.getAddress().getPort() + "/', dynamic({'Authorization': h'Bearer x'})) | project tostring(ResponseBody)";
        try (var strict = new WebCaller();
                var trusting = new WebCaller(HttpClient.newBuilder().sslContext(trusting(authority.trustStore())))) {
            assertThat(asked(folder.resolve("a"), trusting, query)).isEqualTo("Bearer x");
            assertThatThrownBy(() -> asked(folder.resolve("b"), strict, query)).isInstanceOf(KustoException.class).hasMessageContaining("gave no answer");
        } finally {
            secure.stop(0);
        }
    }

    private static SSLContext trusting(Path trustStore) throws Exception {
        KeyStore trusted = KeyStore.getInstance(trustStore.toFile(), LocalAuthority.trustStorePassword().toCharArray());
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    private static String asked(Path staging, WebCaller caller, String query) {
        try (Engine engine = Engine.open(EngineConfig.inMemory(staging), ExternalStorage.NONE, caller)) {
            var request = new Request(Principal.LOCAL_ADMINISTRATOR, "NetDefaultDB", "tls", UUID.randomUUID(), Map.of(), Map.of(), "test", "test",
                    Instant.now(), Duration.ofMinutes(1), false);
            engine.command(request, ".alter cluster policy callout @'[{\"CalloutType\":\"webapi\",\"CalloutUriRegex\":\"localhost\",\"CanCall\":true}]'").close();
            try (var answer = engine.query(request, query)) {
                return answer.nextTable().orElseThrow().next().orElseThrow().text(0, 0);
            }
        }
    }
}
