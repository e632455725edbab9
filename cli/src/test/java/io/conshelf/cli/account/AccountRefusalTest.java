package io.conshelf.cli.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.conshelf.engine.KustoException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// An account that refuses one of several messages.
@Timeout(120)
class AccountRefusalTest {
    private static final String KEY = Base64.getEncoder().encodeToString("a key".getBytes(StandardCharsets.UTF_8));
    private static final String TAKEN = """
            <?xml version="1.0" encoding="utf-8"?><QueueMessagesList><QueueMessage><MessageId>1</MessageId><InsertionTime>Mon, 01 Jan 2024 00:00:00 GMT</InsertionTime>\
            <ExpirationTime>Mon, 08 Jan 2024 00:00:00 GMT</ExpirationTime><PopReceipt>r</PopReceipt><TimeNextVisible>Mon, 01 Jan 2024 00:00:00 GMT</TimeNextVisible>\
            </QueueMessage></QueueMessagesList>""";

    private final List<String> happened = new CopyOnWriteArrayList<>();

    @Test
    void whoAskedIsToldBeforeAMessageIsTakenBack() throws Exception {
        HttpServer account = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            account.setExecutor(threads);
            account.createContext("/", exchange -> {
                boolean isRefused = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8).contains("wrong");
                boolean isPut = exchange.getRequestMethod().equals("POST");
                happened.add(isRefused ? "refused" : isPut ? "put" : "taken back");
                byte[] answer = (isPut && !isRefused ? TAKEN : "").getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", "application/xml");
                exchange.sendResponseHeaders(isRefused ? 400 : isPut ? 201 : 204, answer.length == 0 ? -1 : answer.length);
                exchange.getResponseBody().write(answer);
                exchange.close();
            });
            account.start();
            String url = "http://127.0.0.1:" + account.getAddress().getPort() + "/account";
            var texts = IntStream.range(0, 40).mapToObj(i -> i == 20 ? "wrong" : "text " + i).toList();
            try (var storage = new AccountStorage(AccountConnection.parse("DefaultEndpointsProtocol=http;AccountName=account;AccountKey=" + KEY
                    + ";BlobEndpoint=" + url + ";QueueEndpoint=" + url))) {
                assertThatThrownBy(() -> storage.putAllFor("", "together", texts, failure -> happened.add("told"))).isInstanceOf(KustoException.class);
            }
        } finally {
            account.stop(0);
        }
        assertThat(happened).containsOnlyOnce("refused", "told");
        assertThat(happened.indexOf("told")).isBetween(happened.indexOf("refused"), happened.indexOf("taken back"));
        assertThat(happened.stream().filter("taken back"::equals).count()).as("messages taken back").isPositive()
                .isEqualTo(happened.stream().filter("put"::equals).count());
    }
}
