package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The recorded answers of the suite against a started server. Cases that do not pass yet are listed in a file that may
/// only shrink: a case that fails and is not listed fails the test, and so does a listed case that passes.
class QueryConformanceTest {
    private static final Path NOT_YET = Path.of("src/test/resources/conformance/kql-not-yet.txt");

    @TempDir
    private Path folder;

    @Test
    void recordedAnswersComeOutTheSame() throws IOException {
        var suite = Workplace.shared().resolve("conformance/kql");
        var report = folder.resolve("report.json");
        try (var server = Server.start(ServerConfig.local().withDatabases(List.of("Samples")))) {
            var finished = Workplace.run(folder, Map.of(), List.of(
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
            return;
        }
        assertThat(failing).as("cases that fail; those in %s may", NOT_YET).isEqualTo(listed());
    }

    private static Set<String> failing(JsonNode report) {
        var failing = new TreeSet<String>();
        report.path("cases").forEach(result -> {
            if (result.path("status").asText().equals("failed")) {
                failing.add(result.path("id").asText());
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
    private static void write(Set<String> failing) throws IOException {
        var lines = Files.exists(NOT_YET) ? Files.readAllLines(NOT_YET) : List.<String>of();
        var kept = lines.stream()
                .filter(line -> line.startsWith("#") || failing.contains(line.split("\\s", 2)[0]))
                .collect(Collectors.toList());
        var known = kept.stream().map(line -> line.split("\\s", 2)[0]).collect(Collectors.toSet());
        failing.stream().filter(id -> !known.contains(id)).forEach(kept::add);
        Files.write(NOT_YET, kept);
    }
}
