package io.conshelf.processor.jq;

import io.conshelf.processor.value.Value;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Members and elements of values, by key, index and slice: read, written and taken out.
final class Keys {
    /// An index that is written makes an array that long.
    private static final int INDEX_MAX = 1 << 24;

    private Keys() {}

    /// Whether a value has members or elements of such a key, be it there or not.
    static boolean fits(Value value, Value key) {
        return switch (value) {
            case Value.Members _ -> key instanceof Value.Text;
            case Value.Items _ -> Numbers.isNumber(key) || key instanceof Value.Items || isSlice(key);
            case Value.Text _ -> isSlice(key);
            case Value.Null _ -> key instanceof Value.Text || Numbers.isNumber(key) || key instanceof Value.Members;
            case Value.Truth _, Value.Whole _, Value.Large _, Value.Real _, Value.Binary _ -> false;
        };
    }

    /// Both have to be there, though one may be null.
    private static boolean isSlice(Value key) {
        return key instanceof Value.Members slice && slice.members().keySet().containsAll(List.of("start", "end")) && isBound(slice.member("start")) && isBound(slice.member("end"));
    }

    private static boolean isBound(Value bound) {
        return bound instanceof Value.Null || Numbers.isNumber(bound);
    }

    static Value get(Run run, Value value, Value key) {
        return switch (value) {
            case Value.Members(SequencedMap<String, Value> members) when key instanceof Value.Text(String name) -> members.getOrDefault(name, Value.NULL);
            case Value.Items _ when Numbers.isNumber(key) && Double.isNaN(Numbers.real(key)) -> Value.NULL;
            case Value.Items(List<Value> items) when Numbers.isNumber(key) -> {
                int index = Numbers.index(key);
                int at = index < 0 ? items.size() + index : index;
                yield at >= 0 && at < items.size() ? items.get(at) : Value.NULL;
            }
            case Value.Items(List<Value> items) when key instanceof Value.Items(List<Value> wanted) -> indices(run, items, wanted);
            case Value.Null _ when key instanceof Value.Members || key instanceof Value.Text || Numbers.isNumber(key) -> Value.NULL;
            case Value.Items _, Value.Text _ when key instanceof Value.Members slice -> {
                if (!isSlice(slice)) {
                    throw new JqException("Start and end indices of an array slice must be numbers");
                }
                yield slice(value, slice.member("start"), slice.member("end"));
            }
            default -> throw cannotIndex(value, key);
        };
    }

    private static JqException cannotIndex(Value value, Value key) {
        return new JqException(key instanceof Value.Text(String name)
                ? "Cannot index " + Kind.of(value).text() + " with \"" + name + "\""
                : "Cannot index " + Kind.of(value).text() + " with " + Kind.of(key).text());
    }

    static Value indices(Run run, List<Value> items, List<Value> wanted) {
        List<Value> found = new ArrayList<>();
        for (int i = 0; !wanted.isEmpty() && i + wanted.size() <= items.size(); i++) {
            boolean isThere = true;
            for (int j = 0; j < wanted.size() && isThere; j++) {
                run.step();
                isThere = Order.equal(items.get(i + j), wanted.get(j));
            }
            if (isThere) {
                found.add(Value.of((long) i));
            }
        }
        return new Value.Items(found);
    }

    static Value slice(Value value, Value start, Value end) {
        return switch (value) {
            case Value.Null _ -> Value.NULL;
            case Value.Items(List<Value> items) -> {
                int from = bound(start, items.size(), 0, false);
                int to = bound(end, items.size(), items.size(), true);
                yield new Value.Items(from < to ? items.subList(from, to) : List.of());
            }
            case Value.Text(String text) -> {
                int length = text.codePointCount(0, text.length());
                int from = bound(start, length, 0, false);
                int to = bound(end, length, length, true);
                yield new Value.Text(from < to ? text.substring(text.offsetByCodePoints(0, from), text.offsetByCodePoints(0, to)) : "");
            }
            case Value.Truth _, Value.Whole _, Value.Large _, Value.Real _, Value.Binary _, Value.Members _ ->
                throw new JqException("Cannot index " + Kind.of(value).text() + " with object");
        };
    }

    private static int bound(Value number, int length, int otherwise, boolean up) {
        if (number instanceof Value.Null) {
            return otherwise;
        }
        if (!Numbers.isNumber(number)) {
            throw new JqException("Start and end indices of an array slice must be numbers");
        }
        double at = up ? Math.ceil(Numbers.real(number)) : Math.floor(Numbers.real(number));
        return (int) Math.clamp(at < 0 ? at + length : at, 0, length);
    }

    static Value put(Run run, Value value, Value key, Value inner) {
        switch (value) {
            case Value.Binary _ -> throw new JqException("jqImproperBinaryUsage: a part of a binary value cannot be set");
            case Value.Members members when key instanceof Value.Text(String name) -> {
                return members.with(name, inner);
            }
            case Value.Null _ when key instanceof Value.Text(String name) -> {
                return Value.member(name, inner);
            }
            case Value.Items(List<Value> items) when Numbers.isNumber(key) -> {
                return put(run, items, Numbers.index(key), inner);
            }
            case Value.Null _ when Numbers.isNumber(key) -> {
                return put(run, List.of(), Numbers.index(key), inner);
            }
            case Value.Items _, Value.Null _ when key instanceof Value.Members slice -> {
                List<Value> items = value instanceof Value.Items(List<Value> present) ? present : List.of();
                if (!(inner instanceof Value.Items(List<Value> replacement))) {
                    throw new JqException("A slice of an array can only be assigned another array");
                }
                int from = bound(slice.member("start"), items.size(), 0, false);
                int to = Math.max(from, bound(slice.member("end"), items.size(), items.size(), true));
                List<Value> changed = new ArrayList<>(items.subList(0, from));
                changed.addAll(replacement);
                changed.addAll(items.subList(to, items.size()));
                return new Value.Items(changed);
            }
            default -> throw cannotIndex(value, key);
        }
    }

