package io.conshelf.factory;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.Reading;
import io.conshelf.factory.definition.Factory;
import io.conshelf.factory.definition.InvalidFactoryException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/// Reads `*.spec` files beside a test class: each test is a factory folder, a run, and what the run must show.
///
/// `test name` begins a test, `== path` a file of its folder (in front of the first test: of every folder), `$DB` is the test's name,
/// `run pipeline {parameters}` starts the pipeline, `validate` (or `validate lenient`) checks the whole folder. `expect {…}` holds part of what
/// must show: of a run `status`, `message`, `returnValue`,
/// `activities` by name, or `problems`. `wrote path` is followed by the content a file must have,
/// `logged pattern` by a line of the one file of such a path.
public final class FactorySpecs {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path temporary;
    private final Runner runner;
    private final Map<String, String> meanings = new LinkedHashMap<>();

    /// What runs the pipelines of a folder.
    @FunctionalInterface
    public interface Runner {
        FactoryRunner over(Factory factory);
    }

    private record Section(String head, String body) {}

    /// @param temporary where the folders of the tests are made
    public FactorySpecs(Path temporary, Runner runner) {
        this.temporary = temporary;
        this.runner = runner;
    }

    /// The same, with a text in the files and expectations that stands for another.
    public FactorySpecs with(String text, String meaning) {
        meanings.put(text, meaning);
        return this;
    }

    public Stream<DynamicTest> tests(Class<?> beside, String file) {
        List<Section> shared = new ArrayList<>();
        Map<String, List<Section>> tests = new LinkedHashMap<>();
        List<Section> current = shared;
        for (Section section : sections(meant(read(beside, file)))) {
            if (section.head().startsWith("test ")) {
                current = new ArrayList<>(shared);
                tests.put(section.head().substring(5), current);
            } else {
                current.add(section);
            }
        }
        return tests.entrySet().stream().map(test -> DynamicTest.dynamicTest(file.replace(".spec", "") + ": " + test.getKey(),
                () -> check(test.getKey(), Files.createTempDirectory(temporary, "factory"), test.getValue())));
    }

    private String meant(String text) {
        String meant = text;
        for (Map.Entry<String, String> meaning : meanings.entrySet()) {
            meant = meant.replace(meaning.getKey(), meaning.getValue());
        }
        return meant;
    }

    private static String read(Class<?> beside, String file) {
        try (var stream = beside.getResourceAsStream(file)) {
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
            if (line.matches("(test \\w+|== .+|run .+|validate.*|expect|wrote .+|logged .+)")) {
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

    private void check(String test, Path folder, List<Section> sections) throws Exception {
        JsonNode shown = JsonNodeFactory.instance.missingNode();
        for (Section section : sections) {
            String[] head = section.head().split(" ", 3);
            switch (head[0]) {
                case "==" -> {
                    Path file = folder.resolve(section.head().substring(3));
                    Files.createDirectories(file.getParent());
                    Files.writeString(file, section.body().replace("$DB", test).stripTrailing() + (file.toString().endsWith(".json") ? "" : "\n"));
                }
                case "validate" -> shown = validate(folder, Reading.valueOf(head.length > 1 ? head[1].toUpperCase(Locale.ROOT) : "STRICT"));
                case "run" -> shown = run(folder, head[1], head.length > 2 ? JSON.readTree(head[2]) : JSON.createObjectNode());
                case "expect" -> assertPart(JSON.readTree(section.body().replace("$DB", test)), shown, "run", shown);
                case "wrote" -> assertThat(Files.readString(folder.resolve(head[1])).replace("\r\n", "\n").stripTrailing())
                        .isEqualTo(section.body().stripTrailing());
                case "logged" -> assertThat(matching(folder, head[1])).contains(section.body().strip());
                default -> throw new IllegalArgumentException(section.head());
            }
        }
    }

    private static String matching(Path folder, String pattern) throws IOException {
        var matcher = folder.getFileSystem().getPathMatcher("glob:" + folder + "/" + pattern);
        try (Stream<Path> files = Files.walk(folder)) {
            List<Path> found = files.filter(matcher::matches).toList();
            assertThat(found).as(pattern).hasSize(1);
            return Files.readString(found.getFirst());
        }
    }

    private static JsonNode validate(Path folder, Reading reading) throws InvalidFactoryException {
        Validation validation = Validation.of(Factory.load(folder, reading));
        ObjectNode shown = JSON.createObjectNode();
        var problems = shown.putArray("problems");
        validation.problems().forEach(problem -> problems.add(problem.toString()));
        var remarks = shown.putArray("remarks");
        validation.remarks().forEach(remark -> remarks.add(remark.toString()));
        return shown;
    }

    private JsonNode run(Path folder, String pipeline, JsonNode parameters) throws Exception {
        ObjectNode shown = JSON.createObjectNode();
        try {
            Map<String, JsonNode> values = new LinkedHashMap<>();
            parameters.properties().forEach(p -> values.put(p.getKey(), p.getValue()));
            RunRecord record = runner.over(Factory.load(folder)).run(pipeline, values);
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

    /// Objects may show more than is expected, and text that ends in `…` only begins like it; everything else must be equal.
    private static void assertPart(JsonNode expected, JsonNode shown, String path, JsonNode whole) {
        if (expected.isObject()) {
            assertThat(shown.isObject()).as("%s is an object in %s", path, whole).isTrue();
            expected.properties().forEach(p -> assertPart(p.getValue(), shown.path(p.getKey()), path + "." + p.getKey(), whole));
        } else if (expected.isArray()) {
            assertThat(shown.size()).as("%s in %s", path, shown).isEqualTo(expected.size());
            for (int i = 0; i < expected.size(); i++) {
                assertPart(expected.get(i), shown.path(i), path + "[" + i + "]", whole);
            }
        } else if (expected.isTextual() && expected.textValue().endsWith("…")) {
            assertThat(shown.asText()).as("%s in %s", path, whole).startsWith(expected.textValue().replace("…", ""));
        } else if (expected.isNumber()) {
            assertThat(shown.decimalValue()).as("%s in %s", path, whole).isEqualByComparingTo(expected.decimalValue());
        } else {
            assertThat(shown.toString()).as("%s in %s", path, whole).isEqualTo(expected.toString());
        }
    }
}
