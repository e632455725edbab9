package io.conshelf.streams.local;

import io.conshelf.streams.query.Diagnostic;
import java.util.List;
import java.util.stream.Collectors;

/// A query that does not compile.
public final class QueryRefused extends Exception {
    private final List<Diagnostic> errors;

    QueryRefused(List<Diagnostic> errors) {
        super(errors.stream().map(Diagnostic::toString).collect(Collectors.joining("\n")));
        this.errors = List.copyOf(errors);
    }

    public List<Diagnostic> errors() {
        return errors;
    }
}
