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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The documented examples of Stream Analytics, evaluated as `conshelf eval stream` does.
class StreamConformanceTest {
    @TempDir
    private Path folder;

    @Test
    void documentedExamplesGiveWhatIsDocumented() throws Exception {
        var checker = Surroundings.shared().resolve("conformance/check.py").toString();
        var cases = Surroundings.run(folder, Map.of(), List.of("python3", checker, "stream", "--emit"));
        assertThat(cases.exitCode()).as(cases.output()).isZero();
        List<String> answers = new ArrayList<>();
        try (var suite = Suite.open("stream")) {
            cases.output().lines().filter(line -> !line.isBlank()).forEach(line -> answers.add(suite.answer(line)));
        }
        Path results = Files.write(folder.resolve("results.jsonl"), answers);
        Path report = folder.resolve("report.json");
        var finished = Surroundings.run(folder, Map.of(), List.of(
                "python3", checker, "stream", "--results", results.toString(), "--json", report.toString()));
        assertThat(report).as("the checker's report; it said:%n%s", finished.output()).exists();
        Map<String, String> failing = new TreeMap<>();
        new ObjectMapper().readTree(report.toFile()).path("cases").forEach(result -> {
            if (result.path("status").asText().equals("failed")) {
                failing.put(result.path("id").asText(), result.path("reason").asText());
            }
        });
        assertThat(answers).isNotEmpty();
        assertThat(failing).isEmpty();
    }
}
