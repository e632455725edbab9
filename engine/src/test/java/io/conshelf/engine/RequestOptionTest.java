package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.RequestOption.Treatment;
import io.conshelf.engine.RequestOption.Values;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RequestOptionTest {
    /// Options that are read by whoever acts on them, which knows more than the catalogue, or that may be of several types.
    private static final Set<String> OF_THEIR_OWN = Set.of(
            "servertimeout", "query_cursor_scoped_tables", "materialized_view_shuffle", "query_python_debug", "queryconsistency");

    /// Their names and types, from the catalogue of the official language service.
    private static List<List<String>> documented() throws IOException {
        return Files.readAllLines(Path.of("src/test/resources/request-options.txt")).stream().map(line -> List.of(line.split(" "))).toList();
    }

    @Test
    void everyDocumentedOptionIsImplementedANoOpOrRefused() throws IOException {
        assertThat(RequestOption.ALL).extracting(RequestOption::name).containsAll(documented().stream().map(List::getFirst).toList());
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
    void everyOptionHasTheTypeOfTheCatalogue() throws IOException {
        for (List<String> line : documented()) {
            RequestOption option = RequestOption.named(line.getFirst()).orElseThrow();
            if (line.size() > 1 && !OF_THEIR_OWN.contains(option.name())) {
                assertThat(option.values()).as(option.name()).isEqualTo(switch (line.get(1)) {
                    case "bool" -> Values.FLAG;
                    case "int", "long" -> Values.NUMBER;
                    case "datetime" -> Values.DATETIME;
                    case "timespan" -> Values.TIMESPAN;
                    case "string" -> Values.TEXT;
                    case String other -> throw new AssertionError(other);
                });
            } else {
                assertThat(option.values()).as(option.name()).isIn(Values.ANY, Values.FLAG, Values.NUMBER);
            }
        }
    }

    @Test
    void valuesOfAnotherTypeAreRefusedByName() {
        assertThat(RequestOption.ALL).allSatisfy(option -> {
            for (Object wrong : switch (option.values()) {
                case FLAG -> List.<Object>of("yes", "on", 2L, 1.5, "maybe");
                case NUMBER -> List.<Object>of("many", "1.5", 1.5, true, "");
                case DATETIME -> List.<Object>of("tomorrow", true, 5L);
                case TIMESPAN -> List.<Object>of("long", true, "");
                case TEXT -> List.<Object>of(List.of("a"));
                case ANY -> List.<Object>of();
            }) {
                if (option.treatment() == Treatment.REFUSED && wrong.equals("")) {
                    continue;
                }
                assertThatThrownBy(() -> RequestOption.checkValues(Map.of(option.name(), wrong)))
                        .as("%s = %s", option.name(), wrong)
                        .isInstanceOf(KustoException.class)
                        .hasMessageContainingAll("'" + option.name() + "'", "found '" + wrong + "'");
            }
        });
    }

    @Test
    void valuesAreTakenAsClientsSendThem() {
        assertThat(RequestOption.ALL).allSatisfy(option -> {
            for (Object right : switch (option.values()) {
                case FLAG -> List.<Object>of(true, false, "true", "False", 1L, "0", "bool(true)", "");
                case NUMBER -> List.<Object>of(10L, "10", "long(10)", "int(10)", -1L);
                case DATETIME -> List.<Object>of("2026-01-02T03:04:05Z", "datetime(2026-01-02)");
                case TIMESPAN -> List.<Object>of("00:04:00", "1.02:03:04", "4m", "time(4m)", 600_000_000L);
                case TEXT -> List.<Object>of("anything", "", 5L);
                case ANY -> List.<Object>of("anything", "", 5L, true, List.of("a"));
            }) {
                RequestOption.checkValues(Map.of(option.name(), right));
            }
        });
        RequestOption.checkValues(Map.of("an_option_of_tomorrow", "whatever"));
    }

    @Test
    void kqlIsTheQueryLanguage() {
        RequestOption language = RequestOption.named("query_language").orElseThrow();
        language.check("kql");
        language.check("csl");
        assertThatThrownBy(() -> language.check("sql")).hasMessageContaining("only KQL is spoken");
    }
}
