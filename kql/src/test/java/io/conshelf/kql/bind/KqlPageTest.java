package io.conshelf.kql.bind;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.kql.function.AggregateFunction;
import io.conshelf.kql.function.Catalogue;
import io.conshelf.kql.function.ScalarFunction;
import io.conshelf.kql.syntax.Diagnostic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The page of KQL tells of every operator, function, aggregate and plugin of the service whether it is there, from the
/// catalogue and, for what is not declared in it, by binding the queries of `kql-page/*.txt`. `-Dspec.complete` writes it
/// anew: the text around the lists is `kql-page/page.md`, why something is refused stands in `kql-page/refused.txt`, and
/// how an answer differs in `docs/differences.md`.
class KqlPageTest {
    private static final Path PAGE = Path.of("../docs/kql.md");
    private static final Path PARTS = Path.of("src/test/resources/kql-page");
    private static final Path NAMES = Path.of("src/main/resources/io/conshelf/kql/function");
    private static final Pattern QUOTED = Pattern.compile("`([^`]+)`");

    private static final Catalog CATALOG = DescribedCatalog.of(Map.of(
            "name", "db",
            "tables", Map.of(
                    "P", "(b:bool, i:int, l:long, r:real, d:decimal, t:datetime, n:timespan, s:string, g:guid, j:dynamic)",
                    "Q", "(l:long, s:string, z:real)"),
            "graphs", Map.of("g", Map.of("edges", "Q", "source", "s", "target", "s")),
            "functions", Map.of("Big", "(T:(l:long), least:long = 5) { T | where l > least }")));

    /// What the service has of a kind, each name with whether it can be used here.
    private record Kind(String title, Map<String, Boolean> names) {
        List<String> where(Predicate<String> chosen) {
            return names.keySet().stream().filter(chosen).toList();
        }
    }

    private record Difference(Set<String> names, String what, String here, String why) {}

    @Test
    void thePageTellsWhatThereIs() throws IOException {
        String page = page();
        if (System.getProperty("spec.complete") != null) {
            Files.writeString(PAGE, page);
        }
        assertThat(Files.readString(PAGE)).as("run ./conshelf test kql --complete to write it anew").isEqualTo(page);
    }

    @Test
    void everyRefusalHasItsReasonAndNothingElseHas() throws IOException {
        Set<String> refused = new TreeSet<>();
        for (Kind kind : kinds()) {
            refused.addAll(kind.where(name -> !kind.names.get(name)));
        }
        assertThat(refusals().keySet()).as("kql-page/refused.txt").containsExactlyInAnyOrderElementsOf(refused);
    }

    @Test
    void aDifferenceThatTellsOfSomethingHereTellsOfNothingUnknown() throws IOException {
        Set<String> all = kinds().stream().flatMap(kind -> kind.names.keySet().stream()).collect(Collectors.toSet());
        assertThat(differences()).filteredOn(difference -> difference.names.stream().anyMatch(all::contains))
                .isNotEmpty().allSatisfy(difference -> assertThat(all).as(difference.what).containsAll(difference.names));
    }

    private static List<Kind> kinds() throws IOException {
        Map<String, String> operators = table("operators.txt");
        Map<String, Boolean> known = new TreeMap<>();
        operators.forEach((name, query) -> known.put(name, isTaken(query)));
        Map<String, String> queries = table("functions.txt");
        Map<String, Boolean> functions = new TreeMap<>();
        for (String name : Files.readAllLines(NAMES.resolve("documented-functions.txt"))) {
            functions.put(name, Catalogue.scalar(name).isPresent() || queries.containsKey(name) && isTaken(queries.get(name)));
        }
        Map<String, Boolean> signs = Catalogue.scalars().stream().map(ScalarFunction::name)
                .filter(name -> !functions.containsKey(name) && !name.startsWith("$") && !name.equals("path"))
                .collect(Collectors.toMap(name -> name, _ -> true, (a, _) -> a, TreeMap::new));
        Map<String, Boolean> aggregates = new TreeMap<>();
        Set<String> built = Catalogue.aggregates().stream().map(AggregateFunction::name).collect(Collectors.toSet());
        for (String name : Files.readAllLines(NAMES.resolve("documented-aggregates.txt"))) {
            aggregates.put(name, built.contains(name));
        }
        return List.of(new Kind("Tabular operators", known), new Kind("Scalar operators", signs), new Kind("Functions", functions),
                new Kind("Aggregates", aggregates), new Kind("Plugins", Plugins.known()));
    }

