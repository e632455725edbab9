package io.conshelf.kql.function;

import static io.conshelf.kql.function.Kernels.kernel;
import static io.conshelf.kql.function.Kernels.kernelWithNulls;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.value.CellWriter;
import io.conshelf.kql.value.Chunk;
import io.conshelf.kql.value.DynamicParts;
import io.conshelf.kql.value.Interruption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/// Arrays of numbers. Longs stay longs where the operation keeps them whole.
final class SeriesKernels {
    static final Map<String, DoubleUnaryOperator> UNARY = new TreeMap<>(Map.ofEntries(
            Map.entry("abs", Math::abs), Map.entry("acos", Math::acos), Map.entry("asin", Math::asin),
            Map.entry("atan", Math::atan), Map.entry("ceiling", Math::ceil), Map.entry("cos", Math::cos),
            Map.entry("exp", Math::exp), Map.entry("floor", Math::floor), Map.entry("log", Math::log),
            Map.entry("sign", Math::signum), Map.entry("sin", Math::sin), Map.entry("tan", Math::tan)));
    static final Map<String, DoubleBinaryOperator> BINARY = new TreeMap<>(Map.of(
            "add", (a, b) -> a + b, "subtract", (a, b) -> a - b, "multiply", (a, b) -> a * b,
            "divide", (a, b) -> a / b, "pow", Math::pow));
    static final Map<String, Comparison> COMPARISONS = new TreeMap<>(Map.of(
            "equals", (a, b) -> a == b, "not_equals", (a, b) -> a != b, "less", (a, b) -> a < b,
            "less_equals", (a, b) -> a <= b, "greater", (a, b) -> a > b, "greater_equals", (a, b) -> a >= b));
    private static final List<String> KEEP_WHOLE = List.of("abs", "add", "subtract", "multiply");

    static final List<Kernel> ALL = all();

    private SeriesKernels() {}

    @FunctionalInterface
    interface Comparison {
        boolean holds(double a, double b);
    }

