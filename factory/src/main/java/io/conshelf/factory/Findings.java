package io.conshelf.factory;

import io.conshelf.connectors.definition.Problem;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Collects what a check finds. Each finding once, because two activities may name the same broken dataset.
final class Findings {
    private final Set<Problem> problems = new LinkedHashSet<>();
    private final Set<Problem> remarks = new LinkedHashSet<>();

    void problem(Problem problem) {
        problems.add(problem);
    }

    /// Whether something was found where this one stands.
    boolean hasProblemAt(Problem other) {
        return problems.stream().anyMatch(known -> known.file().equals(other.file()) && known.path().equals(other.path()));
    }

    void remark(Problem remark) {
        remarks.add(remark);
    }

    Validation toValidation() {
        return new Validation(List.copyOf(problems), List.copyOf(remarks));
    }
}
