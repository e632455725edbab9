package io.conshelf.processor.jq;

import java.util.Optional;

/// What names are known where a part of a program stands, the innermost first; it has a level for each of [Scope]'s.
record Names(Names outer, String name, int arity, Meaning meaning) {
    static final Names NONE = new Names(null, "", 0, Meaning.LABEL);

    enum Meaning { VARIABLE, FUNCTION, ARGUMENT, LABEL }

    /// @param levels up from where it is used
    record Found(int levels, Meaning meaning) {}

    Names with(String inner, int parameters, Meaning of) {
        return new Names(this, inner, parameters, of);
    }

    Names withVariable(String inner) {
        return with(inner, 0, Meaning.VARIABLE);
    }

    Optional<Found> variable(String wanted) {
        return find(wanted, 0, true);
    }

    Optional<Found> function(String wanted, int parameters) {
        return find(wanted, parameters, false);
    }

    Optional<Found> label(String wanted) {
        int levels = 0;
        for (Names names = this; names.outer != null; names = names.outer, levels++) {
            if (names.meaning == Meaning.LABEL && names.name.equals(wanted)) {
                return Optional.of(new Found(levels, Meaning.LABEL));
            }
        }
        return Optional.empty();
    }

    private Optional<Found> find(String wanted, int parameters, boolean isVariable) {
        int levels = 0;
        for (Names names = this; names.outer != null; names = names.outer, levels++) {
            boolean fits = switch (names.meaning) {
                case VARIABLE -> isVariable;
                case FUNCTION, ARGUMENT -> !isVariable && names.arity == parameters;
                case LABEL -> false;
            };
            if (fits && names.name.equals(wanted)) {
                return Optional.of(new Found(levels, names.meaning));
            }
        }
        return Optional.empty();
    }
}
