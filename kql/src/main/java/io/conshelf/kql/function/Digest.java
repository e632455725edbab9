package io.conshelf.kql.function;

import static io.conshelf.kql.function.Kernels.kernel;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.DynamicParts;
import io.conshelf.kql.value.DynamicText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;

/// What `tdigest()` keeps of a group: values of it, in order, each with the number of those that lie above the one before and
/// not above it. Up to [#VALUES] values are kept as they are; of more, the ranks that lie evenly, so that a percentile is one of
/// the group's values and at most a thousandth of the group away from the right one; each merging of several may add as much.
///
/// It is written as the service writes it, `[[7],[values],[counts]]`, where the first part tells a type; other numbers than 7
/// are ours.
record Digest(List<String> values, long[] counts) {
    static final int VALUES = 1024;

    static final List<Kernel> KERNELS = List.of(
            // The values at the ranks 0, 1/1024 … 1, which DuckDB found, and the number of all.
            kernel("kql_tdigest", DYNAMIC, (in, row, out) -> out.text(row,
                    ofRanks(in.text(0, row).split(","), in.int64(1, row), Type.named(in.text(2, row)).orElseThrow()).text()), STRING, LONG, STRING),
            kernel("kql_tdigest_weighted", DYNAMIC, (in, row, out) -> DynamicKernels.dynamic(out, row,
                    ofWeights(DynamicParts.elements(in.text(0, row)), DynamicParts.elements(in.text(1, row))).map(Digest::text)), DYNAMIC, DYNAMIC),
            kernel("kql_tdigest_merge", DYNAMIC, (in, row, out) ->
                    DynamicKernels.dynamic(out, row, merged(DynamicParts.elements(in.text(0, row)))), DYNAMIC),
            kernel("kql_tdigest_percentiles", DYNAMIC, (in, row, out) -> DynamicKernels.dynamic(out, row,
                    read(in.text(0, row)).flatMap(digest -> digest.percentiles(in.text(1, row)))), DYNAMIC, DYNAMIC),
            kernel("kql_tdigest_rank", REAL, (in, row, out) -> rank(in.text(0, row), in.text(1, row), in.bool(2, row))
                    .ifPresentOrElse(rank -> out.float64(row, rank), () -> out.setNull(row)), DYNAMIC, DYNAMIC, BOOL));

    private static Digest ofRanks(String[] ranks, long size, Type type) {
        TreeMap<Integer, Long> counts = new TreeMap<>();
        List<String> values = new ArrayList<>();
        // The least value stands for the first of its share alone.
        long counted = add(values, counts, ranks[0], 1);
        for (int i = 1; i < ranks.length; i++) {
            long rank = Math.ceilDiv(i * size, ranks.length - 1);
            counted += add(values, counts, ranks[i], Math.max(0, rank - counted));
        }
        return new Digest(values.stream().map(value -> dynamic(value, type)).toList(),
                counts.values().stream().mapToLong(Long::longValue).toArray());
    }

    private static long add(List<String> values, TreeMap<Integer, Long> counts, String value, long count) {
        if (count > 0) {
            if (values.isEmpty() || !values.getLast().equals(value)) {
                values.add(value);
            }
            counts.merge(values.size() - 1, count, Long::sum);
        }
        return count;
    }

    private static String dynamic(String value, Type type) {
        return switch (type) {
            case LONG -> value;
            case REAL -> DynamicText.ofReal(switch (value) {
                case "nan" -> Double.NaN;
                case "inf" -> Double.POSITIVE_INFINITY;
                case "-inf" -> Double.NEGATIVE_INFINITY;
                default -> Double.parseDouble(value);
            });
            case DATETIME -> DynamicText.ofDateTime(Long.parseLong(value));
            case TIMESPAN -> DynamicText.ofTimeSpan(Long.parseLong(value));
            case BOOL, INT, DECIMAL, STRING, GUID, DYNAMIC -> throw new AssertionError("no digest of " + type);
        };
    }

    private record Counted(String value, long count) {}

    private static Optional<Digest> ofWeights(List<String> values, List<String> weights) {
        List<Counted> all = new ArrayList<>();
        for (int i = 0; i < Math.min(values.size(), weights.size()); i++) {
            long count = DynamicNumbers.toLong(weights.get(i)).orElse(0);
            if (count > 0) {
                all.add(new Counted(values.get(i), count));
            }
        }
        return all.isEmpty() ? Optional.empty() : Optional.of(of(all));
    }

