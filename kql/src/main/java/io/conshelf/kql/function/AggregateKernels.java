package io.conshelf.kql.function;

import static io.conshelf.kql.function.Kernels.kernel;
import static io.conshelf.kql.function.Kernels.kernelWithNulls;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.value.DynamicParts;
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

    private AggregateKernels() {}

    /// The first properties of all bags, up to a number of them.
    private static String merged(String bags, long max) {
        SequencedMap<String, String> all = new LinkedHashMap<>();
        for (String bag : DynamicParts.elements(bags)) {
            if (DynamicParts.isBag(bag)) {
                DynamicParts.properties(bag).forEach((key, value) -> {
                    if (all.size() < max) {
                        all.putIfAbsent(key, value);
                    }
                });
            }
        }
        return DynamicParts.bag(all);
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
