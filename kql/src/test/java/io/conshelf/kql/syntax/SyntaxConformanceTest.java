package io.conshelf.kql.syntax;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.kql.spec.JsonLines;
import io.conshelf.kql.spec.JsonLines.Line;
import io.conshelf.kql.spec.SharedFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The parser against the answers of the official language service.
class SyntaxConformanceTest {
    private static List<Line> queries(String file) {
        return JsonLines.read(SharedFiles.require("conformance/kql/" + file)).stream()
                .filter(line -> line.text("kind").equalsIgnoreCase("query"))
                .toList();
    }

    @Test
    void whatTheServiceAcceptsIsNoSyntaxError() {
        List<String> failures = new ArrayList<>();
        for (Line line : queries("parser.jsonl")) {
            if (line.text("verdict").equals("accept")) {
                check(line, failures);
            }
        }
        assertThat(failures).isEmpty();
    }

    @Test
    void whatTheServiceCannotParseIsASyntaxErrorAtItsPlace() {
        List<String> failures = new ArrayList<>();
        for (Line line : queries("parser.jsonl")) {
            List<Integer> theirs = syntaxErrors(line);
            if (line.text("verdict").equals("reject") && !theirs.isEmpty()) {
                String query = line.text("query");
                List<Integer> ours = Parser.parse(query).diagnostics().stream().filter(Diagnostic::isError)
                        .map(d -> d.span().start()).toList();
                boolean agree = ours.stream().anyMatch(o -> theirs.stream().anyMatch(t -> isSamePlace(query, o, t)));
                if (!agree) {
                    failures.add(line.text("id") + " " + query + ": service at " + theirs + ", we at " + ours);
                }
            }
        }
        assertThat(failures).isEmpty();
    }

    private static List<Integer> syntaxErrors(Line line) {
        return line.objects("diagnostics").stream().filter(d -> d.text("phase").equals("syntax"))
                .map(d -> ((Number) d.fields().get("start")).intValue()).toList();
    }

    /// The same offset, but for blanks between the two.
    private static boolean isSamePlace(String query, int a, int b) {
        return query.substring(Math.min(a, b), Math.max(a, b)).isBlank();
    }

    @Test
    void literalsWithoutAValueAreRefused() {
        List<String> failures = new ArrayList<>();
        for (Line line : queries("parser-lenient.jsonl")) {
            boolean literal = line.text("tag").startsWith("literal.") || line.text("tag").startsWith("name.");
            if (literal && !Parser.parse(line.text("query")).hasErrors()) {
                failures.add(line.text("id") + " " + line.text("query"));
            }
        }
        assertThat(failures).isEmpty();
    }

    @Test
    void documentedQueriesParse() throws IOException {
        Path rejects = SharedFiles.require("conformance/kql/oracle-rejects.txt");
        Set<String> rejected = Files.readAllLines(rejects).stream()
                .filter(l -> !l.startsWith("#")).map(l -> l.substring(0, l.indexOf('\t'))).collect(Collectors.toSet());
        List<String> failures = new ArrayList<>();
        for (Line line : queries("cases.jsonl")) {
            if (!rejected.contains(line.text("id"))) {
                check(line, failures);
            }
        }
        assertThat(failures).isEmpty();
    }

    @Test
    void queriesThatTheEngineRanParse() {
        List<String> failures = new ArrayList<>();
        for (Line line : queries("emulator-cases.jsonl")) {
            if (line.field("expectError").isEmpty()) {
                check(line, failures);
            }
        }
        assertThat(failures).isEmpty();
    }

    private static void check(Line line, List<String> failures) {
        Parser.parse(line.text("query")).diagnostics().stream().filter(Diagnostic::isError).findFirst()
                .ifPresent(d -> failures.add(line.text("id") + " " + line.text("query") + "\n  " + d.message()));
    }
}
