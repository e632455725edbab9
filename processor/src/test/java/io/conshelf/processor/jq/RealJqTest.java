package io.conshelf.processor.jq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.conshelf.processor.value.JsonText;
import io.conshelf.processor.value.Value;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The cases of the `.spec` files by the `jq` of the machine, except those that are marked as ours.
class RealJqTest {
    @Test
    void realJqGivesTheSameResults() throws IOException, URISyntaxException, InterruptedException {
        boolean isThere = Stream.of(System.getenv("PATH").split(":")).anyMatch(folder -> Files.isExecutable(Path.of(folder, "jq")));
        assumeTrue(isThere || Boolean.parseBoolean(System.getenv("CI")), "not run: there is no jq");
        List<String> differences = new ArrayList<>();
        Map<String, List<JqCase>> together = new LinkedHashMap<>();
        for (JqCase one : JqCase.all()) {
            if (one.isOurs()) {
                continue;
            }
            if (one.error().isPresent() || one.expression().contains("__loc__") || one.expression().contains("input")) {
                compare(one, differences);
            } else {
                together.computeIfAbsent(one.input(), _ -> new ArrayList<>()).add(one);
            }
        }
        for (List<JqCase> cases : together.values()) {
            compare(cases, differences);
        }
        assertThat(differences).isEmpty();
    }

    /// Cases of one input in one program, an array of results a line, as a process for each takes long.
    private static void compare(List<JqCase> cases, List<String> differences) throws IOException, InterruptedException {
        String program = cases.stream().map(one -> "[" + one.expression() + "\n]").collect(Collectors.joining(",\n"));
        Answer answer = jq(program, cases.getFirst().input());
        List<Value> lines = JqCase.values(answer.lines);
        if (answer.failed || lines.size() != cases.size()) {
            for (JqCase one : cases) {
                compare(one, differences);
            }
            return;
        }
        for (int i = 0; i < cases.size(); i++) {
            if (!areClose(lines.get(i), new Value.Items(JqCase.values(cases.get(i).results())))) {
                differences.add(cases.get(i).where() + ": " + JsonText.write(lines.get(i)));
            }
        }
    }

    private record Answer(List<String> lines, boolean failed) {}

    private static Answer jq(String program, String text) throws IOException, InterruptedException {
        Process jq = new ProcessBuilder("jq", "-c", program).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try (var input = jq.outputWriter(StandardCharsets.UTF_8)) {
            input.write(text);
        } catch (IOException endedEarly) {
            // it does not read where it cannot compile
        }
        List<String> lines = JqCase.text(jq.getInputStream()).lines().toList();
        return new Answer(lines, jq.waitFor() != 0);
    }

    private static void compare(JqCase one, List<String> differences) throws IOException, InterruptedException {
        Answer answer = jq(one.expression(), one.input());
        if (answer.failed != one.error().isPresent() || !areClose(new Value.Items(JqCase.values(answer.lines)), new Value.Items(JqCase.values(one.results())))) {
            differences.add(one.where() + ": " + answer.lines + (answer.failed ? " and an error" : ""));
        }
    }

    /// Older versions of jq write 17 digits.
    private static boolean areClose(Value a, Value b) {
        if (a instanceof Value.Items(List<Value> x) && b instanceof Value.Items(List<Value> y)) {
            boolean are = x.size() == y.size();
            for (int i = 0; i < x.size() && are; i++) {
                are = areClose(x.get(i), y.get(i));
            }
            return are;
        }
        if (a instanceof Value.Members(var x) && b instanceof Value.Members(var y)) {
            return x.keySet().equals(y.keySet()) && x.keySet().stream().allMatch(name -> areClose(x.get(name), y.get(name)));
        }
        if (Numbers.isNumber(a) && Numbers.isNumber(b)) {
            return String.format(Locale.ROOT, "%.12e", Numbers.real(a)).equals(String.format(Locale.ROOT, "%.12e", Numbers.real(b)));
        }
        return Order.equal(a, b) || JsonText.write(a).equals(JsonText.write(b));
    }
}
