package io.conshelf.connectors.definition;

import java.util.List;
import java.util.stream.Collectors;

/// Definitions that cannot be used. Carries every mistake, not only the first.
public final class InvalidDefinitionException extends Exception {
    private final transient List<Problem> problems;

    public InvalidDefinitionException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining(System.lineSeparator())));
        this.problems = List.copyOf(problems);
    }

    public List<Problem> problems() {
        return problems;
    }
}
