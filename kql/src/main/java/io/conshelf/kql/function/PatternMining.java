package io.conshelf.kql.function;

import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.value.DynamicParts;
import io.conshelf.kql.value.DynamicText;
import io.conshelf.kql.value.Interruption;
import io.conshelf.kql.value.TooLargeValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The patterns of `basket`, `diffpatterns` and `autocluster`: values of some columns that many rows share; and of `diffpatterns_text`,
/// whose columns are the tokens of a text.
///
/// Only closed patterns count, to which no value can be added without losing rows. They are enumerated once each, as LCM does
/// (Uno, Kiyomi, Arimura, "LCM ver. 2"). The rows come as DuckDB has reduced them: values that are too rare for any pattern
/// are all the same, and rows that are then the same are one, with their weight.
public final class PatternMining {
    /// As many elements as a list holds: there may have been more.
    private static final int ROWS_MAX = 1 << 20;
    private static final int PATTERNS_MAX = 100_000;
    /// Of all patterns that are kept, together: 256 MB.
    private static final long ROWS_KEPT_MAX = 64L << 20;
    private static final int[] NO_ROWS = {};
    private static final String TEXT = "diffpatterns_text";
    private static final String WILDCARD = "*";
    /// How much of a pattern may be in those that were chosen before.
    private static final double KNOWN_MAX = 0.5;

    static final List<Kernel> KERNELS = List.of(Kernels.kernel("kql_patterns", DYNAMIC, (in, row, out) -> out.text(row,
            new PatternMining(DynamicParts.elements(in.text(0, row)), DynamicParts.elements(in.text(1, row)),
                    DynamicParts.elements(in.text(2, row)), in.text(3, row),
                    new Bounds(in.float64(4, row), in.int64(5, row), in.float64(6, row), in.int64(7, row))).answer()),
            DYNAMIC, DYNAMIC, DYNAMIC, STRING, REAL, LONG, REAL, LONG));

    /// Which patterns are wanted.
    ///
    /// @param threshold     the least share of the rows of one set, or the least difference
    /// @param dimensionsMax how many values are added to what the rows have in common anyway
    /// @param sizeWeight    of `autocluster`
    /// @param dimensionsMin how many values a pattern has at least
    public record Bounds(double threshold, long dimensionsMax, double sizeWeight, long dimensionsMin) {}

    /// A pattern's values, one for each column, 0 where it has none; and the weights of its rows in both sets.
    private record Pattern(int[] values, int[] rows, double a, double b) {
        int dimensions() {
            return (int) Arrays.stream(values).filter(value -> value != 0).count();
        }
    }

    private final List<List<String>> names = new ArrayList<>();
    private final int[][] columns;
    private final double[] a;
    private final double[] b;
    private final double totalA;
    private final double totalB;
    private final String plugin;
    private final Bounds bounds;
    private final boolean isOfText;
    private final boolean isDifference;
    /// How many tokens each row has, of those that are looked at; of texts only.
    private final int[] lengths;
    private final List<Pattern> found = new ArrayList<>();
    private int visited;
    private long rowsKept;

    private PatternMining(List<String> columns, List<String> a, List<String> b, String plugin, Bounds bounds) {
        if (a.size() >= ROWS_MAX) {
            throw new TooLargeValue(plugin + ": the columns have more than a million different rows; leave columns out, or ask for a higher threshold");
        }
        isOfText = plugin.equals(TEXT);
        isDifference = isOfText || plugin.equals("diffpatterns");
        this.columns = new int[columns.size() - (isOfText ? 1 : 0)][];
        lengths = isOfText ? DynamicParts.elements(columns.getLast()).stream().mapToInt(Integer::parseInt).toArray() : NO_ROWS;
        for (int i = 0; i < this.columns.length; i++) {
            this.columns[i] = codes(DynamicParts.elements(columns.get(i)));
        }
        this.a = a.stream().mapToDouble(Double::parseDouble).toArray();
        this.b = b.stream().mapToDouble(Double::parseDouble).toArray();
        totalA = Arrays.stream(this.a).sum();
        totalB = Arrays.stream(this.b).sum();
        if (!(Math.abs(totalA) < Double.MAX_VALUE && Math.abs(totalB) < Double.MAX_VALUE)) {
            throw new ArithmeticException(plugin + ": the weights of all rows together are more than a real number holds; divide them");
        }
        this.plugin = plugin;
        this.bounds = bounds;
    }