    private static Optional<String> merged(List<String> texts) {
        List<Counted> all = new ArrayList<>();
        for (String text : texts) {
            Optional<Digest> digest = read(text);
            if (digest.isEmpty()) {
                return Optional.empty();
            }
            for (int i = 0; i < digest.get().counts.length; i++) {
                all.add(new Counted(digest.get().values.get(i), digest.get().counts[i]));
            }
        }
        return all.isEmpty() ? Optional.empty() : Optional.of(of(all).text());
    }

    /// Values that are the same become one; of more than [#VALUES] those at the end of even shares stay, and the least.
    private static Digest of(List<Counted> all) {
        List<Counted> sorted = all.stream().sorted(Comparator.comparing(Counted::value, DynamicOrder::compare)).toList();
        List<String> values = new ArrayList<>();
        long[] counts = new long[sorted.size()];
        for (Counted next : sorted) {
            if (values.isEmpty() || DynamicOrder.compare(values.getLast(), next.value) != 0) {
                values.add(next.value);
            }
            counts[values.size() - 1] += next.count;
        }
        Digest whole = new Digest(values, Arrays.copyOf(counts, values.size()));
        return values.size() <= VALUES ? whole : whole.shortened();
    }

    private Digest shortened() {
        double share = (double) total() / VALUES;
        List<String> kept = new ArrayList<>();
        long[] shares = new long[VALUES + 2];
        long passed = 0;
        long since = 0;
        for (int i = 0; i < counts.length; i++) {
            passed += counts[i];
            since += counts[i];
            if (i == 0 || i == counts.length - 1 || passed >= share * kept.size()) {
                shares[kept.size()] = since;
                kept.add(values.get(i));
                since = 0;
            }
        }
        return new Digest(kept, Arrays.copyOf(shares, kept.size()));
    }

    private long total() {
        return Arrays.stream(counts).sum();
    }

    private String text() {
        return "[[" + type() + "]," + DynamicParts.array(values) + ","
                + DynamicParts.array(Arrays.stream(counts).mapToObj(Long::toString).toList()) + "]";
    }

    private int type() {
        String first = values.getFirst();
        char tag = DynamicText.tag(first);
        return DynamicNumbers.isNumber(first) && !DynamicNumbers.isReal(first) ? 7 : tag == 't' ? 3 : tag == 's' ? 4 : 8;
    }

    private static Optional<Digest> read(String text) {
        if (!DynamicParts.isArray(text)) {
            return Optional.empty();
        }
        List<String> parts = DynamicParts.elements(text);
        if (parts.size() != 3 || !parts.stream().allMatch(DynamicParts::isArray)) {
            return Optional.empty();
        }
        List<String> values = DynamicParts.elements(parts.get(1));
        List<String> counts = DynamicParts.elements(parts.get(2));
        if (values.isEmpty() || values.size() != counts.size() || !counts.stream().allMatch(DynamicNumbers::isNumber)) {
            return Optional.empty();
        }
        // The service's values come in no order.
        List<Counted> all = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            long count = DynamicNumbers.toLong(counts.get(i)).orElse(0);
            if (count > 0) {
                all.add(new Counted(values.get(i), count));
            }
        }
        return all.isEmpty() ? Optional.empty() : Optional.of(of(all));
    }

    private Optional<String> percentiles(String wanted) {
        List<String> found = new ArrayList<>();
        for (String percentage : DynamicParts.elements(wanted)) {
            if (!DynamicNumbers.isNumber(percentage)) {
                return Optional.empty();
            }
            found.add(at(Double.parseDouble(percentage) * total() / 100));
        }
        return Optional.of(DynamicParts.array(found));
    }

    private String at(double rank) {
        long passed = 0;
        for (int i = 0; i < counts.length; i++) {
            passed += counts[i];
            if (passed >= rank) {
                return values.get(i);
            }
        }
        return values.getLast();
    }

    /// How many values are not above one, or how many percent of them.
    private static OptionalDouble rank(String text, String value, boolean isPercentage) {
        Optional<Digest> digest = read(text);
        if (digest.isEmpty()) {
            return OptionalDouble.empty();
        }
        long rank = 0;
        for (int i = 0; i < digest.get().counts.length && DynamicOrder.compare(digest.get().values.get(i), value) <= 0; i++) {
            rank += digest.get().counts[i];
        }
        return OptionalDouble.of(isPercentage ? 100.0 * rank / digest.get().total() : rank);
    }
}
