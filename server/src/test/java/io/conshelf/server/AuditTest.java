package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.server.service.HostedService;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a cluster writes down of commands and of those it refused.
class AuditTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir
    private static Path folder;
    private static Server server;
    private static Map<String, String> administrator;
    private static String token;

    @BeforeAll
    static void start() throws Exception {
        server = Server.start(ServerConfig.local().withData(folder).withAuth(ServerConfig.Auth.ENTRA), List.of(new HostedService.Opening("failing", _ -> new Failing())));
        administrator = new HashMap<>();
        Files.readAllLines(folder.resolve("administrator.env")).stream().filter(line -> !line.startsWith("#"))
                .forEach(line -> administrator.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1)));
        token = JSON.readTree(token(administrator.get("AZURE_CLIENT_SECRET")).body()).path("access_token").asText();
    }

    /// Fails as its path says.
    private static final class Failing implements HostedService {
        @Override
        public String name() {
            return "failing";
        }

        @Override
        public boolean answers(String rawPath) {
            return rawPath.startsWith("/failing/");
        }

        @Override
        public Answer answer(Request request) throws IOException {
            switch (request.rawPath()) {
                case "/failing/io" -> throw new IOException("no such luck");
                case "/failing/error" -> throw new AssertionError("no such luck");
                default -> throw new IllegalStateException("no such luck");
            }
        }

        @Override
        public void started(Cluster cluster) {
            // nothing runs
        }

        @Override
        public void close() {
            // nothing runs
        }
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static HttpResponse<String> token(String secret) throws Exception {
        return send("POST", "/" + administrator.get("AZURE_TENANT_ID") + "/oauth2/v2.0/token", "", "grant_type=client_credentials&client_id="
                + administrator.get("AZURE_CLIENT_ID") + "&client_secret=" + secret + "&scope=https://kusto.kusto.windows.net/.default");
    }

    private static HttpResponse<String> send(String method, String path, String bearer, String body, String... headers) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path)).method(method, BodyPublishers.ofString(body));
        if (!bearer.isEmpty()) {
            request.header("Authorization", "Bearer " + bearer);
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        return CLIENT.send(request.build(), BodyHandlers.ofString());
    }

    private static HttpResponse<String> command(String bearer, String text) throws Exception {
        return send("POST", "/v1/rest/mgmt", bearer, JSON.createObjectNode().put("db", "NetDefaultDB").put("csl", text).toString(), "x-ms-app", "auditing");
    }

    private static List<JsonNode> lines(String file) throws IOException {
        var lines = new ArrayList<JsonNode>();
        for (String line : Files.readAllLines(folder.resolve("audit").resolve(file))) {
            lines.add(JSON.readTree(line));
        }
        return lines;
    }

    private static JsonNode last(String file) throws IOException {
        return lines(file).getLast();
    }

    private static String administratorsName() {
        return "aadapp=" + administrator.get("AZURE_CLIENT_ID") + ";" + administrator.get("AZURE_TENANT_ID");
    }

    @Test
    void aCommandIsWrittenDownWithWhoAndWhatCameOfIt() throws Exception {
        assertThat(command(token, ".create table Kept (a:string) with (docstring=h'hidden')").statusCode()).isEqualTo(200);
        JsonNode done = last("commands.jsonl");
        assertThat(done.path("who").asText()).isEqualTo(administratorsName());
        assertThat(done.path("from").asText()).isEqualTo("127.0.0.1");
        assertThat(done.path("what").asText()).contains(".create table Kept").doesNotContain("hidden");
        assertThat(done.path("database").asText()).isEqualTo("NetDefaultDB");
        assertThat(done.path("application").asText()).isEqualTo("auditing");
        assertThat(done.path("status").asInt()).isEqualTo(200);

        command(token, ".drop table NoSuchTable");
        assertThat(last("commands.jsonl").path("status").asInt()).isEqualTo(400);
        assertThat(last("commands.jsonl").path("reason").asText()).contains("NoSuchTable");
    }

    @Test
    void aChangeByAnotherDoorIsWrittenDownToo() throws Exception {
        JsonNode made = JSON.readTree(send("POST", "/v1/rest/applications", token, "{\"name\":\"audited\"}").body());
        JsonNode done = last("commands.jsonl");
        assertThat(done.path("what").asText()).isEqualTo("POST /v1/rest/applications");
        assertThat(done.path("who").asText()).isEqualTo(administratorsName());
        assertThat(Files.readString(folder.resolve("audit/commands.jsonl"))).doesNotContain(made.path("secret").asText());
        send("DELETE", "/v1/rest/applications/no-such-one", token, "");
        assertThat(last("commands.jsonl").path("what").asText()).isEqualTo("DELETE /v1/rest/applications/no-such-one");
        assertThat(last("commands.jsonl").path("status").asInt()).isEqualTo(400);
    }

    /// A resource that grants a role is a command of who asked for it, in the log and in the journal.
    @Test
    void aRoleThatIsGrantedAsAResourceIsToldWithWhoGrantedItToWhom() throws Exception {
        String path = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Kusto/clusters/c/databases/NetDefaultDB/principalAssignments/a?api-version=2024-04-13";
        var made = send("PUT", path, management(), "{\"properties\":{\"role\":\"Viewer\",\"principalType\":\"App\",\"principalId\":\"7fdcc2be-70b8-4c6e-a4d4-2f3a3c8b6f0e\"}}");
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        assertThat(lines("commands.jsonl")).anySatisfy(done -> {
            assertThat(done.path("what").asText()).contains(".add database", "viewers", "aadapp=7fdcc2be-70b8-4c6e-a4d4-2f3a3c8b6f0e");
            assertThat(done.path("who").asText()).isEqualTo(administratorsName());
            assertThat(done.path("database").asText()).isEqualTo("NetDefaultDB");
            assertThat(done.path("from").asText()).isEqualTo("127.0.0.1");
        });
        var journal = command(token, ".show journal | where ChangeCommand contains '7fdcc2be' | project Principal");
        assertThat(JSON.readTree(journal.body()).at("/Tables/0/Rows/0/0").asText()).as(journal.body()).isEqualTo(administratorsName());
    }

    private static String management() throws Exception {
        return JSON.readTree(send("POST", "/" + administrator.get("AZURE_TENANT_ID") + "/oauth2/v2.0/token", "",
                "grant_type=client_credentials&client_id=" + administrator.get("AZURE_CLIENT_ID") + "&client_secret=" + administrator.get("AZURE_CLIENT_SECRET")
                        + "&scope=https://management.azure.com/.default").body()).path("access_token").asText();
    }

    @Test
    void aChangeThatFailsByAMistakeOfOursIsWrittenDownToo() throws Exception {
        String management = management();
        for (String path : List.of("/failing/runtime", "/failing/error", "/failing/io")) {
            try {
                assertThat(send("PUT", path, management, "{}").statusCode()).isEqualTo(500);
            } catch (IOException e) {
                assertThat(path).as("taken for a client that went away: %s", e.getMessage()).isEqualTo("/failing/io");
            }
            JsonNode done = last("commands.jsonl");
            assertThat(done.path("what").asText()).isEqualTo("PUT " + path);
            assertThat(done.path("status").asInt()).isEqualTo(500);
            assertThat(done.path("who").asText()).isEqualTo(administratorsName());
        }
    }

    @Test
    void whoIsRefusedIsWrittenDown() throws Exception {
        JsonNode stranger = JSON.readTree(send("POST", "/v1/rest/applications", token, "{\"name\":\"stranger\"}").body());
        String strangers = JSON.readTree(send("POST", "/" + stranger.path("tenant").asText() + "/oauth2/v2.0/token", "", "grant_type=client_credentials&client_id="
                + stranger.path("appId").asText() + "&client_secret=" + stranger.path("secret").asText()
                + "&scope=https://kusto.kusto.windows.net/.default").body()).path("access_token").asText();

        command("", ".show tables");
        expect(401, "", "POST /v1/rest/mgmt", "no bearer token");
        send("POST", "/v2/rest/query", token.substring(0, token.length() - 5) + "AAAAA", "{}");
        expect(401, "", "POST /v2/rest/query", "not authenticated");
        send("POST", "/v2/rest/query", strangers, "{\"db\":\"NetDefaultDB\",\"csl\":\"print 1\"}");
        expect(403, stranger.path("principal").asText(), "POST /v2/rest/query", "not authorized");
        send("GET", "/v1/rest/users", strangers, "");
        expect(403, stranger.path("principal").asText(), "GET /v1/rest/users", "");
        send("POST", "/v2/rest/query", token, "{}", "Origin", "https://attacker.example");
        expect(403, "", "POST /v2/rest/query", "attacker.example");
    }

    private static void expect(int status, String who, String what, String reason) throws IOException {
        JsonNode denied = last("denials.jsonl");
        assertThat(denied.path("status").asInt()).as(denied.toString()).isEqualTo(status);
        assertThat(denied.path("who").asText()).as(denied.toString()).isEqualTo(who);
        assertThat(denied.path("what").asText()).isEqualTo(what);
        assertThat(denied.path("reason").asText()).contains(reason);
        assertThat(denied.path("from").asText()).isEqualTo("127.0.0.1");
        assertThat(denied.path("timestamp").asText()).isNotEmpty();
    }

    @Test
    void whoCannotSignInIsWrittenDownWithTheAccountIfThereIsSuchAOne() throws Exception {
        assertThat(token("a-wrong-secret").statusCode()).isEqualTo(401);
        expect(401, administratorsName(), "POST /" + administrator.get("AZURE_TENANT_ID") + "/oauth2/v2.0/token", "AADSTS7000215");
        String identity = send("GET", "/msi/token?resource=https://kusto.kusto.windows.net", "", "", "X-IDENTITY-HEADER", "a-wrong-header").body();
        assertThat(identity).contains("401");
        expect(401, "", "GET /msi/token", "");

        send("POST", "/v1/rest/users", token, "{\"name\":\"anna@contoso.com\",\"password\":\"correct horse battery\"}");
        String page = "/" + administrator.get("AZURE_TENANT_ID") + "/oauth2/v2.0/authorize";
        String asked = page + "?response_type=code&client_id=program&redirect_uri=http://localhost:4000&scope=x&code_challenge_method=S256&code_challenge="
                + "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assertThat(send("POST", asked, "", "username=anna@contoso.com&password=a-wrong-password", "Content-Type", "application/x-www-form-urlencoded").statusCode())
                .isEqualTo(401);
        expect(401, "aaduser=anna@contoso.com;" + administrator.get("AZURE_TENANT_ID"), "POST " + page, "not right");
        // A password in the place of a name is nobody's name.
        send("POST", asked, "", "username=my-own-password&password=my-own-password", "Content-Type", "application/x-www-form-urlencoded");
        expect(401, "", "POST " + page, "not right");
        assertThat(Files.readString(folder.resolve("audit/denials.jsonl")))
                .doesNotContain("a-wrong-secret", "a-wrong-header", "a-wrong-password", "my-own-password", "E9Melhoa2");
    }

    @Test
    void aSignatureForStorageThatIsRefusedIsWrittenDownWithoutIt() throws Exception {
        String path = "/conshelfblob/some/blob.csv";
        send("GET", path + "?sv=2021-12-02&sr=c&sp=r&se=2099-01-01T00:00:00Z&sig=an-invented-signature", "", "");
        expect(403, "", "GET " + path, "does not match");
        send("GET", path, "", "", "Authorization", "an-account-key");
        expect(403, "", "GET " + path, "The scheme of the Authorization header");
        assertThat(Files.readString(folder.resolve("audit/denials.jsonl"))).doesNotContain("an-invented-signature", "an-account-key");
    }

    @Test
    void noTokenOrSecretOfTheClusterIsWrittenDown() throws Exception {
        command(token, ".show tables");
        command(token + "x", ".show tables");
        for (String file : List.of("commands.jsonl", "denials.jsonl")) {
            assertThat(Files.readString(folder.resolve("audit").resolve(file)))
                    .doesNotContain(token.substring(token.lastIndexOf('.') + 1), administrator.get("AZURE_CLIENT_SECRET"));
        }
    }
}
