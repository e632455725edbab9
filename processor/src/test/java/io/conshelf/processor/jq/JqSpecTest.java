package io.conshelf.processor.jq;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.processor.value.JsonText;
import io.conshelf.processor.value.Value;
import java.io.IOException;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Runs the cases of this package's `.spec` files; [JqCase] tells how they are written.
class JqSpecTest {
    @TestFactory
    Stream<DynamicContainer> cases() throws IOException, URISyntaxException {
        return JqCase.all().stream().collect(Collectors.groupingBy(JqCase::file)).entrySet().stream().map(file ->
                DynamicContainer.dynamicContainer(file.getKey(), file.getValue().stream().map(one -> DynamicTest.dynamicTest(one.where(), () -> check(one)))));
    }

    private static void check(JqCase one) throws IOException {
        List<Value> results = new ArrayList<>();
        Optional<String> error = Optional.empty();
        try {
            Program.compile(one.expression()).run(one.inputValue(), Budget.DEFAULT, results::add);
        } catch (JqSyntaxException | JqException | Budget.Exceeded failed) {
            error = Optional.of(failed.getMessage());
        }
        List<String> written = results.stream().map(JsonText::write).toList();
        assertThat(error).as("the error; results: %s", written).isEqualTo(one.error());
        assertThat(JqCase.areEqual(JqCase.values(written), JqCase.values(one.results()))).as("results %s, not %s", written, one.results()).isTrue();
    }
}
