package io.conshelf.kql.bind;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/// The names that statements declare, innermost first. A function body sees the scope it was written in.
final class Scope {
    /// The name of the rows a subquery is given; no user can write it.
    static final String INPUT = "\0input";

    private final Optional<Scope> outer;
    /// The database that unqualified names of this scope mean.
    private final String database;
    private final Optional<Body> body;
    private final Map<String, Meaning> names = new HashMap<>();

    /// The body of a function as a call binds it: the text means the same wherever its place and what it was given are the same.
    ///
    /// @param place  where the function was written: the scope around it and where it starts, or a stored function's database and text
    /// @param values the arguments
    record Body(List<Object> place, Map<String, Object> values) {
        Body {
            place = List.copyOf(place);
            values = Map.copyOf(values);
        }
    }

    private Scope(Optional<Scope> outer, String database, Optional<Body> body) {
        this.outer = outer;
        this.database = database;
        this.body = body;
    }

    static Scope of(String database) {
        return new Scope(Optional.empty(), database, Optional.empty());
    }

    Scope inner() {
        return inner(Optional.empty());
    }

    /// The scope of a function's body, where it can be told from others.
    Scope inner(Optional<Body> of) {
        return new Scope(Optional.of(this), database, of);
    }

    /// What this is the scope of; scopes within it may hold more names, so they are none.
    Optional<Body> body() {
        return body;
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

    /// A scope of those of the names seen from here that are to remain. Functions that remain, except those that are to see what they
    /// saw, see no more than it either: one that gives a value would give away what it is no longer to be seen.
    Scope keeping(BiPredicate<String, Meaning> remains, Predicate<String> seesAll) {
        Map<Scope, Scope> kept = new HashMap<>();
        Scope all = emptied(kept);
        kept.forEach((before, after) -> before.names.forEach((name, meaning) -> {
            if (remains.test(name, meaning)) {
                boolean isNarrowed = meaning instanceof Meaning.Function function && function.source().isEmpty() && !seesAll.test(name);
                after.declare(name, isNarrowed ? narrowed((Meaning.Function) meaning, kept, all) : meaning);
            }
        }));
        return all;
    }

    /// The same scopes without names.
    private Scope emptied(Map<Scope, Scope> kept) {
        Scope empty = new Scope(outer.map(scope -> scope.emptied(kept)), database, body);
        kept.put(this, empty);
        return empty;
    }

    /// One that saw a scope from before an earlier restriction sees what is left of them all.
    private static Meaning.Function narrowed(Meaning.Function function, Map<Scope, Scope> kept, Scope all) {
        return function.within(kept.getOrDefault(function.scope(), all));
    }

    boolean declaresItself(String name) {
        return names.containsKey(name);
    }

    Optional<Meaning> find(String name) {
        Meaning here = names.get(name);
        return here != null ? Optional.of(here) : outer.flatMap(scope -> scope.find(name));
    }
}
