package io.conshelf.factory.expression;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// One built-in function: its name, its parameters and how it is evaluated.
public record Function(String name, Set<Kind> result, List<Parameter> parameters, Body body) {

    /// The kinds of value the language knows.
    public enum Kind {
        STRING, INTEGER, FLOAT, BOOLEAN, ARRAY, OBJECT, NULL;

        static final Set<Kind> NUMBER = EnumSet.of(INTEGER, FLOAT);
        /// Anything but null: a null argument fails unless a declaration says otherwise.
        static final Set<Kind> VALUE = EnumSet.complementOf(EnumSet.of(NULL));
        static final Set<Kind> ANY = EnumSet.allOf(Kind.class);

        static Kind of(JsonNode value) {
            return switch (value.getNodeType()) {
                case STRING, BINARY, POJO -> STRING;
                case NUMBER -> value.isIntegralNumber() ? INTEGER : FLOAT;
                case BOOLEAN -> BOOLEAN;
                case ARRAY -> ARRAY;
                case OBJECT -> OBJECT;
                case NULL, MISSING -> NULL;
            };
        }

        String title() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public enum Occurs { ONCE, OPTIONAL, REPEATED, ANY_NUMBER }

    public record Parameter(String name, Set<Kind> kinds, Occurs occurs) {}

    /// Computes the result. Arguments are evaluated when they are asked for, which is what makes `if` and `coalesce` lazy.
    @FunctionalInterface
    public interface Body {
        JsonNode evaluate(Arguments arguments);
    }

    public Function {
        parameters = List.copyOf(parameters);
    }

    static Builder function(String name) {
        return new Builder(name);
    }

    public int argumentsMin() {
        return (int) parameters.stream().filter(p -> p.occurs() != Occurs.OPTIONAL && p.occurs() != Occurs.ANY_NUMBER).count();
    }

    public int argumentsMax() {
        return parameters.stream().anyMatch(p -> p.occurs() == Occurs.REPEATED || p.occurs() == Occurs.ANY_NUMBER) ? Integer.MAX_VALUE : parameters.size();
    }

    Parameter parameter(int index) {
        return parameters.get(Math.min(index, parameters.size() - 1));
    }

    /// For messages and the reference page: `substring(text, start, length)`.
    public String signature() {
        List<String> shown = new ArrayList<>();
        for (Parameter parameter : parameters) {
            shown.add(switch (parameter.occurs()) {
                case ONCE -> parameter.name();
                case OPTIONAL -> "[" + parameter.name() + "]";
                case REPEATED -> parameter.name() + ", …";
                case ANY_NUMBER -> "[" + parameter.name() + ", …]";
            });
        }
        return name + "(" + String.join(", ", shown) + ")";
    }

    static final class Builder {
        private final String name;
        private final List<Parameter> parameters = new ArrayList<>();
        private Set<Kind> result = Kind.ANY;

        private Builder(String name) {
            this.name = name;
        }

        Builder takes(String parameter, Kind kind) {
            return takes(parameter, EnumSet.of(kind));
        }

        Builder takes(String parameter, Set<Kind> kinds) {
            parameters.add(new Parameter(parameter, kinds, Occurs.ONCE));
            return this;
        }

        Builder mayTake(String parameter, Kind kind) {
            parameters.add(new Parameter(parameter, EnumSet.of(kind), Occurs.OPTIONAL));
            return this;
        }

        /// One or more of these.
        Builder takesMany(String parameter, Set<Kind> kinds) {
            parameters.add(new Parameter(parameter, kinds, Occurs.REPEATED));
            return this;
        }

        /// None or more of these.
        Builder mayTakeMany(String parameter, Set<Kind> kinds) {
            parameters.add(new Parameter(parameter, kinds, Occurs.ANY_NUMBER));
            return this;
        }

        Builder gives(Kind kind) {
            return gives(EnumSet.of(kind));
        }

        Builder gives(Set<Kind> kinds) {
            result = kinds;
            return this;
        }

        Function as(Body body) {
            return new Function(name, result, parameters, body);
        }
    }
}
