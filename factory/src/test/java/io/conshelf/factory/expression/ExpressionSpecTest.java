package io.conshelf.factory.expression;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Runs `expressions.spec`: a name, a string of a definition, `----`, and its value as JSON or `error <character>: <message>`.
class ExpressionSpecTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TestFactory
    Stream<DynamicTest> specs() throws IOException {
        String file = new String(getClass().getResourceAsStream("expressions.spec").readAllBytes(), StandardCharsets.UTF_8);
        int context = file.indexOf("\n\n");
        JsonNode scope = JSON.readTree(file.substring("context ".length(), context));
        return Arrays.stream(file.substring(context).split("\n\n+")).filter(block -> !block.isBlank()).map(block -> {
            String[] parts = block.strip().split("\n----\n");
            String name = parts[0].lines().findFirst().orElseThrow();
            String text = parts[0].substring(name.length() + 1);
            return DynamicTest.dynamicTest(name.substring("test ".length()), () -> check(scope, text, parts[1].strip()));
        });
    }

    private static void check(JsonNode scope, String text, String expected) throws IOException {
        ObjectNode line = JsonNodeFactory.instance.objectNode().put("kind", "template").put("expression", text);
        line.set("context", scope);
        JsonNode answer = JSON.readTree(ExpressionEval.answer(line.toString()));
        if (expected.startsWith("error ")) {
            assertThat(answer.path("error").asText()).isEqualTo(expected.substring("error ".length()));
        } else {
            assertThat(answer.path("value").toString()).as(answer.toString()).isEqualTo(expected);
        }
    }

    @Test
    void everyFunctionNamesItsParameters() {
        assertThat(Functions.all()).hasSizeGreaterThan(84)
                .allSatisfy(function -> assertThat(function.signature()).matches("\\w+\\(.*\\)"));
    }

    @Test
    void mistakesAreFoundBeforeAnythingRuns() {
        assertThat(Checker.check("@concat('a', upper('b'), substring('c'), add('1', 2))")).extracting(Throwable::getMessage).containsExactly(
                "there is no function 'upper'; did you mean 'toUpper'?",
                "'substring(text, start, [length])' does not take 1 argument",
                "'add(first, second)': first cannot be string \"1\"");
    }
}
