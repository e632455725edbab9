package io.conshelf.processor.jq;

import static io.conshelf.processor.jq.Builtins.filter;
import static io.conshelf.processor.jq.Builtins.values;

import io.conshelf.processor.jq.Builtins.Declared;
import io.conshelf.processor.value.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;

/// Kinds and lengths, arrays and objects.
final class ValueFunctions {
    static final List<Declared> ALL = List.of(
            values("type", 0, (_, input, _) -> Value.of(Kind.of(input).text())),
            values("length", 0, (_, input, _) -> length(input)),
            values("utf8bytelength", 0, (_, input, _) -> Value.of((long) TextFunctions.text(input, "utf8bytelength").getBytes(java.nio.charset.StandardCharsets.UTF_8).length)),
            values("keys", 0, (_, input, _) -> keys(input)),
            values("keys_unsorted", 0, (_, input, _) -> input instanceof Value.Members(var members)
                    ? new Value.Items(members.keySet().stream().map(Value::of).toList()) : keys(input)),
            values("has", 1, (_, input, given) -> Value.of(has(input, given.getFirst()))),
            values("contains", 1, (run, input, given) -> Value.of(contains(run, input, given.getFirst()))),
            values("add", 0, (run, input, _) -> add(run, input)),
            values("reverse", 0, (_, input, _) -> switch (input) {
                case Value.Null _ -> new Value.Items(List.of());
                case Value.Text(String text) -> new Value.Text(new StringBuilder(text).reverse().toString());
                default -> new Value.Items(items(input, "reversed").reversed());
            }),
            values("sort", 0, (_, input, _) -> new Value.Items(sorted(items(input, "sorted")))),
            filter("sort_by", 1, arguments -> keyed(arguments.getFirst(), "sorted", groups -> {
                List<Value> all = new ArrayList<>();
                groups.forEach(all::addAll);
                return new Value.Items(all);
            })),
            filter("group_by", 1, arguments -> keyed(arguments.getFirst(), "grouped", groups ->
                    new Value.Items(groups.stream().<Value>map(Value.Items::new).toList()))),
            filter("unique_by", 1, arguments -> keyed(arguments.getFirst(), "grouped", groups ->
                    new Value.Items(groups.stream().map(List::getFirst).toList()))),
            filter("min_by", 1, arguments -> keyed(arguments.getFirst(), "compared", groups -> groups.isEmpty() ? Value.NULL : groups.getFirst().getFirst())),
            filter("max_by", 1, arguments -> keyed(arguments.getFirst(), "compared", groups -> groups.isEmpty() ? Value.NULL : groups.getLast().getLast())),
            values("unique", 0, (_, input, _) -> {
                List<Value> unique = new ArrayList<>();
                for (Value item : sorted(items(input, "sorted"))) {
                    if (unique.isEmpty() || !Order.equal(unique.getLast(), item)) {
                        unique.add(item);
                    }
                }
                return new Value.Items(unique);
            }),
            values("min", 0, (_, input, _) -> items(input, "compared").stream().min(Order.VALUES).orElse(Value.NULL)),
            values("max", 0, (_, input, _) -> items(input, "compared").stream().reduce((a, b) -> Order.compare(a, b) > 0 ? a : b).orElse(Value.NULL)),
            values("flatten", 0, (run, input, _) -> flatten(run, input, Integer.MAX_VALUE)),
            values("flatten", 1, (run, input, given) -> {
                if (Numbers.real(given.getFirst()) < 0) {
                    throw new JqException("flatten depth must not be negative");
                }
                return flatten(run, input, Numbers.index(given.getFirst()));
            }),
            values("transpose", 0, (_, input, _) -> transpose(items(input, "transposed"))),
            values("to_entries", 0, (_, input, _) -> {
                List<Value> entries = new ArrayList<>();
                if (input instanceof Value.Items(List<Value> items)) {
                    items.forEach(item -> entries.add(entry(Value.of((long) entries.size()), item)));
                } else {
                    members(input).forEach((name, value) -> entries.add(entry(Value.of(name), value)));
                }
                return new Value.Items(entries);
            }),
            values("from_entries", 0, (_, input, _) -> fromEntries(input)),
            values("indices", 1, (run, input, given) -> indices(run, input, given.getFirst())),
            values("index", 1, (run, input, given) -> end(indices(run, input, given.getFirst()), true)),
            values("rindex", 1, (run, input, given) -> end(indices(run, input, given.getFirst()), false)),
            values("bsearch", 1, (_, input, given) -> Value.of((long) search(items(input, "searched"), given.getFirst()))));

