package io.conshelf.processor.jq;

import io.conshelf.processor.value.MembersBuilder;
import io.conshelf.processor.value.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A filter that gives exactly one result, wherever it does not fail. It is asked for it, and needs no output to hand it to: most of what pipelines compute is made
/// of such, and takes a fraction of the time then.
@FunctionalInterface
interface Single extends Filter {
    Value value(Run run, Scope scope, Value input);

    /// What is made anew; a filter that chooses a part of its input tells where that is.
    @Override
    default void run(Run run, Scope scope, Path path, Value input, Output output) {
        Value value = value(run, scope, input);
        output.emit(path.lost(), value);
    }

    static boolean areAll(List<Filter> filters) {
        return filters.stream().allMatch(Single.class::isInstance);
    }

    static List<Single> all(List<Filter> filters) {
        return filters.stream().map(Single.class::cast).toList();
    }

    record Identity() implements Single {
        @Override
        public Value value(Run run, Scope scope, Value input) {
            return input;
        }

        @Override
        public void run(Run run, Scope scope, Path path, Value input, Output output) {
            output.emit(path, input);
        }
    }

    record Constant(Value of) implements Single {
        @Override
        public Value value(Run run, Scope scope, Value input) {
            return of;
        }
    }

    /// `.name`, `.[2]`.
    record Field(Single term, Value key) implements Single {
        @Override
        public Value value(Run run, Scope scope, Value input) {
            Value whole = term.value(run, scope, input);
            run.step();
            return Keys.get(run, whole, key);
        }

        @Override
        public void run(Run run, Scope scope, Path path, Value input, Output output) {
            term.run(run, scope, path, input, (at, whole) -> {
                run.step();
                output.emit(at.then(key, whole), Keys.get(run, whole, key));
            });
        }
    }

    record Pipe(Single left, Single right) implements Single {
        @Override
        public Value value(Run run, Scope scope, Value input) {
            return right.value(run, scope, left.value(run, scope, input));
        }

        @Override
        public void run(Run run, Scope scope, Path path, Value input, Output output) {
            left.run(run, scope, path, input, (at, value) -> right.run(run, scope, at, value, output));
        }
    }

    record Condition(Single test, Single then, Single otherwise) implements Single {
        private Single chosen(Run run, Scope scope, Value input) {
            return Operators.isTrue(test.value(run, scope, input)) ? then : otherwise;
        }

        @Override
        public Value value(Run run, Scope scope, Value input) {
            return chosen(run, scope, input).value(run, scope, input);
        }

        @Override
        public void run(Run run, Scope scope, Path path, Value input, Output output) {
            chosen(run, scope, input).run(run, scope, path, input, output);
        }
    }

    record Alternate(Single left, Single right) implements Single {
        @Override
        public Value value(Run run, Scope scope, Value input) {
            Value first = left.value(run, scope, input);
            return Operators.isTrue(first) ? first : right.value(run, scope, input);
        }

        @Override
        public void run(Run run, Scope scope, Path path, Value input, Output output) {
            Compiler.alternate(left, right, run, scope, path, input, output);
        }
    }

    /// An object whose members have the names that are written there.
    record Construct(List<String> names, List<Single> values) implements Single {
        @Override
        public Value value(Run run, Scope scope, Value input) {
            MembersBuilder members = new MembersBuilder(names.size());
            for (int at = 0; at < names.size(); at++) {
                Value value = values.get(at).value(run, scope, input);
                run.step();
                members.put(names.get(at), value);
            }
            return members.build();
        }
    }

    /// The keys that lead to what a filter chooses, where they are written there: `.payload.state`.
    static Optional<List<Value>> place(Filter target) {
        List<Value> keys = new ArrayList<>();
        return leads(target, keys) ? Optional.of(List.copyOf(keys)) : Optional.empty();
    }

    private static boolean leads(Filter target, List<Value> keys) {
        return switch (target) {
            case Identity _ -> true;
            case Field(Single term, Value key) -> leads(term, keys) && keys.add(key);
            case Pipe(Single left, Single right) -> leads(left, keys) && leads(right, keys);
            default -> false;
        };
    }
}