    private static List<Kernel> all() {
        List<Kernel> all = new ArrayList<>();
        UNARY.forEach((name, operator) -> all.add(kernel("kql_series_" + name, DYNAMIC, (in, row, out) ->
                DynamicKernels.dynamic(out, row, unary(in.text(0, row), operator, KEEP_WHOLE.contains(name))), DYNAMIC)));
        BINARY.forEach((name, operator) -> all.add(kernel("kql_series_" + name, DYNAMIC, (in, row, out) ->
                DynamicKernels.dynamic(out, row, binary(in.text(0, row), in.text(1, row), (a, b) -> {
                    boolean whole = KEEP_WHOLE.contains(name) && !DynamicNumbers.isReal(a) && !DynamicNumbers.isReal(b);
                    return number(operator.applyAsDouble(Double.parseDouble(a), Double.parseDouble(b)), whole);
                })), DYNAMIC, DYNAMIC)));
        COMPARISONS.forEach((name, comparison) -> all.add(kernel("kql_series_" + name, DYNAMIC, (in, row, out) ->
                DynamicKernels.dynamic(out, row, binary(in.text(0, row), in.text(1, row), (a, b) ->
                        Boolean.toString(comparison.holds(Double.parseDouble(a), Double.parseDouble(b))))), DYNAMIC, DYNAMIC)));
        all.add(reading("kql_series_product", values -> Arrays.stream(values).reduce(1, (a, b) -> a * b)));
        all.add(kernel("kql_series_dot_product", REAL, (in, row, out) -> real(out, row,
                dotProduct(in.text(0, row), in.text(1, row))), DYNAMIC, DYNAMIC));
        all.add(kernelWithNulls("kql_series_cosine", REAL, (in, row, out) -> real(out, row, in.isNull(0, row) || in.isNull(1, row)
                ? OptionalDouble.empty()
                : cosine(in.text(0, row), in.text(1, row), optional(in, 2, row), optional(in, 3, row))), DYNAMIC, DYNAMIC, REAL, REAL));
        all.add(kernel("kql_series_correlation", REAL, (in, row, out) -> real(out, row,
                correlation(in.text(0, row), in.text(1, row))), DYNAMIC, DYNAMIC));
        all.add(kernel("kql_series_fill_const", DYNAMIC, (in, row, out) -> DynamicKernels.dynamic(out, row,
                DynamicKernels.elements(in.text(0, row)).map(series -> DynamicParts.array(series.stream()
                        .map(e -> isMissing(e, in.text(2, row)) ? in.text(1, row) : e)
                        .toList()))), DYNAMIC, DYNAMIC, DYNAMIC));
        all.add(kernel("kql_series_fill_forward", DYNAMIC, (in, row, out) -> DynamicKernels.dynamic(out, row,
                DynamicKernels.elements(in.text(0, row)).map(series -> DynamicParts.array(fill(series, in.text(1, row))))),
                DYNAMIC, DYNAMIC));
        all.add(kernel("kql_series_fill_backward", DYNAMIC, (in, row, out) -> DynamicKernels.dynamic(out, row,
                DynamicKernels.elements(in.text(0, row))
                        .map(series -> DynamicParts.array(fill(series.reversed(), in.text(1, row)).reversed()))), DYNAMIC, DYNAMIC));
        all.add(kernel("kql_series_fill_linear", DYNAMIC, (in, row, out) -> DynamicKernels.dynamic(out, row,
                DynamicKernels.elements(in.text(0, row)).map(series -> DynamicParts.array(
                        interpolate(series, in.text(1, row), in.bool(2, row), in.text(3, row))))), DYNAMIC, DYNAMIC, BOOL, DYNAMIC));
        all.add(kernel("kql_series_fir", DYNAMIC, (in, row, out) -> DynamicKernels.dynamic(out, row,
                finiteFilter(in.text(0, row), in.text(1, row), Optional.of(in.bool(2, row)), in.bool(3, row))), DYNAMIC, DYNAMIC, BOOL, BOOL));
        all.add(kernel("kql_series_fir_as_fits", DYNAMIC, (in, row, out) -> DynamicKernels.dynamic(out, row,
                finiteFilter(in.text(0, row), in.text(1, row), Optional.empty(), false)), DYNAMIC, DYNAMIC));
        all.add(kernel("kql_series_iir", DYNAMIC, (in, row, out) -> DynamicKernels.dynamic(out, row,
                recursiveFilter(in.text(0, row), in.text(1, row), in.text(2, row))), DYNAMIC, DYNAMIC, DYNAMIC));
        all.add(kernel("kql_series_stats", DYNAMIC, (in, row, out) -> DynamicKernels.dynamic(out, row,
                stats(in.text(0, row), in.bool(1, row))), DYNAMIC, BOOL));
        return List.copyOf(all);
    }

    @FunctionalInterface
    private interface Reading {
        double of(double[] values);
    }

    @FunctionalInterface
    private interface Pair {
        String of(String a, String b);
    }

    private static Kernel reading(String name, Reading method) {
        return kernel(name, REAL, (in, row, out) -> real(out, row, numbers(in.text(0, row))
                .map(values -> OptionalDouble.of(method.of(values)))
                .orElse(OptionalDouble.empty())), DYNAMIC);
    }

    private static OptionalDouble optional(Chunk in, int argument, int row) {
        return in.isNull(argument, row) ? OptionalDouble.empty() : OptionalDouble.of(in.float64(argument, row));
    }

    private static void real(CellWriter out, int row, OptionalDouble value) {
        if (value.isPresent()) {
            out.float64(row, value.getAsDouble());
        } else {
            out.setNull(row);
        }
    }

    private static String number(double value, boolean whole) {
        return whole && Math.abs(value) < 1L << 53 ? Long.toString((long) value) : ConversionKernels.ofReal(value);
    }

