package io.conshelf.processor.jq;

import io.conshelf.processor.jq.Filter.Path;
import io.conshelf.processor.jq.Jq.Pattern;
import io.conshelf.processor.value.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// `as [$a, {b: $c}] ?// $d`: takes values apart into variables. All variables of all patterns are bound, null where a pattern has none.
final class Destructuring {
    private final List<Part> patterns;
    private final int variables;
    private final Names names;

    private sealed interface Part {
        record Bind(int slot) implements Part {}

        record Elements(List<Part> elements) implements Part {}

        record Properties(List<Property> properties) implements Part {}

        record Property(int slot, Filter key, Part pattern) {}
    }

    private static final int NO_SLOT = -1;

    private Destructuring(List<Part> patterns, int variables, Names names) {
        this.patterns = patterns;
        this.variables = variables;
        this.names = names;
    }

    static Destructuring of(Compiler compiler, List<Pattern> patterns, Names outer) throws JqSyntaxException {
        List<String> variables = new ArrayList<>();
        patterns.forEach(pattern -> gather(pattern, variables));
        Names names = outer;
        for (String variable : variables) {
            names = names.withVariable(variable);
        }
        List<Part> parts = new ArrayList<>();
        for (Pattern pattern : patterns) {
            parts.add(part(compiler, pattern, variables, outer));
        }
        return new Destructuring(parts, variables.size(), names);
    }

    private static void gather(Pattern pattern, List<String> variables) {
        switch (pattern) {
            case Pattern.Name(String name) -> add(name, variables);
            case Pattern.Elements(List<Pattern> elements) -> elements.forEach(element -> gather(element, variables));
            case Pattern.Properties(List<Pattern.Property> properties) -> properties.forEach(property -> {
                property.name().ifPresent(name -> add(name, variables));
                property.pattern().ifPresent(inner -> gather(inner, variables));
            });
        }
    }

    private static void add(String name, List<String> variables) {
        if (!variables.contains(name)) {
            variables.add(name);
        }
    }

    private static Part part(Compiler compiler, Pattern pattern, List<String> variables, Names outer) throws JqSyntaxException {
        switch (pattern) {
            case Pattern.Name(String name) -> {
                return new Part.Bind(variables.indexOf(name));
            }
            case Pattern.Elements(List<Pattern> elements) -> {
                List<Part> parts = new ArrayList<>();
                for (Pattern element : elements) {
                    parts.add(part(compiler, element, variables, outer));
                }
                return new Part.Elements(parts);
            }
            case Pattern.Properties(List<Pattern.Property> properties) -> {
                List<Part.Property> parts = new ArrayList<>();
                for (Pattern.Property property : properties) {
                    Optional<Pattern> inner = property.pattern();
                    parts.add(new Part.Property(property.name().map(variables::indexOf).orElse(NO_SLOT), compiler.compile(property.key(), outer),
                            inner.isPresent() ? part(compiler, inner.get(), variables, outer) : new Part.Elements(List.of())));
                }
                return new Part.Properties(parts);
            }
        }
    }

    /// With the variables, for what runs where they are bound.
    Names names() {
        return names;
    }

    @FunctionalInterface
    interface Body {
        void run(Scope inner);
    }

    /// @param input of the filter around, for keys that are expressions
    void bind(Run run, Scope scope, Value input, Value value, Body body) {
        for (int i = 0; i < patterns.size(); i++) {
            Value[] slots = new Value[variables];
            Arrays.fill(slots, Value.NULL);
            try {
                take(run, scope, input, patterns.get(i), value, slots, () -> {
                    Scope inner = scope;
                    for (Value slot : slots) {
                        inner = inner.with(slot);
                    }
                    body.run(inner);
                });
                return;
            } catch (JqException error) {
                if (i == patterns.size() - 1) {
                    throw error;
                }
            }
        }
    }

    private static void take(Run run, Scope scope, Value input, Part part, Value value, Value[] slots, Runnable next) {
        switch (part) {
            case Part.Bind(int slot) -> {
                slots[slot] = value;
                next.run();
            }
            case Part.Elements(List<Part> elements) -> {
                if (!elements.isEmpty() && !(value instanceof Value.Items) && !(value instanceof Value.Null)) {
                    throw new JqException("Cannot index " + Kind.of(value).text() + " with number");
                }
                elements(run, scope, input, elements, 0, value, slots, next);
            }
            case Part.Properties(List<Part.Property> properties) -> properties(run, scope, input, properties, 0, value, slots, next);
        }
    }

    private static void elements(Run run, Scope scope, Value input, List<Part> elements, int at, Value value, Value[] slots, Runnable next) {
        if (at == elements.size()) {
            next.run();
            return;
        }
        take(run, scope, input, elements.get(at), Keys.get(run, value, Value.of((long) at)), slots,
                () -> elements(run, scope, input, elements, at + 1, value, slots, next));
    }

    private static void properties(Run run, Scope scope, Value input, List<Part.Property> properties, int at, Value value, Value[] slots, Runnable next) {
        if (at == properties.size()) {
            next.run();
            return;
        }
        Part.Property property = properties.get(at);
        property.key.run(run, scope, Path.NONE, input, (_, key) -> {
            Value inner = Keys.get(run, value, key);
            if (property.slot != NO_SLOT) {
                slots[property.slot] = inner;
            }
            take(run, scope, input, property.pattern, inner, slots, () -> properties(run, scope, input, properties, at + 1, value, slots, next));
        });
    }
}
