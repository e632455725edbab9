package io.conshelf.kql.bind;

import io.conshelf.kql.syntax.Syntax;

/// `declare pattern`: known, checked no further, and refused where it is used.
final class Patterns {
    private final Binder binder;

    Patterns(Binder binder) {
        this.binder = binder;
    }

    void declare(Syntax.Pattern pattern, Scope scope) {
        if (!pattern.cases().isEmpty()) {
            binder.refuse(pattern.span(), "declare pattern");
        }
        scope.declare(pattern.name().text(), new Meaning.Failed());
    }
}
