package io.conshelf.kql.function;

import static io.conshelf.kql.function.Kernels.kernel;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.value.CellWriter;
import io.conshelf.kql.value.DynamicParts;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A series taken apart into what repeats, what goes up or down, and the rest.
final class SeriesDecomposition {
    private static final double SEASONAL_SCORE_MIN = 0.7;

    static final List<Kernel> ALL = List.of(
            kernel("kql_series_decompose", DYNAMIC, (in, row, out) -> text(out, row,
                    parts(in.text(0, row), in.int64(1, row), in.text(2, row), in.int64(3, row), in.float64(4, row)).map(Parts::bag)),
                    DYNAMIC, LONG, STRING, LONG, REAL),
            kernel("kql_series_anomalies", DYNAMIC, (in, row, out) -> text(out, row,
                    parts(in.text(0, row), in.int64(2, row), in.text(3, row), in.int64(4, row), in.float64(6, row))
                            .flatMap(parts -> anomalies(parts, in.float64(1, row), in.text(5, row)))),
                    DYNAMIC, REAL, LONG, STRING, LONG, STRING, REAL),
            kernel("kql_series_seasonal", DYNAMIC, (in, row, out) -> text(out, row,
                    parts(in.text(0, row), in.int64(1, row), "none", in.int64(2, row), SEASONAL_SCORE_MIN)
                            .map(parts -> SeriesKernels.array(parts.seasonal))), DYNAMIC, LONG, LONG),
            kernel("kql_series_periods_detect", DYNAMIC, (in, row, out) -> text(out, row,
                    detect(in.text(0, row), in.float64(1, row), in.float64(2, row), in.int64(3, row))), DYNAMIC, REAL, REAL, LONG),
            kernel("kql_series_periods_validate", DYNAMIC, (in, row, out) -> text(out, row,
                    validate(in.text(0, row), in.text(1, row))), DYNAMIC, DYNAMIC));

    private SeriesDecomposition() {}

    private static void text(CellWriter out, int row, Optional<String> value) {
        value.ifPresentOrElse(present -> out.text(row, present), () -> out.setNull(row));
    }

    private record Parts(double[] baseline, double[] seasonal, double[] trend, double[] residual) {
        String bag() {
            Map<String, String> bag = new LinkedHashMap<>();
            bag.put("baseline", SeriesKernels.array(baseline));
            bag.put("seasonal", SeriesKernels.array(seasonal));
            bag.put("trend", SeriesKernels.array(trend));
            bag.put("residual", SeriesKernels.array(residual));
            return DynamicParts.bag(bag);
        }
    }

    /// @param period     of the season: 0 for none, -1 for the best there is
    /// @param testPoints how many of the last elements nothing is learned from
    /// @param scoreMin   what the best period must reach
    private static Optional<Parts> parts(String series, long period, String trend, long testPoints, double scoreMin) {
        Optional<double[]> read = SeriesKernels.numbers(series);
        if (read.isEmpty() || read.get().length == 0 || testPoints < 0 || testPoints >= read.get().length) {
            return Optional.empty();
        }
        double[] values = read.get();
        int learned = values.length - (int) testPoints;
        double[] seasonal = seasonal(values, learned, length(Arrays.copyOf(values, learned), period, scoreMin));
        double[] rest = minus(values, seasonal);
        return trend(rest, learned, trend).map(going -> {
            double[] baseline = new double[values.length];
            Arrays.setAll(baseline, i -> seasonal[i] + going[i]);
            return new Parts(baseline, seasonal, going, minus(values, baseline));
        });
    }

    private static int length(double[] learned, long period, double scoreMin) {
        if (period != -1) {
            return Math.clamp(period, 0, Integer.MAX_VALUE);
        }
        return SeriesPeriods.of(learned).stream()
                .flatMap(periods -> periods.detect(0, learned.length, 1).stream())
                .filter(best -> best.score() >= scoreMin)
                .mapToInt(best -> (int) best.length())
                .findFirst().orElse(0);
    }

    /// Of each phase the median of the elements that are learned from; 0 where there are none.
    private static double[] seasonal(double[] values, int learned, int period) {
        double[] seasonal = new double[values.length];
        for (int phase = 0; phase < Math.min(period, values.length); phase++) {
            double[] same = new double[phase < learned ? (learned - 1 - phase) / period + 1 : 0];
            for (int i = 0; i < same.length; i++) {
                same[i] = values[phase + i * period];
            }
            double median = same.length == 0 ? 0 : median(same);
            for (long i = phase; i < values.length; i += period) {
                seasonal[(int) i] = median;
            }
        }
        return seasonal;
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        int middle = values.length / 2;
        return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }

    private static double[] minus(double[] a, double[] b) {
        double[] difference = new double[a.length];
        Arrays.setAll(difference, i -> a[i] - b[i]);
        return difference;
    }

    private static Optional<double[]> trend(double[] values, int learned, String kind) {
        double[] trend = new double[values.length];
        double[] known = Arrays.copyOf(values, learned);
        switch (kind) {
            case "avg" -> Arrays.fill(trend, Arrays.stream(known).sum() / learned);
            case "linefit" -> SeriesFits.line(known, trend);
            case "none" -> { }
            default -> {
                return Optional.empty();
            }
        }
        return Optional.of(trend);
    }

    private static Optional<String> anomalies(Parts parts, double threshold, String method) {
        if (!method.equals("ctukey") && !method.equals("tukey")) {
            return Optional.empty();
        }
        double[] scores = SeriesFits.outlierScores(parts.residual, method, 10, 90);
        List<String> flags = Arrays.stream(scores)
                .mapToObj(score -> score > threshold ? "1" : score < -threshold ? "-1" : "0")
                .toList();
        Map<String, String> bag = new LinkedHashMap<>();
        bag.put("ad_flag", DynamicParts.array(flags));
        bag.put("ad_score", SeriesKernels.array(scores));
        bag.put("baseline", SeriesKernels.array(parts.baseline));
        return Optional.of(DynamicParts.bag(bag));
    }

    /// As many periods as are asked for, zeros where there are no more. No series has more periods than elements.
    private static Optional<String> detect(String series, double least, double greatest, long count) {
        return SeriesKernels.numbers(series).map(values -> {
            int wanted = Math.clamp(count, 0, values.length);
            double[] lengths = new double[wanted];
            double[] scores = new double[wanted];
            List<SeriesPeriods.Period> found = SeriesPeriods.of(values).map(periods -> periods.detect(least, greatest, wanted)).orElse(List.of());
            for (int i = 0; i < found.size(); i++) {
                lengths[i] = found.get(i).length();
                scores[i] = found.get(i).score();
            }
            return periods(lengths, scores);
        });
    }

    private static Optional<String> validate(String series, String asked) {
        return SeriesKernels.numbers(series).flatMap(values -> SeriesKernels.numbers(asked).map(lengths -> {
            double[] scores = SeriesPeriods.of(values)
                    .map(periods -> Arrays.stream(lengths).map(periods::score).toArray())
                    .orElse(new double[lengths.length]);
            return periods(lengths, scores);
        }));
    }

    private static String periods(double[] lengths, double[] scores) {
        Map<String, String> bag = new LinkedHashMap<>();
        bag.put("periods", SeriesKernels.array(lengths));
        bag.put("scores", SeriesKernels.array(scores));
        return DynamicParts.bag(bag);
    }
}
