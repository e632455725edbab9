package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.factory.ActivityRun;
import io.conshelf.factory.FactoryRunner;
import io.conshelf.factory.RunRecord;
import io.conshelf.factory.definition.Factory;
import io.conshelf.factory.definition.InvalidFactoryException;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Data Factory pipelines over the embedded cluster: `pipelines.spec`, each test a factory folder, a run, and what the run must show. The
/// cluster lives as long as the class, so every test has a database of its own: `$DB` in its files.
///
/// `test name` begins a test, `== path` a file of its folder (in front of the first test: of every folder), `run pipeline {parameters}` starts the
/// pipeline. `expect {…}` holds part of what the run must show: `status`, `message`, `returnValue`, `activities` by name, or `problems`.
/// `wrote path` is followed by the content a file must have.
class FactoryPipelineTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static Server server;

    @TempDir
    Path temporary;

    @BeforeAll
    static void start() {
        server = Server.start(ServerConfig.local());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private record Section(String head, String body) {}

    @TestFactory
    Stream<DynamicTest> specs() throws IOException {
        return tests("pipelines.spec");
    }

    private Stream<DynamicTest> tests(String file) {
        List<Section> shared = new ArrayList<>();
        Map<String, List<Section>> tests = new LinkedHashMap<>();
        List<Section> current = shared;
        for (Section section : sections(read(file))) {
            if (section.head().startsWith("test ")) {
                current = new ArrayList<>(shared);
                tests.put(section.head().substring(5), current);
            } else {
                current.add(section);
            }
        }
        return tests.entrySet().stream().map(test -> DynamicTest.dynamicTest(test.getKey(),
                () -> check(test.getKey(), Files.createTempDirectory(temporary, "factory"), test.getValue())));
    }

    private static String read(String file) {
        try (var stream = FactoryPipelineTest.class.getResourceAsStream(file)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static List<Section> sections(String text) {
        List<Section> sections = new ArrayList<>();
        String head = "";
        StringBuilder body = new StringBuilder();
        for (String line : text.split("\n", -1)) {
            if (line.matches("(test \\w+|== .+|run .+|expect|wrote .+)")) {
                if (!head.isEmpty()) {
                    sections.add(new Section(head, body.toString()));
                }
                head = line;
                body.setLength(0);
            } else {
                body.append(line).append('\n');
            }
        }
        sections.add(new Section(head, body.toString()));
        return sections;
    }

    private static void check(String test, Path folder, List<Section> sections) throws Exception {
        JsonNode shown = JsonNodeFactory.instance.missingNode();
        for (Section section : sections) {
            String[] head = section.head().split(" ", 3);
            switch (head[0]) {
                case "==" -> {
                    Path file = folder.resolve(section.head().substring(3));
                    Files.createDirectories(file.getParent());
                    Files.writeString(file, section.body().replace("$DB", test).stripTrailing() + (file.toString().endsWith(".json") ? "" : "\n"));
                }
                case "run" -> shown = run(folder, head[1], head.length > 2 ? JSON.readTree(head[2]) : JSON.createObjectNode());
                case "expect" -> assertPart(JSON.readTree(section.body()), shown, "run", shown);
                case "wrote" -> assertThat(Files.readString(folder.resolve(head[1])).replace("\r\n", "\n").stripTrailing())
                        .isEqualTo(section.body().stripTrailing());
                default -> throw new IllegalArgumentException(section.head());
            }
        }
    }

    private static JsonNode run(Path folder, String pipeline, JsonNode parameters) throws Exception {
        ObjectNode shown = JSON.createObjectNode();
        try {
            Endpoints endpoints = Endpoints.embedded(URI.create("http://127.0.0.1:" + server.port()), List.of());
            Map<String, JsonNode> values = new LinkedHashMap<>();
            parameters.properties().forEach(p -> values.put(p.getKey(), p.getValue()));
            RunRecord record = new FactoryRunner(Factory.load(folder), endpoints, _ -> {}).run(pipeline, values);
            shown.put("status", record.status().title()).put("message", record.message());
            shown.set("returnValue", record.returnValue());
            shown.set("parameters", record.parameters());
            ObjectNode activities = shown.putObject("activities");
            for (ActivityRun activity : record.activityRuns()) {
                int runs = activities.path(activity.activityName()).path("runs").asInt() + 1;
                activities.set(activity.activityName(), activity.toJson().put("runs", runs));
            }
        } catch (InvalidFactoryException invalid) {
            var problems = shown.putArray("problems");
            invalid.problems().forEach(problem -> problems.add(problem.toString()));
        }
        return shown;
    }

    /// Objects may show more than is expected; everything else must be equal.
    private static void assertPart(JsonNode expected, JsonNode shown, String path, JsonNode whole) {
        if (expected.isObject()) {
            assertThat(shown.isObject()).as("%s is an object in %s", path, whole).isTrue();
            expected.properties().forEach(p -> assertPart(p.getValue(), shown.path(p.getKey()), path + "." + p.getKey(), whole));
        } else if (expected.isNumber()) {
            assertThat(shown.decimalValue()).as("%s in %s", path, whole).isEqualByComparingTo(expected.decimalValue());
        } else {
            assertThat(shown.toString()).as("%s in %s", path, whole).isEqualTo(expected.toString());
        }
    }
}
