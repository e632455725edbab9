package io.conshelf.cli.eval;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.kql.bind.KqlBindEval;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/// Where a command is wrong by what the queries and functions in it are.
class CommandVerdictTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void theQueryBehindACommandIsChecked() {
        assertThat(errors(".set-or-append X <| T | where nope > 1")).isEqualTo("nope");
        assertThat(errors(".set X <| Nope")).isEqualTo("Nope");
        assertThat(errors(".export to csv ('https://x') <| T | project a, nope")).isEqualTo("nope");
        assertThat(errors(".set-or-append X <| T | where a > 1")).isEmpty();
    }

    @Test
    void whatRunsACommandIsNotReadAsAQuery() {
        assertThat(errors(".move extents to table T <| .show table T extents")).isEmpty();
    }

    @Test
    void declarationsAloneAreNoMissingQuery() {
        assertThat(errors(".update table T delete D append A <| let D = T | where a == 1; let A = D | extend a = 2;")).isEmpty();
    }

    @Test
    void theBodyOfAFunctionIsCheckedWithItsParameters() {
        assertThat(errors(".create function F(n:long) { T | where a == m }")).isEqualTo("m");
        assertThat(errors(".create-or-alter function F(n:long) { T | where a == n }")).isEmpty();
        assertThat(errors(".create function with (skipvalidation='true') F() { Nope }")).isEmpty();
    }

    @Test
    void theQueryOfAViewIsChecked() {
        assertThat(errors(".create materialized-view V on table T { T | summarize count() by nope }")).isEqualTo("nope");
        assertThat(errors(".create materialized-view V on table T { T | summarize count() by a }")).isEmpty();
    }

    /// The parts of the text that are told to be wrong.
    private static String errors(String command) {
        try {
            Map<String, Object> line = Map.of("id", "c", "query", command, "database", Map.of("tables", Map.of("T", "(a:long, b:string)")));
            JsonNode answer = JSON.readTree(new KqlBindEval(new CommandVerdict()).evaluate(JSON.writeValueAsString(line)));
            return String.join(" ", StreamSupport.stream(answer.get("diagnostics").spliterator(), false)
                    .map(it -> command.substring(it.get("start").asInt(), it.get("start").asInt() + it.get("length").asInt())).toList());
        } catch (com.fasterxml.jackson.core.JsonProcessingException broken) {
            throw new AssertionError("no JSON", broken);
        }
    }
}
