package io.conshelf.kql.function;

import static io.conshelf.kql.function.Kernels.kernel;
import static io.conshelf.kql.function.Kernels.variadicKernelWithNulls;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.value.CellWriter;
import io.conshelf.kql.value.Chunk;
import io.conshelf.kql.value.DynamicParts;
import io.conshelf.kql.value.DynamicText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;

/// Arrays and bags, taken apart and put together as texts.
final class DynamicKernels {
    /// Kusto's limits: of `range()`, and of the text of one value.
    private static final int ELEMENTS_MAX = 1_048_576;
    private static final long TEXT_LENGTH_MAX = 64L << 20;

    /// Of a path, as values of JSON nest.
    private static final int STEPS_MAX = 1_000;

    static final List<Kernel> ALL = List.of(
            kernel("kql_member", DYNAMIC, (in, row, out) -> dynamic(out, row, member(in.text(0, row), in.text(1, row))),
                    DYNAMIC, DYNAMIC),
            kernel("kql_extract_json", DYNAMIC, (in, row, out) -> dynamic(out, row, at(in.text(1, row), in.text(0, row))), STRING, DYNAMIC)
                    .thatMayFail(),
            kernel("kql_repeat", DYNAMIC, (in, row, out) -> {
                if (in.int64(1, row) < 0) {
                    out.setNull(row);
                } else {
                    out.text(row, repeat(in.text(0, row), in.int64(1, row)));
                }
            }, DYNAMIC, LONG).thatMayFail(),
            kernel("kql_range", DYNAMIC, (in, row, out) -> dynamic(out, row,
                    range(in.int64(0, row), in.int64(1, row), in.int64(2, row), in.text(3, row))), LONG, LONG, LONG, STRING),
            kernel("kql_real_range", DYNAMIC, (in, row, out) -> dynamic(out, row,
                    realRange(in.float64(0, row), in.float64(1, row), in.float64(2, row))), REAL, REAL, REAL),
            kernel("kql_treepath", DYNAMIC, (in, row, out) -> out.text(row, new TreePaths(in.text(0, row)).text()), DYNAMIC).thatMayFail(),
            kernel("kql_bag_keys", DYNAMIC, (in, row, out) -> dynamic(out, row, keys(in.text(0, row))), DYNAMIC),
            kernel("kql_bag_without_empty", DYNAMIC, (in, row, out) -> {
                SequencedMap<String, String> properties = DynamicParts.properties(in.text(0, row));
                properties.values().removeIf(value -> value.equals(DynamicParts.NULL) || value.equals("\"\""));
                out.text(row, DynamicParts.bag(properties));
            }, DYNAMIC),
            kernel("kql_bag_outline", DYNAMIC, (in, row, out) -> out.text(row, DynamicParts.outline(in.text(0, row))), DYNAMIC),
            kernel("kql_bag_has_key", BOOL,
                    (in, row, out) -> out.bool(row, hasKey(in.text(0, row), path(in.text(1, row)))), DYNAMIC, STRING)
                    .thatMayFail(),
            variadicKernelWithNulls("kql_bag_merge", DYNAMIC, (in, row, out) -> dynamic(out, row, merge(in, row)), DYNAMIC),
            variadicKernelWithNulls("kql_bag_pack", DYNAMIC, (in, row, out) -> out.text(row, pack(in, row)), DYNAMIC),
            kernel("kql_bag_remove_keys", DYNAMIC,
                    (in, row, out) -> out.text(row, removeKeys(in.text(0, row), StringKernels.terms(in.text(1, row)))),
                    DYNAMIC, DYNAMIC).thatMayFail(),
            kernel("kql_bag_set_key", DYNAMIC, (in, row, out) -> dynamic(out, row,
                    setKey(in.text(0, row), path(in.text(1, row)), in.text(2, row))), DYNAMIC, STRING, DYNAMIC).thatMayFail(),
            kernel("kql_bag_zip", DYNAMIC, (in, row, out) -> dynamic(out, row, bagZip(in.text(0, row), in.text(1, row))),
                    DYNAMIC, DYNAMIC),
            kernel("kql_array_length", LONG, (in, row, out) -> {
                String value = in.text(0, row);
                if (DynamicParts.isArray(value)) {
                    out.int64(row, DynamicParts.elements(value).size());
                } else {
                    out.setNull(row);
                }
            }, DYNAMIC),
            variadicKernelWithNulls("kql_array_concat", DYNAMIC, (in, row, out) -> dynamic(out, row, concat(in, row)), DYNAMIC),
            array("kql_array_reverse", List::reversed),
            kernel("kql_array_slice", DYNAMIC, (in, row, out) -> dynamic(out, row, elements(in.text(0, row))
                    .map(array -> DynamicParts.array(slice(array, in.int64(1, row), in.int64(2, row))))), DYNAMIC, LONG, LONG),
            kernel("kql_array_sum", REAL, (in, row, out) -> sum(out, row, in.text(0, row)), DYNAMIC),
            kernel("kql_array_index_of", LONG, (in, row, out) -> indexOf(out, row, in), DYNAMIC, DYNAMIC, LONG, LONG, LONG),
            kernel("kql_array_rotate", DYNAMIC, (in, row, out) -> dynamic(out, row, elements(in.text(0, row))
                    .map(array -> DynamicParts.array(rotate(array, in.int64(1, row))))), DYNAMIC, LONG),
            kernel("kql_array_shift", DYNAMIC, (in, row, out) -> dynamic(out, row, elements(in.text(0, row))
                    .map(array -> DynamicParts.array(shift(array, in.int64(1, row), in.text(2, row))))), DYNAMIC, LONG, STRING),
            kernel("kql_array_split", DYNAMIC, (in, row, out) -> dynamic(out, row, elements(in.text(0, row))
                    .map(array -> split(array, in.text(1, row)))), DYNAMIC, DYNAMIC),
            kernel("kql_array_iff", DYNAMIC, (in, row, out) -> dynamic(out, row, elements(in.text(0, row))
                    .map(array -> choose(array, in.text(1, row), in.text(2, row)))), DYNAMIC, DYNAMIC, DYNAMIC),
            kernel("kql_array_sort", DYNAMIC, (in, row, out) -> dynamic(out, row, elements(in.text(0, row))
                    .map(array -> DynamicParts.array(DynamicOrder.sorted(array, in.bool(1, row), in.bool(2, row))))),
                    DYNAMIC, BOOL, BOOL),
            new Kernel("kql_arrays_sort", List.of(BOOL, BOOL, DYNAMIC), true, DYNAMIC, (in, out) -> {
                for (int row = 0; row < in.rows(); row++) {
                    dynamic(out, row, sortTogether(in, row));
                }
            }),
            variadicKernelWithNulls("kql_zip", DYNAMIC, (in, row, out) -> dynamic(out, row, zip(in, row)), DYNAMIC));

