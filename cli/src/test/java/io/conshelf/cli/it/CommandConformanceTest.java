package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.cli.eval.Suite;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The documented examples of management commands, evaluated as `conshelf eval commands` does. Those that do not pass are listed in a
/// file that may only shrink.
class CommandConformanceTest {
    private static final Path NOT_YET = Path.of("src/test/resources/conformance/commands-not-yet.txt");

    @TempDir
    private Path folder;

    @Test
    void documentedExamplesAnswerAsDocumented() throws Exception {
        var checker = Surroundings.shared().resolve("conformance/check.py").toString();
        var cases = Surroundings.run(folder, Map.of(), List.of("python3", checker, "commands", "--emit"));
        assertThat(cases.exitCode()).as(cases.output()).isZero();
        List<String> answers = new ArrayList<>();
        try (var suite = Suite.open("commands")) {
            cases.output().lines().filter(line -> !line.isBlank()).forEach(line -> answers.add(suite.answer(line)));
        }
        Path results = Files.write(folder.resolve("results.jsonl"), answers);
        Path report = folder.resolve("report.json");
        var finished = Surroundings.run(folder, Map.of(), List.of(
                "python3", checker, "commands", "--results", results.toString(), "--json", report.toString()));
        assertThat(report).as("the checker's report; it said:%n%s", finished.output()).exists();
        Map<String, String> failing = new TreeMap<>();
        new ObjectMapper().readTree(report.toFile()).path("cases").forEach(result -> {
            if (result.path("status").asText().equals("failed")) {
                failing.put(result.path("id").asText(), result.path("reason").asText());
            }
        });
        var listed = Files.readAllLines(NOT_YET).stream().filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(line -> line.split("\\s", 2)[0]).collect(Collectors.toSet());
        assertThat(failing.keySet()).as("failing cases, which are to be those of %s: %s", NOT_YET, failing).isEqualTo(listed);
    }
}
