package io.conshelf.processor.jq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.processor.value.Value;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the service blocked is refused where a program is to be strict, and runs otherwise.
class StrictTest {
    @ParameterizedTest
    @ValueSource(strings = {"[range(3)]", "[recurse]", "until(true; .)", "walk(.)", "[while(false; .)]", ".a |= (1 | [range(2)])"})
    void blockedFunctionsAreRefusedWithTheirPlace(String expression) throws JqSyntaxException {
        assertThat(Program.compile(expression).run(Value.members(java.util.Map.of()))).hasSize(1);
        assertThatThrownBy(() -> Program.compile(expression, Program.Mode.STRICT)).isInstanceOf(JqSyntaxException.class)
                .hasMessageContaining("is not allowed in expressions (line 1, column");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[..]", "[paths]", "map(. + 1)", "def range(x): x; range(1)", "[limit(1; 2)]"})
    void othersRun(String expression) throws JqSyntaxException {
        assertThat(Program.compile(expression, Program.Mode.STRICT).run(new Value.Items(List.of()))).hasSize(1);
    }
}
