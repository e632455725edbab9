package io.conshelf.kql.function;

import static io.conshelf.kql.function.Kernels.kernel;
import static io.conshelf.kql.function.Kernels.variadicKernelWithNulls;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.value.Chunk;
import io.conshelf.kql.value.DynamicParts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// Arrays taken as sets: the elements without repetition, in the order of their first occurrence.
final class SetKernels {
    static final List<Kernel> ALL = List.of(
            variadicKernelWithNulls("kql_set_union", DYNAMIC, (in, row, out) -> DynamicKernels.dynamic(out, row, union(in, row)),
                    DYNAMIC),
            variadicKernelWithNulls("kql_set_intersect", DYNAMIC,
                    (in, row, out) -> DynamicKernels.dynamic(out, row, reduce(in, row, true)), DYNAMIC),
            variadicKernelWithNulls("kql_set_difference", DYNAMIC,
                    (in, row, out) -> DynamicKernels.dynamic(out, row, reduce(in, row, false)), DYNAMIC),
            kernel("kql_set_equals", BOOL, (in, row, out) -> {
                if (DynamicParts.isArray(in.text(0, row)) && DynamicParts.isArray(in.text(1, row))) {
                    out.bool(row, set(in.text(0, row)).keySet().equals(set(in.text(1, row)).keySet()));
                } else {
                    out.setNull(row);
                }
            }, DYNAMIC, DYNAMIC),
            kernel("kql_jaccard_index", DYNAMIC, (in, row, out) -> DynamicKernels.dynamic(out, row,
                    jaccard(in.text(0, row), in.text(1, row))), DYNAMIC, DYNAMIC));

    private SetKernels() {}

    static SequencedMap<Object, String> set(String array) {
        SequencedMap<Object, String> set = new LinkedHashMap<>();
        if (DynamicParts.isArray(array)) {
            for (String element : DynamicParts.elements(array)) {
                set.putIfAbsent(DynamicOrder.key(element), element);
            }
        }
        return set;
    }

    private static Optional<String> union(Chunk in, int row) {
        Map<Object, String> all = new LinkedHashMap<>();
        for (int i = 0; i < in.columns(); i++) {
            if (in.isNull(i, row) || !DynamicParts.isArray(in.text(i, row))) {
                return Optional.empty();
            }
            set(in.text(i, row)).forEach(all::putIfAbsent);
        }
        return Optional.of(DynamicParts.array(new ArrayList<>(all.values())));
    }

    /// The elements of the first array that are in all others, or in none of them.
    private static Optional<String> reduce(Chunk in, int row, boolean keepCommon) {
        for (int i = 0; i < in.columns(); i++) {
            if (in.isNull(i, row) || !DynamicParts.isArray(in.text(i, row))) {
                return Optional.empty();
            }
        }
        SequencedMap<Object, String> left = set(in.text(0, row));
        for (int i = 1; i < in.columns(); i++) {
            SequencedMap<Object, String> other = set(in.text(i, row));
            left.keySet().removeIf(key -> other.containsKey(key) != keepCommon);
        }
        return Optional.of(DynamicParts.array(new ArrayList<>(left.values())));
    }

    private static Optional<String> jaccard(String a, String b) {
        if (!DynamicParts.isArray(a) || !DynamicParts.isArray(b)) {
            return Optional.empty();
        }
        SequencedMap<Object, String> left = set(a);
        SequencedMap<Object, String> right = set(b);
        long common = left.keySet().stream().filter(right::containsKey).count();
        long all = left.size() + right.size() - common;
        return Optional.of(ConversionKernels.ofReal(all == 0 ? Double.NaN : (double) common / all));
    }
}