    private DynamicKernels() {}

    private static Kernel array(String name, UnaryOperator<List<String>> method) {
        return kernel(name, DYNAMIC, (in, row, out) -> dynamic(out, row,
                elements(in.text(0, row)).map(array -> DynamicParts.array(method.apply(array)))), DYNAMIC);
    }

    static void dynamic(CellWriter out, int row, Optional<String> value) {
        if (value.isPresent() && !value.get().equals(DynamicParts.NULL)) {
            out.text(row, value.get());
        } else {
            out.setNull(row);
        }
    }

    /// The elements of an array; empty of anything else.
    static Optional<List<String>> elements(String dynamic) {
        return DynamicParts.isArray(dynamic) ? Optional.of(DynamicParts.elements(dynamic)) : Optional.empty();
    }

    private static Optional<String> member(String value, String key) {
        if (DynamicParts.isBag(value)) {
            return Optional.ofNullable(DynamicParts.properties(value).get(StringKernels.text(key)));
        }
        if (DynamicParts.isArray(value) && DynamicNumbers.isNumber(key)) {
            List<String> elements = DynamicParts.elements(value);
            long index = DynamicNumbers.toLong(key).orElseThrow();
            long at = index < 0 ? elements.size() + index : index;
            return at >= 0 && at < elements.size() ? Optional.of(elements.get((int) at)) : Optional.empty();
        }
        return Optional.empty();
    }

    /// What a JSON path finds; a path starts at the root, `$`.
    private static Optional<String> at(String value, String path) {
        Optional<String> found = Optional.of(value);
        for (String step : path.equals("$") ? List.<String>of() : path(path)) {
            boolean index = step.matches("-?\\d{1,9}") && found.filter(DynamicParts::isArray).isPresent();
            found = found.flatMap(part -> member(part, index ? step : DynamicText.ofString(step)));
        }
        return found;
    }

