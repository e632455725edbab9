package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.microsoft.azure.kusto.data.ClientFactory;
import com.microsoft.azure.kusto.data.auth.ConnectionStringBuilder;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
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
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `--auth entra`: who gets in, as what, and who does not.
class SignInTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final String KUSTO = "https://kusto.kusto.windows.net";

    @TempDir
    private static Path folder;
    private static Server server;
    private static Map<String, String> administrator;

    @BeforeAll
    static void start() throws Exception {
        server = Server.start(config());
        administrator = environment("administrator.env");
    }

    private static ServerConfig config() {
        return ServerConfig.local().withData(folder).withAuth(ServerConfig.Auth.ENTRA);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void withoutATokenNothingButTheDoorbellAnswers() throws Exception {
        assertThat(get("/v1/rest/ping", "").statusCode()).isEqualTo(200);
        assertThat(get("/health/ready", "").statusCode()).isEqualTo(200);
        assertThat(get("/metrics", "").statusCode()).isEqualTo(200);
        for (String proxied : new String[] {"X-Forwarded-For", "Forwarded", "Via"}) {
            var there = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/metrics")).header(proxied, "10.0.0.1").build();
            assertThat(CLIENT.send(there, BodyHandlers.ofString()).statusCode()).as("of another machine, by a proxy of this one: " + proxied).isEqualTo(401);
        }
        for (String path : new String[] {"/v1/rest/mgmt", "/v1/rest/query", "/v2/rest/query", "/v1/rest/ingest/NetDefaultDB/T", "/v1/rest/backup"}) {
            var refused = post(path, "", "{\"db\":\"NetDefaultDB\",\"csl\":\"print 1\"}");
            assertThat(refused.statusCode()).as(path).isEqualTo(401);
            assertThat(refused.headers().firstValue("WWW-Authenticate")).hasValue(
                    "Bearer authorization_uri=\"" + origin() + "/" + administrator.get("AZURE_TENANT_ID") + "\"");
        }
        assertThat(get("/v1/rest/applications", "").statusCode()).isEqualTo(401);
    }

    @Test
    void clientsAreToldWhereToSignIn() throws Exception {
        JsonNode metadata = JSON.readTree(get("/v1/rest/auth/metadata", "").body()).path("AzureAD");
        assertThat(metadata.path("LoginEndpoint").asText()).isEqualTo(origin());
        String tenant = administrator.get("AZURE_TENANT_ID");
        JsonNode openId = JSON.readTree(get("/" + tenant + "/v2.0/.well-known/openid-configuration", "").body());
        assertThat(openId.path("token_endpoint").asText()).isEqualTo(origin() + "/" + tenant + "/oauth2/v2.0/token");
        var keys = JWKSet.parse(get(URI.create(openId.path("jwks_uri").asText()).getPath(), "").body());
        assertThat(keys.getKeys()).hasSize(1).allSatisfy(key -> assertThat(key.isPrivate()).isFalse());
    }

    @Test
    void theFirstStartLeavesTheAdministratorsCredentialsToTheOwnerOfTheFolder() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("administrator.env")))).isEqualTo("rw-------");
        assertThat(rows(command(token(), ".show principal roles"))).contains("AllDatabasesAdmin");
    }

    @Test
    void theOfficialClientQueriesWithAToken() throws Exception {
        String token = token();
        var connection = ConnectionStringBuilder.createWithAadTokenProviderAuthentication("http://127.0.0.1:" + server.port(), () -> token);
        var result = ClientFactory.createClient(connection).executeQuery("NetDefaultDB", "print x = current_principal()").getPrimaryResults();
        result.next();
        assertThat(result.getString("x")).isEqualTo("aadapp=" + administrator.get("AZURE_CLIENT_ID") + ";" + administrator.get("AZURE_TENANT_ID"));
    }

    @Test
    void anApplicationMayDoWhatItWasGranted() throws Exception {
        JsonNode reader = register("{\"name\":\"reader\"}");
        String token = token(reader.path("tenant").asText(), reader.path("appId").asText(), reader.path("secret").asText());
        String query = "{\"db\":\"NetDefaultDB\",\"csl\":\"print 1\"}";
        var stranger = post("/v2/rest/query", token, query);
        assertThat(stranger.statusCode()).isEqualTo(403);
        assertThat(stranger.body()).contains(reader.path("appId").asText());

        command(token(), ".add database NetDefaultDB viewers ('" + reader.path("principal").asText() + "')");
        assertThat(post("/v2/rest/query", token, query).statusCode()).isEqualTo(200);
        assertThat(command(token, ".create table Mine (x:long)").statusCode()).isEqualTo(403);
        assertThat(get("/v1/rest/applications", token).statusCode()).isEqualTo(403);

        var removed = CLIENT.send(request("/v1/rest/applications/" + reader.path("appId").asText(), token()).DELETE().build(), BodyHandlers.ofString());
        assertThat(removed.statusCode()).isEqualTo(200);
        var after = post("/v2/rest/query", token, query);
        assertThat(after.statusCode()).isEqualTo(401);
        assertThat(after.body()).contains("not registered");
    }

    @Test
    void nobodyIsLentWhereAnotherHasDataExportedTo() throws Exception {
        String mine = exportContainer(token());
        JsonNode monitor = register("{\"name\":\"monitor\"}");
        command(token(), ".add database NetDefaultDB monitors ('" + monitor.path("principal").asText() + "')");
        String theirs = exportContainer(token(monitor.path("tenant").asText(), monitor.path("appId").asText(), monitor.path("secret").asText()));
        assertThat(command(token(), ".export to csv (h'" + mine + "') <| print hidden = 'row'").statusCode()).isEqualTo(200);
        String list = "restype=container&comp=list&";
        assertThat(get(URI.create(mine.replace("?", "?" + list))).body()).contains("<Blob><Name>");
        assertThat(get(URI.create(theirs.replace("?", "?" + list))).body()).doesNotContain("<Blob>").contains("<Blobs");
        assertThat(get(URI.create(mine.substring(0, mine.indexOf('?') + 1) + list + theirs.substring(theirs.indexOf('?') + 1))).statusCode()).isEqualTo(403);
        assertThat(exportContainer(token())).as("it stays the same").startsWith(mine.substring(0, mine.indexOf('?')));
    }

    @Test
    void nobodyIsLentWhereAnotherPutsWhatIsToBeIngested() throws Exception {
        JsonNode ingestor = register("{\"name\":\"an ingestor\"}");
        command(token(), ".add database NetDefaultDB ingestors ('" + ingestor.path("principal").asText() + "')");
        String ingestors = token(ingestor.path("tenant").asText(), ingestor.path("appId").asText(), ingestor.path("secret").asText());
        var mine = new ArrayList<String>();
        var theirs = new ArrayList<String>();
        for (String place : List.of(".get ingestion resources", ".create tempstorage")) {
            mine.add(staging(command(token(), place).body()));
            theirs.add(staging(command(ingestors, place).body()));
        }
        mine.add(staging(get("/v1/rest/ingestion/configuration", token()).body()));
        theirs.add(staging(get("/v1/rest/ingestion/configuration", ingestors).body()));
        assertThat(mine).map(place -> place.substring(0, place.indexOf('?'))).containsOnly(mine.getFirst().substring(0, mine.getFirst().indexOf('?')));
        for (String place : theirs) {
            String signature = place.substring(place.indexOf('?'));
            for (String own : mine) {
                assertThat(place).doesNotStartWith(own.substring(0, own.indexOf('?') + 1));
                assertThat(get(URI.create(own.substring(0, own.indexOf('?')) + "/x.csv" + signature)).statusCode()).isEqualTo(403);
            }
        }
    }

    private static String staging(String answer) {
        var found = Pattern.compile("http://[^\"\\\\]*/temp-[^\"\\\\]*").matcher(answer);
        assertThat(found.find()).as(answer).isTrue();
        return found.group();
    }

    private static String exportContainer(String token) throws Exception {
        return JSON.readTree(command(token, ".show export containers").body()).at("/Tables/0/Rows/0/0").asText();
    }

    @Test
    void whoAsksTooOftenIsTurnedAwayAndTheOthersAreNot() throws Exception {
        var limited = config().withLimits(ServerLimits.DEFAULT.withRequestsPerMinuteOfPrincipal(40));
        server.close();
        server = Server.start(limited);
        try {
            JsonNode busy = register("{\"name\":\"busy\"}");
            command(token(), ".add database NetDefaultDB viewers ('" + busy.path("principal").asText() + "')");
            String token = token(busy.path("tenant").asText(), busy.path("appId").asText(), busy.path("secret").asText());
            HttpResponse<String> answer = post("/v2/rest/query", token, "{\"db\":\"NetDefaultDB\",\"csl\":\"print 1\"}");
            for (int turn = 0; turn < 1_000 && answer.statusCode() == 200; turn++) {
                answer = post("/v2/rest/query", token, "{\"db\":\"NetDefaultDB\",\"csl\":\"print 1\"}");
            }
            assertThat(answer.statusCode()).isEqualTo(429);
            assertThat(answer.headers().firstValue("Retry-After")).as("one is left after a second and a half at most").isPresent().get().isIn("1", "2");
            assertThat(answer.body()).contains("TooManyRequests", "Limit: 40 a minute");
            assertThat(command(token(), ".show version").statusCode()).isEqualTo(200);
        } finally {
            server.close();
            server = Server.start(config());
        }
    }

    @Test
    void anAddressThatNobodyIsKnownAtIsTurnedAwayAndThoseWhoAreKnownAreNot() throws Exception {
        server.close();
        server = Server.start(config().withLimits(ServerLimits.DEFAULT.withRequestsPerMinuteOfAddress(5)));
        try {
            String known = token();
            HttpResponse<String> answer = post("/v1/rest/mgmt", "none", "{\"csl\":\".show version\"}");
            for (int turn = 0; turn < 1_000 && answer.statusCode() == 401; turn++) {
                answer = post("/v1/rest/mgmt", "none", "{\"csl\":\".show version\"}");
            }
            assertThat(answer.statusCode()).isEqualTo(429);
            assertThat(answer.headers().firstValue("Retry-After")).isPresent();
            assertThat(answer.body()).contains("TooManyRequests", "Limit: 5 a minute");
            assertThat(command(known, ".show version").statusCode()).isEqualTo(200);
        } finally {
            server.close();
            server = Server.start(config());
        }
    }

    @Test
    void aDefinitionsOwnIdSecretAndTenantCanBeRegistered() throws Exception {
        JsonNode own = register("{\"name\":\"factory\",\"appId\":\"7FDCC2BE-70B8-4C6E-A4D4-2F3A3C8B6F0E\",\"secret\":\"of the definition\",\"tenant\":\"contoso.onmicrosoft.com\"}");
        assertThat(own.path("principal").asText()).isEqualTo("aadapp=7fdcc2be-70b8-4c6e-a4d4-2f3a3c8b6f0e;contoso.onmicrosoft.com");
        assertThat(token("contoso.onmicrosoft.com", "7fdcc2be-70b8-4c6e-a4d4-2f3a3c8b6f0e", "of the definition")).isNotEmpty();
        for (String wrong : new String[] {"{}", "{\"name\":\"a\",\"appId\":\"no guid\"}", "{\"name\":\"a\",\"tenant\":\"a;b\"}", "{\"name\":\"factory\"}", "not json"}) {
            assertThat(post("/v1/rest/applications", token(), wrong).statusCode()).as(wrong).isEqualTo(400);
        }
    }

    @Test
    void aRequestForATokenThatIsWrongIsRefusedAsTheServiceDoes() throws Exception {
        String tenant = administrator.get("AZURE_TENANT_ID");
        String id = administrator.get("AZURE_CLIENT_ID");
        String scope = KUSTO + "/.default";
        assertRefused(401, "invalid_client", tenant, Map.of("grant_type", "client_credentials", "client_id", id, "client_secret", "guess", "scope", scope));
        assertRefused(400, "unauthorized_client", tenant, Map.of("grant_type", "client_credentials", "client_id", "unknown", "client_secret", "x", "scope", scope));
        assertRefused(400, "unauthorized_client", "other-tenant", Map.of("grant_type", "client_credentials", "client_id", id, "client_secret",
                administrator.get("AZURE_CLIENT_SECRET"), "scope", scope));
        assertRefused(400, "unsupported_grant_type", tenant, Map.of("grant_type", "password"));
        assertRefused(400, "invalid_scope", tenant, Map.of("grant_type", "client_credentials", "client_id", id, "client_secret", "x", "scope", "openid"));
        assertRefused(400, "invalid_request", tenant, Map.of("grant_type", "client_credentials", "client_id", id));
    }

    private static void assertRefused(int status, String error, String tenant, Map<String, String> form) throws Exception {
        var answer = form("/" + tenant + "/oauth2/v2.0/token", form);
        assertThat(answer.statusCode()).as(form.keySet() + " " + answer.body()).isEqualTo(status);
        JsonNode body = JSON.readTree(answer.body());
        assertThat(body.path("error").asText()).isEqualTo(error);
        assertThat(body.path("error_description").asText()).startsWith("AADSTS");
        assertThat(answer.body()).doesNotContain(administrator.get("AZURE_CLIENT_SECRET"));
    }

    @Test
    void theOlderFormOfTheTokenRequestIsAnsweredToo() throws Exception {
        var answer = form("/" + administrator.get("AZURE_TENANT_ID") + "/oauth2/token", Map.of(
                "grant_type", "client_credentials", "client_id", administrator.get("AZURE_CLIENT_ID"),
                "client_secret", administrator.get("AZURE_CLIENT_SECRET"), "resource", KUSTO));
        JsonNode body = JSON.readTree(answer.body());
        assertThat(body.path("expires_on").isTextual()).isTrue();
        assertThat(command(body.path("access_token").asText(), ".show databases").statusCode()).isEqualTo(200);
    }

    @Test
    void whoTakesTheClusterForAdFsAsksTheOlderAddressForAScope() throws Exception {
        var answer = form("/adfs/oauth2/token", Map.of(
                "grant_type", "client_credentials", "client_id", administrator.get("AZURE_CLIENT_ID"),
                "client_secret", administrator.get("AZURE_CLIENT_SECRET"), "scope", KUSTO + "/.default"));
        JsonNode body = JSON.readTree(answer.body());
        assertThat(body.path("expires_in").isNumber()).as(answer.body()).isTrue();
        assertThat(command(body.path("access_token").asText(), ".show databases").statusCode()).isEqualTo(200);
    }

    @Test
    void aTokenThatIsNotOursOpensNothing() throws Exception {
        SignedJWT good = SignedJWT.parse(token());
        JWTClaimsSet claims = good.getJWTClaimsSet();
        var otherKey = new RSAKeyGenerator(2048).keyID(good.getHeader().getKeyID()).generate();
        var forged = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(otherKey.getKeyID()).build(), claims);
        forged.sign(new RSASSASigner(otherKey));
        var unsigned = new PlainJWT(new JWTClaimsSet.Builder(claims).expirationTime(Date.from(Instant.now().plusSeconds(9_999))).build());
        String[] parts = good.serialize().split("\\.");
        String tampered = parts[0] + "." + parts[1] + "." + parts[2].substring(1) + "A";
        String forVault = tokenFor("https://vault.azure.net");
        for (String token : new String[] {forged.serialize(), unsigned.serialize(), tampered, forVault, "garbage", "a.b.c"}) {
            var answer = command(token, ".show databases");
            assertThat(answer.statusCode()).as(token).isEqualTo(401);
            assertThat(answer.body()).doesNotContain(token);
        }
        assertThat(CLIENT.send(request("/v1/rest/applications", "").header("Authorization", "Basic eDp5").build(), BodyHandlers.ofString()).statusCode())
                .isEqualTo(401);
    }

    @Test
    void aProgramOfThisMachineSignsInAsItsIdentity() throws Exception {
        Map<String, String> identity = environment("identity.env");
        assertThat(identity.get("IDENTITY_ENDPOINT")).isEqualTo("http://127.0.0.1:" + server.port() + "/msi/token");
        String path = "/msi/token?api-version=2019-08-01&resource=" + KUSTO;
        assertThat(CLIENT.send(request(path, "").header("X-IDENTITY-HEADER", "guess").build(), BodyHandlers.ofString()).statusCode()).isEqualTo(401);
        var answer = CLIENT.send(request(path, "").header("X-IDENTITY-HEADER", identity.get("IDENTITY_HEADER")).build(), BodyHandlers.ofString());
        String token = JSON.readTree(answer.body()).path("access_token").asText();
        assertThat(command(token, ".show databases").statusCode()).isEqualTo(200);

        register("{\"name\":\"loader\",\"kind\":\"UserAssigned\"}");
        String resource = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/loader";
        var assigned = CLIENT.send(request(path + "&mi_res_id=" + URLEncoder.encode(resource, StandardCharsets.UTF_8), "")
                .header("X-IDENTITY-HEADER", identity.get("IDENTITY_HEADER")).build(), BodyHandlers.ofString());
        assertThat(assigned.statusCode()).isEqualTo(200);
        var unknown = CLIENT.send(request(path + "&client_id=nobody", "").header("X-IDENTITY-HEADER", identity.get("IDENTITY_HEADER")).build(), BodyHandlers.ofString());
        assertThat(unknown.statusCode()).isEqualTo(400);
        assertThat(unknown.body()).contains("conshelf app create");
    }

    @Test
    void whoSignedInBeforeARestartIsStillKnown(@TempDir Path other) throws Exception {
        var config = ServerConfig.local().withData(other).withAuth(ServerConfig.Auth.ENTRA);
        String token;
        try (Server first = Server.start(config)) {
            var who = environment(other.resolve("administrator.env"));
            token = tokenAt(first, who);
            Files.delete(other.resolve("administrator.env"));
        }
        try (Server second = Server.start(config)) {
            assertThat(other.resolve("administrator.env")).doesNotExist();
            assertThat(commandAt(second, token, ".create database Later").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void whereNobodyIsLeftWhoAdministersTheClusterTheNextStartMakesSomebody(@TempDir Path other) throws Exception {
        var config = ServerConfig.local().withData(other).withAuth(ServerConfig.Auth.ENTRA);
        Map<String, String> who;
        try (Server first = Server.start(config)) {
            who = environment(other.resolve("administrator.env"));
            String drop = ".drop cluster AllDatabasesAdmins ('aadapp=" + who.get("AZURE_CLIENT_ID") + ";" + who.get("AZURE_TENANT_ID") + "')";
            assertThat(commandAt(first, tokenAt(first, who), drop).statusCode()).isEqualTo(200);
        }
        try (Server second = Server.start(config)) {
            assertThat(commandAt(second, tokenAt(second, who), ".create database A").statusCode()).as("who is one no more").isEqualTo(403);
            who = environment(other.resolve("administrator.env"));
            String token = tokenAt(second, who);
            assertThat(commandAt(second, token, ".create database A").statusCode()).isEqualTo(200);
            var removal = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + second.port() + "/v1/rest/applications/" + who.get("AZURE_CLIENT_ID")))
                    .header("Authorization", "Bearer " + token).DELETE().build();
            assertThat(CLIENT.send(removal, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
        }
        try (Server third = Server.start(config)) {
            assertThat(commandAt(third, tokenAt(third, environment(other.resolve("administrator.env"))), ".drop database A").statusCode()).isEqualTo(200);
        }
    }

    private static String tokenAt(Server at, Map<String, String> who) throws Exception {
        return JSON.readTree(CLIENT.send(formRequest(at.port(), "/" + who.get("AZURE_TENANT_ID") + "/oauth2/v2.0/token", Map.of(
                "grant_type", "client_credentials", "client_id", who.get("AZURE_CLIENT_ID"), "client_secret", who.get("AZURE_CLIENT_SECRET"),
                "scope", KUSTO + "/.default")), BodyHandlers.ofString()).body()).path("access_token").asText();
    }

    private static HttpResponse<String> commandAt(Server at, String token, String command) throws Exception {
        return CLIENT.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + at.port() + "/v1/rest/mgmt"))
                .header("Authorization", "Bearer " + token).header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"db\":\"\",\"csl\":\"" + command + "\"}")).build(), BodyHandlers.ofString());
    }

    private static String origin() {
        return "http://127.0.0.1:" + server.port();
    }

    private static String token() throws Exception {
        return tokenFor(KUSTO);
    }

    private static String tokenFor(String resource) throws Exception {
        return JSON.readTree(form("/" + administrator.get("AZURE_TENANT_ID") + "/oauth2/v2.0/token", Map.of(
                "grant_type", "client_credentials", "client_id", administrator.get("AZURE_CLIENT_ID"),
                "client_secret", administrator.get("AZURE_CLIENT_SECRET"), "scope", resource + "/.default")).body()).path("access_token").asText();
    }

    private static String token(String tenant, String id, String secret) throws Exception {
        return JSON.readTree(form("/" + tenant + "/oauth2/v2.0/token", Map.of(
                "grant_type", "client_credentials", "client_id", id, "client_secret", secret, "scope", KUSTO + "/.default")).body())
                .path("access_token").asText();
    }

    private static JsonNode register(String json) throws Exception {
        var answer = post("/v1/rest/applications", token(), json);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    private static HttpResponse<String> command(String token, String text) throws Exception {
        return post("/v1/rest/mgmt", token, JSON.createObjectNode().put("db", "NetDefaultDB").put("csl", text).toString());
    }

    private static String rows(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    private static HttpResponse<String> get(URI uri) throws Exception {
        return CLIENT.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    }

    private static HttpResponse<String> get(String path, String token) throws Exception {
        return CLIENT.send(request(path, token).build(), BodyHandlers.ofString());
    }

    private static HttpResponse<String> post(String path, String token, String json) throws Exception {
        return CLIENT.send(request(path, token).header("Content-Type", "application/json").POST(BodyPublishers.ofString(json)).build(), BodyHandlers.ofString());
    }

    private static HttpRequest.Builder request(String path, String token) {
        var request = HttpRequest.newBuilder(URI.create(origin() + path));
        return token.isEmpty() ? request : request.header("Authorization", "Bearer " + token);
    }

    private static HttpResponse<String> form(String path, Map<String, String> fields) throws Exception {
        return CLIENT.send(formRequest(server.port(), path, fields), BodyHandlers.ofString());
    }

    private static HttpRequest formRequest(int port, String path, Map<String, String> fields) {
        String body = fields.entrySet().stream().map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .header("Content-Type", "application/x-www-form-urlencoded").POST(BodyPublishers.ofString(body)).build();
    }

    private static Map<String, String> environment(String name) throws Exception {
        return environment(folder.resolve(name));
    }

    private static Map<String, String> environment(Path file) throws Exception {
        Map<String, String> variables = new HashMap<>();
        Files.readAllLines(file).stream().filter(line -> !line.startsWith("#")).forEach(line ->
                variables.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1)));
        return variables;
    }
}
