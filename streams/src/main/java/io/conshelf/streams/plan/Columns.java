package io.conshelf.streams.plan;

import java.util.ArrayList;
import java.util.List;

/// The columns that rows are known to have.
sealed interface Columns {
    /// Whatever the events hold.
    record Open() implements Columns {}

    /// These and no others.
    record Closed(List<String> names) implements Columns {
        public Closed {
            names = List.copyOf(names);
        }
    }

    Columns OPEN = new Open();

    default boolean mayHave(String name) {
        return switch (this) {
            case Open _ -> true;
            case Closed(var names) -> names.stream().anyMatch(name::equalsIgnoreCase);
        };
    }

    default boolean isKnownToHave(String name) {
        return this instanceof Closed && mayHave(name);
    }

    /// As far as they are known.
    default List<String> known() {
        return this instanceof Closed(var names) ? names : List.of();
    }

    /// Those of this, then those of the other that are not there yet.
    default Columns and(Columns other) {
        if (!(this instanceof Closed(var mine)) || !(other instanceof Closed(var others))) {
            return OPEN;
        }
        List<String> all = new ArrayList<>(mine);
        others.stream().filter(name -> !mayHave(name)).forEach(all::add);
        return new Closed(all);
    }
}