    private static Value put(Run run, List<Value> items, int index, Value inner) {
        int at = index < 0 ? items.size() + index : index;
        if (at < 0) {
            throw new JqException("Out of bounds negative array index");
        }
        if (at > INDEX_MAX) {
            throw new JqException("Array index too large");
        }
        run.makes(8L * Math.max(at, items.size()));
        List<Value> changed = new ArrayList<>(items);
        while (changed.size() <= at) {
            changed.add(Value.NULL);
        }
        changed.set(at, inner);
        return new Value.Items(changed);
    }

    /// Changes what stands at a path.
    @FunctionalInterface
    interface Change {
        Value apply(Value present);
    }

    static Value change(Run run, Value value, List<Value> path, Change change) {
        return change(run, value, path, 0, change);
    }

    private static Value change(Run run, Value value, List<Value> path, int at, Change change) {
        if (at == path.size()) {
            return change.apply(value);
        }
        run.step();
        Value key = path.get(at);
        return put(run, value, key, change(run, get(run, value, key), path, at + 1, change));
    }

    /// Takes out what stands at the paths, all of which lead through the value as it is before.
    static Value deletePaths(Run run, Value value, List<Value> paths) {
        List<Value> sorted = new ArrayList<>(paths);
        sorted.sort(Order.VALUES);
        List<List<Value>> keys = new ArrayList<>(sorted.size());
        for (Value path : sorted) {
            if (!(path instanceof Value.Items(List<Value> steps))) {
                throw new JqException("Path must be specified as an array");
            }
            if (steps.isEmpty()) {
                return Value.NULL;
            }
            keys.add(steps);
        }
        return keys.isEmpty() ? value : delete(run, value, keys, 0);
    }

    /// @param paths sorted, all longer than the depth and the same before it
    private static Value delete(Run run, Value value, List<List<Value>> paths, int depth) {
        run.step();
        if (value instanceof Value.Null) {
            return value;
        }
        Value left = value;
        List<Value> gone = new ArrayList<>();
        for (int end = paths.size(); end > 0;) {
            Value key = paths.get(end - 1).get(depth);
            int begin = end - 1;
            while (begin > 0 && Order.equal(paths.get(begin - 1).get(depth), key)) {
                begin--;
            }
            // the shortest of those with the same key comes first
            if (paths.get(begin).size() == depth + 1) {
                gone.add(key);
            } else {
                Value inner = get(run, left, key);
                if (!(inner instanceof Value.Null)) {
                    left = put(run, left, key, delete(run, inner, paths.subList(begin, end), depth + 1));
                }
            }
            end = begin;
        }
        return gone.isEmpty() ? left : without(run, left, gone);
    }

    private static Value without(Run run, Value value, List<Value> gone) {
        return switch (value) {
            case Value.Members(SequencedMap<String, Value> members) -> {
                SequencedMap<String, Value> left = new LinkedHashMap<>(members);
                for (Value key : gone) {
                    run.step();
                    if (!(key instanceof Value.Text(String name))) {
                        throw cannotDelete(value, key);
                    }
                    left.remove(name);
                }
                yield new Value.Members(left);
            }
            case Value.Items(List<Value> items) -> {
                BitSet out = new BitSet(items.size());
                for (Value key : gone) {
                    run.step();
                    mark(value, items.size(), key, out);
                }
                List<Value> left = new ArrayList<>(items.size());
                for (int at = 0; at < items.size(); at++) {
                    if (!out.get(at)) {
                        left.add(items.get(at));
                    }
                }
                yield new Value.Items(left);
            }
            case Value.Null _, Value.Truth _, Value.Whole _, Value.Large _, Value.Real _, Value.Text _, Value.Binary _ -> throw cannotDelete(value, gone.getFirst());
        };
    }

    private static void mark(Value value, int size, Value key, BitSet out) {
        if (Numbers.isNumber(key)) {
            int index = Numbers.index(key);
            int at = index < 0 ? size + index : index;
            if (at >= 0 && at < size && !Double.isNaN(Numbers.real(key))) {
                out.set(at);
            }
        } else if (key instanceof Value.Members slice) {
            if (!isSlice(slice)) {
                throw new JqException("Start and end indices of an array slice must be numbers");
            }
            int from = bound(slice.member("start"), size, 0, false);
            out.set(from, Math.max(from, bound(slice.member("end"), size, size, true)));
        } else {
            throw cannotDelete(value, key);
        }
    }

    private static JqException cannotDelete(Value value, Value key) {
        return new JqException("Cannot delete field at " + (key instanceof Value.Text ? "object" : "array") + " index of " + Kind.of(value).text());
    }
}
