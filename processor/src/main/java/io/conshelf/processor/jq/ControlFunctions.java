package io.conshelf.processor.jq;

import static io.conshelf.processor.jq.Builtins.filter;
import static io.conshelf.processor.jq.Builtins.values;

import io.conshelf.processor.jq.Builtins.Declared;
import io.conshelf.processor.jq.Filter.Output;
import io.conshelf.processor.jq.Filter.Path;
import io.conshelf.processor.jq.Iteration.At;
import io.conshelf.processor.jq.Scope.Broken;
import io.conshelf.processor.jq.Scope.Mark;
import io.conshelf.processor.value.Value;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// What decides which filters run, how often, and where their results stand.
final class ControlFunctions {
    static final List<Declared> ALL = List.of(
            filter("empty", 0, _ -> (_, _, _, _, _) -> {}),
            filter("error", 0, _ -> (_, _, _, input, _) -> {
                throw new JqException(input);
            }),
            filter("error", 1, arguments -> (run, scope, _, input, _) -> arguments.getFirst().run(run, scope, Path.NONE, input, (_, message) -> {
                throw new JqException(message);
            })),
            filter("not", 0, _ -> (_, _, path, input, output) -> output.emit(path.lost(), Value.of(!Operators.isTrue(input)))),
            filter("path", 1, arguments -> (run, scope, path, input, output) -> arguments.getFirst().run(run, scope, Path.START, input, (at, value) ->
                    output.emit(path.lost(), new Value.Items(Iteration.keys(at, value))))),
            filter("getpath", 1, arguments -> (run, scope, path, input, output) -> arguments.getFirst().run(run, scope, Path.NONE, input, (_, keys) -> {
                Path at = path;
                Value value = input;
                for (Value key : keys(keys)) {
                    at = at.then(key, value);
                    value = value instanceof Value.Null ? Value.NULL : Keys.get(run, value, key);
                }
                output.emit(at, value);
            })),
            values("setpath", 2, (run, input, given) -> Keys.change(run, input, keys(given.get(0)), _ -> given.get(1))),
            values("delpaths", 1, (run, input, given) -> Keys.deletePaths(run, input, keys(given.getFirst()))),
            filter("recurse", 0, _ -> Iteration.recurse()),
            filter("recurse", 1, arguments -> recurse(arguments.getFirst())),
            filter("recurse", 2, arguments -> recurse((run, scope, path, input, output) ->
                    arguments.get(0).run(run, scope, path, input, (at, value) -> arguments.get(1).run(run, scope, Path.NONE, value, (_, is) -> {
                        if (Operators.isTrue(is)) {
                            output.emit(at, value);
                        }
                    })))),
            filter("repeat", 1, arguments -> (run, scope, path, input, output) -> {
                while (true) {
                    run.step();
                    arguments.getFirst().run(run, scope, path, input, output);
                }
            }),
            filter("while", 2, arguments -> loop(arguments.get(0), arguments.get(1), true)),
            filter("until", 2, arguments -> loop(arguments.get(0), arguments.get(1), false)),
            filter("range", 1, arguments -> range(constant(0), arguments.get(0), constant(1))),
            filter("range", 2, arguments -> range(arguments.get(0), arguments.get(1), constant(1))),
            filter("range", 3, arguments -> range(arguments.get(0), arguments.get(1), arguments.get(2))),
            filter("first", 1, arguments -> limit(constant(1), arguments.getFirst())),
            filter("limit", 2, arguments -> limit(arguments.get(0), arguments.get(1))),
            filter("skip", 2, arguments -> skip(arguments.get(0), arguments.get(1))),
            filter("last", 1, arguments -> (run, scope, path, input, output) -> {
                At[] last = {null};
                arguments.getFirst().run(run, scope, path, input, (at, value) -> last[0] = new At(at, value));
                if (last[0] != null) {
                    output.emit(last[0].path(), last[0].value());
                }
            }),
            filter("any", 2, arguments -> quantifier(arguments.get(0), arguments.get(1), true)),
            filter("all", 2, arguments -> quantifier(arguments.get(0), arguments.get(1), false)),
            filter("builtins", 0, _ -> (_, _, path, _, output) ->
                    output.emit(path.lost(), new Value.Items(Builtins.keys().stream().map(Value::of).toList()))));

    private ControlFunctions() {}