    /// The call of the kernel: an array of patterns, each its figures and then its values, null where it has none.
    ///
    /// @param values  the arrays of the columns' values, rows in the same order: a text behind `=`, or empty; of texts, behind them their lengths
    /// @param weights the rows' weights in both sets
    public static Expr patterns(List<Expr> values, List<Expr> weights, String plugin, Bounds bounds) {
        List<Expr> all = new ArrayList<>(weights);
        all.add(new Expr.Constant(STRING, plugin));
        all.add(new Expr.Constant(REAL, bounds.threshold));
        all.add(new Expr.Constant(LONG, bounds.dimensionsMax));
        all.add(new Expr.Constant(REAL, bounds.sizeWeight));
        all.add(new Expr.Constant(LONG, bounds.dimensionsMin));
        all.addAll(values);
        return Declare.call(plugin, "kql_patterns('[' || concat_ws(',', {7*}) || ']', {0}, {1}, {2}, {3}, {4}, {5}, {6})", DYNAMIC, all.toArray(Expr[]::new));
    }

    private int[] codes(List<String> values) {
        Map<String, Integer> codes = new HashMap<>();
        List<String> texts = new ArrayList<>(List.of(""));
        int[] all = new int[values.size()];
        for (int i = 0; i < all.length; i++) {
            String text = DynamicText.stringValue(values.get(i)).orElse("");
            if (!text.isEmpty()) {
                all[i] = codes.computeIfAbsent(text, _ -> {
                    texts.add(text.substring(1));
                    return texts.size() - 1;
                });
            }
        }
        names.add(texts);
        return all;
    }

    private String answer() {
        int[] all = new int[a.length];
        Arrays.setAll(all, i -> i);
        if (all.length > 0 && totalA + totalB > 0) {
            Pattern root = pattern(all);
            keep(root);
            extend(root, -1, 0);
        }
        List<Pattern> chosen = switch (plugin) {
            case "diffpatterns" -> chosen(Comparator.comparingDouble(this::difference).reversed());
            // What tells the first set comes first, as in the page's example.
            case TEXT -> chosen(Comparator.comparingDouble(this::difference).thenComparingInt(Pattern::dimensions).reversed()).stream()
                    .sorted(Comparator.<Pattern>comparingDouble(pattern -> shareB(pattern) - shareA(pattern))).toList();
            case "autocluster" -> chosen(Comparator.comparingDouble(this::score).reversed());
            default -> found.stream().sorted(Comparator.comparingDouble(Pattern::a).reversed()).toList();
        };
        return DynamicParts.array(chosen.stream().map(this::text).toList());
    }

    private Pattern pattern(int[] rows) {
        int[] values = new int[columns.length];
        for (int c = 0; c < columns.length; c++) {
            int value = columns[c][rows[0]];
            for (int i = 1; i < rows.length && value != 0; i++) {
                if (columns[c][rows[i]] != value) {
                    value = 0;
                }
            }
            values[c] = value;
        }
        double inA = 0;
        double inB = 0;
        for (int row : rows) {
            inA += a[row];
            inB += b[row];
        }
        return new Pattern(values, rows, inA, inB);
    }

    private void keep(Pattern pattern) {
        if (++visited > PATTERNS_MAX) {
            throw new TooLargeValue(plugin + ": there are more than " + PATTERNS_MAX + " patterns; leave columns out, or ask for a higher threshold");
        }
        boolean differs = !isDifference || difference(pattern) >= bounds.threshold;
        if (pattern.dimensions() >= Math.max(1, bounds.dimensionsMin) && differs) {
            // All of a basket's are told, whatever rows they share.
            Pattern kept = plugin.equals("basket") ? new Pattern(pattern.values, NO_ROWS, pattern.a, pattern.b) : pattern;
            rowsKept += kept.rows.length;
            if (rowsKept > ROWS_KEPT_MAX) {
                throw new TooLargeValue(plugin + ": the patterns have more than " + ROWS_KEPT_MAX + " rows together; leave columns out, or ask for a higher threshold");
            }
            found.add(kept);
        }
    }

