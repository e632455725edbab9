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
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The cases of the `.spec` files by the `jq` of the machine, except those that are marked as ours.
class RealJqTest {
    @Test
    void realJqGivesTheSameResults() throws IOException, URISyntaxException, InterruptedException {
        boolean isThere = Stream.of(System.getenv("PATH").split(":")).anyMatch(folder -> Files.isExecutable(Path.of(folder, "jq")));
        assumeTrue(isThere || Boolean.parseBoolean(System.getenv("CI")), "not run: there is no jq");
        List<String> differences = new ArrayList<>();
        for (JqCase one : JqCase.all()) {
            if (!one.isOurs()) {
                compare(one, differences);
            }
        }
        assertThat(differences).isEmpty();
    }

    private static void compare(JqCase one, List<String> differences) throws IOException, InterruptedException {
        Process jq = new ProcessBuilder("jq", "-c", one.expression()).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try (var input = jq.outputWriter(StandardCharsets.UTF_8)) {
            input.write(one.input());
        } catch (IOException endedEarly) {
            // it does not read where it cannot compile
        }
        List<String> lines = JqCase.text(jq.getInputStream()).lines().toList();
        boolean failed = jq.waitFor() != 0;
        if (failed != one.error().isPresent() || !areClose(new Value.Items(JqCase.values(lines)), new Value.Items(JqCase.values(one.results())))) {
            differences.add(one.where() + ": " + lines + (failed ? " and an error" : ""));
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