    private static Filter constant(long number) {
        Value value = Value.of(number);
        return (_, _, path, _, output) -> output.emit(path.lost(), value);
    }

    private static List<Value> keys(Value path) {
        if (path instanceof Value.Items(List<Value> keys)) {
            return keys;
        }
        throw new JqException("Path must be specified as an array");
    }

    /// The value, then all that follow from it, each before what comes beside it.
    private static Filter recurse(Filter step) {
        return (run, scope, path, input, output) -> {
            Deque<At> waiting = new ArrayDeque<>();
            waiting.push(new At(path, input));
            while (!waiting.isEmpty()) {
                At at = waiting.pop();
                run.step();
                output.emit(at.path(), at.value());
                Iteration.collect(run, scope, step, at.path(), at.value()).reversed().forEach(waiting::push);
            }
        };
    }

    /// @param isWhile each value is a result as long as the test holds; otherwise the first for which it does
    private static Filter loop(Filter test, Filter step, boolean isWhile) {
        return (run, scope, path, input, output) -> {
            Deque<At> waiting = new ArrayDeque<>();
            waiting.push(new At(path, input));
            while (!waiting.isEmpty()) {
                At at = waiting.pop();
                run.step();
                List<At> next = new ArrayList<>();
                test.run(run, scope, Path.NONE, at.value(), (_, is) -> {
                    boolean holds = Operators.isTrue(is);
                    if (holds) {
                        output.emit(at.path(), at.value());
                    }
                    if (holds == isWhile) {
                        next.addAll(Iteration.collect(run, scope, step, at.path(), at.value()));
                    }
                });
                next.reversed().forEach(waiting::push);
            }
        };
    }

    private static Filter range(Filter from, Filter to, Filter by) {
        return (run, scope, path, input, output) -> from.run(run, scope, Path.NONE, input, (_, first) -> to.run(run, scope, Path.NONE, input, (_, end) ->
                by.run(run, scope, Path.NONE, input, (_, step) -> range(run, path.lost(), first, end, step, output))));
    }

    private static void range(Run run, Path path, Value first, Value end, Value step, Output output) {
        for (Value bound : List.of(first, end, step)) {
            if (!Numbers.isNumber(bound)) {
                throw new JqException("Range bounds must be numeric");
            }
        }
        int sign = Order.compare(step, Value.of(0L));
        for (Value at = first; sign > 0 ? Order.compare(at, end) < 0 : Order.compare(at, end) > 0; at = Numbers.add(at, step)) {
            run.step();
            output.emit(path, at);
            if (sign == 0 && Order.compare(at, end) == 0) {
                return;
            }
        }
    }

    private static Filter limit(Filter count, Filter filter) {
        return (run, scope, path, input, output) -> count.run(run, scope, Path.NONE, input, (_, most) -> {
            double left = Numbers.real(most);
            if (left < 0) {
                filter.run(run, scope, path, input, output);
                return;
            }
            if (!(left > 0)) {
                return;
            }
            double[] seen = {0};
            Mark mark = new Mark();
            try {
                filter.run(run, scope, path, input, (at, value) -> {
                    seen[0]++;
                    output.emit(at, value);
                    if (seen[0] >= left) {
                        throw mark.broken();
                    }
                });
            } catch (Broken broken) {
                if (broken.mark() != mark) {
                    throw broken;
                }
            }
        });
    }

    private static Filter skip(Filter count, Filter filter) {
        return (run, scope, path, input, output) -> count.run(run, scope, Path.NONE, input, (_, most) -> {
            double left = Numbers.real(most);
            double[] seen = {0};
            filter.run(run, scope, path, input, (at, value) -> {
                if (seen[0]++ >= left) {
                    output.emit(at, value);
                }
            });
        });
    }

    private static Filter quantifier(Filter source, Filter test, boolean decides) {
        return (run, scope, path, input, output) -> {
            Mark mark = new Mark();
            boolean[] result = {!decides};
            try {
                source.run(run, scope, Path.NONE, input, (_, value) -> test.run(run, scope, Path.NONE, value, (_, is) -> {
                    if (Operators.isTrue(is) == decides) {
                        result[0] = decides;
                        throw mark.broken();
                    }
                }));
            } catch (Broken broken) {
                if (broken.mark() != mark) {
                    throw broken;
                }
            }
            output.emit(path.lost(), Value.of(result[0]));
        };
    }
}
