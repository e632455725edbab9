package io.conshelf.kql.function;

import static io.conshelf.kql.function.Kernels.kernel;
import static io.conshelf.kql.function.Kernels.kernelWithNulls;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.value.DynamicParts;
import io.conshelf.kql.value.Interruption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// What aggregates do before and after DuckDB's own aggregation.
final class AggregateKernels {
    static final List<Kernel> ALL = List.of(
            // The elements of an array without its brackets, nothing of an empty one; of a null, the text null.
            kernelWithNulls("kql_array_inside", DYNAMIC, (in, row, out) -> {
                if (in.isNull(0, row)) {
                    out.text(row, DynamicParts.NULL);
                    return;
                }
                String value = in.text(0, row);
                if (!DynamicParts.isArray(value)) {
                    out.text(row, value);
                } else if (value.length() == 2) {
                    out.setNull(row);
                } else {
                    out.text(row, value.substring(1, value.length() - 1));
                }
            }, DYNAMIC),
            kernel("kql_bag_of_array", DYNAMIC, (in, row, out) -> out.text(row, merged(in.text(0, row), in.int64(1, row))),
                    DYNAMIC, LONG),
            kernel("kql_percentiles", DYNAMIC, (in, row, out) ->
                    out.text(row, percentiles(in.text(0, row), in.text(1, row), in.text(2, row))), DYNAMIC, STRING, DYNAMIC));

    private static final int BAGS_BETWEEN_LOOKS = 1 << 12;

    private AggregateKernels() {}

    private record Property(String value, int bag) {}

    /// The first properties of all bags, up to a number of them; of those that one bag repeats the last value.
    private static String merged(String bags, long max) {
        SequencedMap<String, Property> all = new LinkedHashMap<>();
        int last = bags.length() - 1;
        int bag = 0;
        int at = 1;
        while (at < last && all.size() < max) {
            if (++bag % BAGS_BETWEEN_LOOKS == 0) {
                Interruption.look();
            }
            at = bags.charAt(at) == '{' ? merge(bags, at, bag, max, all) : DynamicParts.endOfValue(bags, at);
            at++;
        }
        SequencedMap<String, String> values = new LinkedHashMap<>();
        all.forEach((key, property) -> values.put(key, property.value));
        return DynamicParts.bag(values);
    }

    /// Adds the properties of the bag that begins here; gives the offset after it.
    private static int merge(String bags, int start, int bag, long max, SequencedMap<String, Property> all) {
        int at = start + 1;
        while (bags.charAt(at) != '}') {
            int keyEnd = DynamicParts.endOfValue(bags, at);
            int end = DynamicParts.endOfValue(bags, keyEnd + 1);
            String key = DynamicParts.key(bags, at, keyEnd);
            Property known = all.get(key);
            if (known == null ? all.size() < max : known.bag == bag) {
                all.put(key, new Property(bags.substring(keyEnd + 1, end), bag));
            }
            at = bags.charAt(end) == ',' ? end + 1 : end;
        }
        return at + 1;
    }

    private record Weighted(String value, double weight) {}

    /// The nearest rank for each percentage, by weight where weights are given.
    private static String percentiles(String values, String weights, String percentages) {
        List<String> all = DynamicParts.elements(values);
        List<String> shares = weights.isEmpty() ? List.of() : DynamicParts.elements(weights);
        List<Weighted> sorted = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            double weight = weights.isEmpty() ? 1 : i < shares.size() ? ConversionKernels.dynamicReal(shares.get(i)).orElse(0) : 0;
            if (weight > 0) {
                sorted.add(new Weighted(all.get(i), weight));
            }
        }
        sorted.sort(Comparator.comparing(Weighted::value, DynamicOrder::compare));
        double total = sorted.stream().mapToDouble(Weighted::weight).sum();
        List<String> found = new ArrayList<>();
        List<String> wanted = DynamicParts.isArray(percentages) ? DynamicParts.elements(percentages) : List.of(percentages);
        for (String percentage : wanted) {
            found.add(at(sorted, DynamicNumbers.toDouble(percentage).orElse(0) / 100 * total));
        }
        return DynamicParts.array(found);
    }

    private static String at(List<Weighted> sorted, double rank) {
        double passed = 0;
        for (Weighted value : sorted) {
            passed += value.weight;
            if (passed >= rank) {
                return value.value;
            }
        }
        return sorted.isEmpty() ? DynamicParts.NULL : sorted.getLast().value;
    }
}
