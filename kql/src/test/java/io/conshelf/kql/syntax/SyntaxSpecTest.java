package io.conshelf.kql.syntax;

import io.conshelf.kql.spec.SpecFile;
import io.conshelf.kql.spec.SpecFile.SpecCase;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/// Queries and their trees, or what is wrong with them: `spec/syntax`.
class SyntaxSpecTest {
    @TestFactory
    Stream<DynamicNode> queriesReadAsWritten() {
        return SpecFile.tests("syntax", SyntaxSpecTest::run);
    }

    private static String run(SpecCase c) {
        Parsed parsed = Parser.parse(c.query());
        return switch (c.kind()) {
            case TEST -> parsed.hasErrors() ? faults(parsed, c.query())
                    : parsed.tree().statements().stream().map(TreeText::of).collect(Collectors.joining("\n"));
            case ERROR -> faults(parsed, c.query());
        };
    }

    private static String faults(Parsed parsed, String query) {
        return parsed.diagnostics().stream().map(d -> {
            Position from = d.span().position(query);
            Position to = Position.of(query, d.span().end());
            String hint = d.message().substring(d.message().indexOf("]: ") + 3);
            return "%s at %d:%d-%d:%d %s".formatted(d.code(), from.line(), from.column(), to.line(), to.column(), hint);
        }).collect(Collectors.joining("\n"));
    }
}
