package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.RunningQuery;
import io.conshelf.server.storage.AccountHosts;
import io.conshelf.server.tls.LocalAuthority;
import io.conshelf.server.tls.Tls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// https beside http: who trusts it, under which names, and what clients are then told.
class HttpsTest {
    @TempDir
    private static Path folder;
    private static LocalAuthority authority;
    private static Server server;
    private static HttpClient trusting;

    @BeforeAll
    static void start() throws Exception {
        authority = LocalAuthority.in(folder.resolve("tls"));
        server = Server.start(ServerConfig.local().withHostNames(Set.of("lab.example")).withTls(new Tls(0, new Tls.Local(folder.resolve("tls")))));
        trusting = client(authority.trustStore());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static HttpClient client(Path trustStore) throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance(trustStore.toFile(), LocalAuthority.trustStorePassword().toCharArray());
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(context).build();
    }

    private static URI at(String host, String path) {
        return URI.create("https://" + host + ":" + server.secureUri().orElseThrow().getPort() + path);
    }

    private static HttpResponse<String> command(String host, String text) throws Exception {
        return trusting.send(HttpRequest.newBuilder(at(host, "/v1/rest/mgmt")).POST(BodyPublishers.ofString("{\"csl\":\"" + text + "\"}")).build(),
                BodyHandlers.ofString());
    }

    @Test
    void loopbackAnswersUnderEachOfItsNames() throws Exception {
        for (String host : List.of("localhost", "127.0.0.1")) {
            assertThat(command(host, ".show version").statusCode()).as(host).isEqualTo(200);
        }
    }

    @Test
    void whoDoesNotTrustTheAuthorityGetsNoConnection() {
        var stranger = HttpClient.newHttpClient();
        assertThatThrownBy(() -> stranger.send(HttpRequest.newBuilder(at("localhost", "/health/ready")).build(), BodyHandlers.ofString()))
                .isInstanceOf(SSLHandshakeException.class);
    }

    @Test
    void httpGoesOnBesideIt() throws Exception {
        assertThat(HttpClient.newHttpClient().send(HttpRequest.newBuilder(server.uri().resolve("/health/ready")).build(), BodyHandlers.ofString())
                .statusCode()).isEqualTo(200);
    }

    @Test
    void whatIsOfferedForUploadsIsUnderTheAddressThatTheClientUses() throws Exception {
        String offered = command("localhost", ".get ingestion resources").body();
        assertThat(offered).contains("\"" + at("localhost", "/")).doesNotContain("http://");
    }

    @Test
    void accountsAreServedUnderNamesOfTheServiceWhereThatIsAskedFor() throws Exception {
        Path tls = folder.resolve("accounts");
        try (var second = Server.start(ServerConfig.local().withTls(new Tls(0, new Tls.Local(tls))).withAccountHosts(AccountHosts.with(List.of("lab1"))))) {
            URI uri = second.secureUri().orElseThrow();
            try (var client = client(LocalAuthority.in(tls).trustStore())) {
                var asked = HttpRequest.newBuilder(uri.resolve("/v1/rest/mgmt")).POST(BodyPublishers.ofString("{\"csl\":\".get ingestion resources\"}")).build();
                String port = ":" + uri.getPort() + "/";
                assertThat(client.send(asked, BodyHandlers.ofString()).body()).contains("https://conshelfblob.blob.core.windows.net" + port,
                        "https://conshelfqueue.queue.core.windows.net" + port, "https://conshelftable.table.core.windows.net" + port).doesNotContain("localhost" + port);
            }
        }
        var names = LocalAuthority.in(tls).namesToBeFound();
        assertThat(names).contains("lab1.blob.core.windows.net", "conshelfqueue.queue.core.windows.net", "ingest-localhost").doesNotContain("localhost", "127.0.0.1");
        assertThat(names).noneMatch(name -> name.startsWith("ingest-conshelf") || name.startsWith("ingest-lab1"));
    }

