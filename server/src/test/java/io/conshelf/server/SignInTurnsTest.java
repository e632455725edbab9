package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Places for those who sign in are for those who have said what they want.
@Timeout(60)
class SignInTurnsTest {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @Test
    void whoSendsSlowlyHoldsNoPlaceAndIsEnded() throws Exception {
        List<Socket> slow = new ArrayList<>();
        try (Server server = Server.start(ServerConfig.local().withAuth(ServerConfig.Auth.ENTRA))) {
            for (int client = 0; client < 2 * SignInTurns.AT_ONCE; client++) {
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
