package io.conshelf.kql.syntax;

import java.util.List;

/// What parsing a text gives: always a tree, and what is wrong with the text.
public record Parsed(Syntax.Query tree, List<Diagnostic> diagnostics) {
    public Parsed {
        diagnostics = List.copyOf(diagnostics);
    }

    public boolean hasErrors() {
        return diagnostics.stream().anyMatch(Diagnostic::isError);
    }
}
