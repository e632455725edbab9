package io.conshelf.factory.activity;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.factory.FactoryRunner;
import io.conshelf.factory.FactorySpecs;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Web activities against a web server: `web.spec`. `$WEB` in its files is the server.
class WebActivityTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static HttpServer web;
    private static final AtomicInteger POLLS = new AtomicInteger();

    @TempDir
    Path temporary;

    @BeforeAll
    static void start() throws IOException {
        web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        web.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        web.createContext("/echo", WebActivityTest::echo);
        web.createContext("/text", exchange -> answer(exchange, 200, "plain text"));
        web.createContext("/list", exchange -> answer(exchange, 200, "[1,2]"));
        web.createContext("/missing", exchange -> answer(exchange, 404, "{\"why\":\"gone\"}"));
        web.createContext("/large", exchange -> answer(exchange, 200, "{\"a\":\"" + "x".repeat(5 << 20) + "\"}"));
        web.createContext("/elsewhere", exchange -> {
            exchange.getResponseHeaders().add("Location", "http://example.invalid/");
            answer(exchange, 302, "");
        });
        web.createContext("/moved", exchange -> {
            exchange.getResponseHeaders().add("Location", "/text");
            answer(exchange, 301, "");
        });
        web.createContext("/long", exchange -> {
            exchange.getResponseHeaders().add("Location", "/long/state");
            exchange.getResponseHeaders().add("Retry-After", "1");
            boolean isDone = exchange.getRequestURI().getPath().endsWith("state") && POLLS.incrementAndGet() % 3 == 0;
            answer(exchange, isDone ? 200 : 202, isDone ? "{\"state\":\"done\"}" : "{\"state\":\"running\"}");
        });
        web.createContext("/hook", WebActivityTest::callBack);
        web.start();
    }

    @AfterAll
    static void stop() {
        web.stop(0);
    }

    private static void echo(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        var shown = JSON.createObjectNode().put("method", exchange.getRequestMethod()).put("body", body)
                .put("authorization", String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")))
                .put("custom", String.valueOf(exchange.getRequestHeaders().getFirst("X-Custom")));
        exchange.getResponseHeaders().add("X-Reply", "yes");
        answer(exchange, 200, shown.toString());
    }

    /// Does what the request's `report` says, at the address it was given.
    private static void callBack(HttpExchange exchange) throws IOException {
        JsonNode request = JSON.readTree(exchange.getRequestBody());
        answer(exchange, 200, "{}");
        if (request.has("report")) {
            HttpRequest call = HttpRequest.newBuilder(URI.create(request.get("callBackUri").asText()))
                    .POST(HttpRequest.BodyPublishers.ofString(request.get("report").toString())).build();
            try (HttpClient client = HttpClient.newHttpClient()) {
                client.send(call, HttpResponse.BodyHandlers.discarding());
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        try (exchange) {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    @TestFactory
    Stream<DynamicTest> specs() {
        Endpoints nowhere = Endpoints.embedded(URI.create("http://127.0.0.1:9"), List.of());
        return new FactorySpecs(temporary, factory -> new FactoryRunner(factory, nowhere, _ -> {}).on(Clock.systemUTC(), _ -> {}))
                .with("$WEB", "http://127.0.0.1:" + web.getAddress().getPort()).tests(WebActivityTest.class, "web.spec");
    }

    @Test
    void aRouteOfAServerHandsOverWhatComesIn() throws InterruptedException {
        try (Callbacks callbacks = Callbacks.at(URI.create("http://127.0.0.1:8080/callbacks")); Callbacks.Callback callback = callbacks.open()) {
            String token = callback.uri().toString().replace("http://127.0.0.1:8080/callbacks/", "");
            assertThat(callbacks.receive("other", "{}")).isFalse();
            assertThat(callbacks.receive(token, "{\"a\":1}")).isTrue();
            assertThat(callbacks.receive(token, "{\"a\":2}")).isFalse();
            assertThat(callback.await(Duration.ofMinutes(1)).orElseThrow().path("a").asInt()).isEqualTo(1);
        }
    }
}
