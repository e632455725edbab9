package io.conshelf.streams.expression;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.streams.job.JobDefinition.InputType;
import io.conshelf.streams.plan.Compiled;
import io.conshelf.streams.plan.Queries;
import io.conshelf.streams.plan.QueryContext;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.value.Compatibility;
import io.conshelf.streams.value.JsonPrint;
import io.conshelf.streams.value.JsonRead;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Runs the cases of `spec/expression`, a folder a family, a line a case:
///
/// ```
/// # a comment
/// level 1.1
/// event {"a": 1}
/// a + 1 | 2
/// ? a > 0 | true
/// a / 0 | ! Attempted to divide by zero.
/// ```
///
/// The last ` | ` of a line divides. A `?` stands before a condition, a `!` before the text of an error, or the beginning of it.
class ExpressionSpecTest {
    private record Case(String where, Compatibility level, String event, String expression, String expected) {
        String outcome() {
            boolean isCondition = expression.startsWith("? ");
            String query = isCondition ? "SELECT CASE WHEN " + expression.substring(2) + " THEN 'true' ELSE 'false' END AS v FROM i"
                    : "SELECT " + expression + " AS v FROM i";
            Compiled compiled = Queries.compile(query, new QueryContext(Map.of("i", InputType.STREAM), Set.of(), Set.of(), level));
            if (compiled.plan().isEmpty()) {
                return "! " + compiled.errors().getFirst().message();
            }
            Expression value = compiled.plan().get().steps().stream().filter(Step.Project.class::isInstance).map(Step.Project.class::cast)
                    .map(project -> ((Step.Item.Named) project.items().getFirst()).value()).findFirst().orElseThrow();
            Value.Record record = new JsonRead(JsonRead.Reading.at(level)).record(event).orElseThrow();
            try {
                Evaluator evaluator = Expressions.compile(value, new Context(level, query, JobFunctions.NONE));
                Value first = evaluator.value(Row.event(Ticks.parse("2024-05-06T07:08:09.1234567Z"), record));
                String text = JsonPrint.text(first);
                return isCondition ? text.replace("\"", "") : text;
            } catch (RuntimeFault fault) {
                return "! " + fault.getMessage();
            }
        }
    }

    @TestFactory
    Stream<DynamicContainer> cases() throws IOException, URISyntaxException {
        Path root = Path.of(ExpressionSpecTest.class.getResource("/spec/expression").toURI());
        List<DynamicContainer> families = new ArrayList<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                families.add(DynamicContainer.dynamicContainer(root.relativize(file).toString(), read(file).stream().map(one ->
                        DynamicTest.dynamicTest(one.where + " " + one.expression, () -> check(one)))));
            }
        }
        return families.stream();
    }

    private static void check(Case one) {
        String outcome = one.outcome();
        if (one.expected.startsWith("! ")) {
            assertThat(outcome).as(one.expression).startsWith(one.expected);
        } else {
            assertThat(outcome).as(one.expression).isEqualTo(one.expected);
        }
    }

    private static List<Case> read(Path file) throws IOException {
        List<Case> cases = new ArrayList<>();
        Compatibility level = Compatibility.V1_2;
        String event = "{}";
        int number = 0;
        for (String line : Files.readAllLines(file)) {
            number++;
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            if (line.startsWith("level ")) {
                level = Compatibility.of(line.substring(6)).orElseThrow();
            } else if (line.startsWith("event ")) {
                event = line.substring(6);
            } else {
                int divider = line.lastIndexOf(" | ");
                assertThat(divider).as(file + ":" + number).isPositive();
                cases.add(new Case(file.getFileName() + ":" + number, level, event, line.substring(0, divider).strip(), line.substring(divider + 3).strip()));
            }
        }
        assertThat(cases).as(file.toString()).isNotEmpty();
        return cases;
    }

    @Test
    void everyFunctionHasACase() throws IOException, URISyntaxException {
        Path root = Path.of(ExpressionSpecTest.class.getResource("/spec/expression").toURI());
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                all.append(Files.readString(file).toLowerCase(java.util.Locale.ROOT));
            }
        }
        List<String> missing = Functions.all().stream().map(Function::name).filter(name -> !all.toString().contains(name.toLowerCase(java.util.Locale.ROOT) + "("))
                .toList();
        assertThat(missing).isEmpty();
    }

    @Test
    void functionsAreFoundWhateverTheirCase() {
        assertThat(Functions.named("getarraylength")).isEqualTo(Functions.named("GETARRAYLENGTH")).isNotEqualTo(Optional.empty());
    }
}
