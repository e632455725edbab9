package io.conshelf.engine.external;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// A web server of this machine with some files, which keeps what it was asked for.
final class LocalWeb implements AutoCloseable {
    private final Map<String, byte[]> files = new ConcurrentHashMap<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer server;

    LocalWeb() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    String uri(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    void file(String path, String content) {
        file(path, content.getBytes(StandardCharsets.UTF_8));
    }

    void file(String path, byte[] content) {
        files.put(path, content);
    }

    /// The paths with their queries, in the order they were asked for.
    List<String> asked() {
        return List.copyOf(asked);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            asked.add(exchange.getRequestURI().toString());
            String path = exchange.getRequestURI().getPath();
            if (path.equals("/silent.csv")) {
                over.await();
            } else if (path.equals("/moved.csv")) {
                exchange.getResponseHeaders().add("Location", uri("/a.csv"));
                exchange.sendResponseHeaders(302, -1);
            } else if (files.containsKey(path)) {
                exchange.sendResponseHeaders(200, files.get(path).length);
                exchange.getResponseBody().write(files.get(path));
            } else {
                exchange.sendResponseHeaders(404, -1);
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Override
    public void close() {
        over.countDown();
        server.stop(0);
        threads.close();
    }
}
