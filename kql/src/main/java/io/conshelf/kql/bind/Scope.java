package io.conshelf.kql.bind;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The names that statements declare, innermost first. A function body sees the scope it was written in.
final class Scope {
    /// The name of the rows a subquery is given; no user can write it.
    static final String INPUT = "\0input";

    private final Optional<Scope> outer;
    /// The database that unqualified names of this scope mean.
    private final String database;
    private final Map<String, Meaning> names = new HashMap<>();

    private Scope(Optional<Scope> outer, String database) {
        this.outer = outer;
        this.database = database;
    }

    static Scope of(String database) {
        return new Scope(Optional.empty(), database);
    }

    Scope inner() {
        return new Scope(Optional.of(this), database);
    }

    String database() {
        return database;
    }

    void declare(String name, Meaning meaning) {
        names.put(name, meaning);
    }

    /// The views that can be seen from here, by name.
    Map<String, Meaning.Function> views() {
        Map<String, Meaning.Function> views = new TreeMap<>(outer.map(Scope::views).orElse(Map.of()));
        names.forEach((name, meaning) -> {
            if (meaning instanceof Meaning.Function function && function.view()) {
                views.put(name, function);
            }
        });
        return views;
    }

    boolean declaresItself(String name) {
        return names.containsKey(name);
    }

    Optional<Meaning> find(String name) {
        Meaning here = names.get(name);
        return here != null ? Optional.of(here) : outer.flatMap(scope -> scope.find(name));
    }
}