    private ValueFunctions() {}

    static List<Value> items(Value value, String done) {
        if (value instanceof Value.Items(List<Value> items)) {
            return items;
        }
        throw new JqException(JqException.shown(value) + " cannot be " + done + ", as it is not an array");
    }

    private static List<Value> inOrder(SequencedMap<String, Value> members) {
        return List.copyOf(members.values());
    }

    private static SequencedMap<String, Value> members(Value value) {
        if (value instanceof Value.Members(SequencedMap<String, Value> members)) {
            return members;
        }
        throw new JqException(JqException.shown(value) + " has no keys");
    }

    private static Value length(Value value) {
        return switch (value) {
            case Value.Null _ -> Value.of(0L);
            case Value.Truth _ -> throw new JqException(JqException.shown(value) + " has no length");
            case Value.Whole _, Value.Large _, Value.Real _ -> Numbers.real(value) < 0 ? Numbers.negate(value) : value;
            case Value.Text(String text) -> Value.of((long) text.codePointCount(0, text.length()));
            case Value.Binary(byte[] bytes) -> Value.of((long) bytes.length);
            case Value.Items(List<Value> items) -> Value.of((long) items.size());
            case Value.Members(SequencedMap<String, Value> members) -> Value.of((long) members.size());
        };
    }

    private static Value keys(Value value) {
        if (value instanceof Value.Items(List<Value> items)) {
            List<Value> keys = new ArrayList<>(items.size());
            for (long i = 0; i < items.size(); i++) {
                keys.add(Value.of(i));
            }
            return new Value.Items(keys);
        }
        return new Value.Items(Order.names(members(value)).stream().map(Value::of).toList());
    }

    private static boolean has(Value value, Value key) {
        if (value instanceof Value.Null && (key instanceof Value.Text || Numbers.isNumber(key))) {
            return false;
        }
        if (value instanceof Value.Members(SequencedMap<String, Value> members) && key instanceof Value.Text(String name)) {
            return members.containsKey(name);
        }
        if (value instanceof Value.Items(List<Value> items) && Numbers.isNumber(key)) {
            double index = Numbers.real(key);
            return index >= 0 && index < items.size();
        }
        throw new JqException("Cannot check whether " + Kind.of(value).text() + " has a " + Kind.of(key).text() + " key");
    }

    private static boolean contains(Run run, Value whole, Value part) {
        run.step();
        return switch (whole) {
            case Value.Members(SequencedMap<String, Value> members) when part instanceof Value.Members(SequencedMap<String, Value> wanted) ->
                wanted.entrySet().stream().allMatch(entry -> members.containsKey(entry.getKey())
                        && contains(run, members.get(entry.getKey()), entry.getValue()));
            case Value.Items(List<Value> items) when part instanceof Value.Items(List<Value> wanted) ->
                wanted.stream().allMatch(one -> items.stream().anyMatch(item -> Kind.of(item) == Kind.of(one) && contains(run, item, one)));
            case Value.Text(String text) when part instanceof Value.Text(String wanted) -> {
                run.compares(text.length(), wanted.length());
                yield text.contains(wanted);
            }
            default -> {
                if (!Kind.of(whole).text().equals(Kind.of(part).text())) {
                    throw new JqException(JqException.shown(whole) + " and " + JqException.shown(part) + " cannot have their containment checked");
                }
                yield Order.equal(whole, part);
            }
        };
    }

    private static Value add(Run run, Value value) {
        List<Value> all = value instanceof Value.Members(SequencedMap<String, Value> members) ? inOrder(members) : items(value, "added");
        if (!all.isEmpty() && all.stream().allMatch(Value.Text.class::isInstance)) {
            StringBuilder text = new StringBuilder();
            for (Value one : all) {
                text.append(((Value.Text) one).value());
                run.grows(2L * text.length());
            }
            run.makes(2L * text.length());
            return Value.of(text.toString());
        }
        Value sum = Value.NULL;
        for (Value one : all) {
            run.step();
            sum = Operators.add(run, sum, one);
        }
        return sum;
    }

    private static List<Value> sorted(List<Value> items) {
        List<Value> sorted = new ArrayList<>(items);
        sorted.sort(Order.VALUES);
        return sorted;
    }

    @FunctionalInterface
    private interface OfGroups {
        Value apply(List<List<Value>> groups);
    }

