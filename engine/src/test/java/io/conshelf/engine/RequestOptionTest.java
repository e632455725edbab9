package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.conshelf.engine.RequestOption.Treatment;
import io.conshelf.engine.RequestOption.Values;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RequestOptionTest {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    /// Options that are read by whoever acts on them, which knows more than the catalogue, or that may be of several types.
    private static final Set<String> OF_THEIR_OWN = Set.of(
            "servertimeout", "query_cursor_scoped_tables", "materialized_view_shuffle", "query_python_debug", "queryconsistency");

    /// Options that the catalogue has no type of and the documentation has.
    private static final Map<String, Values> UNTYPED = Map.of(
            "query_results_progressive_row_count", Values.NUMBER,
            "results_progressive_enabled", Values.FLAG);

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
    void whatIsImplementedIsReadSomewhere() throws IOException {
        var sources = new StringBuilder();
        for (String module : List.of("kql", "engine", "server")) {
            try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "main", "java"))) {
                for (Path file : files.filter(path -> path.toString().endsWith(".java") && !path.endsWith("RequestOption.java")).toList()) {
                    sources.append(Files.readString(file));
                }
            }
        }
        String texts = sources.toString();
        assertThat(RequestOption.ALL).filteredOn(option -> option.treatment() == Treatment.IMPLEMENTED)
                .allSatisfy(option -> assertThat(texts.contains("\"" + option.name() + "\"")).as(option.name()).isTrue());
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
    void otherLanguagesAreRefusedBeforeTheirTextsAreRead() {
        assertThatThrownBy(() -> QueryOptions.requireKql(Map.of("query_language", "gql"), "MATCH (n) RETURN n")).hasMessageContaining("only KQL is spoken");
        assertThatThrownBy(() -> QueryOptions.requireKql(Map.of(), " \n--\nSELECT 1")).hasMessageContaining("T-SQL");
        QueryOptions.requireKql(Map.of("query_language", "csl"), "print a = 5--3");
        QueryOptions.requireKql(Map.of(), "// --\nprint 1");
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
                assertThat(option.values()).as(option.name()).isEqualTo(UNTYPED.getOrDefault(option.name(), Values.ANY));
            }
        }
    }

    @Test
    void valuesOfAnotherTypeAreRefusedByName() {
        assertThat(RequestOption.ALL).allSatisfy(option -> {
            for (Object wrong : switch (option.values()) {
                case FLAG -> List.<Object>of("yes", "on", 2L, 1.5, "maybe");
                case NUMBER -> List.<Object>of("many", "1.5", 1.5, true, "", 1e19, Double.NaN, Double.POSITIVE_INFINITY);
                case DATETIME -> List.<Object>of("tomorrow", true, 5L);
                case TIMESPAN -> List.<Object>of("long", true, "");
                case TEXT -> List.<Object>of(List.of("a"), Map.of("a", 1L), JSON.arrayNode().add("a"), JSON.objectNode().put("a", 1));
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
                case NUMBER -> List.<Object>of(10L, "10", "long(10)", "int(10)", -1L, 1e3, 10.0);
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
    void aValueIsRepeatedAsFarAsItIsRecognizedBy() {
        assertThatThrownBy(() -> RequestOption.checkValues(Map.of("notruncation", "x".repeat(5_000_000))))
                .message().endsWith("found '" + "x".repeat(80) + "…'.");
        assertThat(Errors.shown("x".repeat(79) + "😀")).isEqualTo("x".repeat(79) + "…");
        assertThat(Errors.shown("x".repeat(80))).isEqualTo("x".repeat(80));
    }

    @Test
    void wholeNumbersAreTakenHoweverJsonHasThem() {
        assertThat(RequestOption.wholeNumber(1e3)).hasValue(1000);
        assertThat(RequestOption.wholeNumber(10.0)).hasValue(10);
        assertThat(RequestOption.wholeNumber("long(10)")).hasValue(10);
        assertThat(RequestOption.wholeNumber("9223372036854775808")).isEmpty();
        assertThat(RequestOption.wholeNumber(0.5)).isEmpty();
    }

    @Test
    void kqlIsTheQueryLanguage() {
        RequestOption language = RequestOption.named("query_language").orElseThrow();
        language.check("kql");
        language.check("csl");
        assertThatThrownBy(() -> language.check("sql")).hasMessageContaining("only KQL is spoken");
    }
}
