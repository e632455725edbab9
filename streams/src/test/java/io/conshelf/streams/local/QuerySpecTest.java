package io.conshelf.streams.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Queries with events and the rows that come of them, as text. A test is a query, its inputs (`< name`, `reference name`) with an event a line, or with CSV
/// (`csv name`, `csv reference name`), and its outputs (`> name`, `> name in order`) with a row a line, or `! pattern` for the message with which the job ends. Before the query may stand
/// `level 1.0`, `policy drop late=5 outOfOrder=2` and `arrivals field`. `"@01:02:03"` is that time of 2024-01-01, in UTC.
class QuerySpecTest {
    private static final Path SPECS = Path.of("src/test/resources/spec/run");
    private static final JsonMapper JSON = new JsonMapper();
    private static final Pattern TIME = Pattern.compile("\"@(\\d\\d:\\d\\d:\\d\\d)(?:\\.(\\d{1,7}))?\"");

    @TestFactory
    Stream<DynamicContainer> specs() throws IOException {
        try (var files = Files.list(SPECS)) {
            return files.filter(file -> file.toString().endsWith(".spec")).sorted().toList().stream()
                    .map(file -> DynamicContainer.dynamicContainer(file.getFileName().toString(), tests(file).stream()));
        }
    }

    private static List<DynamicTest> tests(Path file) {
        List<DynamicTest> tests = new ArrayList<>();
        try {
            for (String part : Files.readString(file).split("(?m)^test ")) {
                if (!part.startsWith("#") && !part.isBlank()) {
                    String name = part.lines().findFirst().orElseThrow().strip();
                    tests.add(DynamicTest.dynamicTest(name, () -> check(part.substring(part.indexOf('\n') + 1))));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertThat(tests).as("tests of %s", file).isNotEmpty();
        return tests;
    }

    private static void check(String text) throws IOException {
        ObjectNode request = JSON.createObjectNode().put("id", "spec");
        ObjectNode inputs = request.putObject("inputs");
        List<String> query = new ArrayList<>();
        ObjectNode expected = JSON.createObjectNode();
        List<String> inOrder = new ArrayList<>();
        String refusal = "";
        Optional<ArrayNode> lines = Optional.empty();
        Optional<String> csv = Optional.empty();
        for (String line : text.lines().toList()) {
            if (line.startsWith("csv ")) {
                String[] words = line.split(" ");
                csv = Optional.of(words[words.length - 1]);
                inputs.put(csv.get(), "");
                if (words.length == 3) {
                    request.withArrayProperty(words[1]).add(csv.get());
                }
            } else if (csv.isPresent() && !line.startsWith("> ")) {
                inputs.put(csv.get(), inputs.path(csv.get()).asText() + line + '\n');
            } else if (line.startsWith("< ")) {
                lines = Optional.of(inputs.putArray(line.substring(2).strip()));
            } else if (line.startsWith("reference ")) {
                lines = Optional.of(inputs.putArray(line.substring(10).strip()));
                request.withArrayProperty("reference").add(line.substring(10).strip());
            } else if (line.startsWith("> ")) {
                csv = Optional.empty();
                String name = line.substring(2).replaceFirst(" in order$", "").strip();
                if (line.endsWith(" in order")) {
                    inOrder.add(name);
                }
                lines = Optional.of(expected.putArray(name));
            } else if (line.startsWith("! ")) {
                refusal = line.substring(2);
            } else if (lines.isPresent()) {
                if (!line.isBlank()) {
                    lines.get().add(JSON.readTree(times(line)));
                }
            } else if (!isHeader(line, request)) {
                query.add(line);
            }
        }
        request.put("query", String.join("\n", query));
        JsonNode answer = JSON.readTree(new StreamEval(Clock.fixed(Instant.parse("2024-05-05T05:05:05Z"), ZoneOffset.UTC)).answer(request.toString()));
        if (!refusal.isEmpty()) {
            assertThat(answer.path("error").asText()).containsPattern(refusal);
            return;
        }
        assertThat(answer.path("error").asText()).isEmpty();
        assertThat(sorted(answer.path("outputs"), inOrder)).isEqualTo(sorted(expected, inOrder));
    }

    private static boolean isHeader(String line, ObjectNode request) {
        String[] words = line.split(" ");
        switch (words[0]) {
            case "level" -> request.put("compatibilityLevel", words[1]);
            case "arrivals" -> request.put("arrivalField", words[1]);
            case "policy" -> {
                ObjectNode policy = request.putObject("policy").put("eventsOutOfOrderPolicy", words[1]);
                for (int i = 2; i < words.length; i++) {
                    String[] setting = words[i].split("=");
                    policy.put(setting[0].equals("late") ? "eventsLateArrivalMaxDelayInSeconds" : "eventsOutOfOrderMaxDelayInSeconds",
                            Long.parseLong(setting[1]));
                }
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private static String times(String line) {
        return TIME.matcher(line).replaceAll(found -> "\"2024-01-01T%s.%sZ\"".formatted(found.group(1),
                ((found.group(2) == null ? "" : found.group(2)) + "0000000").substring(0, 7)));
    }

    /// Rows whose order does not matter are put into one that is the same for the same rows.
    private static String sorted(JsonNode outputs, List<String> inOrder) {
        StringBuilder text = new StringBuilder();
        outputs.properties().stream().sorted(Map.Entry.comparingByKey()).forEach(output -> {
            List<String> rows = new ArrayList<>();
            output.getValue().forEach(row -> rows.add(columns(row)));
            if (!inOrder.contains(output.getKey())) {
                rows.sort(Comparator.naturalOrder());
            }
            text.append("> ").append(output.getKey()).append('\n').append(String.join("\n", rows)).append('\n');
        });
        return text.toString();
    }

    private static String columns(JsonNode row) {
        return row.properties().stream().map(column -> column.getKey() + ": " + column.getValue()).sorted().toList().toString();
    }
}
