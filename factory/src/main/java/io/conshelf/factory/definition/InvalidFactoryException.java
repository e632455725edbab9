package io.conshelf.factory.definition;

import io.conshelf.connectors.definition.Problem;
import java.util.List;
import java.util.stream.Collectors;

/// Definitions that cannot run. Carries every mistake, not only the first.
public final class InvalidFactoryException extends Exception {
    private final transient List<Problem> problems;

    public InvalidFactoryException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining(System.lineSeparator())));
        this.problems = List.copyOf(problems);
    }

    public List<Problem> problems() {
        return problems;
    }
}
