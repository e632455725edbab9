package io.conshelf.kql.bind;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/// The column names of one operator's output: written names must differ, automatic ones give way.
final class OutputNames {
    private final Set<String> used = new HashSet<>();
    private final Set<String> written = new HashSet<>();
    private int unnamed;

    OutputNames() {}

    /// Names that others have already, without being written here.
    OutputNames(Collection<String> taken) {
        used.addAll(taken);
    }

    /// Whether a column of this name has been written already.
    boolean isWritten(String name) {
        return written.contains(name);
    }

    boolean isTaken(String name) {
        return used.contains(name);
    }

    /// The name for a column whose author wrote `name`; it differs where an automatic name came first.
    String write(String name) {
        String free = unique(name);
        written.add(free);
        // Where an automatic name came first, the one that was written is still the author's.
        written.add(name);
        return free;
    }

    /// Keeps automatic names from being this one.
    void take(String name) {
        used.add(name);
    }

    void markWritten(String name) {
        written.add(name);
    }

    /// `name`, or with a number after it where that is taken.
    String unique(String name) {
        String free = name;
        for (int i = 1; !used.add(free); i++) {
            free = name + i;
        }
        return free;
    }

    /// The first of `Column1`, `Column2` … that nobody has.
    String nextFree() {
        do {
            unnamed++;
        } while (used.contains("Column" + unnamed));
        return unique("Column" + unnamed);
    }

    /// `Column1`, `Column2` … for what has no name.
    String next() {
        unnamed++;
        return unique("Column" + unnamed);
    }
}
