package io.conshelf.kql.syntax;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.kql.spec.SpecFile;
import io.conshelf.kql.spec.SpecFile.SpecCase;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Queries and their trees, or what is wrong with them: `spec/syntax`.
class SyntaxSpecTest {
    @TestFactory
    Stream<DynamicNode> queriesReadAsWritten() {
        return SpecFile.tests("syntax", SyntaxSpecTest::run);
    }

    @Test
    void operatorsBehindACommandArePipedFromItsResult() {
        String text = ".show tables | where a > 1 | count";
        Parsed parsed = Parser.parseOperators(text, text.indexOf('|'));
        assertThat(parsed.diagnostics()).isEmpty();
        assertThat(TreeText.of(parsed.tree())).isEqualTo(
                "Query([ExpressionStatement(Pipe(ContextualInput, [Where(Binary(GREATER, a, LongLiteral(1))), Count]))])");
    }

    @Test
    void aFunctionInACommandKeepsThePlacesOfTheWholeText() {
        String text = ".create function f(x: long) { x + 1 }";
        Parsed parsed = Parser.parseFunction(text, text.indexOf('('));
        assertThat(parsed.diagnostics()).isEmpty();
        assertThat(parsed.tree().statements().getFirst().span().in(text)).isEqualTo("(x: long) { x + 1 }");
        String wrong = text.replace("+ 1", "+");
        assertThat(Parser.parseFunction(wrong, wrong.indexOf('(')).diagnostics()).singleElement()
                .satisfies(d -> assertThat(d.span().in(wrong)).isEqualTo("}"));
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
