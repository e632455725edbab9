package io.conshelf.engine.external;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.conshelf.engine.Engine;
import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Principal;
import io.conshelf.engine.Request;
import io.conshelf.engine.spec.ResultText;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `.ingest into` from a web server of this machine.
class WebFilesTest {
    @TempDir
    private Path folder;

    private Engine engine;
    private HttpServer web;
    private String base;

    @BeforeEach
    void open() throws IOException {
        engine = Engine.open(EngineConfig.inMemory(folder));
        web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        web.createContext("/", exchange -> {
            var path = exchange.getRequestURI().toString();
            var body = "1,x\n2,y\n".getBytes(StandardCharsets.UTF_8);
            int status = switch (path) {
                case "/data/rows.csv", "/data/rows.csv?key=v" -> 200;
                case "/moved.csv" -> 302;
                case "/secret.csv" -> 403;
                case "/busy.csv" -> 503;
                default -> 404;
            };
            exchange.getResponseHeaders().add("Location", base + "/data/rows.csv");
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        web.start();
        base = "http://127.0.0.1:" + web.getAddress().getPort();
        run(".create table T (a:long, b:string)");
    }

    @AfterEach
    void close() {
        web.stop(0);
        engine.close();
    }

    private List<String> run(String text) {
        var request = new Request(Principal.LOCAL_ADMINISTRATOR, "NetDefaultDB", "web", UUID.randomUUID(), Map.of(), Map.of(), "test",
                "test", Instant.parse("2026-03-01T10:00:00Z"), Duration.ofMinutes(1), false);
        try (var answer = text.startsWith(".") ? engine.command(request, text) : engine.query(request, text)) {
            return ResultText.of(answer);
        }
    }

    private void refused(String code, String uri) {
        assertThatThrownBy(() -> run(".ingest into table T ('" + uri + "')"))
                .isInstanceOfSatisfying(KustoException.class, e -> assertThat(e.error().code()).isEqualTo(code));
    }

    @Test
    void aServerThatRefusesConnectionsIsToldAsTheReason() {
        web.stop(0);
        assertThatThrownBy(() -> run(".ingest into table T ('" + base + "/data/rows.csv')"))
                .hasMessageContaining("cannot be read: ")
                .hasMessageNotContaining("null");
    }

    @Test
    void aFileOfThisMachinesWebServerIsIngested() throws IOException {
        run(".ingest into table T ('" + base + "/data/rows.csv', '" + base + "/data/rows.csv?key=v')");
        assertThat(run("T | count")).containsExactly("Count:long", "4");
        try (var left = Files.list(folder)) {
            assertThat(left.filter(f -> f.getFileName().toString().startsWith("web-"))).isEmpty();
        }
    }

    @Test
    void whatTheServerSaysDecidesTheError() {
        refused("Download_SourceNotFound", base + "/none.csv");
        refused("Download_Forbidden", base + "/secret.csv");
        refused("Download_UnknownError", base + "/busy.csv");
        refused("Download_NotTransient", base + "/moved.csv");
    }

    @Test
    void otherMachinesAreNotReached() {
        refused("BadRequest_InvalidBlobUri", "https://example.com/data/rows.csv");
        refused("BadRequest_InvalidBlobUri", "http://127.0.0.1.example.com/data/rows.csv");
        refused("BadRequest_InvalidBlobUri", "http://169.254.169.254/metadata");
    }

    @Test
    void theCalloutPolicyForbids() {
        run(".alter cluster policy callout @'[{\"CalloutType\":\"external_data\",\"CalloutUriRegex\":\"127\\\\.0\",\"CanCall\":false}]'");
        refused("Download_Forbidden", base + "/data/rows.csv");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/silent.csv", "/dripping.csv"})
    void aServerThatNeverEndsIsLeftWithTheRequest(String path) throws IOException {
        var slow = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        var over = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            slow.setExecutor(threads);
            slow.createContext("/", exchange -> {
                exchange.sendResponseHeaders(200, 0);
                try (exchange; var body = exchange.getResponseBody()) {
                    body.write('1');
                    body.flush();
                    while (!over.await(50, TimeUnit.MILLISECONDS)) {
                        if (path.equals("/dripping.csv")) {
                            body.write('1');
                            body.flush();
                        }
                    }
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            });
            slow.start();
            var request = new Request(Principal.LOCAL_ADMINISTRATOR, "NetDefaultDB", "web", UUID.randomUUID(), Map.of(), Map.of(), "test",
                    "test", Instant.parse("2026-03-01T10:00:00Z"), Duration.ofSeconds(1), false);
            String uri = "http://127.0.0.1:" + slow.getAddress().getPort() + path;
            try {
                assertThatThrownBy(() -> engine.command(request, ".ingest into table T ('" + uri + "')").close()).isInstanceOf(KustoException.class);
                awaitNoTransfer();
            } finally {
                over.countDown();
            }
        } finally {
            slow.stop(0);
        }
    }

    /// The request may be answered before its work has noticed.
    private void awaitNoTransfer() throws IOException {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (System.nanoTime() < deadline) {
            try (var left = Files.list(folder)) {
                if (left.noneMatch(f -> f.getFileName().toString().startsWith("web-"))) {
                    return;
                }
            }
            Thread.onSpinWait();
        }
        throw new AssertionError("the transfer goes on");
    }
}
