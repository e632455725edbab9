package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.RequestOption.Treatment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestOptionTest {
    /// Their names, from the catalogue of the official language service.
    private static List<String> documented() throws IOException {
        return Files.readAllLines(Path.of("src/test/resources/request-options.txt"));
    }

    @Test
    void everyDocumentedOptionIsImplementedANoOpOrRefused() throws IOException {
        assertThat(RequestOption.ALL).extracting(RequestOption::name).containsAll(documented());
    }

    @Test
    void everyOptionSaysWhy() {
        assertThat(RequestOption.ALL).allSatisfy(option -> assertThat(option.reason()).isNotBlank());
    }

    @Test
    void namesAreInLowerCaseAndStandOnce() {
        assertThat(RequestOption.ALL)
                .extracting(RequestOption::name)
                .doesNotHaveDuplicates()
                .allSatisfy(name -> assertThat(name).isLowerCase());
    }

    @Test
    void refusedOptionsAreRefusedByNameUnlessTheyAskForNothing() {
        assertThat(RequestOption.ALL).filteredOn(option -> option.treatment() == Treatment.REFUSED).allSatisfy(option -> {
            assertThatThrownBy(() -> option.check("something"))
                    .isInstanceOf(KustoException.class)
                    .hasMessageContaining("'" + option.name() + "'");
            option.check(false);
            option.check("");
        });
    }

    @Test
    void kqlIsTheQueryLanguage() {
        RequestOption language = RequestOption.named("query_language").orElseThrow();
        language.check("kql");
        language.check("csl");
        assertThatThrownBy(() -> language.check("sql")).hasMessageContaining("only KQL is spoken");
    }
}
