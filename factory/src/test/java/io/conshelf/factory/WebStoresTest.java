package io.conshelf.factory;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.factory.definition.Factory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// HttpServer and RestService against a web server with pages.
class WebStoresTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int ITEMS = 7;
    private static final int PER_PAGE = 3;

    @TempDir
    Path folder;

    private HttpServer server;
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<JsonNode> taken = new CopyOnWriteArrayList<>();

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private String base() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            URI uri = exchange.getRequestURI();
            byte[] body = exchange.getRequestBody().readAllBytes();
            requests.add(exchange.getRequestMethod() + " " + uri + said(exchange, "X-Page") + said(exchange, "Authorization"));
            String path = uri.getPath();
            if (path.equals("/token")) {
                send(exchange, 200, "{\"access_token\": \"t-" + (new String(body, StandardCharsets.UTF_8).contains("client_secret=hush") ? "good" : "bad") + "\", \"expires_in\": 3600}");
            } else if (path.equals("/moved")) {
                exchange.getResponseHeaders().set("Location", "/files/a.csv");
                send(exchange, 302, "");
            } else if (path.equals("/away")) {
                exchange.getResponseHeaders().set("Location", "https://elsewhere.example.com/a.csv");
                send(exchange, 302, "");
            } else if (path.equals("/aside")) {
                exchange.getResponseHeaders().set("Location", base().replace("127.0.0.1", "localhost") + "/files/a.csv");
                send(exchange, 307, "");
            } else if (path.equals("/astray")) {
                exchange.getResponseHeaders().set("Location", "http://[nowhere");
                send(exchange, 302, "");
            } else if (path.equals("/files/a.csv")) {
                send(exchange, 200, "id,name\n1,x\n2,y\n");
            } else if (path.equals("/take")) {
                InputStream in = new ByteArrayInputStream(body);
                taken.add(JSON.readTree("gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding")) ? new GZIPInputStream(in) : in));
                send(exchange, 201, "");
            } else if (path.equals("/reluctant")) {
                if (requests.size() == 1) {
                    send(exchange, 503, "try later");
                    return;
                }
                taken.add(JSON.readTree(body));
                send(exchange, 201, "");
            } else if (path.equals("/weary") && requests.size() <= 2) {
                send(exchange, 503, "try later");
            } else if (path.equals("/broken")) {
                send(exchange, 503, "try later");
            } else {
                page(exchange, uri);
            }
        }
    }

    private static String said(HttpExchange exchange, String header) {
        String value = exchange.getRequestHeaders().getFirst(header);
        return value == null ? "" : " " + header + "=" + value;
    }

    /// Pages by `offset`, by `/p/N`, by a header, by a link, or by a token in the body; one set of items for all.
    private void page(HttpExchange exchange, URI uri) throws IOException {
        String query = String.valueOf(uri.getQuery());
        String header = exchange.getRequestHeaders().getFirst("X-Page");
        int from = header != null ? Integer.parseInt(header)
                : query.contains("offset=") ? Integer.parseInt(query.replaceFirst(".*offset=(\\d+).*", "$1"))
                : uri.getPath().matches("/p/\\d+") ? Integer.parseInt(uri.getPath().substring(3)) : 0;
        if (uri.getPath().equals("/nocontent") && from >= ITEMS) {
            send(exchange, 204, "");
            return;
        }
        ObjectNode page = JSON.createObjectNode();
        ArrayNode items = page.putArray("items");
        for (int i = from; i < Math.min(from + PER_PAGE, ITEMS); i++) {
            items.addObject().put("id", i).putObject("who").put("name", "n" + i);
        }
        int next = from + PER_PAGE;
        boolean isLast = next >= ITEMS;
        page.put("done", isLast);
        if (!isLast) {
            page.putObject("paging").put("next", "/next?offset=" + next).put("token", next);
            exchange.getResponseHeaders().set("X-Next", String.valueOf(next));
            exchange.getResponseHeaders().set("Link", "<" + base() + "/linked?offset=" + next + ">; rel=\"next\"");
        }
        if (uri.getPath().equals("/circle")) {
            page.put("around", "/circle?offset=" + (from == 0 ? PER_PAGE : 0));
        }
        send(exchange, 200, page.toString());
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private JsonNode run(String service, String dataset, String activity) throws Exception {
        write("linkedService/web.json", "{\"name\": \"web\", \"properties\": " + service.replace("$BASE", base()) + "}");
        write("linkedService/files.json", """
                {"name": "files", "properties": {"type": "FileServer", "typeProperties": {"host": "."}}}""");
        write("dataset/web.json", "{\"name\": \"web\", \"properties\": {\"linkedServiceName\": {\"referenceName\": \"web\", \"type\": \"LinkedServiceReference\"}, "
                + dataset + "}}");
        write("dataset/out.json", """
                {"name": "out", "properties": {"type": "DelimitedText", "linkedServiceName": {"referenceName": "files", "type": "LinkedServiceReference"},
                 "typeProperties": {"location": {"type": "FileServerLocation", "folderPath": "out", "fileName": "o.csv"}, "firstRowAsHeader": true}}}""");
        write("dataset/in.json", """
                {"name": "in", "properties": {"type": "DelimitedText", "linkedServiceName": {"referenceName": "files", "type": "LinkedServiceReference"},
                 "typeProperties": {"location": {"type": "FileServerLocation", "folderPath": "in", "fileName": "i.csv"}, "firstRowAsHeader": true}}}""");
        write("pipeline/p.json", "{\"name\": \"p\", \"properties\": {\"activities\": [" + activity + "]}}");
        Endpoints endpoints = Endpoints.embedded(URI.create("http://127.0.0.1:9"), List.of());
        RunRecord record = new FactoryRunner(Factory.load(folder), endpoints, _ -> {}).run("p", Map.of());
        return JSON.readTree(JSON.writeValueAsString(record.toJson()));
    }

    private void write(String path, String content) throws IOException {
        Files.createDirectories(folder.resolve(path).getParent());
        Files.writeString(folder.resolve(path), content);
    }

    private static final String ANONYMOUS = "{\"type\": \"RestService\", \"typeProperties\": {\"url\": \"$BASE\", \"authenticationType\": \"Anonymous\"}}";

    private static String resource(String relative) {
        return "\"type\": \"RestResource\", \"typeProperties\": {\"relativeUrl\": \"" + relative + "\"}";
    }

    private static String copy(String source) {
        return """
                {"name": "C", "type": "Copy", "inputs": [{"referenceName": "web", "type": "DatasetReference"}],
                 "outputs": [{"referenceName": "out", "type": "DatasetReference"}],
                 "typeProperties": {"source": {"type": "RestSource", "requestInterval": "00:00:00", %s},
                  "sink": {"type": "DelimitedTextSink", "formatSettings": {"type": "DelimitedTextWriteSettings", "fileExtension": ".csv"}},
                  "translator": {"type": "TabularTranslator", "collectionReference": "$['items']", "mappings": [
                   {"source": {"path": "['id']"}, "sink": {"name": "id"}}, {"source": {"path": "['who']['name']"}, "sink": {"name": "name"}}]}}}
                """.formatted(source);
    }

    private void allItemsCame(String relative, String source, int pages) throws Exception {
        requests.clear();
        JsonNode run = run(ANONYMOUS, resource(relative), copy(source));
        assertThat(run.at("/run/status").asText()).as(run.toPrettyString()).isEqualTo("Succeeded");
        assertThat(Files.readString(folder.resolve("out/o.csv")).lines().skip(1).map(line -> line.replace("\"", "")))
                .containsExactly("0,n0", "1,n1", "2,n2", "3,n3", "4,n4", "5,n5", "6,n6");
        assertThat(requests).as("requests for %s", source).hasSize(pages);
    }

    @Test
    void pagesFollowTheAddressInTheBody() throws Exception {
        allItemsCame("first?x=1", "\"paginationRules\": {\"AbsoluteUrl\": \"$.paging.next\"}", 3);
    }

    @Test
    void pagesFollowATokenInTheBody() throws Exception {
        allItemsCame("first?x=1&offset=0", "\"paginationRules\": {\"QueryParameters.offset\": \"$['paging']['token']\"}", 3);
        assertThat(requests).allMatch(request -> request.contains("x=1"));
        allItemsCame("first", "\"paginationRules\": {\"QueryParameters['offset']\": \"Headers.X-Next\"}", 3);
        allItemsCame("first", "\"paginationRules\": {\"Headers.X-Page\": \"Headers['X-Next']\"}", 3);
    }

    @Test
    void pagesFollowRanges() throws Exception {
        allItemsCame("first", "\"paginationRules\": {\"QueryParameters.offset\": \"RANGE:0:6:3\"}", 3);
        allItemsCame("p/{at}", "\"paginationRules\": {\"AbsoluteUrl.{at}\": \"RANGE:0:6:3\"}", 3);
        allItemsCame("first?offset={at}", "\"paginationRules\": {\"QueryParameters.{at}\": \"RANGE:0::3\", \"MaxRequestNumber\": \"3\"}", 3);
        allItemsCame("first", "\"additionalHeaders\": {\"X-Page\": \"{at}\"}, \"paginationRules\": {\"Headers.{at}\": \"RANGE:0:6:3\"}", 3);
        allItemsCame("nocontent", "\"paginationRules\": {\"QueryParameters.offset\": \"RANGE:0::3\"}", 4);
    }

    @Test
    void pagesEndWhereTheConditionSays() throws Exception {
        String range = "\"paginationRules\": {\"QueryParameters.offset\": \"RANGE:0:300:3\", ";
        allItemsCame("first", range + "\"EndCondition:$.done\": \"Const:true\"}", 3);
        allItemsCame("first", range + "\"EndCondition:$.paging\": \"NonExist\"}", 3);
        allItemsCame("first", range + "\"EndCondition:$.items\": \"Empty\"}", 4);
        allItemsCame("first", range + "\"EndCondition:$.items[-1].id\": \"Const:6\"}", 3);
        allItemsCame("first", range + "\"EndCondition:$.items[2]\": \"NonExist\"}", 3);
        allItemsCame("first", range + "\"EndCondition:$['items'][-2].who.name\": \"NonExist\"}", 3);
        allItemsCame("first", range + "\"EndCondition:Headers.X-Next\": \"NonExist\"}", 3);
    }

    @Test
    void pagesThatLeadInACircleFail() throws Exception {
        JsonNode run = run(ANONYMOUS, resource("circle?offset=0"), copy("\"paginationRules\": {\"AbsoluteUrl\": \"$.around\"}"));
        assertThat(run.at("/activityRuns/0/error/message").asText()).contains("Page 2 leads to itself or to one before it, so the pages would never end");
        assertThat(requests).hasSize(2);
        run = run(ANONYMOUS, resource("first"), copy("\"paginationRules\": {\"QueryParameters.offset\": \"$['" + "a".repeat(50_000) + "']\"}"));
        assertThat(run.at("/run/status").asText()).as("a long name is no path to overflow the stack").isEqualTo("Succeeded");
    }

    @Test
    void aPathOfARuleHasItsLimits() throws Exception {
        JsonNode run = run(ANONYMOUS, resource("first"), copy("\"paginationRules\": {\"AbsoluteUrl\": \"$" + ".a".repeat(101) + "\"}"));
        assertThat(run.at("/activityRuns/0/error/message").asText()).contains("at most 100 steps");
        run = run(ANONYMOUS, resource("first"), copy("\"paginationRules\": {\"AbsoluteUrl\": \"$.items[-1001]\"}"));
        assertThat(run.at("/activityRuns/0/error/message").asText()).contains("1000 items from the end");
    }

    @Test
    void pagesFollowLinksWhenNothingElseIsSaid() throws Exception {
        allItemsCame("first", "\"requestMethod\": \"GET\"", 3);
        requests.clear();
        run(ANONYMOUS, resource("first"), copy("\"paginationRules\": {\"SupportRFC5988\": \"false\"}"));
        assertThat(requests).hasSize(1);
    }

    @Test
    void aRequestMayBePostedAndSignedIn() throws Exception {
        JsonNode run = run("""
                {"type": "RestService", "typeProperties": {"url": "$BASE/", "authenticationType": "OAuth2ClientCredential", "clientId": "me",
                 "clientSecret": {"type": "SecureString", "value": "hush"}, "tokenEndpoint": "$BASE/token", "scope": "all",
                 "authHeaders": {"X-Page": {"type": "SecureString", "value": "6"}}}}
                """, resource("/first"), copy("\"requestMethod\": \"POST\", \"requestBody\": \"{}\", \"paginationRules\": {\"SupportRFC5988\": \"false\"}"));
        assertThat(run.at("/run/status").asText()).as(run.toPrettyString()).isEqualTo("Succeeded");
        assertThat(requests).containsExactly("POST /token", "POST /first X-Page=6 Authorization=Bearer t-good");
        assertThat(run.toString()).doesNotContain("hush").doesNotContain("t-good");
    }

    @Test
    void aLookupReadsDocuments() throws Exception {
        JsonNode run = run(ANONYMOUS, resource("first"), """
                {"name": "L", "type": "Lookup", "typeProperties": {"dataset": {"referenceName": "web", "type": "DatasetReference"},
                 "source": {"type": "RestSource", "paginationRules": {"SupportRFC5988": "false"}}}}
                """);
        assertThat(run.at("/activityRuns/0/output/firstRow/items/1/who/name").asText()).as(run.toPrettyString()).isEqualTo("n1");
    }

    @Test
    void failuresTellWhatWasAnswered() throws Exception {
        JsonNode run = run(ANONYMOUS, resource("broken?key=hidden"), copy("\"requestMethod\": \"GET\""));
        assertThat(run.at("/run/status").asText()).isEqualTo("Failed");
        assertThat(run.at("/activityRuns/0/error/message").asText()).contains("HTTP status 503: try later").doesNotContain("hidden");
        run = run("{\"type\": \"RestService\", \"typeProperties\": {\"url\": \"https://api.example.com\", \"authenticationType\": \"Anonymous\"}}", resource("x"),
                copy("\"requestMethod\": \"GET\""));
        assertThat(run.at("/activityRuns/0/error/message").asText()).contains("'api.example.com' is not on this machine: list it under 'live'");
        run = run(ANONYMOUS, resource("first"), copy("\"paginationRules\": {\"AbsoluteUrl\": \"Headers.Content-Type\", \"Nonsense\": \"x\"}"));
        assertThat(run.at("/activityRuns/0/error/message").asText()).contains("'Nonsense' is not a pagination rule");
    }

    @Test
    void whatMayPassIsTriedAgainAsOftenAsTheSourceSays() throws Exception {
        JsonNode run = run(ANONYMOUS, resource("weary"), copy("\"sourceRetryCount\": 2, \"sourceRetryWait\": \"00:00:00\", \"maxConcurrentConnections\": 1"));
        assertThat(run.at("/run/status").asText()).as(run.toPrettyString()).isEqualTo("Succeeded");
        assertThat(run.at("/activityRuns/0/output/rowsCopied").asLong()).as("of the attempt that succeeded").isEqualTo(ITEMS);
        requests.clear();
        run = run(ANONYMOUS, resource("weary"), copy("\"sourceRetryCount\": 1, \"sourceRetryWait\": \"00:00:00\""));
        assertThat(run.at("/activityRuns/0/error/message").asText()).contains("HTTP status 503: try later");
        requests.clear();
        run = run(ANONYMOUS, resource("weary"), """
                {"name": "L", "type": "Lookup", "typeProperties": {"dataset": {"referenceName": "web", "type": "DatasetReference"},
                 "source": {"type": "RestSource", "sourceRetryCount": "2", "sourceRetryWait": "00:00:00"}}}
                """);
        assertThat(run.at("/activityRuns/0/output/firstRow/items/1/who/name").asText()).as(run.toPrettyString()).isEqualTo("n1");
    }

    @Test
    void aWebServiceGetsItsRowsAgainOnlyWhereTheSinkSaysSo() throws Exception {
        write("in/i.csv", "id,name\n1,a\n");
        String copy = """
                {"name": "C", "type": "Copy", "inputs": [{"referenceName": "in", "type": "DatasetReference"}],
                 "outputs": [{"referenceName": "web", "type": "DatasetReference"}],
                 "typeProperties": {"source": {"type": "DelimitedTextSource", "sourceRetryCount": 3, "sourceRetryWait": "00:00:00"},
                  "sink": {"type": "RestSink", "requestInterval": 10, "sinkRetryWait": "00:00:00"%s}}}
                """;
        JsonNode run = run(ANONYMOUS, resource("reluctant"), copy.formatted(""));
        assertThat(run.at("/activityRuns/0/error/message").asText()).contains("HTTP status 503: try later");
        assertThat(requests).hasSize(1);
        requests.clear();
        run = run(ANONYMOUS, resource("reluctant"), copy.formatted(", \"sinkRetryCount\": \"1\""));
        assertThat(run.at("/run/status").asText()).as(run.toPrettyString()).isEqualTo("Succeeded");
        assertThat(run.at("/activityRuns/0/output/rowsCopied").asLong()).isEqualTo(1);
        assertThat(taken).extracting(JsonNode::toString).containsExactly("[{\"id\":\"1\",\"name\":\"a\"}]");
    }

    @Test
    void rowsAreTakenInBatches() throws Exception {
        write("in/i.csv", "id,name\n1,a\n2,b\n3,c\n");
        JsonNode run = run(ANONYMOUS, resource("take"), """
                {"name": "C", "type": "Copy", "inputs": [{"referenceName": "in", "type": "DatasetReference"}],
                 "outputs": [{"referenceName": "web", "type": "DatasetReference"}],
                 "typeProperties": {"source": {"type": "DelimitedTextSource"},
                  "sink": {"type": "RestSink", "requestMethod": "PUT", "writeBatchSize": 2, "httpCompressionType": "gzip", "requestInterval": 10,
                   "additionalHeaders": {"X-Page": "1"}}}}
                """);
        assertThat(run.at("/run/status").asText()).as(run.toPrettyString()).isEqualTo("Succeeded");
        assertThat(run.at("/activityRuns/0/output/rowsCopied").asLong()).isEqualTo(3);
        assertThat(taken).extracting(JsonNode::toString).containsExactly("[{\"id\":\"1\",\"name\":\"a\"},{\"id\":\"2\",\"name\":\"b\"}]", "[{\"id\":\"3\",\"name\":\"c\"}]");
        assertThat(requests).containsOnly("PUT /take X-Page=1");
    }

    @Test
    void aFileIsFetched() throws Exception {
        String service = """
                {"type": "HttpServer", "typeProperties": {"url": "$BASE", "authenticationType": "Basic", "userName": "u", "password": {"type": "SecureString", "value": "hush"}}}
                """;
        String activity = """
                {"name": "C", "type": "Copy", "inputs": [{"referenceName": "web", "type": "DatasetReference"}],
                 "outputs": [{"referenceName": "out", "type": "DatasetReference"}],
                 "typeProperties": {"source": {"type": "DelimitedTextSource", "storeSettings": {"type": "HttpReadSettings", "requestMethod": "GET",
                   "additionalHeaders": "X-Page: 4\\n", "requestTimeout": "00:00:30"}},
                  "sink": {"type": "DelimitedTextSink", "formatSettings": {"type": "DelimitedTextWriteSettings", "fileExtension": ".csv"}}}}
                """;
        String dataset = "\"type\": \"DelimitedText\", \"typeProperties\": {\"location\": {\"type\": \"HttpServerLocation\", \"relativeUrl\": \"%s\"}, \"firstRowAsHeader\": true}";
        JsonNode run = run(service, dataset.formatted("/moved"), activity);
        assertThat(run.at("/run/status").asText()).as(run.toPrettyString()).isEqualTo("Succeeded");
        assertThat(Files.readString(folder.resolve("out/o.csv")).lines().skip(1).map(line -> line.replace("\"", ""))).containsExactly("1,x", "2,y");
        String basic = Base64.getEncoder().encodeToString("u:hush".getBytes(StandardCharsets.UTF_8));
        assertThat(requests).containsExactly("GET /moved X-Page=4 Authorization=Basic " + basic, "GET /files/a.csv X-Page=4 Authorization=Basic " + basic);
        run = run(service, dataset.formatted("away"), activity);
        assertThat(run.at("/activityRuns/0/error/message").asText()).contains("'elsewhere.example.com' is not on this machine");
        run = run(service, dataset.formatted("astray"), activity);
        assertThat(run.at("/activityRuns/0/error/message").asText()).contains("/astray' leads to what is not an address");
    }

    @Test
    void credentialsStayWithTheServerTheyAreMeantFor() throws Exception {
        String dataset = "\"type\": \"DelimitedText\", \"typeProperties\": {\"location\": {\"type\": \"HttpServerLocation\", \"relativeUrl\": \"aside\"}, \"firstRowAsHeader\": true}";
        JsonNode run = run("""
                {"type": "HttpServer", "typeProperties": {"url": "$BASE", "authenticationType": "Anonymous",
                 "authHeaders": {"X-Page": {"type": "SecureString", "value": "6"}}}}
                """, dataset, """
                {"name": "C", "type": "Copy", "inputs": [{"referenceName": "web", "type": "DatasetReference"}],
                 "outputs": [{"referenceName": "out", "type": "DatasetReference"}],
                 "typeProperties": {"source": {"type": "DelimitedTextSource", "storeSettings": {"type": "HttpReadSettings", "requestMethod": "GET",
                   "additionalHeaders": "Authorization: Custom hush\\nAccept: text/csv"}},
                  "sink": {"type": "DelimitedTextSink", "formatSettings": {"type": "DelimitedTextWriteSettings", "fileExtension": ".csv"}}}}
                """);
        assertThat(run.at("/run/status").asText()).as(run.toPrettyString()).isEqualTo("Succeeded");
        assertThat(requests).containsExactly("GET /aside X-Page=6 Authorization=Custom hush", "GET /files/a.csv");
    }
}