    /// Patterns with one more value behind the column that was last added; what is implied before it was found already.
    private void extend(Pattern pattern, int last, int depth) {
        if (depth >= bounds.dimensionsMax) {
            return;
        }
        for (int c = last + 1; c < columns.length; c++) {
            if (pattern.values[c] != 0) {
                continue;
            }
            for (int[] rows : byValue(pattern.rows, c)) {
                Interruption.look();
                Pattern next = pattern(rows);
                if (isFrequent(next) && isNew(pattern, next, c)) {
                    keep(next);
                    extend(next, c, depth + 1);
                }
            }
        }
    }

    private List<int[]> byValue(int[] rows, int column) {
        int[] codes = columns[column];
        int[] counts = new int[names.get(column).size()];
        for (int row : rows) {
            counts[codes[row]]++;
        }
        int[][] parts = new int[counts.length][];
        for (int row : rows) {
            int code = codes[row];
            if (code != 0) {
                if (parts[code] == null) {
                    parts[code] = new int[counts[code]];
                }
                parts[code][parts[code].length - counts[code]--] = row;
            }
        }
        return Arrays.stream(parts).filter(part -> part != null).toList();
    }

    private boolean isFrequent(Pattern pattern) {
        return totalA > 0 && pattern.a >= bounds.threshold * totalA || totalB > 0 && pattern.b >= bounds.threshold * totalB;
    }

    private static boolean isNew(Pattern pattern, Pattern next, int column) {
        for (int c = 0; c < column; c++) {
            if (next.values[c] != pattern.values[c]) {
                return false;
            }
        }
        return true;
    }

    private double shareA(Pattern pattern) {
        return totalA == 0 ? 0 : pattern.a / totalA;
    }

    private double shareB(Pattern pattern) {
        return totalB == 0 ? 0 : pattern.b / totalB;
    }

    private double difference(Pattern pattern) {
        return Math.abs(shareA(pattern) - shareB(pattern));
    }

    /// The page's measure: the geometric mean, with weights, of how many rows and how many columns a pattern has.
    private double score(Pattern pattern) {
        return Math.pow(shareA(pattern), bounds.sizeWeight) * Math.pow(pattern.dimensions() / (double) columns.length, 1 - bounds.sizeWeight);
    }

    /// The best, then each next best of which enough is in none before.
    private List<Pattern> chosen(Comparator<Pattern> best) {
        List<Pattern> chosen = new ArrayList<>();
        boolean[] isKnown = new boolean[a.length];
        for (Pattern pattern : found.stream().sorted(best).toList()) {
            Interruption.look();
            double known = 0;
            for (int row : pattern.rows) {
                known += isKnown[row] ? a[row] + b[row] : 0;
            }
            if (known <= KNOWN_MAX * (pattern.a + pattern.b)) {
                chosen.add(pattern);
                for (int row : pattern.rows) {
                    isKnown[row] = true;
                }
            }
        }
        return chosen;
    }

    private String text(Pattern pattern) {
        List<String> parts = new ArrayList<>();
        parts.add(Long.toString(Math.round(pattern.a)));
        if (isDifference) {
            parts.add(Long.toString(Math.round(pattern.b)));
            parts.add(percent(shareA(pattern)));
            parts.add(percent(shareB(pattern)));
            parts.add(isOfText ? DynamicText.ofString(tokens(pattern)) : percent(difference(pattern)));
        } else {
            parts.add(DynamicText.ofReal(pattern.a * 100 / totalA));
        }
        for (int c = 0; c < columns.length && !isOfText; c++) {
            parts.add(pattern.values[c] == 0 ? DynamicParts.NULL : DynamicText.ofString(names.get(c).get(pattern.values[c])));
        }
        return DynamicParts.array(parts);
    }

    /// Up to the last token that is told; a star behind it says that texts go on, as far as they were looked at.
    private String tokens(Pattern pattern) {
        int end = columns.length;
        while (pattern.values[end - 1] == 0) {
            end--;
        }
        StringBuilder text = new StringBuilder();
        for (int c = 0; c < end; c++) {
            text.append(c == 0 ? "" : " ").append(pattern.values[c] == 0 ? WILDCARD : names.get(c).get(pattern.values[c]));
        }
        int told = end;
        return text.append(Arrays.stream(pattern.rows).anyMatch(row -> lengths[row] > told) ? " " + WILDCARD : "").toString();
    }

    /// With two digits, as the page shows them.
    private static String percent(double share) {
        return DynamicText.ofReal(Math.round(share * 10_000) / 100.0);
    }
}
