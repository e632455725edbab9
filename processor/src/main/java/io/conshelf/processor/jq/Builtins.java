package io.conshelf.processor.jq;

import io.conshelf.processor.jq.Filter.Path;
import io.conshelf.processor.value.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// All functions, by name and number of arguments. A family declares its own; what needs no speed is written in jq ([Prelude]).
final class Builtins {
    /// Functions that the service blocks.
    static final Set<String> BLOCKED = Set.of("modulemeta", "range", "recurse", "until", "walk", "while");

    private static final Map<String, Builtin> ALL = all();

    private Builtins() {}

    /// A function whose arguments are filters.
    @FunctionalInterface
    interface Builtin {
        Filter with(List<Filter> arguments);
    }

    /// A function of its input and of the values of its arguments, called for each combination of them, those of the last argument slowest.
    @FunctionalInterface
    interface OfValues {
        Value apply(Run run, Value input, List<Value> arguments);
    }

    record Declared(String name, int arity, Builtin builtin) {}

    static Declared filter(String name, int arity, Builtin builtin) {
        return new Declared(name, arity, builtin);
    }

    static Declared values(String name, int arity, OfValues function) {
        return new Declared(name, arity, arguments -> Single.areAll(arguments) ? one(function, Single.all(arguments)) : (run, scope, path, input, output) ->
                combine(run, scope, input, arguments, arguments.size() - 1, List.of(), given -> {
                    run.step();
                    output.emit(path.lost(), function.apply(run, input, given));
                }));
    }

    private static Single one(OfValues function, List<Single> arguments) {
        return (run, scope, input) -> {
            Value[] given = new Value[arguments.size()];
            for (int at = given.length - 1; at >= 0; at--) {
                given[at] = arguments.get(at).value(run, scope, input);
            }
            run.step();
            return function.apply(run, input, Arrays.asList(given));
        };
    }

    @FunctionalInterface
    private interface Given {
        void call(List<Value> values);
    }

    private static void combine(Run run, Scope scope, Value input, List<Filter> arguments, int at, List<Value> behind, Given given) {
        if (at < 0) {
            given.call(behind);
            return;
        }
        arguments.get(at).run(run, scope, Path.NONE, input, (_, value) -> {
            List<Value> values = new ArrayList<>(behind.size() + 1);
            values.add(value);
            values.addAll(behind);
            combine(run, scope, input, arguments, at - 1, values, given);
        });
    }

    private static Map<String, Builtin> all() {
        Map<String, Builtin> all = new HashMap<>();
        Stream.of(ControlFunctions.ALL, ValueFunctions.ALL, TextFunctions.ALL, MathFunctions.ALL, RegexFunctions.ALL, DateFunctions.ALL)
                .flatMap(Collection::stream).forEach(declared -> all.put(key(declared.name, declared.arity), declared.builtin));
        Formats.NAMED.forEach((name, format) -> all.put(key(name, 0), _ -> (_, _, path, input, output) ->
                output.emit(path.lost(), new Value.Text(format.apply(input)))));
        return Map.copyOf(all);
    }

    private static String key(String name, int arity) {
        return name + "/" + arity;
    }

    /// @param modules what was imported, by the name before `::`; the empty name for what was included
    static Optional<Builtin> find(String name, int arity, Map<String, String> modules) {
        return inModule(name, modules).flatMap(function -> Optional.ofNullable(BinaryModule.ALL.get(key(function, arity))))
                .or(() -> Optional.ofNullable(ALL.get(key(name, arity)))).or(() -> Prelude.find(name, arity));
    }

    static boolean isKnown(String name, Map<String, String> modules) {
        return names().contains(name) || inModule(name, modules).filter(BinaryModule.NAMES::contains).isPresent();
    }

    /// The name of a function within its module, if that was imported.
    private static Optional<String> inModule(String name, Map<String, String> modules) {
        int colons = name.indexOf("::");
        String module = colons < 0 ? "" : name.substring(0, colons);
        return modules.containsKey(module) ? Optional.of(colons < 0 ? name : name.substring(colons + 2)) : Optional.empty();
    }

    /// As `builtins` tells them.
    static Set<String> keys() {
        Set<String> keys = new java.util.HashSet<>(ALL.keySet());
        keys.addAll(Prelude.keys());
        return keys;
    }

    private static Set<String> names() {
        Set<String> names = new java.util.HashSet<>();
        keys().forEach(key -> names.add(key.substring(0, key.lastIndexOf('/'))));
        return names;
    }
}