    /// Whether a query is bound; that a table it names is not there says nothing against it.
    private static boolean isTaken(String query) {
        return Kql.bind(query, CATALOG, BindOptions.at(0)).problems().stream().map(Diagnostic::message)
                .allMatch(message -> message.startsWith("Failed to resolve") && !message.contains("table or column expression"));
    }

    private static Map<String, String> table(String file) throws IOException {
        var rows = new LinkedHashMap<String, String>();
        for (String line : Files.readAllLines(PARTS.resolve(file))) {
            String[] cells = line.split("\t", 2);
            rows.put(cells[0], cells[1]);
        }
        return rows;
    }

    private static Map<String, String> refusals() throws IOException {
        return table("refused.txt");
    }

    private static List<Difference> differences() throws IOException {
        String page = Files.readString(Path.of("../docs/differences.md"));
        var all = new ArrayList<Difference>();
        for (String row : page.split("\n## ")[0].split("\n")) {
            String[] cells = row.split("(?<!\\\\)\\|");
            if (cells.length == 4) {
                Set<String> names = QUOTED.matcher(cells[1].split(":")[0]).results().map((MatchResult match) -> match.group(1).split(" ")[0])
                        .collect(Collectors.toCollection(TreeSet::new));
                all.add(new Difference(names, cells[1].strip(), cells[2].strip(), cells[3].strip()));
            }
        }
        return all;
    }

    private static String page() throws IOException {
        return Files.readString(PARTS.resolve("page.md")).replace("{surface}", surface());
    }

    private static String surface() throws IOException {
        List<Kind> kinds = kinds();
        List<Difference> differences = differences();
        Set<String> differing = differences.stream().flatMap(difference -> difference.names.stream()).collect(Collectors.toSet());
        var text = new StringBuilder("""
                ## What there is

                Every operator, function, aggregate and plugin that the service's open language service knows, hidden and old ones
                included, and the plugin `diffpatterns_text`, of which only its page tells. This part is written from the catalogue by a test.

                | | there are | as in the service | answer otherwise | refused |
                |---|---:|---:|---:|---:|
                """);
        for (Kind kind : kinds) {
            int taken = kind.where(kind.names::get).size();
            int otherwise = kind.where(name -> kind.names.get(name) && differing.contains(name)).size();
            text.append("| %s | %d | %d | %d | %d |%n".formatted(kind.title.toLowerCase(Locale.ROOT), kind.names.size(),
                    taken - otherwise, otherwise, kind.names.size() - taken));
        }
        for (Kind kind : kinds) {
            text.append("\n### ").append(kind.title).append("\n\n").append(kind.where(kind.names::get).stream().map(KqlPageTest::quoted)
                    .collect(Collectors.joining(", "))).append('\n');
        }
        text.append("\n### What answers otherwise\n\n| | here | why |\n|---|---|---|\n");
        Set<String> all = kinds.stream().flatMap(kind -> kind.where(kind.names::get).stream()).collect(Collectors.toSet());
        for (Difference difference : differences) {
            if (difference.names.stream().anyMatch(all::contains)) {
                text.append("| %s | %s | %s |%n".formatted(difference.what, difference.here, difference.why));
            }
        }
        text.append("\n### What is refused\n\n| | why |\n|---|---|\n");
        Map<String, List<String>> reasons = new LinkedHashMap<>();
        refusals().forEach((name, why) -> reasons.computeIfAbsent(why, _ -> new ArrayList<>()).add(name));
        reasons.forEach((why, names) -> text.append("| %s | %s |%n".formatted(
                names.stream().map(KqlPageTest::quoted).collect(Collectors.joining(", ")), why)));
        return text.toString();
    }

    private static String quoted(String name) {
        return "`" + name.replace("|", "\\|") + "`";
    }
}
