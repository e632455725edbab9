package io.conshelf.processor.jq;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/// The functions that are written in jq themselves, in `prelude.jq`. They see one another.
final class Prelude {
    private Prelude() {}

    /// Filled while the functions of the file already look for one another here.
    private static final class Loaded {
        static final Map<String, Builtins.Builtin> FUNCTIONS = new HashMap<>();

        static {
            load(FUNCTIONS);
        }
    }

    static Optional<Builtins.Builtin> find(String name, int arity) {
        return Optional.ofNullable(Loaded.FUNCTIONS.get(name + "/" + arity));
    }

    static Set<String> keys() {
        return Loaded.FUNCTIONS.keySet();
    }

    /// A function whose body is compiled once all functions of the file are known.
    private static final class Function implements Builtins.Builtin {
        private Filter body;

        @Override
        public Filter with(List<Filter> arguments) {
            return (run, scope, path, input, output) -> {
                Scope inner = Scope.EMPTY.with(new Scope.Closure(body, Scope.EMPTY));
                for (Filter argument : arguments) {
                    inner = inner.with(new Scope.Closure(argument, scope));
                }
                run.enter();
                try {
                    body.run(run, inner, path, input, output);
                } finally {
                    run.leave();
                }
            };
        }
    }

    private static void load(Map<String, Builtins.Builtin> functions) {
        try (InputStream file = Prelude.class.getResourceAsStream("prelude.jq")) {
            SequencedMap<Jq.Definition, Function> definitions = new LinkedHashMap<>();
            Jq rest = JqParsing.read(new String(file.readAllBytes(), StandardCharsets.UTF_8) + "\n.").body();
            while (rest instanceof Jq.Definition definition) {
                Function function = new Function();
                definitions.put(new Jq.Definition(definition.name(), definition.parameters(), definition.body(), new Jq.Identity()), function);
                functions.put(definition.name() + "/" + definition.parameters().size(), function);
                rest = definition.rest();
            }
            Compiler compiler = new Compiler(Map.of(), false);
            for (Map.Entry<Jq.Definition, Function> entry : definitions.entrySet()) {
                Jq.Definition definition = entry.getKey();
                entry.getValue().body = compiler.body(definition,
                        Names.NONE.with(definition.name(), definition.parameters().size(), Names.Meaning.FUNCTION));
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (JqSyntaxException wrong) {
            throw new IllegalStateException("prelude.jq: " + wrong.getMessage(), wrong);
        }
    }
}
