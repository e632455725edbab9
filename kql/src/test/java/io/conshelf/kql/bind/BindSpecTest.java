package io.conshelf.kql.bind;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.kql.spec.SpecFile;
import io.conshelf.kql.spec.SpecFile.SpecCase;
import io.conshelf.kql.syntax.Diagnostic;
import io.conshelf.kql.syntax.Position;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Queries and their columns or errors (spec/bind), messages (spec/messages) and plans (spec/plan).
class BindSpecTest {
    private static final Catalog CATALOG = DescribedCatalog.of(Map.of(
            "name", "db",
            "tables", Map.of(
                    "P", "(b:bool, i:int, l:long, r:real, d:decimal, t:datetime, n:timespan, s:string, g:guid, j:dynamic)",
                    "Q", "(l:long, s:string, z:real)",
                    "Logs", "(Time:datetime, Level:string, Message:string)"),
            "functions", Map.of(
                    "Twice", "(x:long) { x * 2 }",
                    "Big", "(T:(l:long), least:long = 5) { T | where l > least }",
                    "Loop", "(x:long) { Loop(x) }",
                    "Broken", "() { P | where nothing == 1 }"),
            "entityGroups", Map.of(
                    "Some", List.of("database('db')", "database('Secret')", "cluster('elsewhere').database('Hidden')"),
                    "Lost", List.of("database('Secret')")),
            "databases", Map.of("Other", Map.of("tables", Map.of("X", "(p:long)")))));

    @TestFactory
    Stream<DynamicNode> columnsAndPlacesOfErrors() {
        return SpecFile.tests("bind", spec -> {
            Bound bound = bind(spec);
            return bound.hasErrors() ? errors(spec.query(), bound.diagnostics()) : columns(bound);
        });
    }

    @TestFactory
    Stream<DynamicNode> texts() {
        return SpecFile.tests("messages", spec -> bind(spec).problems().stream()
                .map(d -> d.code() + ": " + d.message()).collect(Collectors.joining("\n")));
    }

    @TestFactory
    Stream<DynamicNode> plans() {
        return SpecFile.tests("plan", spec -> bind(spec).results().stream()
                .map(result -> result.plan().text()).collect(Collectors.joining("\n")));
    }

    @Test
    void whatIsLeftOutOfAStoredEntityGroupIsNotNamed() {
        Bound bound = Kql.bind("macro-expand isfuzzy=true Some as X (print 1)", CATALOG, BindOptions.at(0));
        assertThat(bound.hasErrors()).isFalse();
        assertThat(bound.diagnostics()).extracting(Diagnostic::message).containsExactly("Failed to resolve 2 of 3 entities of the entity group 'Some'");
    }

    private static Bound bind(SpecCase spec) {
        return Kql.bind(spec.query(), CATALOG, BindOptions.at(0));
    }

    private static String columns(Bound bound) {
        List<String> tables = bound.results().stream()
                .map(result -> result.columns().stream().map(Object::toString).collect(Collectors.joining(" | "))
                        + (result.open() ? " | …" : ""))
                .toList();
        return String.join("\n", tables);
    }

    private static String errors(String query, List<Diagnostic> diagnostics) {
        return diagnostics.stream().map(d -> d.code() + " at " + at(query, d.span().start()) + "-" + at(query, d.span().end()))
                .collect(Collectors.joining("\n"));
    }

    private static String at(String query, int offset) {
        Position position = Position.of(query, offset);
        return position.line() + ":" + position.column();
    }
}
