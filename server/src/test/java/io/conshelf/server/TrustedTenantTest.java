package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.opts.AllowWeakRSAKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.conshelf.engine.Principal;
import io.conshelf.engine.Request;
import io.conshelf.server.identity.SignInOptions;
import io.conshelf.server.identity.TrustedTenant;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Tokens of a tenant of Microsoft Entra: its keys are published by a server of this test, which signs real tokens.
class TrustedTenantTest {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final String TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47";
    private static final String ISSUER = "https://sts.windows.net/" + TENANT + "/";
    private static final String APPLICATION = "7fdcc2be-70b8-4c6e-a4d4-2f3a3c8b6f0e";
    private static RSAKey first;
    private static RSAKey second;

    private final AtomicInteger fetched = new AtomicInteger();
    private volatile List<RSAKey> published = List.of();
    private volatile HttpHandler publishing = this::publish;
    private HttpServer keys;
    private Server server;

    @BeforeAll
    static void makeKeys() throws Exception {
        first = new RSAKeyGenerator(2048).keyID("first").generate();
        second = new RSAKeyGenerator(2048).keyID("second").generate();
    }

    @AfterAll
    static void forgetKeys() {
        CLIENT.close();
    }

    @BeforeEach
    void start() throws Exception {
        published = List.of(first);
        keys = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        keys.createContext("/keys", exchange -> publishing.handle(exchange));
        keys.start();
        server = Server.start(ServerConfig.local().withAuth(ServerConfig.Auth.ENTRA).withSignIn(SignInOptions.OWN.withTenant(tenant())));
    }

    private TrustedTenant tenant() {
        return new TrustedTenant(TENANT, Set.of(ISSUER, "https://login.microsoftonline.com/" + TENANT + "/v2.0"),
                URI.create("http://127.0.0.1:" + keys.getAddress().getPort() + "/keys"), "https://login.microsoftonline.com");
    }

    @AfterEach
    void stop() {
        server.close();
        keys.stop(0);
    }

    private void publish(HttpExchange exchange) throws IOException {
        answer(exchange, new JWKSet(List.copyOf(published)).toPublicJWKSet().toString());
    }

    private void answer(HttpExchange exchange, String text) throws IOException {
        fetched.incrementAndGet();
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, body.length);
        try (var out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    private static JWTClaimsSet claims(Map<String, Object> other) {
        Instant now = Instant.now();
        Map<String, Object> claims = new LinkedHashMap<>(Map.of(
                "iss", ISSUER, "aud", "https://kusto.kusto.windows.net", "tid", TENANT, "appid", APPLICATION, "oid", "11111111-2222-3333-4444-555555555555",
                "sub", "x", "nbf", Date.from(now.minusSeconds(60)), "iat", Date.from(now.minusSeconds(60)), "exp", Date.from(now.plusSeconds(3600))));
        claims.putAll(other);
        var builder = new JWTClaimsSet.Builder();
        claims.forEach((name, value) -> {
            if (!value.equals("")) {
                builder.claim(name, value);
            }
        });
        return builder.build();
    }

    private static String token(RSAKey key, Map<String, Object> other) throws Exception {
        return signed(new RSASSASigner(key), new JWSHeader.Builder(JWSAlgorithm.RS256).type(JOSEObjectType.JWT).keyID(key.getKeyID()), claims(other));
    }

    private static String signed(JWSSigner signer, JWSHeader.Builder header, JWTClaimsSet claims) throws Exception {
        var token = new SignedJWT(header.build(), claims);
        token.sign(signer);
        return token.serialize();
    }

    private HttpResponse<String> ask(String token) throws Exception {
        return CLIENT.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/v1/rest/mgmt"))
                .header("Authorization", "Bearer " + token).header("Content-Type", "application/json").timeout(Duration.ofMinutes(1))
                .POST(BodyPublishers.ofString("{\"db\":\"NetDefaultDB\",\"csl\":\".show principal roles\"}")).build(), BodyHandlers.ofString());
    }

    private void isRefused(String what, String token, String why) throws Exception {
        var answer = ask(token);
        assertThat(answer.statusCode()).as(what + ": " + answer.body()).isEqualTo(401);
        assertThat(answer.body()).as(what).contains(why).doesNotContain(token.substring(token.length() - 20));
    }