    private static String repeat(String value, long count) {
        if (count < 0) {
            return "[]";
        }
        if (count > ELEMENTS_MAX || count * (value.length() + 1L) > TEXT_LENGTH_MAX) {
            throw new IllegalArgumentException("repeat(): " + count + " repetitions are too many; at most " + ELEMENTS_MAX
                    + " elements of " + TEXT_LENGTH_MAX + " characters in all are possible");
        }
        return "[" + (value + ",").repeat((int) Math.max(0, count - 1)) + (count > 0 ? value : "") + "]";
    }

    private static Optional<String> range(long start, long stop, long step, String tag) {
        if (step == 0 || step > 0 == start > stop && start != stop) {
            return step == 0 ? Optional.empty() : Optional.of("[]");
        }
        long count = 1 + Long.divideUnsigned(step > 0 ? stop - start : start - stop, Math.abs(step));
        if (count < 0 || count > ELEMENTS_MAX) {
            count = ELEMENTS_MAX;
        }
        StringBuilder text = new StringBuilder().append('[');
        for (long i = 0; i < count; i++) {
            long value = start + i * step;
            text.append(i > 0 ? "," : "");
            switch (tag) {
                case "t" -> text.append(DynamicText.ofDateTime(value));
                case "s" -> text.append(DynamicText.ofTimeSpan(value));
                default -> text.append(value);
            }
        }
        return Optional.of(text.append(']').toString());
    }

    private static Optional<String> realRange(double start, double stop, double step) {
        if (step == 0 || !Double.isFinite(start) || !Double.isFinite(stop) || !Double.isFinite(step)) {
            return Optional.empty();
        }
        List<String> values = new ArrayList<>();
        for (int i = 0; i < ELEMENTS_MAX; i++) {
            double value = start + i * step;
            if (step > 0 ? value > stop : value < stop) {
                break;
            }
            values.add(ConversionKernels.ofReal(value));
        }
        return Optional.of(DynamicParts.array(values));
    }

    private static Optional<String> keys(String value) {
        if (!DynamicParts.isBag(value)) {
            return Optional.empty();
        }
        return Optional.of(DynamicParts.array(
                DynamicParts.properties(value).keySet().stream().map(DynamicText::ofString).toList()));
    }

    /// The steps of a JSON path (`$.a.b`, `$['a']`), or the key itself.
    private static List<String> path(String key) {
        if (!key.startsWith("$.") && !key.startsWith("$[")) {
            return List.of(key);
        }
        List<String> steps = new ArrayList<>();
        int at = 1;
        while (at < key.length()) {
            if (key.charAt(at) == '.') {
                int end = at + 1;
                while (end < key.length() && key.charAt(end) != '.' && key.charAt(end) != '[') {
                    end++;
                }
                steps.add(key.substring(at + 1, end));
                at = end;
            } else {
                int end = key.indexOf(']', at);
                end = end < 0 ? key.length() : end;
                steps.add(key.substring(at + 1, end).replaceAll("^['\"]|['\"]$", ""));
                at = end + 1;
            }
            if (steps.size() > STEPS_MAX) {
                throw new IllegalArgumentException("a path has more than " + STEPS_MAX + " steps, which is as deep as JSON may be");
            }
        }
        return steps;
    }

    private static boolean hasKey(String value, List<String> path) {
        String at = value;
        for (String step : path) {
            String next = DynamicParts.isBag(at) ? DynamicParts.properties(at).get(step) : null;
            if (next == null) {
                return false;
            }
            at = next;
        }
        return true;
    }

    /// The first value of a key counts: bag_merge({"b":2}, {"b":3}) has 2, on record.
    private static Optional<String> merge(Chunk in, int row) {
        SequencedMap<String, String> merged = new LinkedHashMap<>();
        boolean any = false;
        for (int i = 0; i < in.columns(); i++) {
            if (!in.isNull(i, row) && DynamicParts.isBag(in.text(i, row))) {
                any = true;
                DynamicParts.properties(in.text(i, row)).forEach(merged::putIfAbsent);
            }
        }
        return any ? Optional.of(DynamicParts.bag(merged)) : Optional.empty();
    }

    private static String pack(Chunk in, int row) {
        SequencedMap<String, String> properties = new LinkedHashMap<>();
        for (int i = 0; i < in.columns(); i += 2) {
            // The keys come as plain text.
            properties.put(in.text(i, row), in.isNull(i + 1, row) ? DynamicParts.NULL : in.text(i + 1, row));
        }
        return DynamicParts.bag(properties);
    }

