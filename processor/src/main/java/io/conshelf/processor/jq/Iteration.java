package io.conshelf.processor.jq;

import io.conshelf.processor.jq.Filter.Output;
import io.conshelf.processor.jq.Filter.Path;
import io.conshelf.processor.value.Value;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// Going through what values hold, without a frame of the stack for each.
final class Iteration {
    private Iteration() {}

    /// A value with its place.
    record At(Path path, Value value) {}

    /// Elements in their order, members in the order in which they were written, as jq does and as the service's guide prints it.
    static void each(Run run, Path path, Value value, Output output) {
        switch (value) {
            case Value.Items(List<Value> items) -> {
                for (int i = 0; i < items.size(); i++) {
                    run.step();
                    output.emit(path.isAsked() ? path.then(Value.of((long) i), value) : path, items.get(i));
                }
            }
            case Value.Members(SequencedMap<String, Value> members) -> {
                for (Map.Entry<String, Value> member : members.entrySet()) {
                    run.step();
                    output.emit(path.isAsked() ? path.then(Value.of(member.getKey()), value) : path, member.getValue());
                }
            }
            case Value.Null _, Value.Truth _, Value.Whole _, Value.Large _, Value.Real _, Value.Text _, Value.Binary _ ->
                throw new JqException("Cannot iterate over " + JqException.shown(value));
        }
    }

    static Filter recurse() {
        return (run, _, path, input, output) -> {
            Deque<At> waiting = new ArrayDeque<>();
            waiting.push(new At(path, input));
            while (!waiting.isEmpty()) {
                At at = waiting.pop();
                run.step();
                output.emit(at.path, at.value);
                if (at.value instanceof Value.Items || at.value instanceof Value.Members) {
                    List<At> inner = new ArrayList<>();
                    each(run, at.path, at.value, (innerPath, value) -> inner.add(new At(innerPath, value)));
                    inner.reversed().forEach(waiting::push);
                }
            }
        };
    }

    static List<Value> collect(Run run, Scope scope, Filter filter, Value input) {
        List<Value> values = new ArrayList<>();
        filter.run(run, scope, Path.NONE, input, (_, value) -> {
            run.step();
            values.add(value);
            if ((values.size() & 0xFFFF) == 0) {
                run.grows(16L * values.size());
            }
        });
        run.makes(16L * values.size());
        return values;
    }

    static List<At> collect(Run run, Scope scope, Filter filter, Path path, Value input) {
        List<At> values = new ArrayList<>();
        filter.run(run, scope, path, input, (at, value) -> {
            run.step();
            values.add(new At(at, value));
        });
        return values;
    }

    /// The paths of what a filter chooses in a value, as arrays of keys.
    static List<List<Value>> paths(Run run, Scope scope, Filter filter, Value input) {
        List<List<Value>> paths = new ArrayList<>();
        filter.run(run, scope, Path.START, input, (at, value) -> {
            run.step();
            paths.add(keys(at, value));
        });
        return paths;
    }

    static List<Value> keys(Path path, Value value) {
        List<Value> keys = new ArrayList<>();
        Path at = path;
        while (at instanceof Path.Step(Path before, Value key)) {
            keys.add(key);
            at = before;
        }
        if (at == Path.LOST) {
            throw new JqException("Invalid path expression with result " + JqException.shown(value));
        }
        return keys.reversed();
    }
}
