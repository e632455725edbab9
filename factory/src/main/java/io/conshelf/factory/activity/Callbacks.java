package io.conshelf.factory.activity;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Where web services report that they have done what a WebHook asked of them.
///
/// A server that has a route of its own makes one at its address, and hands over what comes in with [#receive]. On the command line there is
/// none: then a small one listens on the loopback address while a run waits.
public final class Callbacks implements AutoCloseable {
    /// Bodies beyond this are refused.
    public static final int BODY_BYTES_MAX = 4 << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
    private final Optional<URI> base;
    private HttpServer listener;

    private Callbacks(Optional<URI> base) {
        this.base = base;
    }

    /// @param base the address of a route; what follows it in a request is the token for [#receive]
    public static Callbacks at(URI base) {
        return new Callbacks(Optional.of(base));
    }

    /// Listens by itself, from the first WebHook on.
    public static Callbacks onLoopback() {
        return new Callbacks(Optional.empty());
    }

    /// One awaited call.
    public final class Callback implements AutoCloseable {
        private final String token;
        private final URI uri;
        private final CompletableFuture<JsonNode> body;

        private Callback(String token, URI uri, CompletableFuture<JsonNode> body) {
            this.token = token;
            this.uri = uri;
            this.body = body;
        }

        public URI uri() {
            return uri;
        }

        /// What was sent; empty when nothing was in time.
        public Optional<JsonNode> await(Duration timeout) throws InterruptedException {
            try {
                return Optional.of(body.get(timeout.toMillis(), TimeUnit.MILLISECONDS));
            } catch (TimeoutException late) {
                return Optional.empty();
            } catch (ExecutionException impossible) {
                throw new AssertionError("a callback is completed with a value", impossible);
            }
        }

        @Override
        public void close() {
            synchronized (Callbacks.this) {
                waiting.remove(token);
                if (waiting.isEmpty()) {
                    Callbacks.this.close();
                }
            }
        }
    }

    public synchronized Callback open() {
        String token = UUID.randomUUID().toString();
        CompletableFuture<JsonNode> body = new CompletableFuture<>();
        waiting.put(token, body);
        return new Callback(token, URI.create(address() + token), body);
    }

    /// Takes a call.
    ///
    /// @param body JSON, or text that is taken as it is
    /// @return false when nobody waits for it, or somebody has called already
    public boolean receive(String token, String body) {
        CompletableFuture<JsonNode> waits = waiting.get(token);
        return waits != null && waits.complete(read(body));
    }

    /// Whether somebody waits for this call.
    public boolean isAwaited(String token) {
        CompletableFuture<JsonNode> waits = waiting.get(token);
        return waits != null && !waits.isDone();
    }

    private static JsonNode read(String body) {
        if (body.isBlank()) {
            return JsonNodeFactory.instance.objectNode();
        }
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException notJson) {
            return TextNode.valueOf(body);
        }
    }

    private String address() {
        if (base.isPresent()) {
            return base.get().toString().replaceFirst("/*$", "/");
        }
        if (listener == null) {
            try {
                listener = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
                listener.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
                listener.createContext("/callbacks/", this::serve);
                listener.start();
            } catch (IOException failure) {
                throw new UncheckedIOException("no port of the loopback address is free for callbacks", failure);
            }
        }
        return "http://127.0.0.1:" + listener.getAddress().getPort() + "/callbacks/";
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            String token = exchange.getRequestURI().getPath().substring("/callbacks/".length());
            byte[] body = exchange.getRequestBody().readNBytes(BODY_BYTES_MAX + 1);
            boolean isTaken = exchange.getRequestMethod().equals("POST") && body.length <= BODY_BYTES_MAX
                    && receive(token, new String(body, StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(isTaken ? 200 : 404, -1);
        }
    }

    @Override
    public synchronized void close() {
        if (listener != null) {
            // Who has just called gets an answer.
            listener.stop(1);
            listener = null;
        }
    }
}
