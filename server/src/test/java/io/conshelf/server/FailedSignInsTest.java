package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Who guesses secrets is looked at so often and no more, and takes nobody's place who belongs.
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class FailedSignInsTest {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final int SLOW_CLIENTS = 64;
    private static final int GUESSES = FailedSignIns.PER_MINUTE_OF_ADDRESS + 10;

    @TempDir
    private Path folder;

    private final AtomicLong nanos = new AtomicLong();

    @Test
    void anAddressFailsSoOftenInAMinuteAndLeavesTheAccountToOthers() {
        var failed = new FailedSignIns(nanos::get);
        for (int turn = 0; turn < FailedSignIns.PER_MINUTE_OF_ADDRESS; turn++) {
            assertThat(failed.ask("anna", "192.0.2.1")).isEmpty();
        }
        assertThat(failed.ask("anna", "192.0.2.1")).contains(Duration.ofSeconds(3));
        assertThat(failed.ask("bert", "192.0.2.1")).isPresent();
        assertThat(failed.ask("anna", "192.0.2.2")).isEmpty();
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(3));
        assertThat(failed.ask("anna", "192.0.2.1")).isEmpty();
        assertThat(failed.ask("anna", "192.0.2.1")).isPresent();
        failed.forget("anna", "192.0.2.1");
        assertThat(failed.ask("anna", "192.0.2.1")).as("what was right does not count").isEmpty();
    }

    @Test
    void anAccountIsGuessedAtSoOftenInAMinuteFromWhereverItIs() {
        var failed = new FailedSignIns(nanos::get);
        for (int turn = 0; turn < FailedSignIns.PER_MINUTE_OF_ACCOUNT; turn++) {
            assertThat(failed.ask("anna", "192.0.2." + turn)).isEmpty();
        }
        assertThat(failed.ask("anna", "198.51.100.1")).isPresent();
        assertThat(failed.ask("bert", "198.51.100.1")).isEmpty();
    }

    private static HttpRequest token(Server server, Map<String, String> who, String secret) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/" + who.get("AZURE_TENANT_ID") + "/oauth2/v2.0/token"))
                .POST(BodyPublishers.ofString("grant_type=client_credentials&client_id=" + who.get("AZURE_CLIENT_ID") + "&client_secret=" + secret
                        + "&scope=https://kusto.kusto.windows.net/.default")).build();
    }

    @Test
    void whoGuessesIsToldToWaitAndWhoSignedInBeforeSignsInAllTheSame() throws Exception {
        try (Server server = Server.start(ServerConfig.local().withData(folder).withAuth(ServerConfig.Auth.ENTRA));
                HttpClient guesser = HttpClient.newBuilder().localAddress(InetAddress.getByName("127.0.0.5")).build()) {
            Map<String, String> who = new HashMap<>();
            Files.readAllLines(folder.resolve("administrator.env")).stream().filter(line -> !line.startsWith("#"))
                    .forEach(line -> who.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1)));
            HttpRequest right = token(server, who, who.get("AZURE_CLIENT_SECRET"));
            assertThat(CLIENT.send(right, BodyHandlers.ofString()).statusCode()).isEqualTo(200);

            List<CompletableFuture<HttpResponse<String>>> guesses = new ArrayList<>();
            for (int guess = 0; guess < GUESSES; guess++) {
                guesses.add(guesser.sendAsync(token(server, who, "wrong" + guess), BodyHandlers.ofString()));
            }
            assertThat(guesser.send(right, BodyHandlers.ofString()).statusCode()).as("from the same address, at the same time").isEqualTo(200);
            List<HttpResponse<String>> guessed = guesses.stream().map(CompletableFuture::join).toList();
            assertThat(guessed).allMatch(answer -> answer.statusCode() == 401 || answer.statusCode() == 429).anySatisfy(answer -> {
                assertThat(answer.statusCode()).isEqualTo(429);
                assertThat(answer.headers().firstValue("Retry-After")).isPresent();
                assertThat(answer.body()).contains("temporarily_unavailable", "AADSTS90055");
            });
            assertThat(CLIENT.send(token(server, who, "wrong"), BodyHandlers.ofString()).statusCode()).as("from another address").isEqualTo(401);
        }
    }

    @Test
    void whoSendsSlowlyHoldsNoPlaceAndIsEnded() throws Exception {
        List<Socket> slow = new ArrayList<>();
        try (Server server = Server.start(ServerConfig.local().withAuth(ServerConfig.Auth.ENTRA))) {
            for (int client = 0; client < SLOW_CLIENTS; client++) {
                var socket = new Socket("127.0.0.1", server.port());
                slow.add(socket);
                socket.getOutputStream().write(("POST /adfs/oauth2/v2.0/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\ngrant_type=")
                        .getBytes(StandardCharsets.US_ASCII));
            }
            HttpResponse<String> answer = CLIENT.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/adfs/oauth2/v2.0/token"))
                    .POST(BodyPublishers.ofString("grant_type=none")).build(), BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
            for (Socket socket : slow) {
                String ended = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
                assertThat(ended).startsWith("HTTP/1.1 408 ").endsWith("\"@permanent\":false}}");
            }
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }
}
