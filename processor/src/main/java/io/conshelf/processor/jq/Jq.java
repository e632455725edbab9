package io.conshelf.processor.jq;

import io.conshelf.processor.value.Value;
import java.util.List;
import java.util.Optional;

/// A jq program as a tree.
sealed interface Jq {
    /// @param line counted from 1, as is the column
    record Place(int line, int column) {}

    record Identity() implements Jq {}

    record RecurseAll() implements Jq {}

    record Literal(Value value) implements Jq {}

    /// `.name`, `."text"`, `.[index]` after a term.
    record Index(Jq term, Jq index) implements Jq {}

    record Slice(Jq term, Optional<Jq> from, Optional<Jq> to) implements Jq {}

    record Iterate(Jq term) implements Jq {}

    /// An access with `?` behind it: nothing where there is none, whatever the term has given before.
    record Optionally(Jq access) implements Jq {}

    record Attempt(Jq body, Optional<Jq> handler) implements Jq {}

    record Pipe(Jq left, Jq right) implements Jq {}

    record Comma(Jq left, Jq right) implements Jq {}

    record Alternate(Jq left, Jq right) implements Jq {}

    /// `=`, `|=`, `+=` …
    record Assign(String operator, Jq target, Jq value) implements Jq {}

    record Or(Jq left, Jq right) implements Jq {}

    record And(Jq left, Jq right) implements Jq {}

    /// A comparison or calculation.
    record Operation(String operator, Jq left, Jq right) implements Jq {}

    record Negation(Jq term) implements Jq {}

    record Variable(String name, Place place) implements Jq {}

    record Call(String name, List<Jq> arguments, Place place) implements Jq {}

    /// Text with what is embedded in it, by a format such as `@base64`, or plainly.
    record Template(Optional<String> format, List<Jq> parts, Place place) implements Jq {}

    record Array(Optional<Jq> items) implements Jq {}

    record Construct(List<Entry> entries) implements Jq {}

    record Entry(Jq key, Jq value) {}

    record Condition(Jq test, Jq then, Jq otherwise) implements Jq {}

    record Reduce(Jq source, List<Pattern> patterns, Jq initial, Jq update) implements Jq {}

    record Foreach(Jq source, List<Pattern> patterns, Jq initial, Jq update, Optional<Jq> extract) implements Jq {}

    record Binding(Jq source, List<Pattern> patterns, Jq body) implements Jq {}

    record Label(String name, Jq body) implements Jq {}

    record Break(String name, Place place) implements Jq {}

    record Definition(String name, List<String> parameters, Jq body, Jq rest) implements Jq {}

    /// What `as` takes values apart with.
    sealed interface Pattern {
        record Name(String name) implements Pattern {}

        record Elements(List<Pattern> elements) implements Pattern {}

        record Properties(List<Property> properties) implements Pattern {}

        /// `{$name}`, `{key: pattern}` and `{$name: pattern}`.
        record Property(Optional<String> name, Jq key, Optional<Pattern> pattern) {}
    }
}
