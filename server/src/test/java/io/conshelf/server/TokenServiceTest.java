package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.conshelf.server.identity.SignInOptions;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the built-in token service gives for certificates, people and the machine's identities.
class TokenServiceTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final String KUSTO = "https://kusto.kusto.windows.net";
    private static final String PROGRAM = "db662dc1-0cfe-4e1c-a843-19a68e65be58";
    private static final String PASSWORD = "correct horse battery";
    private static final String VERIFIER = "a-verifier-of-at-least-forty-three-characters-0123456789";

    @TempDir
    private static Path folder;
    private static Server server;
    private static String tenant;
    private static String administrator;

    @BeforeAll
    static void start() throws Exception {
        server = Server.start(config().withLimits(ServerLimits.DEFAULT.withConcurrentRequests(30)));
        Map<String, String> credentials = new HashMap<>();
        Files.readAllLines(folder.resolve("administrator.env")).stream().filter(line -> !line.startsWith("#"))
                .forEach(line -> credentials.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1)));
        tenant = credentials.get("AZURE_TENANT_ID");
        administrator = tokens(Map.of("grant_type", "client_credentials", "client_id", credentials.get("AZURE_CLIENT_ID"),
                "client_secret", credentials.get("AZURE_CLIENT_SECRET"), "scope", KUSTO + "/.default")).path("access_token").asText();
        assertThat(send("POST", "/v1/rest/users", administrator, "{\"name\":\"Anna@contoso.com\",\"password\":\"" + PASSWORD + "\"}").statusCode()).isEqualTo(200);
    }

    private static ServerConfig config() {
        return ServerConfig.local().withData(folder).withAuth(ServerConfig.Auth.ENTRA).withSignIn(SignInOptions.OWN.withMetadataService());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String origin() {
        return "http://127.0.0.1:" + server.port();
    }

    private static HttpResponse<String> send(String method, String path, String token, String body) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(origin() + path)).header("Content-Type", "application/json").method(method, BodyPublishers.ofString(body));
        return CLIENT.send(token.isEmpty() ? request.build() : request.header("Authorization", "Bearer " + token).build(), BodyHandlers.ofString());
    }

    private static HttpResponse<String> form(String path, Map<String, String> fields) throws Exception {
        return form(CLIENT, path, fields);
    }

    private static HttpResponse<String> form(HttpClient client, String path, Map<String, String> fields) throws Exception {
        return client.send(HttpRequest.newBuilder(URI.create(origin() + path)).header("Content-Type", "application/x-www-form-urlencoded").header("Origin", origin())
                .POST(BodyPublishers.ofString(encoded(fields))).build(), BodyHandlers.ofString());
    }

    private static String encoded(Map<String, String> fields) {
        return fields.entrySet().stream().map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8)).collect(Collectors.joining("&"));
    }

    private static JsonNode tokens(Map<String, String> fields) throws Exception {
        return JSON.readTree(form("/" + tenant + "/oauth2/v2.0/token", fields).body());
    }

    private static HttpResponse<String> roles(String token) throws Exception {
        return send("POST", "/v1/rest/mgmt", token, "{\"db\":\"NetDefaultDB\",\"csl\":\".show database NetDefaultDB principal roles\"}");
    }

    // ---- certificates

    private record Certified(PrivateKey key, X509Certificate certificate, String pem) {}

    private static Certified certified(String name) throws Exception {
        Path store = folder.resolve(name + ".p12");
        Process made = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-alias", "a", "-keyalg", "RSA",
                "-keysize", "2048", "-dname", "CN=" + name, "-storetype", "PKCS12", "-keystore", store.toString(), "-storepass", "changeit").redirectErrorStream(true).start();
        assertThat(made.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance(store.toFile(), "changeit".toCharArray());
        var certificate = (X509Certificate) keys.getCertificate("a");
        String pem = "-----BEGIN CERTIFICATE-----\n" + Base64.getMimeEncoder().encodeToString(certificate.getEncoded()) + "\n-----END CERTIFICATE-----\n";
        return new Certified((PrivateKey) keys.getKey("a", "changeit".toCharArray()), certificate, pem);
    }

    private static JsonNode register(String name, String pem) throws Exception {
        return JSON.readTree(send("POST", "/v1/rest/applications", administrator, JSON.createObjectNode().put("name", name).put("certificate", pem).toString()).body());
    }

    private static String assertion(Certified by, String id, Map<String, Object> other) throws Exception {
        Instant now = Instant.now();
        Map<String, Object> claims = new LinkedHashMap<>(Map.of("iss", id, "sub", id, "aud", origin() + "/" + tenant + "/oauth2/v2.0/token",
                "jti", UUID.randomUUID().toString(), "nbf", Date.from(now), "exp", Date.from(now.plusSeconds(600))));
        claims.putAll(other);
        var builder = new JWTClaimsSet.Builder();
        claims.forEach(builder::claim);
        var header = new JWSHeader.Builder(JWSAlgorithm.PS256)
                .x509CertSHA256Thumbprint(Base64URL.encode(MessageDigest.getInstance("SHA-256").digest(by.certificate().getEncoded()))).build();
        var jwt = new SignedJWT(header, builder.build());
        jwt.sign(new RSASSASigner(by.key()));
        return jwt.serialize();
    }

    private static Map<String, String> withAssertion(String id, String assertion) {
        return Map.of("grant_type", "client_credentials", "client_id", id, "scope", KUSTO + "/.default", "client_assertion", assertion,
                "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    }

    @Test
    void anApplicationSignsInWithItsCertificateAndNoOther() throws Exception {
        Certified own = certified("own");
        JsonNode registered = register("certified", own.pem());
        String id = registered.path("appId").asText();
        assertThat(registered.has("secret")).isFalse();
        String once = assertion(own, id, Map.of());
        assertThat(roles(tokens(withAssertion(id, once)).path("access_token").asText()).statusCode()).isEqualTo(200);

        Instant now = Instant.now();
        assertThat(tokens(withAssertion(id, once)).path("access_token").asText()).as("a client may show it again for a while").isNotEmpty();
        String container = assertion(own, id, Map.of("aud", "https://localhost:1/" + tenant + "/oauth2/v2.0/token"));
        assertThat(tokens(withAssertion(id, container)).path("access_token").asText()).as("of another port").isNotEmpty();
        Map<String, String> wrong = Map.of(
                "this token service", assertion(own, id, Map.of("aud", "https://login.example/" + tenant + "/oauth2/v2.0/token")),
                "no certificate", assertion(certified("other"), id, Map.of()),
                "audience", assertion(own, id, Map.of("aud", origin() + "/other/oauth2/v2.0/token")),
                "expired", assertion(own, id, Map.of("exp", Date.from(now.minusSeconds(600)))),
                "longer than a day", assertion(own, id, Map.of("exp", Date.from(now.plusSeconds(200_000)))),
                "issuer", assertion(own, id, Map.of("sub", PROGRAM)),
                "not a signed", "x.y.z");
        for (var one : wrong.entrySet()) {
            JsonNode refused = tokens(withAssertion(id, one.getValue()));
            assertThat(refused.path("error").asText()).as(one.getKey() + refused).isEqualTo("invalid_client");
            assertThat(refused.path("error_description").asText()).contains("AADSTS700027", one.getKey());
        }
        try (HttpClient elsewhere = HttpClient.newBuilder().localAddress(InetAddress.getByName("127.0.0.2")).build()) {
            var refused = form(elsewhere, "/" + tenant + "/oauth2/v2.0/token", withAssertion(id, once));
            assertThat(refused.body()).as("from another address").contains("AADSTS700027", "used before");
        }
        assertThat(tokens(Map.of("grant_type", "client_credentials", "client_id", id, "client_secret", "", "scope", KUSTO + "/.default")).path("error").asText())
                .as("it has no secret").isEqualTo("invalid_client");
        assertThat(send("POST", "/v1/rest/applications", administrator, "{\"name\":\"broken\",\"certificate\":\"x\"}").statusCode()).isEqualTo(400);
    }

    // ---- people

    private static Map<String, String> question() throws Exception {
        Map<String, String> question = new LinkedHashMap<>();
        question.put("client_id", PROGRAM);
        question.put("response_type", "code");
        question.put("redirect_uri", "http://localhost:54321/");
        question.put("scope", KUSTO + "/.default openid profile offline_access");
        question.put("state", "a state");
        question.put("nonce", "a nonce");
        question.put("code_challenge_method", "S256");
        question.put("code_challenge", Base64.getUrlEncoder().withoutPadding().encodeToString(
                MessageDigest.getInstance("SHA-256").digest(VERIFIER.getBytes(StandardCharsets.US_ASCII))));
        return question;
    }

    private static HttpResponse<String> page(Map<String, String> question) throws Exception {
        return send("GET", "/" + tenant + "/oauth2/v2.0/authorize?" + encoded(question), "", "");
    }

    private static HttpResponse<String> fillIn(Map<String, String> question, String name, String password) throws Exception {
        return form("/" + tenant + "/oauth2/v2.0/authorize?" + encoded(question), Map.of("username", name, "password", password));
    }

    private static Map<String, String> redeemed(String code, String verifier) {
        return Map.of("grant_type", "authorization_code", "client_id", PROGRAM, "code", code, "redirect_uri", "http://localhost:54321/", "code_verifier", verifier);
    }

    private static Map<String, String> answer(HttpResponse<String> handedOver) {
        String location = handedOver.headers().firstValue("Location").orElseThrow();
        assertThat(location).startsWith("http://localhost:54321/?");
        Map<String, String> answer = new HashMap<>();
        for (String pair : location.substring(location.indexOf('?') + 1).split("&")) {
            answer.put(pair.substring(0, pair.indexOf('=')), URLDecoder.decode(pair.substring(pair.indexOf('=') + 1), StandardCharsets.UTF_8));
        }
        return answer;
    }

    @Test
    void somebodySignsInOnThePageForAProgramOfTheirs() throws Exception {
        var shown = page(question());
        assertThat(shown.statusCode()).isEqualTo(200);
        assertThat(shown.body()).contains("<html lang=\"en\">", "<label for=\"username\">", "autocomplete=\"current-password\"", PROGRAM).doesNotContain("<script");
        assertThat(shown.headers().firstValue("Content-Security-Policy").orElse("")).contains("default-src 'none'", "frame-ancestors 'none'");
        assertThat(shown.headers().firstValue("X-Frame-Options")).hasValue("DENY");
        assertThat(shown.headers().firstValue("Referrer-Policy")).as("browsers name the page's origin when they post the form").hasValue("same-origin");
        assertThat(send("GET", "/device", "", "").headers().firstValue("Referrer-Policy")).hasValue("same-origin");

        var wrong = fillIn(question(), "anna@contoso.com", "not the password");
        assertThat(wrong.statusCode()).isEqualTo(401);
        assertThat(wrong.body()).contains("role=\"alert\"").doesNotContain("not the password");
        assertThat(fillIn(question(), "<b>nobody</b>", PASSWORD).body()).contains("&lt;b&gt;nobody").doesNotContain("<b>nobody");

        var handedOver = fillIn(question(), "Anna@Contoso.com", PASSWORD);
        assertThat(handedOver.statusCode()).isEqualTo(302);
        Map<String, String> answer = answer(handedOver);
        assertThat(answer.get("state")).isEqualTo("a state");
        JsonNode tokens = tokens(redeemed(answer.get("code"), VERIFIER));
        assertThat(tokens.path("token_type").asText()).as(tokens.toString()).isEqualTo("Bearer");
        var identity = SignedJWT.parse(tokens.path("id_token").asText()).getJWTClaimsSet();
        assertThat(identity.getStringClaim("nonce")).isEqualTo("a nonce");
        assertThat(identity.getAudience()).containsExactly(PROGRAM);
        send("POST", "/v1/rest/mgmt", administrator, "{\"db\":\"NetDefaultDB\",\"csl\":\".add database NetDefaultDB viewers ('aaduser=anna@contoso.com')\"}");
        assertThat(roles(tokens.path("access_token").asText()).body()).contains("Viewer");
        assertThat(roles(tokens.path("id_token").asText()).statusCode()).as("it opens nothing").isEqualTo(401);
        assertThat(tokens(redeemed(answer.get("code"), VERIFIER)).path("error").asText()).as("a code is good once").isEqualTo("invalid_grant");

        JsonNode refreshed = tokens(Map.of("grant_type", "refresh_token", "client_id", PROGRAM, "refresh_token", tokens.path("refresh_token").asText(),
                "scope", "https://vault.azure.net/.default"));
        assertThat(SignedJWT.parse(refreshed.path("access_token").asText()).getJWTClaimsSet().getAudience()).containsExactly("https://vault.azure.net");
        assertThat(tokens(Map.of("grant_type", "refresh_token", "client_id", "another", "refresh_token", tokens.path("refresh_token").asText())).path("error").asText())
                .isEqualTo("invalid_grant");
    }

    @Test
    void aCodeIsForWhoAskedForIt() throws Exception {
        String code = answer(fillIn(question(), "anna@contoso.com", PASSWORD)).get("code");
        assertThat(tokens(redeemed(code, "another verifier")).path("error").asText()).isEqualTo("invalid_grant");
        assertThat(tokens(redeemed(code, VERIFIER)).path("error").asText()).as("and gone").isEqualTo("invalid_grant");
    }

    @Test
    void aPageThatWouldSendACodeElsewhereIsNotShown() throws Exception {
        for (var wrong : Map.of("redirect_uri", "https://evil.example/", "code_challenge", "", "code_challenge_method", "plain", "response_type", "token",
                "response_mode", "fragment", "client_id", "").entrySet()) {
            Map<String, String> question = question();
            question.put(wrong.getKey(), wrong.getValue());
            var refused = fillIn(question, "anna@contoso.com", PASSWORD);
            assertThat(refused.statusCode()).as(wrong.getKey()).isEqualTo(400);
            assertThat(refused.headers().firstValue("Location")).isEmpty();
        }
        for (String redirect : new String[] {"http://localhost.evil.example/", "http://evil@localhost/", "http://user@evil.example/", "javascript:alert(1)", "http://localhost/#x"}) {
            Map<String, String> question = question();
            question.put("redirect_uri", redirect);
            assertThat(page(question).statusCode()).as(redirect).isEqualTo(400);
        }
        var foreign = CLIENT.send(HttpRequest.newBuilder(URI.create(origin() + "/" + tenant + "/oauth2/v2.0/authorize?" + encoded(question())))
                .header("Origin", "https://evil.example").POST(BodyPublishers.ofString("username=anna%40contoso.com&password=x")).build(), BodyHandlers.ofString());
        assertThat(foreign.statusCode()).isEqualTo(403);
    }

    @Test
    void somebodySignsInForAnotherDevice() throws Exception {
        JsonNode begun = JSON.readTree(form("/" + tenant + "/oauth2/v2.0/devicecode", Map.of("client_id", PROGRAM, "scope", KUSTO + "/.default offline_access")).body());
        assertThat(begun.path("message").asText()).contains(begun.path("user_code").asText(), origin() + "/device");
        Map<String, String> ask = Map.of("grant_type", "urn:ietf:params:oauth:grant-type:device_code", "client_id", PROGRAM, "device_code", begun.path("device_code").asText());
        assertThat(tokens(ask).path("error").asText()).isEqualTo("authorization_pending");
        assertThat(tokens(ask).path("error").asText()).isEqualTo("slow_down");
        assertThat(send("GET", "/device", "", "").body()).contains("<label for=\"code\">");
        assertThat(form("/device", Map.of("code", "XXXX-XXXX", "username", "anna@contoso.com", "password", PASSWORD)).statusCode()).isEqualTo(400);
        assertThat(form("/device", Map.of("code", begun.path("user_code").asText().toLowerCase(), "username", "anna@contoso.com", "password", PASSWORD)).statusCode())
                .isEqualTo(200);
        JsonNode tokens = tokens(ask);
        assertThat(roles(tokens.path("access_token").asText()).statusCode()).as(tokens.toString()).isEqualTo(200);
        assertThat(tokens(ask).path("error").asText()).isEqualTo("bad_verification_code");

        JsonNode declined = JSON.readTree(form("/" + tenant + "/oauth2/v2.0/devicecode", Map.of("client_id", PROGRAM, "scope", KUSTO + "/.default")).body());
        form("/device", Map.of("code", declined.path("user_code").asText(), "answer", "decline"));
        assertThat(tokens(Map.of("grant_type", "device_code", "client_id", PROGRAM, "code", declined.path("device_code").asText())).path("error").asText())
                .isEqualTo("authorization_declined");
    }

    @Test
    void oneAddressLeavesRoomToTheProgramsOfOthers() throws Exception {
        Map<String, String> wish = Map.of("client_id", PROGRAM, "scope", KUSTO + "/.default");
        String path = "/" + tenant + "/oauth2/v2.0/devicecode";
        try (HttpClient greedy = HttpClient.newBuilder().localAddress(InetAddress.getByName("127.0.0.3")).build()) {
            HttpResponse<String> answer = form(greedy, path, wish);
            int begun = 0;
            for (; begun < 1_000 && answer.statusCode() == 200; begun++) {
                answer = form(greedy, path, wish);
            }
            assertThat(begun).isEqualTo(50);
            assertThat(answer.statusCode()).isEqualTo(429);
            assertThat(answer.headers().firstValue("Retry-After")).isPresent();
            assertThat(answer.body()).contains("AADSTS90055");
        }
        assertThat(form(path, wish).statusCode()).isEqualTo(200);
    }

    @Test
    void guessingACodeIsSlow() throws Exception {
        JsonNode begun = JSON.readTree(form("/" + tenant + "/oauth2/v2.0/devicecode", Map.of("client_id", PROGRAM, "scope", KUSTO + "/.default")).body());
        Map<String, String> right = Map.of("code", begun.path("user_code").asText(), "username", "anna@contoso.com", "password", PASSWORD);
        try (HttpClient guesser = HttpClient.newBuilder().localAddress(InetAddress.getByName("127.0.0.4")).build()) {
            HttpResponse<String> answer = form(guesser, "/device", Map.of("code", "BBBB-BBBB"));
            int looked = 1;
            for (; looked < 10_000 && answer.statusCode() == 400; looked++) {
                answer = form(guesser, "/device", Map.of("code", "BBBB-BBBB"));
            }
            assertThat(answer.statusCode()).isEqualTo(429);
            assertThat(answer.body()).contains("too many wrong codes");
            assertThat(answer.headers().firstValue("Retry-After")).isPresent();
            assertThat(looked).isGreaterThan(20);
        }
        assertThat(form("/device", right).statusCode()).as("others are not held up").isEqualTo(200);
    }

    @Test
    void guessingAPasswordIsSlow() throws Exception {
        send("POST", "/v1/rest/users", administrator, "{\"name\":\"bert\",\"password\":\"" + PASSWORD + "\"}");
        for (int i = 0; i < 5; i++) {
            assertThat(fillIn(question(), "bert", "guess number " + i).statusCode()).isEqualTo(401);
        }
        HttpResponse<String> paused = fillIn(question(), "bert", PASSWORD);
        assertThat(paused.statusCode()).isEqualTo(429);
        assertThat(paused.headers().firstValue("Retry-After")).contains("30");
        assertThat(fillIn(question(), "anna@contoso.com", PASSWORD).statusCode()).as("others are not held up").isEqualTo(302);
    }

    @Test
    void guessesThatComeAtOnceAreCountedAllTheSame() throws Exception {
        send("POST", "/v1/rest/users", administrator, "{\"name\":\"dora\",\"password\":\"" + PASSWORD + "\"}");
        var asked = new ArrayList<CompletableFuture<HttpResponse<String>>>();
        for (int i = 0; i < 30; i++) {
            asked.add(CLIENT.sendAsync(HttpRequest.newBuilder(URI.create(origin() + "/" + tenant + "/oauth2/v2.0/authorize?" + encoded(question())))
                    .POST(BodyPublishers.ofString("username=dora&password=guess" + i)).build(), BodyHandlers.ofString()));
        }
        var statuses = asked.stream().map(answer -> answer.join().statusCode()).toList();
        assertThat(statuses).containsOnly(401, 429);
        assertThat(statuses.stream().filter(status -> status == 401)).hasSize(5);
        assertThat(fillIn(question(), "dora", PASSWORD).statusCode()).isEqualTo(429);
    }

    @Test
    void anotherPasswordEndsWhatWasSignedInWithTheOneBefore() throws Exception {
        send("POST", "/v1/rest/users", administrator, "{\"name\":\"emil\",\"password\":\"" + PASSWORD + "\"}");
        JsonNode before = tokens(redeemed(answer(fillIn(question(), "emil", PASSWORD)).get("code"), VERIFIER));
        String handedOver = answer(fillIn(question(), "emil", PASSWORD)).get("code");
        JsonNode begun = JSON.readTree(form("/" + tenant + "/oauth2/v2.0/devicecode", Map.of("client_id", PROGRAM, "scope", KUSTO + "/.default")).body());
        assertThat(form("/device", Map.of("code", begun.path("user_code").asText(), "username", "emil", "password", PASSWORD)).statusCode()).isEqualTo(200);
        Map<String, String> refresh = Map.of("grant_type", "refresh_token", "client_id", PROGRAM, "refresh_token", before.path("refresh_token").asText());
        assertThat(tokens(refresh).path("access_token").asText()).isNotEmpty();

        assertThat(send("PUT", "/v1/rest/users/emil", administrator, "{\"password\":\"another long one\"}").statusCode()).isEqualTo(200);
        assertThat(tokens(refresh).path("error").asText()).isEqualTo("invalid_grant");
        assertThat(tokens(redeemed(handedOver, VERIFIER)).path("error").asText()).isEqualTo("invalid_grant");
        assertThat(tokens(Map.of("grant_type", "device_code", "client_id", PROGRAM, "code", begun.path("device_code").asText())).path("error").asText())
                .isEqualTo("expired_token");
        JsonNode after = tokens(redeemed(answer(fillIn(question(), "emil", "another long one")).get("code"), VERIFIER));
        assertThat(after.path("refresh_token").asText()).isNotEmpty();
    }

    @Test
    void anAccountThatIsTakenAwayIsOutAtOnce() throws Exception {
        send("POST", "/v1/rest/users", administrator, "{\"name\":\"carl\",\"password\":\"" + PASSWORD + "\"}");
        JsonNode tokens = tokens(redeemed(answer(fillIn(question(), "carl", PASSWORD)).get("code"), VERIFIER));
        assertThat(roles(tokens.path("access_token").asText()).statusCode()).isEqualTo(200);
        assertThat(send("PUT", "/v1/rest/users/carl", administrator, "{\"password\":\"short\"}").statusCode()).isEqualTo(400);
        assertThat(send("PUT", "/v1/rest/users/carl", administrator, "{\"password\":\"another long one\"}").statusCode()).isEqualTo(200);
        assertThat(fillIn(question(), "carl", PASSWORD).statusCode()).isEqualTo(401);
        assertThat(send("GET", "/v1/rest/users", administrator, "").body()).contains("\"carl\"").doesNotContain("hash", "salt", PASSWORD);
        assertThat(send("GET", "/v1/rest/users", tokens.path("access_token").asText(), "").statusCode()).isEqualTo(403);
        assertThat(send("DELETE", "/v1/rest/users/carl", administrator, "").statusCode()).isEqualTo(200);
        assertThat(roles(tokens.path("access_token").asText()).statusCode()).isEqualTo(401);
        assertThat(tokens(Map.of("grant_type", "refresh_token", "client_id", PROGRAM, "refresh_token", tokens.path("refresh_token").asText())).path("error").asText())
                .isEqualTo("invalid_grant");
    }

    // ---- strangers

    @Test
    void metricsAreForThisMachineAndForWhoeverHasAToken() throws Exception {
        assertThat(send("GET", "/metrics", "", "").statusCode()).isEqualTo(200);
        // What a proxy of this machine passes on is of another.
        var forwarded = HttpRequest.newBuilder(URI.create(origin() + "/metrics")).header("X-Forwarded-For", "10.0.0.1");
        assertThat(CLIENT.send(forwarded.build(), BodyHandlers.ofString()).statusCode()).isEqualTo(401);
        assertThat(CLIENT.send(forwarded.header("Authorization", "Bearer " + administrator).build(), BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    }

    // ---- the machine's identities

    @Test
    void programsGetTheMachinesIdentityAsOnAVirtualMachine() throws Exception {
        String path = "/metadata/identity/oauth2/token?api-version=2018-02-01&resource=" + KUSTO;
        var request = HttpRequest.newBuilder(URI.create(origin() + path));
        var answer = CLIENT.send(request.header("Metadata", "true").build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        JsonNode body = JSON.readTree(answer.body());
        assertThat(body.path("expires_on").isTextual()).isTrue();
        assertThat(roles(body.path("access_token").asText()).statusCode()).isEqualTo(200);
        assertThat(CLIENT.send(HttpRequest.newBuilder(URI.create(origin() + path)).build(), BodyHandlers.ofString()).statusCode()).isEqualTo(400);
        assertThat(CLIENT.send(HttpRequest.newBuilder(URI.create(origin() + path)).header("Metadata", "true").header("X-Forwarded-For", "10.0.0.1").build(),
                BodyHandlers.ofString()).statusCode()).isEqualTo(400);
    }

    @Test
    void withoutBeingAskedForThereIsNoSuchAddress() throws Exception {
        try (Server other = Server.start(ServerConfig.local().withAuth(ServerConfig.Auth.ENTRA))) {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + other.port() + "/metadata/identity/oauth2/token?resource=" + KUSTO));
            assertThat(CLIENT.send(request.header("Metadata", "true").build(), BodyHandlers.ofString()).statusCode()).isEqualTo(404);
        }
    }
}
