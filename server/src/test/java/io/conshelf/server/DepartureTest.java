package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is left of an account that was removed, to who had it and to who gets its name: nothing.
class DepartureTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final long PAUSE_NANOS = 20_000_000;

    @TempDir
    private static Path folder;
    private static Server server;
    private static String administrator;

    private record App(String id, String tenant, String principal, String secret) {}

    /// What was lent to somebody, by the kind of storage.
    private record Lent(String identityToken, Map<String, String> places) {
        String place(String kind) {
            return places.get(kind);
        }
    }

    @BeforeAll
    static void start() throws Exception {
        server = Server.start(ServerConfig.local().withData(folder).withAuth(ServerConfig.Auth.ENTRA));
        Map<String, String> credentials = new HashMap<>();
        Files.readAllLines(folder.resolve("administrator.env")).stream().filter(line -> !line.startsWith("#"))
                .forEach(line -> credentials.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1)));
        administrator = token(new App(credentials.get("AZURE_CLIENT_ID"), credentials.get("AZURE_TENANT_ID"), "", credentials.get("AZURE_CLIENT_SECRET")));
        rows(administrator, ".create table T (x:long)");
        rows(administrator, ".create function F() { 1 }");
    }

    @AfterAll
    static void stop() {
        server.close();
        CLIENT.close();
    }

    @Test
    void whatSomebodyWasGrantedGoesWithTheirAccountAndWhatOthersWereStays() throws Exception {
        App app = register("analyst", "11111111-1111-4111-8111-111111111111");
        App other = register("another analyst", "22222222-2222-4222-8222-222222222222");
        for (App one : List.of(app, other)) {
            for (String where : List.of("cluster AllDatabasesViewers", "database NetDefaultDB ingestors", "table T admins", "function F admins")) {
                rows(administrator, ".add " + where + " ('" + one.principal() + "')");
            }
        }
        rows(administrator, ".add database NetDefaultDB viewers ('aadapp=" + app.id() + "') 'written without its tenant'");
        rows(administrator, ".add database NetDefaultDB monitors ('aaduser=somebody@contoso.com')");
        String before = token(app);
        assertThat(rows(before, ".show principal roles").size()).isEqualTo(5);
        rows(before, ".set stored_query_result Mine <| print 1");

        remove(app);
        assertThat(command(before, ".show principal roles").statusCode()).isEqualTo(401);
        for (String what : List.of("cluster", "database NetDefaultDB", "table T", "function F")) {
            assertThat(rows(administrator, ".show " + what + " principals").toString()).as(what)
                    .doesNotContain(app.id()).contains(what.equals("table T") ? other.id() : "");
        }
        assertThat(rows(administrator, ".show stored_query_results").toString()).doesNotContain("Mine");
        assertThat(rows(token(other), ".show principal roles").size()).isEqualTo(4);
        assertThat(rows(administrator, ".show database NetDefaultDB principals").toString()).contains("somebody@contoso.com");

        App anew = register("analyst", app.id());
        assertThat(anew.principal()).isEqualTo(app.principal());
        assertThat(rows(token(anew), ".show principal roles").size()).isZero();
        assertThat(command(before, ".show principal roles").statusCode()).as("a token of who had the id before").isEqualTo(401);
    }

    @Test
    void grantsOfAUserGoWithThem() throws Exception {
        String user = "{\"name\":\"anna@contoso.com\",\"password\":\"correct horse battery\"}";
        assertThat(send("POST", "/v1/rest/users", administrator, user).statusCode()).isEqualTo(200);
        rows(administrator, ".add database NetDefaultDB unrestrictedviewers ('aaduser=Anna@contoso.com')");
        assertThat(send("DELETE", "/v1/rest/users/anna@contoso.com", administrator, "").statusCode()).isEqualTo(200);
        assertThat(rows(administrator, ".show database NetDefaultDB principals").toString()).doesNotContainIgnoringCase("anna@contoso.com");
        rows(administrator, ".add database NetDefaultDB users ('aaduser=anna@contoso.com')");
        assertThat(send("POST", "/v1/rest/users", administrator, user).statusCode()).isEqualTo(200);
        assertThat(rows(administrator, ".show principal 'aaduser=anna@contoso.com' roles").toString()).as("what is granted to a name that nobody has yet")
                .contains("User").doesNotContain("UnrestrictedViewer");
    }

    @Test
    void whatWasLentToSomebodyOpensNothingOnceTheyAreGoneAndIsNotLentToTheNextOfTheirName() throws Exception {
        App app = register("uploader", "33333333-3333-4333-8333-333333333333");
        rows(administrator, ".add database NetDefaultDB ingestors ('" + app.principal() + "')");
        Lent lent = lent(token(app));
        assertThat(upload(lent)).isEqualTo(201);
        assertThat(submit(lent.place("SecuredReadyForAggregationQueue"), lent.identityToken(), "{}")).isEqualTo(201);
        assertThat(send("GET", lent.place("IngestionsStatusTable")).statusCode()).isEqualTo(200);

        remove(app);
        App anew = register("uploader", app.id());
        rows(administrator, ".add database NetDefaultDB ingestors ('" + anew.principal() + "')");
        assertThat(upload(lent)).isEqualTo(403);
        assertThat(submit(lent.place("SecuredReadyForAggregationQueue"), lent.identityToken(), "{}")).isEqualTo(403);
        for (String kind : List.of("FailedIngestionsQueue", "SuccessfulIngestionsQueue")) {
            assertThat(send("GET", lent.place(kind).replace("?", "/messages?")).statusCode()).as(kind).isEqualTo(403);
        }
        assertThat(send("GET", lent.place("IngestionsStatusTable")).statusCode()).isEqualTo(403);

        Lent next = lent(token(anew));
        assertThat(upload(next)).isEqualTo(201);
        String container = next.place("TempStorage");
        assertThat(container.substring(0, container.indexOf('?'))).isNotEqualTo(lent.place("TempStorage").substring(0, lent.place("TempStorage").indexOf('?')));
    }

    @Test
    void anIdentityTokenIngestsNothingOnceItsPrincipalIsGone() throws Exception {
        App app = register("sender", "44444444-4444-4444-8444-444444444444");
        rows(administrator, ".add database NetDefaultDB ingestors ('" + app.principal() + "')");
        Lent lent = lent(token(app));
        remove(app);
        App anew = register("sender", app.id());
        rows(administrator, ".add database NetDefaultDB ingestors ('" + anew.principal() + "')");

        // Whoever comes by the message itself puts it where they may.
        Lent next = lent(token(anew));
        assertThat(upload(next)).isEqualTo(201);
        String blob = next.place("TempStorage").replace("?", "/a.csv?");
        assertThat(submit(next.place("SecuredReadyForAggregationQueue"), lent.identityToken(), blob)).isEqualTo(201);
        until(() -> rows(administrator, ".show ingestion failures").toString().contains("BadRequest_InvalidKustoIdentityToken"));
        assertThat(submit(next.place("SecuredReadyForAggregationQueue"), next.identityToken(), blob)).isEqualTo(201);
        until(() -> count() == 1);
    }

    private static Lent lent(String token) throws Exception {
        Map<String, String> places = new HashMap<>();
        for (JsonNode row : rows(token, ".get ingestion resources")) {
            places.put(row.path(0).asText(), row.path(1).asText());
        }
        return new Lent(rows(token, ".get kusto identity token").path(0).path(0).asText(), places);
    }

    private static int upload(Lent lent) throws Exception {
        return CLIENT.send(HttpRequest.newBuilder(URI.create(lent.place("TempStorage").replace("?", "/a.csv?"))).header("x-ms-blob-type", "BlockBlob")
                .header("x-ms-version", "2021-12-02").PUT(BodyPublishers.ofString("7\n")).build(), BodyHandlers.ofString()).statusCode();
    }

    private static int submit(String queue, String identityToken, String blob) throws Exception {
        String message = JSON.createObjectNode().put("Id", "55555555-5555-4555-8555-555555555555").put("BlobPath", blob).put("DatabaseName", "NetDefaultDB")
                .put("TableName", "T").put("FlushImmediately", true)
                .set("AdditionalProperties", JSON.createObjectNode().put("format", "csv").put("authorizationContext", identityToken)).toString();
        String text = Base64.getEncoder().encodeToString(message.getBytes(StandardCharsets.UTF_8));
        return CLIENT.send(HttpRequest.newBuilder(URI.create(queue.replace("?", "/messages?"))).header("x-ms-version", "2021-12-02")
                .POST(BodyPublishers.ofString("<QueueMessage><MessageText>" + text + "</MessageText></QueueMessage>")).build(), BodyHandlers.ofString()).statusCode();
    }

    private static long count() throws Exception {
        JsonNode answer = JSON.readTree(send("POST", "/v1/rest/query", administrator, "{\"db\":\"NetDefaultDB\",\"csl\":\"T | count\"}").body());
        return answer.at("/Tables/0/Rows/0/0").asLong();
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void until(Condition condition) throws Exception {
        long end = System.nanoTime() + Duration.ofMinutes(5).toNanos();
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as("waited too long").isLessThan(end);
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private static App register(String name, String id) throws Exception {
        String secret = "a secret of " + name;
        var answer = send("POST", "/v1/rest/applications", administrator, JSON.createObjectNode().put("name", name).put("appId", id).put("secret", secret).toString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        JsonNode made = JSON.readTree(answer.body());
        return new App(id, made.path("tenant").asText(), made.path("principal").asText(), secret);
    }

    private static void remove(App app) throws Exception {
        assertThat(send("DELETE", "/v1/rest/applications/" + app.id(), administrator, "").statusCode()).isEqualTo(200);
    }

    private static String token(App app) throws Exception {
        String form = Map.of("grant_type", "client_credentials", "client_id", app.id(), "client_secret", app.secret(),
                        "scope", "https://kusto.kusto.windows.net/.default").entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8)).collect(Collectors.joining("&"));
        var answer = CLIENT.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/" + app.tenant() + "/oauth2/v2.0/token"))
                .header("Content-Type", "application/x-www-form-urlencoded").POST(BodyPublishers.ofString(form)).build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body()).path("access_token").asText();
    }

    private static JsonNode rows(String token, String text) throws Exception {
        var answer = command(token, text);
        assertThat(answer.statusCode()).as(text + ": " + answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body()).at("/Tables/0/Rows");
    }

    private static HttpResponse<String> command(String token, String text) throws Exception {
        return send("POST", "/v1/rest/mgmt", token, JSON.createObjectNode().put("db", "NetDefaultDB").put("csl", text).toString());
    }

    private static HttpResponse<String> send(String method, String uri) throws Exception {
        return CLIENT.send(HttpRequest.newBuilder(URI.create(uri)).header("x-ms-version", "2021-12-02").method(method, BodyPublishers.noBody()).build(), BodyHandlers.ofString());
    }

    private static HttpResponse<String> send(String method, String path, String token, String body) throws Exception {
        return CLIENT.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path)).header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json").method(method, BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
    }
}