    /// The numbers of an array that has nothing else.
    static Optional<double[]> numbers(String series) {
        if (!DynamicParts.isArray(series)) {
            return Optional.empty();
        }
        List<String> elements = DynamicParts.elements(series);
        double[] values = new double[elements.size()];
        for (int i = 0; i < values.length; i++) {
            if (!DynamicNumbers.isNumber(elements.get(i))) {
                return Optional.empty();
            }
            values[i] = Double.parseDouble(elements.get(i));
        }
        return Optional.of(values);
    }

    static String array(double[] values) {
        return DynamicParts.array(Arrays.stream(values).mapToObj(ConversionKernels::ofReal).toList());
    }

    private static Optional<String> unary(String series, DoubleUnaryOperator operator, boolean keepsWhole) {
        return DynamicKernels.elements(series).map(elements -> DynamicParts.array(elements.stream()
                .map(e -> DynamicNumbers.isNumber(e)
                        ? number(operator.applyAsDouble(Double.parseDouble(e)), keepsWhole && !DynamicNumbers.isReal(e))
                        : DynamicParts.NULL)
                .toList()));
    }

    /// A number instead of a series stands for as many of it as the other has elements.
    private static Optional<String> binary(String left, String right, Pair operator) {
        boolean leftIsArray = DynamicParts.isArray(left);
        boolean rightIsArray = DynamicParts.isArray(right);
        if (!leftIsArray && !rightIsArray) {
            return Optional.empty();
        }
        List<String> a = leftIsArray ? DynamicParts.elements(left) : List.of();
        List<String> b = rightIsArray ? DynamicParts.elements(right) : List.of();
        int size = Math.max(a.size(), b.size());
        List<String> results = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            String x = leftIsArray ? i < a.size() ? a.get(i) : DynamicParts.NULL : left;
            String y = rightIsArray ? i < b.size() ? b.get(i) : DynamicParts.NULL : right;
            results.add(DynamicNumbers.isNumber(x) && DynamicNumbers.isNumber(y) ? operator.of(x, y) : DynamicParts.NULL);
        }
        return Optional.of(DynamicParts.array(results));
    }

    /// The longer series is cut to the length of the shorter, what is no number counts for nothing, and of an empty series there
    /// is no product. A number instead of a series stands for as many of it as the other has elements.
    private static OptionalDouble dotProduct(String left, String right) {
        double[] a = DynamicParts.isArray(left) ? numbersOrNaN(left) : new double[0];
        double[] b = DynamicParts.isArray(right) ? numbersOrNaN(right) : new double[0];
        if (DynamicNumbers.isNumber(left)) {
            a = repeated(Double.parseDouble(left), b.length);
        } else if (DynamicNumbers.isNumber(right)) {
            b = repeated(Double.parseDouble(right), a.length);
        }
        return a.length == 0 || b.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(product(a, b));
    }

    /// A magnitude that is null is that of the series, so far as the other reaches.
    private static OptionalDouble cosine(String left, String right, OptionalDouble leftMagnitude, OptionalDouble rightMagnitude) {
        if (!DynamicParts.isArray(left) || !DynamicParts.isArray(right)) {
            return OptionalDouble.empty();
        }
        double[] a = numbersOrNaN(left);
        double[] b = numbersOrNaN(right);
        int size = Math.min(a.length, b.length);
        if (size == 0) {
            return OptionalDouble.empty();
        }
        a = Arrays.copyOf(a, size);
        b = Arrays.copyOf(b, size);
        double ofA = leftMagnitude.isPresent() ? leftMagnitude.getAsDouble() : Math.sqrt(product(a, a));
        double ofB = rightMagnitude.isPresent() ? rightMagnitude.getAsDouble() : Math.sqrt(product(b, b));
        return OptionalDouble.of(product(a, b) / (ofA * ofB));
    }

    /// A series' numbers are finite, so NaN stands for what is none.
    private static double product(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < Math.min(a.length, b.length); i++) {
            sum += Double.isNaN(a[i]) || Double.isNaN(b[i]) ? 0 : a[i] * b[i];
        }
        return sum;
    }

    private static double[] repeated(double value, int times) {
        double[] values = new double[times];
        Arrays.fill(values, value);
        return values;
    }

    private static double[] numbersOrNaN(String series) {
        return DynamicParts.elements(series).stream()
                .mapToDouble(element -> DynamicNumbers.isNumber(element) ? Double.parseDouble(element) : Double.NaN).toArray();
    }

    private static double sum(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum;
    }

    private static OptionalDouble correlation(String left, String right) {
        Optional<double[]> a = numbers(left);
        Optional<double[]> b = numbers(right);
        if (a.isEmpty() || b.isEmpty() || a.get().length != b.get().length) {
            return OptionalDouble.empty();
        }
        double[] x = a.get();
        double[] y = b.get();
        double meanX = sum(x) / x.length;
        double meanY = sum(y) / y.length;
        double xy = 0;
        double xx = 0;
        double yy = 0;
        for (int i = 0; i < x.length; i++) {
            xy += (x[i] - meanX) * (y[i] - meanY);
            xx += (x[i] - meanX) * (x[i] - meanX);
            yy += (y[i] - meanY) * (y[i] - meanY);
        }
        return OptionalDouble.of(xy / Math.sqrt(xx * yy));
    }

    private static boolean isMissing(String element, String placeholder) {
        return element.equals(DynamicParts.NULL) || DynamicOrder.isSame(element, placeholder);
    }

    private static List<String> fill(List<String> series, String placeholder) {
        List<String> filled = new ArrayList<>(series.size());
        String last = DynamicParts.NULL;
        boolean any = false;
        for (String element : series) {
            if (!isMissing(element, placeholder)) {
                last = element;
                any = true;
            }
            filled.add(any ? last : element);
        }
        return filled;
    }

    /// Between two values lie those of the straight line, cut to longs in a series of longs; edges take the nearest value.
    private static List<String> interpolate(List<String> series, String placeholder, boolean fillEdges, String constant) {
        List<Integer> known = new ArrayList<>();
        for (int i = 0; i < series.size(); i++) {
            if (!isMissing(series.get(i), placeholder)) {
                known.add(i);
            }
        }
        if (known.isEmpty()) {
            return series.stream().map(_ -> constant).toList();
        }
        boolean whole = known.stream().noneMatch(i -> DynamicNumbers.isReal(series.get(i)));
        List<String> filled = new ArrayList<>(series);
        for (int k = 0; k + 1 < known.size(); k++) {
            int from = known.get(k);
            int to = known.get(k + 1);
            OptionalDouble start = DynamicNumbers.toDouble(series.get(from));
            OptionalDouble end = DynamicNumbers.toDouble(series.get(to));
            // Between what is no number there is no line.
            if (start.isEmpty() || end.isEmpty()) {
                continue;
            }
            double slope = (end.getAsDouble() - start.getAsDouble()) / (to - from);
            for (int i = from + 1; i < to; i++) {
                filled.set(i, number(start.getAsDouble() + slope * (i - from), whole));
            }
        }
        if (fillEdges) {
            for (int i = 0; i < known.getFirst(); i++) {
                filled.set(i, series.get(known.getFirst()));
            }
            for (int i = known.getLast() + 1; i < series.size(); i++) {
                filled.set(i, series.get(known.getLast()));
            }
        }
        return filled;
    }

    /// A filter with negative weights cannot be normalized, and is not where nobody says so.
    private static Optional<String> finiteFilter(String series, String filter, Optional<Boolean> normalize, boolean center) {
        Optional<double[]> values = numbers(series);
        Optional<double[]> weights = numbers(filter);
        if (values.isEmpty() || weights.isEmpty()) {
            return Optional.empty();
        }
        double[] x = values.get();
        double[] w = weights.get();
        boolean canBeNormalized = Arrays.stream(w).allMatch(weight -> weight >= 0);
        boolean normalizes = normalize.orElse(canBeNormalized);
        if (normalizes && !canBeNormalized) {
            return Optional.empty();
        }
        double total = sum(w);
        double scale = normalizes && total != 0 ? total : 1;
        int shift = center ? w.length / 2 : 0;
        boolean whole = scale == 1 && !DynamicNumbers.isReal(series) && !DynamicNumbers.isReal(filter);
        List<String> filtered = new ArrayList<>();
        for (int i = 0; i < x.length; i++) {
            Interruption.look();
            double value = 0;
            for (int k = 0; k < w.length; k++) {
                int at = i - k + shift;
                value += at >= 0 && at < x.length ? w[k] * x[at] : 0;
            }
            filtered.add(number(value / scale, whole));
        }
        return Optional.of(DynamicParts.array(filtered));
    }

    private static Optional<String> recursiveFilter(String series, String numerators, String denominators) {
        Optional<double[]> values = numbers(series);
        Optional<double[]> b = numbers(numerators);
        Optional<double[]> a = numbers(denominators);
        if (values.isEmpty() || b.isEmpty() || a.isEmpty() || a.get().length == 0 || a.get()[0] == 0) {
            return Optional.empty();
        }
        double[] x = values.get();
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            Interruption.look();
            double value = 0;
            for (int k = 0; k < b.get().length && k <= i; k++) {
                value += b.get()[k] * x[i - k];
            }
            for (int k = 1; k < a.get().length && k <= i; k++) {
                value -= a.get()[k] * y[i - k];
            }
            y[i] = value / a.get()[0];
        }
        return Optional.of(array(y));
    }

    private static Optional<String> stats(String series, boolean ignoreNonFinite) {
        if (!DynamicParts.isArray(series)) {
            return Optional.empty();
        }
        List<String> elements = DynamicParts.elements(series);
        int least = -1;
        int greatest = -1;
        int count = 0;
        double sum = 0;
        double[] values = new double[elements.size()];
        for (int i = 0; i < values.length; i++) {
            if (!DynamicNumbers.isNumber(elements.get(i))) {
                if (!ignoreNonFinite) {
                    return Optional.empty();
                }
                continue;
            }
            double value = Double.parseDouble(elements.get(i));
            values[count++] = value;
            sum += value;
            least = least < 0 || value < Double.parseDouble(elements.get(least)) ? i : least;
            greatest = greatest < 0 || value > Double.parseDouble(elements.get(greatest)) ? i : greatest;
        }
        if (count == 0) {
            return Optional.empty();
        }
        double mean = sum / count;
        double squares = 0;
        for (int i = 0; i < count; i++) {
            squares += (values[i] - mean) * (values[i] - mean);
        }
        double variance = count > 1 ? squares / (count - 1) : 0;
        Map<String, String> stats = new LinkedHashMap<>();
        stats.put("min", ConversionKernels.ofReal(Double.parseDouble(elements.get(least))));
        stats.put("min_idx", Integer.toString(least));
        stats.put("max", ConversionKernels.ofReal(Double.parseDouble(elements.get(greatest))));
        stats.put("max_idx", Integer.toString(greatest));
        stats.put("avg", ConversionKernels.ofReal(mean));
        stats.put("stdev", ConversionKernels.ofReal(Math.sqrt(variance)));
        stats.put("variance", ConversionKernels.ofReal(variance));
        stats.put("sum", ConversionKernels.ofReal(sum));
        stats.put("len", Integer.toString(elements.size()));
        return Optional.of(DynamicParts.bag(stats));
    }

    /// Least squares over the indices 0, 1, 2 …
}
