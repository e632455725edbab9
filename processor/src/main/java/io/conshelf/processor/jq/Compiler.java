package io.conshelf.processor.jq;

import io.conshelf.processor.jq.Filter.Output;
import io.conshelf.processor.jq.Filter.Path;
import io.conshelf.processor.jq.Jq.Place;
import io.conshelf.processor.jq.Names.Found;
import io.conshelf.processor.jq.Names.Meaning;
import io.conshelf.processor.jq.Operators.Operator;
import io.conshelf.processor.jq.Scope.Broken;
import io.conshelf.processor.jq.Scope.Closure;
import io.conshelf.processor.jq.Scope.Given;
import io.conshelf.processor.jq.Scope.Mark;
import io.conshelf.processor.value.MembersBuilder;
import io.conshelf.processor.value.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// Makes filters of a tree. Names are looked up here, once; what is unknown is told with its place.
final class Compiler {
    private final Map<String, String> modules;
    private final boolean isStrict;

    Compiler(Map<String, String> modules, boolean isStrict) {
        this.modules = modules;
        this.isStrict = isStrict;
    }

    Filter compile(Jq jq, Names names) throws JqSyntaxException {
        return switch (jq) {
            case Jq.Identity _ -> new Single.Identity();
            case Jq.RecurseAll _ -> Iteration.recurse();
            case Jq.Literal(Value value) -> new Single.Constant(value);
            case Jq.Index index -> access(index, names, false);
            case Jq.Slice slice -> access(slice, names, false);
            case Jq.Iterate iterate -> access(iterate, names, false);
            case Jq.Optionally(Jq access) -> access(access, names, true);
            case Jq.Attempt(Jq body, Optional<Jq> handler) -> attempt(compile(body, names), handler.isEmpty() ? null : compile(handler.get(), names));
            case Jq.Pipe(Jq left, Jq right) -> pipe(compile(left, names), compile(right, names));
            case Jq.Comma(Jq left, Jq right) -> {
                Filter first = compile(left, names);
                Filter second = compile(right, names);
                yield (run, scope, path, input, output) -> {
                    first.run(run, scope, path, input, output);
                    second.run(run, scope, path, input, output);
                };
            }
            case Jq.Alternate(Jq left, Jq right) -> alternate(compile(left, names), compile(right, names));
            case Jq.Assign assign -> Assignments.compile(assign.operator(), compile(assign.target(), names), compile(assign.value(), names));
            case Jq.Or(Jq left, Jq right) -> logic(compile(left, names), compile(right, names), true);
            case Jq.And(Jq left, Jq right) -> logic(compile(left, names), compile(right, names), false);
            case Jq.Operation(String symbol, Jq left, Jq right) -> operation(Operators.of(symbol), compile(left, names), compile(right, names));
            case Jq.Negation(Jq term) -> {
                Filter inner = compile(term, names);
                if (inner instanceof Single one) {
                    Single negated = (run, scope, input) -> Numbers.negate(one.value(run, scope, input));
                    yield negated;
                }
                yield (run, scope, path, input, output) ->
                        inner.run(run, scope, Path.NONE, input, (_, value) -> output.emit(path.lost(), Numbers.negate(value)));
            }
            case Jq.Variable(String name, Place place) -> variable(name, place, names);
            case Jq.Call call -> call(call, names);
            case Jq.Template template -> template(template, names);
            case Jq.Array(Optional<Jq> items) -> array(items, names);
            case Jq.Construct(List<Jq.Entry> entries) -> construct(entries, names);
            case Jq.Condition(Jq test, Jq then, Jq otherwise) -> condition(compile(test, names), compile(then, names), compile(otherwise, names));
            case Jq.Reduce reduce -> reduce(reduce, names);
            case Jq.Foreach foreach -> foreach(foreach, names);
            case Jq.Binding binding -> binding(binding, names);
            case Jq.Label(String name, Jq body) -> label(compile(body, names.with(name, 0, Meaning.LABEL)));
            case Jq.Break(String name, Place place) -> {
                Found found = names.label(name).orElseThrow(() -> new JqSyntaxException(place, "there is no label " + name));
                yield (_, scope, _, _, _) -> {
                    throw ((Mark) scope.up(found.levels()).bound()).broken();
                };
            }
            case Jq.Definition definition -> definition(definition, names);
        };
    }