    private static String removeKeys(String value, List<String> keys) {
        String left = value;
        for (String key : keys) {
            left = removePath(left, path(key));
        }
        return left;
    }

    private static String removePath(String value, List<String> path) {
        if (!DynamicParts.isBag(value)) {
            return value;
        }
        SequencedMap<String, String> properties = DynamicParts.properties(value);
        String step = path.getFirst();
        if (path.size() == 1) {
            properties.remove(step);
        } else {
            properties.computeIfPresent(step, (_, inner) -> removePath(inner, path.subList(1, path.size())));
        }
        return DynamicParts.bag(properties);
    }

    private static Optional<String> setKey(String value, List<String> path, String newValue) {
        if (!DynamicParts.isBag(value)) {
            return Optional.empty();
        }
        SequencedMap<String, String> properties = DynamicParts.properties(value);
        if (path.size() == 1) {
            properties.put(path.getFirst(), newValue);
        } else {
            String inner = properties.getOrDefault(path.getFirst(), "{}");
            Optional<String> changed = setKey(inner, path.subList(1, path.size()), newValue);
            if (changed.isEmpty()) {
                return changed;
            }
            properties.put(path.getFirst(), changed.get());
        }
        return Optional.of(DynamicParts.bag(properties));
    }

    private static Optional<String> bagZip(String keys, String values) {
        if (!DynamicParts.isArray(keys)) {
            return Optional.empty();
        }
        List<String> names = DynamicParts.elements(keys);
        // By the function's page a value that is no array is one without values.
        List<String> cells = DynamicParts.isArray(values) ? DynamicParts.elements(values) : List.of();
        SequencedMap<String, String> properties = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            // Only strings can be keys; what is surplus on either side is left out or null.
            if (names.get(i).charAt(0) == '"') {
                properties.put(StringKernels.text(names.get(i)), i < cells.size() ? cells.get(i) : DynamicParts.NULL);
            }
        }
        return Optional.of(DynamicParts.bag(properties));
    }

    /// What is no array is left out; a single null gives no result only where there is no array at all.
    private static Optional<String> concat(Chunk in, int row) {
        StringBuilder text = new StringBuilder().append('[');
        boolean any = false;
        for (int i = 0; i < in.columns(); i++) {
            if (in.isNull(i, row) || !DynamicParts.isArray(in.text(i, row))) {
                continue;
            }
            any = true;
            String array = in.text(i, row);
            if (array.length() > 2) {
                text.append(text.length() > 1 ? "," : "").append(array, 1, array.length() - 1);
            }
        }
        return any ? Optional.of(text.append(']').toString()) : Optional.empty();
    }

    private static List<String> slice(List<String> array, long start, long end) {
        int size = array.size();
        long from = Math.max(0, start < 0 ? size + start : start);
        long to = Math.min(size - 1L, end < 0 ? size + end : end);
        return from > to ? List.of() : array.subList((int) from, (int) to + 1);
    }

    private static void sum(CellWriter out, int row, String value) {
        List<String> elements = elements(value).orElse(List.of());
        double sum = 0;
        boolean any = false;
        for (String element : elements) {
            if (element.equals(DynamicParts.NULL)) {
                continue;
            }
            if (!DynamicNumbers.isNumber(element)) {
                out.setNull(row);
                return;
            }
            sum += Double.parseDouble(element);
            any = true;
        }
        if (any) {
            out.float64(row, sum);
        } else {
            out.setNull(row);
        }
    }

    private static void indexOf(CellWriter out, int row, Chunk in) {
        if (!DynamicParts.isArray(in.text(0, row))) {
            out.setNull(row);
            return;
        }
        List<String> elements = DynamicParts.elements(in.text(0, row));
        String sought = in.text(1, row);
        long start = in.int64(2, row);
        long length = in.int64(3, row);
        long left = in.int64(4, row);
        if (StringKernels.isNoRange(length, left)) {
            out.setNull(row);
            return;
        }
        long from = Math.max(0, start < 0 ? elements.size() + start : start);
        long to = length < 0 ? elements.size() : Math.min(elements.size(), from + length);
        for (long i = from; i < to; i++) {
            if (DynamicOrder.isSame(elements.get((int) i), sought) && --left == 0) {
                out.int64(row, i);
                return;
            }
        }
        out.int64(row, -1);
    }

    private static List<String> rotate(List<String> array, long count) {
        int size = array.size();
        if (size == 0) {
            return array;
        }
        int shift = (int) Math.floorMod(count, (long) size);
        List<String> rotated = new ArrayList<>(array.subList(shift, size));
        rotated.addAll(array.subList(0, shift));
        return rotated;
    }

    private static List<String> shift(List<String> array, long count, String filler) {
        // Without a default, texts are filled with empty ones and everything else with nulls.
        String fill = !filler.isEmpty()
                ? filler
                : !array.isEmpty() && array.stream().allMatch(e -> e.charAt(0) == '"' && DynamicText.tag(e) == 0) ? "\"\"" : DynamicParts.NULL;
        List<String> shifted = new ArrayList<>(array.size());
        for (int i = 0; i < array.size(); i++) {
            long from = i + count;
            shifted.add(from >= 0 && from < array.size() ? array.get((int) from) : fill);
        }
        return shifted;
    }

    private static String split(List<String> array, String indices) {
        List<String> cuts = DynamicParts.isArray(indices) ? DynamicParts.elements(indices) : List.of(indices);
        List<String> parts = new ArrayList<>();
        int from = 0;
        for (String cut : cuts) {
            long index = DynamicNumbers.toLong(cut).orElse(0);
            int to = (int) Math.clamp(index < 0 ? array.size() + index : index, from, (long) array.size());
            parts.add(DynamicParts.array(array.subList(from, to)));
            from = to;
        }
        parts.add(DynamicParts.array(array.subList(from, array.size())));
        return DynamicParts.array(parts);
    }

    private static String choose(List<String> conditions, String whenTrue, String whenFalse) {
        List<String> yes = DynamicParts.isArray(whenTrue) ? DynamicParts.elements(whenTrue) : List.of();
        List<String> no = DynamicParts.isArray(whenFalse) ? DynamicParts.elements(whenFalse) : List.of();
        List<String> chosen = new ArrayList<>();
        for (int i = 0; i < conditions.size(); i++) {
            String condition = conditions.get(i);
            Optional<Boolean> truth = truth(condition);
            if (truth.isEmpty()) {
                chosen.add(DynamicParts.NULL);
                continue;
            }
            String whole = truth.get() ? whenTrue : whenFalse;
            List<String> elements = truth.get() ? yes : no;
            if (!DynamicParts.isArray(whole)) {
                chosen.add(whole);
            } else {
                chosen.add(i < elements.size() ? elements.get(i) : DynamicParts.NULL);
            }
        }
        return DynamicParts.array(chosen);
    }

    private static Optional<Boolean> truth(String condition) {
        if (DynamicNumbers.isNumber(condition)) {
            return Optional.of(Double.parseDouble(condition) != 0);
        }
        return switch (condition) {
            case "true" -> Optional.of(true);
            case "false" -> Optional.of(false);
            default -> Optional.empty();
        };
    }

    private static Optional<String> sortTogether(Chunk in, int row) {
        if (in.isNull(1, row) || in.isNull(2, row) || !DynamicParts.isArray(in.text(2, row))) {
            return Optional.empty();
        }
        List<Integer> order = DynamicOrder.order(DynamicParts.elements(in.text(2, row)), in.bool(0, row), in.bool(1, row));
        List<String> sorted = new ArrayList<>();
        for (int i = 2; i < in.columns(); i++) {
            List<String> array = in.isNull(i, row) ? List.of() : elements(in.text(i, row)).orElse(List.of());
            sorted.add(array.size() == order.size()
                    ? DynamicParts.array(order.stream().map(array::get).toList())
                    : DynamicParts.NULL);
        }
        return Optional.of(DynamicParts.array(sorted));
    }

    private static Optional<String> zip(Chunk in, int row) {
        List<List<String>> arrays = new ArrayList<>();
        int size = 0;
        for (int i = 0; i < in.columns(); i++) {
            if (in.isNull(i, row) || !DynamicParts.isArray(in.text(i, row))) {
                return Optional.empty();
            }
            arrays.add(DynamicParts.elements(in.text(i, row)));
            size = Math.max(size, arrays.getLast().size());
        }
        List<String> zipped = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            List<String> tuple = new ArrayList<>();
            for (List<String> array : arrays) {
                tuple.add(i < array.size() ? array.get(i) : DynamicParts.NULL);
            }
            zipped.add(DynamicParts.array(tuple));
        }
        return Optional.of(DynamicParts.array(zipped));
    }
}
