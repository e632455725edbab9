package io.conshelf.processor.stage;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.processor.dataset.ReferenceData;
import io.conshelf.processor.definition.Definitions;
import io.conshelf.processor.definition.StageDefinition;
import io.conshelf.processor.value.JsonText;
import io.conshelf.processor.value.Value;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Calls of a web service that tells what it was asked, and fails as often as it is told to.
class HttpCallTest {
    private static final List<String> ASKED = new CopyOnWriteArrayList<>();
    private static final AtomicInteger FAILING = new AtomicInteger();
    private static HttpServer server;

    @BeforeAll
    static void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", HttpCallTest::answer);
        server.start();
    }

    @AfterAll
    static void stop() {
        server.stop(0);
    }

    @BeforeEach
    void clear() {
        ASKED.clear();
        FAILING.set(0);
    }

    private static void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            ASKED.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + Optional.ofNullable(exchange.getRequestHeaders().getFirst("Content-Type")).orElse("-")
                    + " " + Optional.ofNullable(exchange.getRequestHeaders().getFirst("Asset")).orElse("-")
                    + " " + Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization")).orElse("-") + " " + body);
            int status = FAILING.getAndDecrement() > 0 ? 503 : switch (exchange.getRequestURI().getPath()) {
                case "/missing" -> 404;
                default -> 201;
            };
            byte[] said = (exchange.getRequestURI().getPath().equals("/broken") ? "{\"half\":" : "{\"score\": 0.5, \"of\": \"" + body.length() + "\"}").getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("X-Model", "seven");
            exchange.sendResponseHeaders(status, said.length);
            exchange.getResponseBody().write(said);
        }
    }

    private static String run(String settings, String message) throws Exception {
        StageDefinition definition = Definitions.read("sample.json", """
                {"enabled": true, "input": {"type": "input/mqtt@v1", "broker": "tcp://localhost:1883", "topics": ["a"], "next": ["one"]},
                 "stages": {"one": {"type": "processor/http@v1", "next": ["output"], %s},
                   "output": {"type": "output/file@v1", "rootDirectory": "files", "format": {"type": "json"}}}}"""
                .formatted(settings.replace("SERVER", "http://localhost:" + server.getAddress().getPort()))).pipelines().getFirst().stages().getFirst();
        Stages stages = new Stages(ReferenceData.inMemory(), Endpoints.replacedBy(URI.create("http://localhost")),
                name -> name.equals("THE_SECRET") ? Optional.of("s3cret") : Optional.empty());
        List<String> results = new ArrayList<>();
        try (Stage stage = stages.open(definition)) {
            stage.accept(new Message(JsonText.read(message), new Message.Partition(0, "0"), Instant.EPOCH), new Stage.Output() {
                @Override
                public void emit(Message out) {
                    results.add(JsonText.write(out.content()));
                }

                @Override
                public void fault(String code, String text) {
                    results.add(code);
                }
            });
        } catch (StageException failed) {
            results.add(failed.code() + ": " + failed.getMessage());
        }
        return String.join("\n", results);
    }

    @Test
    void anAnswerGoesWhereTheStageSays() throws Exception {
        String result = run("""
                "url": "SERVER/score?x=1", "request": {"body": {"type": "json", "path": ".payload.ask"},
                  "headers": [{"key": {"type": "static", "value": "asset"}, "value": {"type": "dynamic", "value": ".payload.asset"}}]},
                "response": {"body": {"type": "json", "path": ".payload.answer"}, "headers": ".payload.headers", "status": ".payload.status"}""",
                "{\"payload\": {\"ask\": [1, 2], \"asset\": 7}}");
        assertThat(ASKED).containsExactly("POST /score?x=1 application/json 7 - [1,2]");
        Value.Members payload = (Value.Members) ((Value.Members) JsonText.read(result)).member("payload");
        assertThat(JsonText.write(payload.member("answer"))).isEqualTo("{\"score\":0.5,\"of\":\"5\"}");
        assertThat(payload.member("status")).isEqualTo(Value.of(201L));
        assertThat(JsonText.write(payload.member("headers"))).containsIgnoringCase("\"x-model\":\"seven\"");
    }

    @Test
    void everythingButTheAddressMayBeMissing() throws Exception {
        assertThat(run("\"url\": \"SERVER/\", \"method\": \"GET\"", "{\"a\": 1}")).isEqualTo("{\"a\":1}");
        assertThat(ASKED).containsExactly("GET / - - - ");
    }

    @Test
    void itSignsInWithASecretThatIsNamed() throws Exception {
        run("\"url\": \"SERVER/\", \"authentication\": {\"type\": \"header\", \"key\": \"Authorization\", \"value\": \"THE_SECRET\"}", "{}");
        run("\"url\": \"SERVER/\", \"authentication\": {\"type\": \"usernamePassword\", \"username\": \"me\", \"password\": \"THE_SECRET\"}", "{}");
        assertThat(ASKED).containsExactly("POST / - - s3cret ", "POST / - - Basic bWU6czNjcmV0 ");
        assertThat(run("\"url\": \"SERVER/\", \"authentication\": {\"type\": \"header\", \"key\": \"authorization\", \"value\": \"OTHER\"}", "{}"))
                .isEqualTo("HttpCallFailed: There is no secret of the name that the stage's 'authentication' gives");
    }

    @Test
    void whatMayPassIsTriedAgain() throws Exception {
        FAILING.set(2);
        assertThat(run("\"url\": \"SERVER/\", \"retry\": {\"type\": \"fixed\", \"interval\": \"1ms\", \"maxRetries\": 2}", "{}")).isEqualTo("{}");
        assertThat(ASKED).hasSize(3);
        FAILING.set(9);
        assertThat(run("\"url\": \"SERVER/\", \"retry\": {\"type\": \"fixed\", \"interval\": \"1ms\", \"maxRetries\": 2}", "{}")).startsWith("HttpCallFailed: ").contains("503");
        assertThat(ASKED).hasSize(6);
        assertThat(run("\"url\": \"SERVER/\", \"retry\": {\"type\": \"none\"}", "{}")).startsWith("HttpCallFailed: ");
        assertThat(ASKED).hasSize(7);
    }

    @Test
    void whatCannotPassIsNot() throws Exception {
        assertThat(run("\"url\": \"SERVER/missing\", \"retry\": {\"type\": \"fixed\", \"interval\": \"1ms\", \"maxRetries\": 2}", "{}")).startsWith("HttpCallFailed: ").contains("404");
        assertThat(ASKED).hasSize(1);
    }

    @Test
    void whatCannotBeAskedOrReadCostsItsMessage() throws Exception {
        assertThat(run("\"url\": \"SERVER/broken\", \"response\": {\"body\": {\"type\": \"json\", \"path\": \".payload\"}}", "{}")).startsWith("InvalidAnswer: ");
        assertThat(run("\"url\": \"SERVER/\", \"request\": {\"body\": {\"type\": \"json\", \"path\": \".payload\"}}", "{}"))
                .isEqualTo("MissingValue: There is nothing at '.payload', where the body of the request is to be");
        assertThat(run("\"url\": \"SERVER/\", \"request\": {\"headers\": [{\"key\": \"a\", \"value\": {\"type\": \"dynamic\", \"value\": \".b\"}}]}", "{}")).startsWith("MissingValue: ");
        assertThat(run("\"url\": \"SERVER/\", \"request\": {\"headers\": [{\"key\": \"a\", \"value\": {\"type\": \"dynamic\", \"value\": \".b\"}}]}", "{\"b\": \"x\\r\\ny: z\"}"))
                .startsWith("HttpCallFailed: ");
        assertThat(ASKED).hasSize(1);
    }

    @Test
    void noOtherMachineIsReachedThatIsNotListed() throws Exception {
        assertThat(run("\"url\": \"https://elsewhere.example/\"", "{}")).startsWith("HttpCallFailed: 'elsewhere.example' is not on this machine");
    }
}
