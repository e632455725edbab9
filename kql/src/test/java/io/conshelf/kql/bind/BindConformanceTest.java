package io.conshelf.kql.bind;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.kql.spec.JsonLines;
import io.conshelf.kql.spec.JsonLines.Line;
import io.conshelf.kql.spec.SharedFiles;
import io.conshelf.kql.syntax.Diagnostic;
import io.conshelf.kql.type.ColumnSchema;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// The binder against recorded answers of the engine and of the official language service, by the rules of
/// shared/conformance/README.md. What does not agree yet stands in bind-not-passing.txt with a reason; the list may
/// only shrink.
class BindConformanceTest {
    private static final Map<String, String> ENGINE_TYPES = Map.of("int64", "long", "int32", "int", "double", "real",
            "sqldecimal", "decimal", "boolean", "bool", "sbyte", "bool", "object", "dynamic");

    @Test
    void recordedAnswersAreOurs() throws IOException {
        Map<String, String> failing = new TreeMap<>();
        Map<?, ?> database = JsonLines.read(SharedFiles.require("conformance/kql/parser-database.json")).getFirst().fields();
        for (String file : List.of("parser.jsonl", "parser-lenient.jsonl")) {
            JsonLines.read(SharedFiles.require("conformance/kql/" + file)).stream()
                    .filter(line -> line.text("kind").equals("Query"))
                    .forEach(line -> judge(line, line.text("query"), Optional.empty(), database)
                            .ifPresent(reason -> failing.put(line.text("id"), reason)));
        }
        Map<String, Line> queries = byId("cases.jsonl");
        Map<String, Line> engine = byId("emulator-cases.jsonl");
        for (Line line : JsonLines.read(SharedFiles.require("conformance/kql/schemas.jsonl"))) {
            Line query = queries.getOrDefault(line.text("id"), engine.get(line.text("id")));
            if (query != null && line.text("kind").equals("Query")) {
                judge(line, query.text("query"), Optional.ofNullable(engine.get(line.text("id"))), Map.of())
                        .ifPresent(reason -> failing.put(line.text("id"), reason));
            }
        }
        Map<String, String> known = known();
        Map<String, String> unexpected = new LinkedHashMap<>(failing);
        unexpected.keySet().removeAll(known.keySet());
        assertThat(unexpected).as("cases that fail and are not in bind-not-passing.txt").isEmpty();
        List<String> passing = new ArrayList<>(known.keySet());
        passing.removeAll(failing.keySet());
        assertThat(passing).as("cases in bind-not-passing.txt that pass: take them out").isEmpty();
    }

    private static Map<String, Line> byId(String file) {
        Map<String, Line> lines = new HashMap<>();
        JsonLines.read(SharedFiles.require("conformance/kql/" + file)).forEach(line -> lines.put(line.text("id"), line));
        return lines;
    }

    private static Map<String, String> known() throws IOException {
        Map<String, String> known = new TreeMap<>();
        try (InputStream in = Objects.requireNonNull(BindConformanceTest.class.getResourceAsStream("/bind-not-passing.txt"))) {
            new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .forEach(line -> known.put(line.substring(0, line.indexOf(' ')), line.substring(line.indexOf(' ') + 1)));
        }
        return known;
    }

    /// Why a case fails; empty when it passes or does not count.
    private static Optional<String> judge(Line line, String query, Optional<Line> engine, Map<?, ?> database) {
        Bound bound = Kql.bind(query, DescribedCatalog.of(database), BindOptions.toCheck(0));
        List<Diagnostic> errors = bound.diagnostics().stream().filter(Diagnostic::isError).toList();
        List<Line> theirs = line.objects("diagnostics").stream().filter(d -> d.text("severity").equals("Error")).toList();
        boolean lenient = "lenient".equals(line.fields().get("verdict"));
        boolean reject = lenient || engine.map(e -> e.field("expect").isEmpty()).orElse(!theirs.isEmpty());
        boolean judged = line.field("verdict").isPresent();
        if (!judged && engine.isEmpty() && !theirs.isEmpty() && theirs.stream().noneMatch(d -> d.text("phase").equals("syntax"))) {
            return Optional.empty();
        }
        if (reject) {
            if (errors.isEmpty()) {
                return Optional.of("an error is expected");
            }
            boolean semantic = judged && !lenient && theirs.stream().allMatch(d -> d.text("phase").equals("semantic"));
            return !semantic || errors.stream().anyMatch(error -> theirs.stream().anyMatch(their -> within(query, error, their)))
                    ? Optional.empty() : Optional.of("the error is at another place");
        }
        if (!errors.isEmpty()) {
            return Optional.of("no error is expected: " + errors.getFirst().message());
        }
        List<ColumnSchema> got = bound.results().isEmpty() ? List.of() : bound.results().getFirst().columns();
        boolean open = Boolean.TRUE.equals(line.fields().get("open"));
        return columns(line, engine, open, query).flatMap(wanted -> differs(wanted, got, open));
    }

    private static boolean within(String query, Diagnostic error, Line their) {
        int start = ((Number) their.fields().get("start")).intValue();
        int length = Math.max(1, ((Number) their.fields().get("length")).intValue());
        int ours = error.span().start();
        return start <= ours && ours < start + length
                || query.substring(Math.min(start, ours), Math.max(start, ours)).isBlank();
    }

    private record Wanted(String name, List<String> types) {}

    private static Optional<List<Wanted>> columns(Line line, Optional<Line> engine, boolean open, String query) {
        if (engine.isPresent() && !open && engine.get().fields().get("expect") instanceof Map<?, ?> expect) {
            List<?> names = (List<?>) expect.get("columns");
            List<?> types = expect.get("types") instanceof List<?> list ? list : List.of();
            List<Wanted> wanted = new ArrayList<>();
            for (int i = 0; i < names.size(); i++) {
                List<String> allowed = types.isEmpty() ? List.of() : java.util.Arrays.stream(String.valueOf(types.get(i))
                        .toLowerCase(Locale.ROOT).split("\\|")).map(type -> ENGINE_TYPES.getOrDefault(type, type)).toList();
                wanted.add(new Wanted(String.valueOf(names.get(i)), allowed));
            }
            return Optional.of(wanted);
        }
        if (!(line.fields().get("schema") instanceof List<?> schema)) {
            return Optional.empty();
        }
        List<Wanted> wanted = new ArrayList<>();
        for (Object column : schema) {
            String name = String.valueOf(((List<?>) column).get(0));
            String type = String.valueOf(((List<?>) column).get(1));
            if (!(name.equals("match_id") && query.contains("scan") && !query.contains("with_match_id"))) {
                wanted.add(new Wanted(name, type.equals("unknown") ? List.of() : List.of(type)));
            }
        }
        return Optional.of(wanted);
    }

    private static Optional<String> differs(List<Wanted> wanted, List<ColumnSchema> got, boolean open) {
        List<String> names = got.stream().map(ColumnSchema::name).toList();
        boolean sameNames = open ? names.containsAll(wanted.stream().map(Wanted::name).toList())
                : names.equals(wanted.stream().map(Wanted::name).toList());
        if (!sameNames) {
            return Optional.of("columns " + wanted.stream().map(Wanted::name).toList() + " expected, found " + names);
        }
        for (Wanted column : wanted) {
            String type = got.get(names.indexOf(column.name())).type().kustoName();
            if (!column.types().isEmpty() && !column.types().contains(type)) {
                return Optional.of("type of " + column.name() + ": " + column.types() + " expected, found " + type);
            }
        }
        return Optional.empty();
    }
}