    @Test
    void theCertificateNamesTheMachineAndWhatWasAdded() throws Exception {
        var names = new Tls.Local(folder.resolve("tls"));
        var certificate = new Tls(0, names).certificate(Set.of("lab.example")).own();
        assertThat(certificate.getSubjectAlternativeNames().stream().map(name -> name.get(1)).map(Object::toString).toList())
                .contains("localhost", "127.0.0.1", "0:0:0:0:0:0:0:1", "lab.example", "ingest-lab.example",
                        InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT));
    }

    @Test
    void aCertificateIsKeptUntilANameIsMissing() {
        var tls = new Tls(0, new Tls.Local(folder.resolve("kept")));
        var first = tls.certificate(Set.of("one.example"));
        assertThat(tls.certificate(Set.of("ONE.example", "::1")).own()).isEqualTo(first.own());
        var second = tls.certificate(Set.of("one.example", "two.example"));
        assertThat(second.own()).isNotEqualTo(first.own());
        assertThat(second.chain().getLast()).as("the authority").isEqualTo(first.chain().getLast());
    }

    @Test
    void keysAreTheirOwnersOnly() throws IOException {
        for (String store : List.of("authority.p12", "server.p12")) {
            assertThat(Files.getPosixFilePermissions(folder.resolve("tls").resolve(store))).as(store).hasToString("[OWNER_READ, OWNER_WRITE]");
        }
        assertThat(Files.readString(authority.certificate())).doesNotContain("PRIVATE");
    }

    @Test
    void aCertificateThatIsGivenIsServed() throws Exception {
        Path given = Files.createDirectory(folder.resolve("given"));
        // Whoever it is from: another authority than the one that clients trust here.
        var other = new Tls(0, new Tls.Local(given)).certificate(Set.of());
        Path certificate = pem(given.resolve("certificate.pem"), "CERTIFICATE", other.own().getEncoded());
        Path key = pem(given.resolve("key.pem"), "PRIVATE KEY", other.key().getEncoded());
        try (var second = Server.start(ServerConfig.local().withTls(new Tls(0, new Tls.Given(certificate, key))))) {
            var uri = second.secureUri().orElseThrow().resolve("/health/ready");
            var answer = client(LocalAuthority.in(given).trustStore()).send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
            assertThat(answer.sslSession().orElseThrow().getPeerCertificates()[0]).isEqualTo(other.own());
        }
        Path foreign = pem(given.resolve("foreign.pem"), "PRIVATE KEY", new Tls(0, new Tls.Local(folder.resolve("tls"))).certificate(Set.of()).key().getEncoded());
        assertThatThrownBy(() -> new Tls(0, new Tls.Given(certificate, foreign)).certificate(Set.of()))
                .hasMessageContaining("is not that of the first certificate");
        Path old = Files.writeString(folder.resolve("old.pem"), Files.readString(key).replace("PRIVATE KEY", "EC PRIVATE KEY"));
        assertThatThrownBy(() -> new Tls(0, new Tls.Given(certificate, old)).certificate(Set.of()))
                .hasMessageContainingAll("'EC PRIVATE KEY'", "openssl pkcs8 -topk8");
        assertThatThrownBy(() -> new Tls(0, new Tls.Given(key, key)).certificate(Set.of())).hasMessageContaining(key.toString());
        assertThatThrownBy(() -> new Tls(0, new Tls.Given(given.resolve("none.pem"), key)).certificate(Set.of())).hasMessageContaining("no such file");
    }

    private static Path pem(Path file, String what, byte[] content) throws IOException {
        return Files.writeString(file, "-----BEGIN " + what + "-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content)
                + "\n-----END " + what + "-----\n");
    }

    /// Not under names of loopback, where every other http service of the machine would be cut off from the browser.
    @Test
    void browsersAreToldToComeByHttpsUnderANameOfTheMachine() throws Exception {
        for (var told : Map.of("lab.example", true, "ingest-lab.example", true, "localhost", false, "ingest-localhost", false, "127.0.0.1", false, "[::1]", false).entrySet()) {
            try (var socket = trusting.sslContext().getSocketFactory().createSocket("127.0.0.1", server.secureUri().orElseThrow().getPort())) {
                socket.getOutputStream().write(("GET / HTTP/1.1\r\nHost: " + told.getKey() + ":" + socket.getPort() + "\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
                String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertThat(answer).startsWith("HTTP/1.1 200");
                assertThat(answer.contains("Strict-Transport-Security: max-age=86400\r\n")).as(told.getKey()).isEqualTo(told.getValue());
            }
        }
    }

    @Test
    void otherMachinesAreServedByHttpsOnlyAndOnlyWithAuthentication() {
        var everywhere = ServerConfig.local().withHost("0.0.0.0");
        assertThatThrownBy(() -> Listening.of(everywhere)).hasMessageEndingWith("--auth entra and --tls are missing");
        assertThatThrownBy(() -> Listening.of(everywhere.withAuth(ServerConfig.Auth.ENTRA))).hasMessageEndingWith("--tls is missing");
        var tls = new Tls(0, new Tls.Local(folder.resolve("tls")));
        assertThatThrownBy(() -> Listening.of(everywhere.withTls(tls))).hasMessageEndingWith("--auth entra is missing");

        Listening allowed = Listening.of(everywhere.withTls(tls).withAuth(ServerConfig.Auth.ENTRA));
        assertThat(allowed.address().isLoopbackAddress()).as("http stays here").isTrue();
        assertThat(allowed.secure().orElseThrow().address().isAnyLocalAddress()).isTrue();
    }

    @Test
    void aConnectionGoesOnAfterALongQuery() throws Exception {
        String query = "{\"db\":\"NetDefaultDB\",\"csl\":\"range x from 1 to 1000000000000 step 1 | summarize dcount(x)\","
                + "\"properties\":{\"Options\":{\"servertimeout\":\"00:00:02\"}}}";
        for (int i = 0; i < 2; i++) {
            var request = HttpRequest.newBuilder(at("localhost", "/v2/rest/query")).POST(BodyPublishers.ofString(query)).build();
            assertThat(trusting.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(504);
            assertThat(command("localhost", ".show version").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aClientThatGoesAwayEndsItsQuery() throws Exception {
        String query = "{\"db\":\"NetDefaultDB\",\"csl\":\"range x from 1 to 1000000000000 step 1 | summarize dcount(x)\"}";
        try (var client = trusting.sslContext().getSocketFactory().createSocket("127.0.0.1", server.secureUri().orElseThrow().getPort())) {
            client.getOutputStream().write(("POST /v2/rest/query HTTP/1.1\r\nHost: localhost:" + client.getPort()
                    + "\r\nx-ms-client-request-id: gone\r\nContent-Length: " + query.length() + "\r\n\r\n" + query).getBytes(StandardCharsets.US_ASCII));
            await(() -> isRunning("gone"));
        }
        await(() -> !isRunning("gone"));
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
}
