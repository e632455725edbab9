package io.conshelf.streams.expression;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.streams.aggregate.Aggregate;
import io.conshelf.streams.aggregate.Aggregates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// The page of functions names all that there are.
class FunctionsPageTest {
    @Test
    void thePageNamesEveryFunctionAndAggregate() throws IOException {
        String page = Files.readString(Path.of("../docs/stream-functions.md"));
        assertThat(Functions.all().stream().map(Function::name).filter(name -> !page.contains(name))).isEmpty();
        assertThat(Aggregates.all().stream().map(Aggregate::name).filter(name -> !page.contains(name))).isEmpty();
    }
}
