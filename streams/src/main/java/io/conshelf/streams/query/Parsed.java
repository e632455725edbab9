package io.conshelf.streams.query;

import java.util.List;
import java.util.Optional;

/// What reading a query gives.
///
/// @param script there where no error is
public record Parsed(Optional<Syntax.Script> script, List<Diagnostic> diagnostics) {
    public Parsed {
        diagnostics = List.copyOf(diagnostics);
    }
}
