package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Whose pace counts when.
@Timeout(600)
class PacedRequestsTest {
    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String answer(Socket socket) throws IOException {
        var answer = new StringBuilder();
        while (!answer.toString().endsWith("answered")) {
            int next = socket.getInputStream().read();
            assertThat(next).as(answer.toString()).isNotNegative();
            answer.append((char) next);
        }
        return answer.toString();
    }

    @Test
    void aBodyThatNobodyReadsIsNotTakenForTheBeginningOfTheNextRequest() throws Exception {
        try (var clients = new Clients(new Connections(100))) {
            WebServer web = WebServer.builder().shutdownHook(false).address(InetAddress.getLoopbackAddress()).port(0).protocolsDiscoverServices(false)
                    .addConnectionSelector(new LooseRequestLines(Http1Config.create(), clients))
                    .routing(HttpRouting.builder().addFilter(new PacedRequests(clients)).any((_, response) -> response.send("answered")))
                    .build().start();
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), web.port())) {
                send(socket, "POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\n");
                assertThat(answer(socket)).startsWith("HTTP/1.1 200 ");
                Browser.until(() -> tooSlowInAnHour(clients), count -> count == 1);
                send(socket, "rest");
                Browser.until(() -> tooSlowInAnHour(clients), count -> count == 0);
                send(socket, "GET /b HTTP/1.1\r\nHost: localhost\r\n\r\n");
                assertThat(answer(socket)).startsWith("HTTP/1.1 200 ");
                Browser.until(() -> tooSlowInAnHour(clients), count -> count == 0);
            } finally {
                web.stop();
            }
        }
    }

    private static long tooSlowInAnHour(Clients clients) {
        return clients.tooSlow(System.nanoTime() + Duration.ofHours(1).toNanos());
    }
}
