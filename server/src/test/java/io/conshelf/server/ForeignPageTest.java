package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.conshelf.server.page.WebOrigin;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/// What pages can have a real browser do to a server that asks nobody who they are: those of another port of this machine, and those that are stored here.
class ForeignPageTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    // The browser may still tidy up.
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private static Path folder;
    private static Browser browser;
    private static HttpServer other;

    @BeforeAll
    static void start() throws Exception {
        browser = Browser.start(Files.createDirectories(folder.resolve("profile")));
        other = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        other.createContext("/", exchange -> {
            byte[] page = "<!doctype html><title>another</title><p>Another page</p>".getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        other.start();
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
        if (other != null) {
            other.stop(0);
        }
    }

    private static String page() {
        return "http://localhost:" + other.getAddress().getPort();
    }

    @Test
    void aPageOfAnotherPortChangesNothing() throws Exception {
        try (Server server = Server.start(ServerConfig.local())) {
            posts(server, ".create table FromAPage (a:long)");
            assertThat(tables(server)).doesNotContain("FromAPage");
        }
    }

    /// That the request is one that would work, were the page ours.
    @Test
    void aPageThatIsNamedMay() throws Exception {
        try (Server server = Server.start(ServerConfig.local().withOrigins(Set.of(WebOrigin.read(page()).orElseThrow())))) {
            posts(server, ".create table FromAPage (a:long)");
            assertThat(tables(server)).contains("FromAPage");
        }
    }

    @Test
    void anImageIsNotHad() throws Exception {
        try (Server server = Server.start(ServerConfig.local())) {
            open();
            browser.told("(window.image = new Image(), image.onload = image.onerror = () => window.had = 'ended', image.src = '"
                    + at(server) + "/v1/rest/query?db=NetDefaultDB&csl=print%201')");
            Browser.until(() -> browser.told("window.had"), "ended"::equals);
            // Counted when it has been answered.
            assertThat(Browser.until(() -> metrics(server), text -> text.contains("{route=\"v1_query\",status=\"403\"}"))).doesNotContain("{route=\"v1_query\",status=\"200\"}");
        }
    }

    @Test
    void theStartPageHasItsStyleAndIsShownInNoFrame() throws Exception {
        try (Server server = Server.start(ServerConfig.local())) {
            browser.open(at(server) + "/");
            browser.awaitText("This is a cluster");
            assertThat(browser.told("getComputedStyle(document.body).color")).isEqualTo("rgb(17, 34, 51)");
            open();
            browser.told("document.body.appendChild(Object.assign(document.createElement('iframe'), {src: '" + at(server) + "/'}))");
            assertThat(Browser.until(() -> browser.send("Page.getFrameTree", Map.of()).at("/frameTree/childFrames/0/frame"),
                    frame -> frame.path("url").asText().startsWith("http") || frame.has("unreachableUrl")).path("url").asText()).startsWith("chrome-error:");
        }
    }

    /// It is of the address of the server's own pages.
    @Test
    void aPageThatSomebodyHasStoredRunsNothing() throws Exception {
        try (Server server = Server.start(ServerConfig.local())) {
            String container = JSON.readTree(command(server, ".create tempstorage")).at("/Tables/0/Rows/0/0").asText().replace("127.0.0.1", "localhost");
            URI blob = URI.create(container.replace("?", "/page.html?"));
            sent(HttpRequest.newBuilder(blob).header("x-ms-blob-type", "BlockBlob").header("x-ms-blob-content-type", "text/html").PUT(BodyPublishers.ofString(
                    "<p>Stored</p><script>document.title = 'ran'; fetch('/v1/rest/mgmt', {method: 'POST', body: '{\"csl\":\".create table FromABlob (a:long)\"}'})</script><p>End</p>")));
            browser.open(blob.toString());
            browser.awaitText("End");
            assertThat(browser.told("document.title")).isEmpty();
            assertThat(browser.told("window.origin")).isEqualTo("null");
            assertThat(tables(server)).doesNotContain("FromABlob");
        }
    }

    private static void open() throws Exception {
        browser.open(page() + "/");
        browser.awaitText("Another page");
    }

    // A simple request, which needs nobody's leave: only its answer is kept from the page.
    private static void posts(Server server, String command) throws Exception {
        open();
        browser.told("(window.answered = '', fetch('" + at(server) + "/v1/rest/mgmt', {method: 'POST', mode: 'no-cors', body: '"
                + JSON.writeValueAsString(Map.of("db", "NetDefaultDB", "csl", command)) + "'}).finally(() => window.answered = 'ended'))");
        Browser.until(() -> browser.told("window.answered"), "ended"::equals);
    }

    private static String at(Server server) {
        return "http://localhost:" + server.port();
    }

    private static String tables(Server server) throws Exception {
        return command(server, ".show tables");
    }

    private static String command(Server server, String text) throws Exception {
        return sent(HttpRequest.newBuilder(URI.create(at(server) + "/v1/rest/mgmt")).POST(BodyPublishers.ofString(JSON.writeValueAsString(Map.of("db", "NetDefaultDB", "csl", text)))));
    }

    private static String metrics(Server server) throws Exception {
        return sent(HttpRequest.newBuilder(URI.create(at(server) + "/metrics")));
    }

    private static String sent(HttpRequest.Builder request) throws Exception {
        try (var client = HttpClient.newHttpClient()) {
            var answer = client.send(request.build(), BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isLessThan(300);
            return answer.body();
        }
    }
}