    /// Items by what a filter gives for each, which is an array of its results.
    private static Filter keyed(Filter key, String done, OfGroups result) {
        return (run, scope, path, input, output) -> {
            TreeMap<Value, List<Value>> groups = new TreeMap<>(Order.VALUES);
            for (Value item : items(input, done)) {
                groups.computeIfAbsent(new Value.Items(Iteration.collect(run, scope, key, item)), _ -> new ArrayList<>()).add(item);
            }
            output.emit(path.lost(), result.apply(List.copyOf(groups.values())));
        };
    }

    private static Value flatten(Run run, Value value, int depth) {
        List<Value> flat = new ArrayList<>();
        List<Value> items = value instanceof Value.Members(SequencedMap<String, Value> members) ? inOrder(members) : items(value, "flattened");
        flatten(run, items, depth, flat);
        return new Value.Items(flat);
    }

    private static void flatten(Run run, List<Value> items, int depth, List<Value> flat) {
        for (Value item : items) {
            run.step();
            if (depth > 0 && item instanceof Value.Items(List<Value> inner)) {
                flatten(run, inner, depth - 1, flat);
            } else {
                flat.add(item);
            }
        }
    }

    private static Value transpose(List<Value> rows) {
        int width = rows.stream().mapToInt(row -> items(row, "transposed").size()).max().orElse(0);
        List<Value> columns = new ArrayList<>(width);
        for (int i = 0; i < width; i++) {
            List<Value> column = new ArrayList<>(rows.size());
            for (Value row : rows) {
                List<Value> cells = items(row, "transposed");
                column.add(i < cells.size() ? cells.get(i) : Value.NULL);
            }
            columns.add(new Value.Items(column));
        }
        return new Value.Items(columns);
    }

    private static Value entry(Value key, Value value) {
        SequencedMap<String, Value> entry = new LinkedHashMap<>();
        entry.put("key", key);
        entry.put("value", value);
        return new Value.Members(entry);
    }

    private static Value fromEntries(Value input) {
        SequencedMap<String, Value> made = new LinkedHashMap<>();
        for (Value one : items(input, "made an object")) {
            if (!(one instanceof Value.Members entry)) {
                throw new JqException("Cannot index " + Kind.of(one).text() + " with \"key\"");
            }
            Value key = given(entry, List.of("key", "k", "name", "Name", "Key", "K"), true);
            if (!(key instanceof Value.Text(String name))) {
                throw new JqException("Cannot use " + JqException.shown(key) + " as object key");
            }
            made.put(name, given(entry, List.of("value", "v", "Value", "V"), false));
        }
        return new Value.Members(made);
    }

    /// The first of several names that an entry has; a key of null or false is no key.
    private static Value given(Value.Members entry, List<String> names, boolean isKey) {
        Value last = Value.NULL;
        for (String name : names) {
            Value value = entry.members().get(name);
            if (value != null && (!isKey || !(value instanceof Value.Null))) {
                return value;
            }
        }
        return last;
    }

    private static Value indices(Run run, Value value, Value wanted) {
        return switch (value) {
            case Value.Null _ -> Value.NULL;
            case Value.Text(String text) when wanted instanceof Value.Text(String part) -> {
                List<Value> found = new ArrayList<>();
                run.compares(text.length(), part.length());
                if (!part.isEmpty()) {
                    for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
                        found.add(Value.of((long) text.codePointCount(0, at)));
                    }
                }
                yield new Value.Items(found);
            }
            case Value.Items(List<Value> items) when wanted instanceof Value.Items(List<Value> part) -> Keys.indices(run, items, part);
            case Value.Items(List<Value> items) -> Keys.indices(run, items, List.of(wanted));
            default -> throw new JqException("Cannot determine indices of " + Kind.of(wanted).text() + " in " + Kind.of(value).text());
        };
    }

    private static Value end(Value indices, boolean isFirst) {
        return indices instanceof Value.Items(List<Value> found) && !found.isEmpty() ? isFirst ? found.getFirst() : found.getLast() : Value.NULL;
    }

    private static int search(List<Value> sorted, Value wanted) {
        int from = 0;
        int to = sorted.size() - 1;
        while (from <= to) {
            int middle = (from + to) >>> 1;
            int order = Order.compare(sorted.get(middle), wanted);
            if (order == 0) {
                return middle;
            }
            if (order < 0) {
                from = middle + 1;
            } else {
                to = middle - 1;
            }
        }
        return -1 - from;
    }
}
