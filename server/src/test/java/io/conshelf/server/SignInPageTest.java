package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/// People who sign in with a real browser.
class SignInPageTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final String PASSWORD = "correct horse battery";
    private static final String VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    private static final String CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    // The browser may still tidy up.
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private static Path folder;
    private static Server server;
    private static Browser browser;
    private static HttpServer program;
    private static final BlockingQueue<String> HANDED_OVER = new LinkedBlockingQueue<>();

    @BeforeAll
    static void start() throws Exception {
        browser = Browser.start(Files.createDirectories(folder.resolve("profile")));
        server = Server.start(ServerConfig.local().withData(folder.resolve("data")).withAuth(ServerConfig.Auth.ENTRA));
        Map<String, String> administrator = new HashMap<>();
        Files.readAllLines(folder.resolve("data/administrator.env")).stream().filter(line -> !line.startsWith("#"))
                .forEach(line -> administrator.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1)));
        String token = tokens("grant_type=client_credentials&client_id=" + administrator.get("AZURE_CLIENT_ID") + "&client_secret="
                + administrator.get("AZURE_CLIENT_SECRET") + "&scope=https://kusto.kusto.windows.net/.default").path("access_token").asText();
        CLIENT.send(HttpRequest.newBuilder(URI.create(origin() + "/v1/rest/users")).header("Authorization", "Bearer " + token)
                .POST(BodyPublishers.ofString("{\"name\":\"anna@contoso.com\",\"password\":\"" + PASSWORD + "\"}")).build(), BodyHandlers.ofString());
        program = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        program.createContext("/", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            String query = String.valueOf(exchange.getRequestURI().getRawQuery());
            if (exchange.getRequestURI().getPath().equals("/back")) {
                HANDED_OVER.add(body.isEmpty() ? query : body);
            }
            byte[] page = (switch (exchange.getRequestURI().getPath()) {
                case "/framing" -> "<title>framing</title><iframe src='" + URLDecoder.decode(query, StandardCharsets.UTF_8) + "'></iframe>";
                default -> "<p>You can close this page now.</p>";
            }).getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, page.length);
            try (var out = exchange.getResponseBody()) {
                out.write(page);
            }
        });
        program.start();
    }

    @AfterAll
    static void stop() throws Exception {
        if (browser != null) {
            browser.close();
        }
        if (program != null) {
            program.stop(0);
            server.close();
        }
    }

    private static String origin() {
        return "http://localhost:" + server.port();
    }

    private static String programs() {
        return "http://localhost:" + program.getAddress().getPort();
    }

    private static JsonNode tokens(String form) throws Exception {
        return JSON.readTree(CLIENT.send(HttpRequest.newBuilder(URI.create(origin() + "/adfs/oauth2/v2.0/token"))
                .POST(BodyPublishers.ofString(form)).build(), BodyHandlers.ofString()).body());
    }

    private static String question(String more) {
        return origin() + "/common/oauth2/v2.0/authorize?response_type=code&client_id=program&redirect_uri=" + encoded(programs() + "/back")
                + "&scope=" + encoded("https://kusto.kusto.windows.net/.default offline_access") + "&state=a%20state&code_challenge_method=S256&code_challenge=" + CHALLENGE + more;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static Map<String, String> handedOver() throws InterruptedException {
        String pairs = HANDED_OVER.poll(60, TimeUnit.SECONDS);
        assertThat(pairs).as("what the program is handed").isNotNull();
        Map<String, String> fields = new HashMap<>();
        for (String pair : pairs.split("&")) {
            fields.put(pair.substring(0, pair.indexOf('=')), URLDecoder.decode(pair.substring(pair.indexOf('=') + 1), StandardCharsets.UTF_8));
        }
        return fields;
    }

    private static void signIn(String password) throws Exception {
        browser.type("#username", "anna@contoso.com");
        browser.type("#password", password);
        browser.pressEnter();
    }

    private static void opens(String code) throws Exception {
        JsonNode tokens = tokens("grant_type=authorization_code&client_id=program&code=" + encoded(code) + "&redirect_uri=" + encoded(programs() + "/back")
                + "&code_verifier=" + VERIFIER);
        var answer = CLIENT.send(HttpRequest.newBuilder(URI.create(origin() + "/v1/rest/mgmt")).header("Authorization", "Bearer " + tokens.path("access_token").asText())
                .POST(BodyPublishers.ofString("{\"db\":\"NetDefaultDB\",\"csl\":\".show principal roles\"}")).build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(tokens + " " + answer.body()).isEqualTo(200);
    }

    @Test
    void whoTypesTheRightPasswordAfterAWrongOneIsSentBackToTheProgramWithACode() throws Exception {
        browser.open(question(""));
        assertThat(browser.awaitText("Sign in")).contains("program");
        signIn("not the password");
        browser.awaitText("The name or the password is not right.");
        assertThat(browser.told("document.querySelector('#password').value")).isEmpty();
        assertThat(HANDED_OVER).isEmpty();
        signIn(PASSWORD);
        Map<String, String> handed = handedOver();
        assertThat(handed).containsEntry("state", "a state");
        browser.awaitText("You can close this page now.");
        opens(handed.get("code"));
    }

    @Test
    void aProgramThatWantsItGetsTheCodeAsAForm() throws Exception {
        browser.open(question("&response_mode=form_post"));
        signIn(PASSWORD);
        Map<String, String> handed = handedOver();
        assertThat(handed).containsEntry("state", "a state");
        browser.awaitText("You can close this page now.");
        assertThat(browser.told("location.href")).isEqualTo(programs() + "/back");
        opens(handed.get("code"));
    }

    @Test
    void thePageIsShownInNoFrame() throws Exception {
        browser.open(programs() + "/framing?" + encoded(programs() + "/shown"));
        assertThat(framed()).isEqualTo(programs() + "/shown");
        for (String page : new String[] {question(""), origin() + "/device"}) {
            browser.open("about:blank");
            browser.open(programs() + "/framing?" + encoded(page.replace("'", "%27")));
            assertThat(framed()).as(page).startsWith("chrome-error:");
        }
    }

    /// Where the frame of a page has got to.
    private static String framed() throws Exception {
        return Browser.until(() -> browser.send("Page.getFrameTree", Map.of()).at("/frameTree/childFrames/0/frame"),
                frame -> frame.path("url").asText().startsWith("http") || frame.has("unreachableUrl")).path("url").asText();
    }
}