    @Test
    void anApplicationOfTheTenantIsLetIn() throws Exception {
        assertThat(ask(token(first, Map.of())).statusCode()).isEqualTo(200);
        assertThat(ask(token(first, Map.of("iss", "https://login.microsoftonline.com/" + TENANT + "/v2.0", "appid", "", "azp", APPLICATION))).statusCode())
                .isEqualTo(200);
    }

    @Test
    void aPersonIsKnownByTheirNameElseByTheirId() throws Exception {
        server.engine().command(request(), ".add database NetDefaultDB viewers ('aaduser=anna@contoso.com', 'aaduser=11111111-2222-3333-4444-555555555555')").close();
        for (Map<String, Object> person : List.<Map<String, Object>>of(Map.of("scp", "user_impersonation", "upn", "anna@contoso.com"), Map.of("scp", "user_impersonation"))) {
            var answer = ask(token(first, person));
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).contains("Viewer");
        }
        assertThat(ask(token(first, Map.of("scp", "user_impersonation", "upn", "bert@contoso.com"))).body()).doesNotContain("Viewer");
    }

    private static Request request() {
        return new Request(Principal.LOCAL_ADMINISTRATOR, "NetDefaultDB", "grant", UUID.randomUUID(), Map.of(), Map.of(),
                "test", "", Instant.now(), Duration.ofMinutes(1), false);
    }

    @Test
    void whatIsWrongWithATokenIsRefusedEachInItsWords() throws Exception {
        Instant now = Instant.now();
        Map<String, Map<String, Object>> wrong = new LinkedHashMap<>();
        wrong.put("expired", Map.of("exp", Date.from(now.minusSeconds(400))));
        wrong.put("not valid yet", Map.of("nbf", Date.from(now.plusSeconds(400))));
        wrong.put("another service", Map.of("aud", "https://vault.azure.net"));
        wrong.put("another tenant", Map.of("tid", "00000000-0000-0000-0000-000000000000"));
        wrong.put("expired ", Map.of("exp", ""));
        wrong.put("names neither", Map.of("appid", ""));
        wrong.put("characters that names do not have", Map.of("appid", "x;y"));
        for (var one : wrong.entrySet()) {
            isRefused(one.getKey(), token(first, one.getValue()), one.getKey().strip());
        }
        // An issuer that nobody trusts is looked for among the cluster's own keys.
        isRefused("issuer", token(first, Map.of("iss", "https://sts.windows.net/00000000-0000-0000-0000-000000000000/")), "not signed by this cluster");
    }

    @Test
    void aTokenForAnotherClusterOfTheTenantIsRefused() throws Exception {
        for (String good : List.of("https://kusto.kusto.windows.net", "https://kusto.windows.net/", "http://127.0.0.1:8080", "https://127.0.0.1")) {
            assertThat(ask(token(first, Map.of("aud", good))).statusCode()).as(good).isEqualTo(200);
        }
        for (String other : List.of("https://other.westeurope.kusto.windows.net", "https://ingest-other.westeurope.kusto.windows.net", "https://help.kusto.windows.net",
                "https://kusto.kusto.windows.net.evil.example", "https://kusto.kusto.windows.net@evil.example", "api://other", "other")) {
            isRefused(other, token(first, Map.of("aud", other)), "for another service");
        }
        assertThat(ask(token(first, Map.of("aud", List.of("https://other.westeurope.kusto.windows.net", "https://kusto.kusto.windows.net")))).statusCode()).isEqualTo(200);
    }

    @Test
    void whereAudiencesAreStatedTokensAreForOneOfThem() throws Exception {
        server.close();
        server = Server.start(ServerConfig.local().withAuth(ServerConfig.Auth.ENTRA).withSignIn(SignInOptions.OWN.withTenant(
                tenant().withAudiences(List.of("https://Lab.westeurope.kusto.windows.net", "2746ea77-4702-4b45-80ca-3c97e680e8b7")))));
        for (String good : List.of("https://lab.westeurope.kusto.windows.net", "https://lab.westeurope.kusto.windows.net/", "https://ingest-lab.westeurope.kusto.windows.net",
                "2746ea77-4702-4b45-80ca-3c97e680e8b7")) {
            assertThat(ask(token(first, Map.of("aud", good))).statusCode()).as(good).isEqualTo(200);
        }
        for (String other : List.of("https://kusto.kusto.windows.net", "https://other.westeurope.kusto.windows.net", "http://127.0.0.1:" + server.port(),
                "https://lab.westeurope.kusto.windows.net.evil.example", "http://lab.westeurope.kusto.windows.net")) {
            isRefused(other, token(first, Map.of("aud", other)), "here it is to be for https://Lab.westeurope.kusto.windows.net or 2746ea77-4702-4b45-80ca-3c97e680e8b7");
        }
        var metadata = CLIENT.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/v1/rest/auth/metadata")).build(), BodyHandlers.ofString());
        assertThat(metadata.body()).as("clients are told what to ask for").contains("\"KustoServiceResourceId\":\"https://Lab.westeurope.kusto.windows.net\"");
    }

    @Test
    void aTokenThatIsNotSignedByTheTenantIsRefused() throws Exception {
        isRefused("a key of somebody else under a known name", token(new RSAKeyGenerator(2048).keyID("first").generate(), Map.of()), "not signed with a key of the tenant");
        isRefused("an unknown key", token(second, Map.of()), "not signed with a key of the tenant");
        isRefused("none", new PlainJWT(claims(Map.of())).serialize() + "x", "not a signed JSON web token");
        // The public key taken for a shared secret.
        byte[] publicKey = first.toRSAPublicKey().getEncoded();
        isRefused("HS256", signed(new MACSigner(publicKey), new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("first"), claims(Map.of())), "RS256");
        isRefused("PS256", signed(new RSASSASigner(first), new JWSHeader.Builder(JWSAlgorithm.PS256).keyID("first"), claims(Map.of())), "RS256");
        isRefused("no key named", signed(new RSASSASigner(first), new JWSHeader.Builder(JWSAlgorithm.RS256), claims(Map.of())), "kid");
        // A key that comes along is not asked.
        RSAKey own = new RSAKeyGenerator(2048).keyID("own").generate();
        isRefused("jwk", signed(new RSASSASigner(own), new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("own").jwk(own.toPublicJWK())
                .jwkURL(URI.create("http://127.0.0.1:1/keys")), claims(Map.of())), "not signed with a key of the tenant");
        isRefused("crit", signed(new RSASSASigner(first), new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("first").criticalParams(Set.of("x"))
                .customParam("x", 1), claims(Map.of())), "not signed with a key of the tenant");
        String good = token(first, Map.of());
        isRefused("another payload", good.replaceFirst("\\.[^.]+\\.", "." + token(first, Map.of("appid", "other")).split("\\.")[1] + "."), "not signed");
        assertThat(ask(token(first, Map.of("long", "x".repeat(60_000)))).statusCode()).isIn(400, 401, 431);
        assertThat(ask(good).statusCode()).as("the server goes on").isEqualTo(200);
    }

    @Test
    void keysAreKeptAndFetchedAgainWhenATokenNamesANewOne() throws Exception {
        for (int i = 0; i < 5; i++) {
            assertThat(ask(token(first, Map.of())).statusCode()).isEqualTo(200);
        }
        assertThat(fetched.get()).isEqualTo(1);
        published = List.of(first, second);
        assertThat(ask(token(second, Map.of())).statusCode()).isEqualTo(200);
        assertThat(ask(token(first, Map.of())).statusCode()).isEqualTo(200);
        for (int i = 0; i < 10; i++) {
            UnaryOperator<String> named = name -> name + "-made-up";
            RSAKey unknown = new RSAKey.Builder(first).keyID(named.apply("key" + i)).build();
            assertThat(ask(token(unknown, Map.of())).statusCode()).isEqualTo(401);
        }
        assertThat(fetched.get()).as("strangers cause no load").isLessThanOrEqualTo(3);
        keys.stop(0);
        assertThat(ask(token(first, Map.of())).statusCode()).isEqualTo(200);
    }

    @Test
    void keysThatCannotBeHadAreNoReasonToTellWhereTheyAre() throws Exception {
        keys.stop(0);
        var refused = ask(token(first, Map.of()));
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.body()).contains("the keys of the tenant " + TENANT + " cannot be had now")
                .doesNotContain(Integer.toString(keys.getAddress().getPort())).doesNotContainIgnoringCase("connect");
    }

    /// Each byte comes soon enough, and the last never.
    @Test
    void keysThatDripAreGivenUpAndTheOldOnesGoOn() throws Exception {
        assertThat(ask(token(first, Map.of())).statusCode()).isEqualTo(200);
        publishing = exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try (var out = exchange.getResponseBody()) {
                while (true) {
                    out.write(' ');
                    out.flush();
                    LockSupport.parkNanos(20_000_000);
                }
            }
        };
        isRefused("a key that is not there yet", token(second, Map.of()), "not signed with a key of the tenant");
        assertThat(ask(token(first, Map.of())).statusCode()).isEqualTo(200);
    }

    @Test
    void keySetsThatAreTooLargeOrNoneAreNotTaken() throws Exception {
        String good = new JWKSet(List.copyOf(published)).toPublicJWKSet().toString();
        var many = new StringJoiner(",", "{\"keys\":[", "]}");
        for (int i = 0; i < 1_000; i++) {
            many.add(first.toPublicJWK().toJSONString());
        }
        for (String text : List.of(good + " ".repeat(2 << 20), many.toString(), "{\"keys\":" + "[".repeat(200_000), "", "<html>", "{\"keys\":[{\"kty\":\"RSA\"}]}")) {
            server.close();
            server = Server.start(ServerConfig.local().withAuth(ServerConfig.Auth.ENTRA).withSignIn(SignInOptions.OWN.withTenant(tenant())));
            publishing = exchange -> answer(exchange, text);
            isRefused(text.substring(0, Math.min(40, text.length())), token(first, Map.of()), "cannot be had now");
        }
    }

    @Test
    void anOtherPlaceThatIsRedirectedToIsNotAsked() throws Exception {
        keys.createContext("/others", this::publish);
        publishing = exchange -> {
            exchange.getResponseHeaders().set("Location", "/others");
            exchange.sendResponseHeaders(302, -1);
        };
        isRefused("keys from elsewhere", token(first, Map.of()), "cannot be had now");
        assertThat(fetched.get()).isZero();
    }

    @Test
    void keysThatAreWeakOrOfAnotherKindAreNotUsed() throws Exception {
        var pairs = KeyPairGenerator.getInstance("RSA");
        pairs.initialize(1_024);
        KeyPair pair = pairs.generateKeyPair();
        RSAKey weak = new RSAKey.Builder((RSAPublicKey) pair.getPublic()).keyID("weak").build();
        publishing = exchange -> answer(exchange, new JWKSet(List.of(first, weak,
                new OctetSequenceKey.Builder(new byte[64]).keyID("shared").build())).toString(false));
        isRefused("1024 bits", signed(new RSASSASigner(pair.getPrivate(), Set.of(AllowWeakRSAKey.getInstance())), new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("weak"), claims(Map.of())), "not signed with a key");
        isRefused("a published secret", signed(new MACSigner(new byte[64]), new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("shared"), claims(Map.of())), "RS256");
        assertThat(ask(token(first, Map.of())).statusCode()).isEqualTo(200);
    }

    @Test
    void aKeyThatIsWithdrawnIsForgottenWhenTheOthersAreFetched() throws Exception {
        assertThat(ask(token(first, Map.of())).statusCode()).isEqualTo(200);
        published = List.of(second);
        assertThat(ask(token(second, Map.of())).statusCode()).isEqualTo(200);
        isRefused("withdrawn", token(first, Map.of()), "not signed with a key of the tenant");
    }

    @Test
    void clientsAreSentToTheTenantAndTheClustersOwnApplicationsGoOn() throws Exception {
        var metadata = CLIENT.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/v1/rest/auth/metadata")).build(), BodyHandlers.ofString());
        assertThat(metadata.body()).contains("\"LoginEndpoint\":\"https://login.microsoftonline.com\"", TENANT);
        assertThat(server.managedIdentity()).isPresent();
    }
}