    /// @param isOptional gives nothing where a value has no such part
    private Filter access(Jq access, Names names, boolean isOptional) throws JqSyntaxException {
        return switch (access) {
            case Jq.Index(Jq term, Jq.Literal(Value key)) -> field(compile(term, names), key, isOptional);
            case Jq.Index(Jq term, Jq index) -> index(compile(term, names), compile(index, names), isOptional);
            case Jq.Slice slice -> slice(slice, names, isOptional);
            case Jq.Iterate(Jq term) -> iterate(compile(term, names), isOptional);
            default -> throw new IllegalStateException("'?' behind what is no access");
        };
    }

    private static Filter field(Filter term, Value key, boolean isOptional) {
        if (term instanceof Single one && !isOptional) {
            return new Single.Field(one, key);
        }
        return (run, scope, path, input, output) -> term.run(run, scope, path, input, (at, value) -> {
            run.step();
            if (!isOptional || Keys.fits(value, key)) {
                output.emit(at.then(key, value), Keys.get(run, value, key));
            }
        });
    }

    private static Filter index(Filter term, Filter index, boolean isOptional) {
        return (run, scope, path, input, output) -> term.run(run, scope, path, input, (at, value) ->
                index.run(run, scope, Path.NONE, input, (_, key) -> {
                    run.step();
                    if (!isOptional || Keys.fits(value, key)) {
                        output.emit(at.then(key, value), Keys.get(run, value, key));
                    }
                }));
    }

    private Filter slice(Jq.Slice slice, Names names, boolean isOptional) throws JqSyntaxException {
        Filter term = compile(slice.term(), names);
        Filter from = compile(slice.from().orElse(new Jq.Literal(Value.NULL)), names);
        Filter to = compile(slice.to().orElse(new Jq.Literal(Value.NULL)), names);
        return (run, scope, path, input, output) -> term.run(run, scope, path, input, (at, value) ->
                to.run(run, scope, Path.NONE, input, (_, end) -> from.run(run, scope, Path.NONE, input, (_, start) -> {
                    run.step();
                    SequencedMap<String, Value> members = new LinkedHashMap<>();
                    members.put("start", start);
                    members.put("end", end);
                    Value key = new Value.Members(members);
                    if (!isOptional || Keys.fits(value, key)) {
                        output.emit(at.then(key, value), Keys.slice(value, start, end));
                    }
                })));
    }

    private static Filter iterate(Filter term, boolean isOptional) {
        return (run, scope, path, input, output) -> term.run(run, scope, path, input, (at, value) -> {
            if (!isOptional || value instanceof Value.Items || value instanceof Value.Members) {
                Iteration.each(run, at, value, output);
            }
        });
    }

    private static Filter pipe(Filter left, Filter right) {
        if (left instanceof Single first && right instanceof Single second) {
            return new Single.Pipe(first, second);
        }
        return (run, scope, path, input, output) -> left.run(run, scope, path, input, (at, value) -> right.run(run, scope, at, value, output));
    }

    private static Filter condition(Filter test, Filter then, Filter otherwise) {
        if (test instanceof Single is && then instanceof Single yes && otherwise instanceof Single no) {
            return new Single.Condition(is, yes, no);
        }
        return (run, scope, path, input, output) -> test.run(run, scope, Path.NONE, input, (_, value) ->
                (Operators.isTrue(value) ? then : otherwise).run(run, scope, path, input, output));
    }

    /// An error that came from what follows a `try`, and passes through it.
    private static final class Beyond extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final transient JqException error;
        private final transient Object attempt;

