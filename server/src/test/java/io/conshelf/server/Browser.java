package io.conshelf.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.Assumptions;

/// A page in a real browser, Chromium, by the protocol of its developer tools.
final class Browser implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<Path> PLACES = List.of(Path.of("/usr/bin/chromium"), Path.of("/usr/bin/chromium-browser"), Path.of("/usr/bin/google-chrome"));
    private static final long WAIT_SECONDS = 60;
    private static final long PAUSE_NANOS = 5_000_000;

    private final Process process;
    private final Map<Integer, CompletableFuture<JsonNode>> asked = new ConcurrentHashMap<>();
    private final AtomicInteger ids = new AtomicInteger();
    private final HttpClient client = HttpClient.newHttpClient();
    private final WebSocket page;

    /// @param profile an empty folder of its own
    static Browser start(Path profile) throws Exception {
        Optional<Path> chromium = PLACES.stream().filter(Files::isExecutable).findFirst();
        // Where everything is to be run, what is missing is no excuse.
        Assumptions.assumeTrue(chromium.isPresent() || "true".equals(System.getenv("CI")), "not run: needs Chromium (Debian package chromium)");
        return new Browser(chromium.orElseThrow(() -> new IllegalStateException("needs Chromium (Debian package chromium)")), profile);
    }

    private Browser(Path chromium, Path profile) throws Exception {
        var command = new ProcessBuilder(chromium.toString(), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--disable-background-networking", "--remote-debugging-port=0", "--user-data-dir=" + profile, "about:blank")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(profile.resolve("chromium.log").toFile());
        // Its sockets and what else it makes go with the profile.
        command.environment().put("TMPDIR", profile.toString());
        process = command.start();
        try {
            page = page(profile.resolve("DevToolsActivePort"));
            send("Page.enable", Map.of());
        } catch (Exception | Error e) {
            end();
            throw e;
        }
    }

    /// @param told where the browser writes its port
    private WebSocket page(Path told) throws Exception {
        String port = until(() -> Files.exists(told) ? Files.readAllLines(told) : List.<String>of(), lines -> lines.size() > 1).getFirst();
        JsonNode target = until(() -> JSON.readTree(client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json/list")).build(),
                BodyHandlers.ofString()).body()), list -> list.path(0).path("type").asText().equals("page")).path(0);
        return client.newWebSocketBuilder().buildAsync(URI.create(target.path("webSocketDebuggerUrl").asText()), new Answers())
                .get(WAIT_SECONDS, TimeUnit.SECONDS);
    }

    private final class Answers implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean isLast) {
            text.append(data);
            if (isLast) {
                try {
                    JsonNode message = JSON.readTree(text.toString());
                    Optional.ofNullable(asked.remove(message.path("id").asInt())).ifPresent(answer -> answer.complete(message));
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
                text.setLength(0);
            }
            socket.request(1);
            return CompletableFuture.completedFuture(null);
        }
    }

    interface Look<T> {
        T look() throws Exception;
    }

    /// Looks again until what is seen is what is awaited.
    static <T> T until(Look<T> look, Predicate<T> isAwaited) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        T seen = look.look();
        while (!isAwaited.test(seen)) {
            if (System.nanoTime() > end) {
                throw new AssertionError("what was awaited did not come; last seen: " + seen);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
            seen = look.look();
        }
        return seen;
    }

    JsonNode send(String method, Map<String, Object> parameters) throws Exception {
        int id = ids.incrementAndGet();
        var answer = new CompletableFuture<JsonNode>();
        asked.put(id, answer);
        ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
        message.set("params", JSON.valueToTree(parameters));
        page.sendText(message.toString(), true).get(WAIT_SECONDS, TimeUnit.SECONDS);
        JsonNode got = answer.get(WAIT_SECONDS, TimeUnit.SECONDS);
        if (got.has("error")) {
            throw new IllegalStateException(method + ": " + got.path("error"));
        }
        return got.path("result");
    }

    void open(String address) throws Exception {
        send("Page.navigate", Map.of("url", address));
    }

    /// What an expression of the page is, as text; empty where the page is on its way.
    String told(String expression) throws Exception {
        return send("Runtime.evaluate", Map.of("expression", "String(" + expression + ")", "returnByValue", true)).at("/result/value").asText();
    }

    /// The text that a person sees.
    String awaitText(String part) throws Exception {
        return until(() -> told("document.body && document.body.innerText"), text -> text.contains(part));
    }

    void type(String selector, String text) throws Exception {
        until(() -> told("!!document.querySelector('" + selector + "')"), "true"::equals);
        told("(document.querySelector('" + selector + "').value = '', document.querySelector('" + selector + "').focus())");
        for (int at = 0; at < text.length(); at++) {
            send("Input.dispatchKeyEvent", Map.of("type", "char", "text", text.substring(at, at + 1)));
        }
    }

    void pressEnter() throws Exception {
        send("Input.dispatchKeyEvent", Map.of("type", "keyDown", "key", "Enter", "code", "Enter", "windowsVirtualKeyCode", 13, "text", "\r"));
        send("Input.dispatchKeyEvent", Map.of("type", "keyUp", "key", "Enter", "code", "Enter", "windowsVirtualKeyCode", 13));
    }

    @Override
    public void close() {
        page.abort();
        end();
    }

    private void end() {
        // It would wait for connections that the browser keeps.
        client.shutdownNow();
        process.destroy();
        process.onExit().orTimeout(WAIT_SECONDS, TimeUnit.SECONDS).join();
    }
}
