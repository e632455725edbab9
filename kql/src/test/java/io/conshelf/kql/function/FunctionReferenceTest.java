package io.conshelf.kql.function;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The page of functions is written from the declarations; `-Dspec.complete` writes it anew.
class FunctionReferenceTest {
    private static final Path PAGE = Path.of("../docs/functions.md");

    @Test
    void thePageTellsWhatIsDeclared() throws IOException {
        if (System.getProperty("spec.complete") != null) {
            Files.writeString(PAGE, page());
        }
        assertThat(Files.readString(PAGE)).as("run ./conshelf test kql --complete to write it anew").isEqualTo(page());
    }

    private static String page() {
        var scalars = Catalogue.scalars().stream()
                .filter(f -> Character.isLetter(f.name().charAt(0)))
                .sorted(Comparator.comparing(ScalarFunction::name))
                .toList();
        var aggregates = Catalogue.aggregates().stream()
                .sorted(Comparator.comparing(AggregateFunction::name))
                .toList();
        return """
                # Functions

                %d scalar functions and %d aggregates are built. A function of the service that is not is refused as
                "not supported yet" with its position; a name that is no function is an unknown function. This page is written
                from the declarations.

                ## Scalar functions

                | function | what it gives |
                |---|---|
                %s

                ## Aggregates

                | aggregate | what it gives |
                |---|---|
                %s
                """.formatted(
                scalars.size(), aggregates.size(),
                scalars.stream().map(f -> row(f.name(), f.summary())).collect(Collectors.joining("\n")),
                aggregates.stream().map(f -> row(f.name(), f.summary())).collect(Collectors.joining("\n")));
    }

    private static String row(String name, String summary) {
        return "| `" + name + "` | " + summary.replace("|", "\\|") + " |";
    }
}