        Beyond(JqException error, Object attempt) {
            super(null, null, false, false);
            this.error = error;
            this.attempt = attempt;
        }
    }

    private static Output beyond(Output output, Object attempt) {
        return (at, value) -> {
            try {
                output.emit(at, value);
            } catch (JqException error) {
                throw new Beyond(error, attempt);
            }
        };
    }

    /// @param handler absent where errors just end the results
    private static Filter attempt(Filter body, Filter handler) {
        return (run, scope, path, input, output) -> {
            Object attempt = new Object();
            JqException caught;
            try {
                body.run(run, scope, path, input, beyond(output, attempt));
                return;
            } catch (Beyond beyond) {
                if (beyond.attempt == attempt) {
                    throw beyond.error;
                }
                throw beyond;
            } catch (JqException error) {
                caught = error;
            }
            if (handler != null) {
                handler.run(run, scope, path.lost(), caught.value(), output);
            }
        };
    }

    private static Filter alternate(Filter left, Filter right) {
        if (left instanceof Single first && right instanceof Single second) {
            return new Single.Alternate(first, second);
        }
        return (run, scope, path, input, output) -> alternate(left, right, run, scope, path, input, output);
    }

    /// What is true of the left; where none of it is, all of the right.
    static void alternate(Filter left, Filter right, Run run, Scope scope, Path path, Value input, Output output) {
        boolean[] isAny = {false};
        left.run(run, scope, path, input, (at, value) -> {
            if (Operators.isTrue(value)) {
                isAny[0] = true;
                output.emit(at, value);
            }
        });
        if (!isAny[0]) {
            right.run(run, scope, path, input, output);
        }
    }

    private static Filter logic(Filter left, Filter right, boolean decides) {
        if (left instanceof Single first && right instanceof Single second) {
            Single decided = (run, scope, input) -> Value.of(Operators.isTrue(first.value(run, scope, input)) == decides
                    ? decides : Operators.isTrue(second.value(run, scope, input)));
            return decided;
        }
        return (run, scope, path, input, output) -> left.run(run, scope, Path.NONE, input, (_, first) -> {
            if (Operators.isTrue(first) == decides) {
                output.emit(path.lost(), Value.of(decides));
            } else {
                right.run(run, scope, Path.NONE, input, (_, second) -> output.emit(path.lost(), Value.of(Operators.isTrue(second))));
            }
        });
    }

    private static Filter operation(Operator operator, Filter left, Filter right) {
        if (left instanceof Single first && right instanceof Single second) {
            Single result = (run, scope, input) -> {
                Value behind = second.value(run, scope, input);
                Value before = first.value(run, scope, input);
                run.step();
                return operator.apply(run, before, behind);
            };
            return result;
        }
        return (run, scope, path, input, output) -> right.run(run, scope, Path.NONE, input, (_, second) ->
                left.run(run, scope, Path.NONE, input, (_, first) -> {
                    run.step();
                    output.emit(path.lost(), operator.apply(run, first, second));
                }));
    }

    private static Filter variable(String name, Place place, Names names) throws JqSyntaxException {
        Optional<Found> found = names.variable(name);
        if (found.isEmpty()) {
            if (name.equals("$ENV")) {
                return new Single.Constant(new Value.Members(new LinkedHashMap<>()));
            }
            throw new JqSyntaxException(place, "there is no variable " + name);
        }
        int levels = found.get().levels();
        Single given = (_, scope, _) -> ((Given) scope.up(levels).bound()).value();
        return given;
    }

    private Filter call(Jq.Call call, Names names) throws JqSyntaxException {
        int arity = call.arguments().size();
        List<Filter> arguments = new ArrayList<>(arity);
        for (Jq argument : call.arguments()) {
            arguments.add(compile(argument, names));
        }
        Optional<Found> found = names.function(call.name(), arity);
        if (found.isPresent()) {
            return found.get().meaning() == Meaning.ARGUMENT ? argument(found.get().levels()) : function(found.get().levels(), arguments);
        }
        if (isStrict && Builtins.BLOCKED.contains(call.name())) {
            throw new JqSyntaxException(call.place(), "'" + call.name() + "' is not allowed in expressions");
        }
        Optional<Builtins.Builtin> builtin = Builtins.find(call.name(), arity, modules);
        return builtin.orElseThrow(() -> new JqSyntaxException(call.place(), Builtins.isKnown(call.name(), modules)
                ? "'" + call.name() + "' does not take " + arity + (arity == 1 ? " argument" : " arguments")
                : "there is no function '" + call.name() + "'")).with(arguments);
    }

    private static Filter argument(int levels) {
        return (run, scope, path, input, output) -> {
            Closure closure = (Closure) scope.up(levels).bound();
            run.enter();
            try {
                closure.body().run(run, closure.scope(), path, input, output);
            } finally {
                run.leave();
            }
        };
    }

    static Filter function(int levels, List<Filter> arguments) {
        return (run, scope, path, input, output) -> {
            Closure closure = (Closure) scope.up(levels).bound();
            Scope inner = closure.scope().with(closure);
            for (Filter argument : arguments) {
                inner = inner.with(new Closure(argument, scope));
            }
            run.enter();
            try {
                closure.body().run(run, inner, path, input, output);
            } finally {
                run.leave();
            }
        };
    }

    private Filter definition(Jq.Definition definition, Names names) throws JqSyntaxException {
        Names known = names.with(definition.name(), definition.parameters().size(), Meaning.FUNCTION);
        Filter body = body(definition, known);
        Filter rest = compile(definition.rest(), known);
        return (run, scope, path, input, output) -> rest.run(run, scope.with(new Closure(body, scope)), path, input, output);
    }

    /// @param known with the function itself as the innermost
    Filter body(Jq.Definition definition, Names known) throws JqSyntaxException {
        Names inner = known;
        Jq body = definition.body();
        for (String parameter : definition.parameters()) {
            inner = inner.with(parameter.startsWith("$") ? parameter.substring(1) : parameter, 0, Meaning.ARGUMENT);
        }
        for (String parameter : definition.parameters().reversed()) {
            if (parameter.startsWith("$")) {
                body = new Jq.Binding(new Jq.Call(parameter.substring(1), List.of(), new Place(1, 1)), List.of(new Jq.Pattern.Name(parameter)), body);
            }
        }
        return compile(body, inner);
    }

    private Filter template(Jq.Template template, Names names) throws JqSyntaxException {
        List<Filter> parts = new ArrayList<>();
        for (Jq part : template.parts()) {
            parts.add(compile(part, names));
        }
        Formats format = template.format().isEmpty() ? Formats.TEXT : Formats.named(template.format().get())
                .orElseThrow(() -> new JqSyntaxException(template.place(), "there is no format " + template.format().get()));
        if (Single.areAll(parts)) {
            List<Single> singles = Single.all(parts);
            Single text = (run, scope, input) -> new Value.Text(template(run, scope, input, singles, format));
            return text;
        }
        return (run, scope, path, input, output) -> template(run, scope, input, parts, format, parts.size() - 1, "", text ->
                output.emit(path.lost(), new Value.Text(text)));
    }

    @FunctionalInterface
    private interface TextOutput {
        void emit(String text);
    }

    /// Texts stand at even places, what is embedded at odd ones. What stands last changes slowest.
    private static void template(Run run, Scope scope, Value input, List<Filter> parts, Formats format, int at, String behind, TextOutput output) {
        if (at < 0) {
            output.emit(behind);
            return;
        }
        parts.get(at).run(run, scope, Path.NONE, input, (_, value) -> {
            String part = at % 2 == 0 ? Operators.text(value) : format.apply(value);
            run.makes(2L * (part.length() + (long) behind.length()));
            template(run, scope, input, parts, format, at - 1, part + behind, output);
        });
    }

    private static String template(Run run, Scope scope, Value input, List<Single> parts, Formats format) {
        String text = "";
        for (int at = parts.size() - 1; at >= 0; at--) {
            Value value = parts.get(at).value(run, scope, input);
            String part = at % 2 == 0 ? Operators.text(value) : format.apply(value);
            run.makes(2L * (part.length() + (long) text.length()));
            text = part + text;
        }
        return text;
    }

    private Filter array(Optional<Jq> items, Names names) throws JqSyntaxException {
        if (items.isEmpty()) {
            return new Single.Constant(new Value.Items(List.of()));
        }
        Filter inner = compile(items.get(), names);
        Single collected = (run, scope, input) -> new Value.Items(Iteration.collect(run, scope, inner, input));
        return collected;
    }

    private record CompiledEntry(Filter key, Filter value) {}

    private Filter construct(List<Jq.Entry> entries, Names names) throws JqSyntaxException {
        List<CompiledEntry> compiled = new ArrayList<>();
        for (Jq.Entry entry : entries) {
            compiled.add(new CompiledEntry(compile(entry.key(), names), compile(entry.value(), names)));
        }
        if (compiled.stream().allMatch(entry -> entry.key instanceof Single.Constant(Value.Text _) && entry.value instanceof Single)) {
            return new Single.Construct(compiled.stream().map(entry -> ((Value.Text) ((Single.Constant) entry.key).of()).value()).toList(),
                    Single.all(compiled.stream().map(CompiledEntry::value).toList()));
        }
        Value.Members empty = new MembersBuilder().build();
        return (run, scope, path, input, output) -> construct(run, scope, input, compiled, 0, empty, made -> output.emit(path.lost(), made));
    }

    @FunctionalInterface
    private interface ValueOutput {
        void emit(Value value);
    }

    private static void construct(Run run, Scope scope, Value input, List<CompiledEntry> entries, int at, Value.Members before,
            ValueOutput output) {
        if (at == entries.size()) {
            output.emit(before);
            return;
        }
        CompiledEntry entry = entries.get(at);
        entry.key.run(run, scope, Path.NONE, input, (_, key) -> {
            if (!(key instanceof Value.Text(String name))) {
                throw new JqException("Object keys must be strings, not " + JqException.shown(key));
            }
            entry.value.run(run, scope, Path.NONE, input, (_, value) -> {
                run.step();
                construct(run, scope, input, entries, at + 1, before.with(name, value), output);
            });
        });
    }

    private Filter reduce(Jq.Reduce reduce, Names names) throws JqSyntaxException {
        Filter source = compile(reduce.source(), names);
        Destructuring patterns = Destructuring.of(this, reduce.patterns(), names);
        Filter initial = compile(reduce.initial(), names);
        Filter update = compile(reduce.update(), patterns.names());
        return (run, scope, path, input, output) -> initial.run(run, scope, path, input, (startPath, start) -> {
            Path[] at = {startPath};
            Value[] state = {start};
            source.run(run, scope, Path.NONE, input, (_, item) -> patterns.bind(run, scope, input, item, inner -> {
                run.step();
                Path beforePath = at[0];
                Value before = state[0];
                at[0] = path.lost();
                state[0] = Value.NULL;
                update.run(run, inner, beforePath, before, (updatedPath, updated) -> {
                    at[0] = updatedPath;
                    state[0] = updated;
                });
            }));
            output.emit(at[0], state[0]);
        });
    }

    private Filter foreach(Jq.Foreach foreach, Names names) throws JqSyntaxException {
        Filter source = compile(foreach.source(), names);
        Destructuring patterns = Destructuring.of(this, foreach.patterns(), names);
        Filter initial = compile(foreach.initial(), names);
        Filter update = compile(foreach.update(), patterns.names());
        Filter extract = compile(foreach.extract().orElse(new Jq.Identity()), patterns.names());
        return (run, scope, path, input, output) -> initial.run(run, scope, path, input, (startPath, start) -> {
            Path[] at = {startPath};
            Value[] state = {start};
            source.run(run, scope, Path.NONE, input, (_, item) -> patterns.bind(run, scope, input, item, inner -> {
                run.step();
                update.run(run, inner, at[0], state[0], (updatedPath, updated) -> {
                    at[0] = updatedPath;
                    state[0] = updated;
                    extract.run(run, inner, updatedPath, updated, output);
                });
            }));
        });
    }

    private Filter binding(Jq.Binding binding, Names names) throws JqSyntaxException {
        Filter source = compile(binding.source(), names);
        Destructuring patterns = Destructuring.of(this, binding.patterns(), names);
        Filter body = compile(binding.body(), patterns.names());
        return (run, scope, path, input, output) -> source.run(run, scope, Path.NONE, input, (_, item) ->
                patterns.bind(run, scope, input, item, inner -> body.run(run, inner, path, input, output)));
    }

    private static Filter label(Filter body) {
        return (run, scope, path, input, output) -> {
            Mark mark = new Mark();
            try {
                body.run(run, scope.with(mark), path, input, output);
            } catch (Broken broken) {
                if (broken.mark() != mark) {
                    throw broken;
                }
            }
        };
    }
}
