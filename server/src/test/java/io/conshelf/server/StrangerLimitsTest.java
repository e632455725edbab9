package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.KustoException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// One address leaves the others their turn.
class StrangerLimitsTest {
    private final AtomicLong nanos = new AtomicLong();
    private final List<Duration> again = new ArrayList<>();

    private void ask(StrangerLimits limits, String address) {
        limits.ask(address, again::add);
    }

    @Test
    void anAddressAsksSoOftenInAMinuteAndTheOthersTheirOwn() {
        var limits = new StrangerLimits(3, nanos::get);
        for (int turn = 0; turn < 3; turn++) {
            ask(limits, "192.0.2.1");
        }
        assertThatThrownBy(() -> ask(limits, "192.0.2.1")).isInstanceOfSatisfying(KustoException.class, e -> {
            assertThat(e.error().httpStatus()).isEqualTo(429);
            assertThat(e.error().message()).contains("192.0.2.1", "3 a minute");
        });
        assertThat(again).containsExactly(Duration.ofSeconds(20));
        ask(limits, "192.0.2.2");
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(20));
        ask(limits, "192.0.2.1");
    }

    @Test
    void whoForgesSignaturesOfStorageOrNamesOtherHostsIsToldToWait() throws Exception {
        try (Server server = Server.start(ServerConfig.local().withLimits(ServerLimits.DEFAULT.withRequestsPerMinuteOfAddress(2)))) {
            for (int turn = 0; turn < 2; turn++) {
                assertThat(answer(server, turn % 2 == 0 ? "/conshelfblob/c/b" : "/v1/rest/ping", turn % 2 == 0 ? "localhost" : "attacker.example")).startsWith("HTTP/1.1 403 ");
            }
            assertThat(answer(server, "/conshelfblob/c/b", "localhost")).startsWith("HTTP/1.1 503 ").containsIgnoringCase("\r\nRetry-After: ").contains("ServerBusy");
            assertThat(answer(server, "/v1/rest/ping", "attacker.example")).startsWith("HTTP/1.1 429 ");
            assertThat(answer(server, "/v1/rest/ping", "localhost")).startsWith("HTTP/1.1 200 ");
        }
    }

    private static String answer(Server server, String path, String host) throws IOException {
        try (var socket = new Socket("127.0.0.1", server.port())) {
            socket.getOutputStream().write(("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void oneAddressLeavesConnectionsToOthers() throws Exception {
        List<Socket> taken = new ArrayList<>();
        try (Server server = Server.start(ServerConfig.local().withLimits(ServerLimits.DEFAULT.withConnectionsMax(16)));
                HttpClient other = HttpClient.newBuilder().localAddress(InetAddress.getByName("127.0.0.9")).build()) {
            for (int turn = 0; turn < 16; turn++) {
                taken.add(new Socket("127.0.0.1", server.port()));
            }
            var live = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/health/live")).build();
            assertThat(other.send(live, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
            // Those beyond what it may have were closed as they came.
            assertThat(taken.subList(14, 16)).allSatisfy(socket -> assertThat(socket.getInputStream().read()).isEqualTo(-1));
            var metrics = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/metrics")).build();
            assertThat(other.send(metrics, BodyHandlers.ofString()).body()).contains("\nconshelf_connections_refused 2.0\n");
            taken.getFirst().close();
            Browser.until(() -> {
                try {
                    return answer(server, "/v1/rest/ping", "localhost");
                } catch (IOException e) {
                    return e.getMessage();
                }
            }, answer -> answer.startsWith("HTTP/1.1 200 "));
        } finally {
            for (Socket socket : taken) {
                socket.close();
            }
        }
    }

    @Test
    void theMachinesOfOneNetworkOfIpv6ShareTheirTurn() {
        var limits = new StrangerLimits(1, nanos::get);
        ask(limits, "2001:db8:0:1:0:0:0:1");
        assertThatThrownBy(() -> ask(limits, "2001:db8:0:1:a:b:c:d")).isInstanceOf(KustoException.class);
        ask(limits, "2001:db8:0:2:0:0:0:1");
        ask(limits, "0:0:0:0:0:0:0:1");
    }

    @Test
    void addressesBeyondThoseThatAreKeptShareTheirTurn() {
        var limits = new StrangerLimits(2, nanos::get);
        for (int address = 0; address < Allowances.KEPT; address++) {
            ask(limits, "a" + address);
        }
        ask(limits, "b1");
        ask(limits, "b2");
        assertThatThrownBy(() -> ask(limits, "b3")).isInstanceOf(KustoException.class);
        ask(limits, "a7");
        nanos.addAndGet(TimeUnit.MINUTES.toNanos(2));
        ask(limits, "b3");
        ask(limits, "b4");
        ask(limits, "b5");
    }
}
