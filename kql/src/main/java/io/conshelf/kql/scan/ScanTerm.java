package io.conshelf.kql.scan;

import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/// An expression of a step, over what a machine has at hand.
sealed interface ScanTerm {
    Type type();

    /// What depends on the row alone.
    record Field(int index, Type type) implements ScanTerm {}

    /// A column of a step, both counted from 0, in the state.
    record State(int step, int column, Type type) implements ScanTerm {}

    /// @param text in the form of a field; empty for null
    record Constant(String text, Type type) implements ScanTerm {}

    record Call(String function, List<ScanTerm> arguments, Type type) implements ScanTerm {
        public Call {
            arguments = List.copyOf(arguments);
        }

        ScanOperation operation() {
            return ScanOperations.find(function, arguments.stream().map(ScanTerm::type).toList(), type)
                    .orElseThrow(() -> new AssertionError("no machine for '" + function + "' was asked for"));
        }
    }

    /// Writes the term as words that [#read] reads.
    default void write(List<String> words) {
        switch (this) {
            case Field(int index, Type type) -> words.addAll(List.of("field", type.name(), Integer.toString(index)));
            case State(int step, int column, Type type) ->
                words.addAll(List.of("state", type.name(), Integer.toString(step), Integer.toString(column)));
            case Constant(String text, Type type) -> words.addAll(List.of("constant", type.name(), text));
            case Call(String function, List<ScanTerm> arguments, Type type) -> {
                words.addAll(List.of("call", type.name(), function, Integer.toString(arguments.size())));
                arguments.forEach(argument -> argument.write(words));
            }
        }
    }

    static ScanTerm read(Iterator<String> words) {
        String kind = words.next();
        Type type = Type.valueOf(words.next());
        return switch (kind) {
            case "field" -> new Field(Integer.parseInt(words.next()), type);
            case "state" -> new State(Integer.parseInt(words.next()), Integer.parseInt(words.next()), type);
            case "constant" -> new Constant(words.next(), type);
            case "call" -> {
                String function = words.next();
                int count = Integer.parseInt(words.next());
                var arguments = new ArrayList<ScanTerm>();
                for (int i = 0; i < count; i++) {
                    arguments.add(read(words));
                }
                yield new Call(function, arguments, type);
            }
            default -> throw new AssertionError("'" + kind + "' is no term of a scan");
        };
    }
}
