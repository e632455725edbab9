package io.conshelf.processor.jq;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.processor.value.JsonText;
import io.conshelf.processor.value.Value;
import java.io.IOException;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Runs the cases of this package's `.spec` files; [JqCase] tells how they are written.
class JqSpecTest {
    private static final long STACK_BYTES = 64L << 20;

    @TestFactory
    Stream<DynamicContainer> cases() throws IOException, URISyntaxException {
        return JqCase.all().stream().collect(Collectors.groupingBy(JqCase::file)).entrySet().stream().map(file ->
                DynamicContainer.dynamicContainer(file.getKey(), file.getValue().stream().map(one -> DynamicTest.dynamicTest(one.where(), () -> withRoom(() -> check(one))))));
    }

    /// On a stack so large that it is never what ends a program: how deep one gets on a small one depends on what is compiled by then.
    private static void withRoom(Callable<Void> check) throws Exception {
        FutureTask<Void> checked = new FutureTask<>(check);
        new Thread(null, checked, "jq", STACK_BYTES).start();
        try {
            checked.get();
        } catch (ExecutionException failed) {
            switch (failed.getCause()) {
                case Error error -> throw error;
                case Exception exception -> throw exception;
                default -> throw failed;
            }
        }
    }

    private static Void check(JqCase one) throws IOException {
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
        return null;
    }
}
