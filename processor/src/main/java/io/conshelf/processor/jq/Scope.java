package io.conshelf.processor.jq;

import io.conshelf.processor.value.Value;

/// What names mean where a filter runs, the innermost first. The compiler has counted how far away each name is.
record Scope(Scope outer, Bound bound) {
    /// Where everything begins: `outer` of no other is absent.
    static final Scope EMPTY = new Scope(null, new Mark());

    sealed interface Bound {}

    record Given(Value value) implements Bound {}

    /// A function or an argument, with the scope that it was written in.
    record Closure(Filter body, Scope scope) implements Bound {}

    /// What `break` looks for, and throws.
    static final class Mark implements Bound {
        private final Broken broken = new Broken(this);

        Broken broken() {
            return broken;
        }
    }

    static final class Broken extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final transient Mark mark;

        Broken(Mark mark) {
            super(null, null, false, false);
            this.mark = mark;
        }

        Mark mark() {
            return mark;
        }
    }

    Scope with(Bound inner) {
        return new Scope(this, inner);
    }

    Scope with(Value value) {
        return new Scope(this, new Given(value));
    }

    Scope up(int levels) {
        Scope scope = this;
        for (int i = 0; i < levels; i++) {
            scope = scope.outer;
        }
        return scope;
    }
}
