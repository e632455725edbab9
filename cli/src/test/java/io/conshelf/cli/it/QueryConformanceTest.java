package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The recorded answers of the suite against a started server. Cases that do not pass yet are listed in a file that may
/// only shrink: a case that fails and is not listed fails the test, and so does a listed case that passes.
class QueryConformanceTest {
    private static final Pattern NOT_BUILT = Pattern.compile("NYI0001: (.*?) is not supported yet");
    private static final Path NOT_YET = Path.of("src/test/resources/conformance/kql-not-yet.txt");

    @TempDir
    private Path folder;

    @Test
    void recordedAnswersComeOutTheSame() throws IOException {
        var suite = Surroundings.shared().resolve("conformance/kql");
        var report = folder.resolve("report.json");
        try (var server = Server.start(ServerConfig.local().withDatabases(List.of("Samples")))) {
            var finished = Surroundings.run(folder, Map.of(), List.of(
                    "python3", suite.resolve("run.py").toString(),
                    "--url", "http://127.0.0.1:" + server.port(), "--database", "Samples",
                    "--cases", suite.resolve("cases.jsonl").toString(), suite.resolve("emulator-cases.jsonl").toString(),
                    "--json", report.toString()));
            assertThat(report).as("the runner's report; it said:%n%s", finished.output()).exists();
            System.out.println(finished.output().lines().toList().getLast());
        }
        var failing = failing(new ObjectMapper().readTree(report.toFile()));
        if (System.getProperty("spec.complete") != null) {
            write(failing);
        }
        var listed = listed();
        var notListed = new TreeMap<>(failing);
        notListed.keySet().removeAll(listed);
        assertThat(notListed).as("cases that fail and are not in %s", NOT_YET).isEmpty();
        var passing = new TreeSet<>(listed);
        passing.removeAll(failing.keySet());
        assertThat(passing).as("cases in %s that pass: take them out, the list only shrinks", NOT_YET).isEmpty();
    }

    /// The failing cases by id, each with why: the construct that is not built, or what the runner says.
    private static Map<String, String> failing(JsonNode report) {
        var failing = new TreeMap<String, String>();
        report.path("cases").forEach(result -> {
            if (result.path("status").asText().equals("failed")) {
                var reason = result.path("reason").asText();
                var construct = NOT_BUILT.matcher(reason);
                failing.put(
                        result.path("id").asText(),
                        construct.find() ? "not built: " + construct.group(1) : reason.lines().findFirst().orElse(""));
            }
        });
        return failing;
    }

    private static Set<String> listed() throws IOException {
        return Files.readAllLines(NOT_YET).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(line -> line.split("\\s", 2)[0])
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /// Keeps the reasons that were written beside cases already listed.
    private static void write(Map<String, String> failing) throws IOException {
        var kept = new TreeMap<>(failing);
        var lines = new ArrayList<String>();
        for (var line : Files.exists(NOT_YET) ? Files.readAllLines(NOT_YET) : List.<String>of()) {
            var parts = line.split("\\s+", 2);
            if (line.startsWith("#")) {
                lines.add(line);
            } else if (parts.length == 2 && kept.containsKey(parts[0]) && !parts[1].startsWith("not built: ")) {
                kept.put(parts[0], parts[1]);
            }
        }
        kept.forEach((id, reason) -> lines.add(id + "  " + reason));
        Files.write(NOT_YET, lines);
    }
}
