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

/// Lines and polynomials that fit a series best, its frequencies, and the elements that stand out.
final class SeriesFits {
    private static final int DEGREE_MAX = 30;
    private static final double TUKEY_LOW = 25;
    private static final double TUKEY_HIGH = 75;
    /// By recorded answers a score of 1 is so much of the range between the percentiles 10 and 90. Other ranges are scaled as
    /// those of a normal distribution.
    private static final double CUSTOM_WIDTH = 0.3606715639662027;

    static final List<Kernel> ALL = List.of(
            kernel("kql_series_fit_line", DYNAMIC, (in, row, out) -> text(out, row,
                    SeriesKernels.numbers(in.text(0, row)).filter(y -> y.length >= 2).map(y -> bag(Line.of(y), y))), DYNAMIC),
            kernel("kql_series_fit_2lines", DYNAMIC, (in, row, out) -> text(out, row,
                    SeriesKernels.numbers(in.text(0, row)).filter(y -> y.length >= 4).map(SeriesFits::twoLines)), DYNAMIC),
            kernel("kql_series_fit_poly", DYNAMIC, (in, row, out) -> text(out, row, SeriesKernels.numbers(in.text(0, row))
                    .flatMap(y -> abscissae(in.text(1, row), y.length).flatMap(x -> polynomial(y, x, in.int64(2, row))))), DYNAMIC, DYNAMIC, LONG),
            kernel("kql_series_fft", DYNAMIC, (in, row, out) -> text(out, row, transform(in.text(0, row), in.text(1, row), in.bool(2, row))),
                    DYNAMIC, DYNAMIC, BOOL),
            kernel("kql_series_outliers", DYNAMIC, (in, row, out) -> text(out, row,
                    outliers(in.text(0, row), in.text(1, row), in.float64(2, row), in.float64(3, row), in.float64(4, row))), DYNAMIC, STRING, REAL, REAL, REAL));

    private SeriesFits() {}

    private static void text(CellWriter out, int row, Optional<String> value) {
        value.ifPresentOrElse(present -> out.text(row, present), () -> out.setNull(row));
    }

    /// A line through elements at 0, 1, 2 …, with how well it fits.
    private record Line(double slope, double interception, double squares, double residuals, int size) {
        static Line of(double[] y) {
            int n = y.length;
            double meanX = (n - 1) / 2.0;
            double meanY = Arrays.stream(y).sum() / n;
            double xy = 0;
            double xx = 0;
            double yy = 0;
            for (int i = 0; i < n; i++) {
                xy += (i - meanX) * (y[i] - meanY);
                xx += (i - meanX) * (i - meanX);
                yy += (y[i] - meanY) * (y[i] - meanY);
            }
            double slope = xx == 0 ? 0 : xy / xx;
            double interception = meanY - slope * meanX;
            double residuals = 0;
            for (int i = 0; i < n; i++) {
                double off = y[i] - (interception + slope * i);
                residuals += off * off;
            }
            return new Line(slope, interception, yy, residuals, n);
        }

        double fit() {
            return squares == 0 ? 1 : 1 - residuals / squares;
        }

        double variance() {
            return squares / (size - 1);
        }

        double residualVariance() {
            return residuals / (size - 1);
        }

        void points(double[] into, int from) {
            for (int i = 0; i < size; i++) {
                into[from + i] = interception + slope * i;
            }
        }
    }

    private static String bag(Line line, double[] y) {
        double[] points = new double[y.length];
        line.points(points, 0);
        Map<String, String> fit = new LinkedHashMap<>();
        put(fit, "rsquare", line.fit());
        put(fit, "slope", line.slope);
        put(fit, "variance", line.variance());
        put(fit, "rvariance", line.residualVariance());
        put(fit, "interception", line.interception);
        fit.put("line_fit", SeriesKernels.array(points));
        return DynamicParts.bag(fit);
    }

    private static void put(Map<String, String> bag, String name, double value) {
        bag.put(name, Double.isFinite(value) ? ConversionKernels.ofReal(value) : DynamicParts.NULL);
    }

    /// The two lines, one after the other, that leave least between them and the series.
    private static String twoLines(double[] y) {
        int best = 2;
        double least = Double.POSITIVE_INFINITY;
        for (int split = 2; split <= y.length - 2; split++) {
            double left = Line.of(Arrays.copyOfRange(y, 0, split)).residuals + Line.of(Arrays.copyOfRange(y, split, y.length)).residuals;
            if (left < least) {
                least = left;
                best = split;
            }
        }
        Line left = Line.of(Arrays.copyOfRange(y, 0, best));
        Line right = Line.of(Arrays.copyOfRange(y, best, y.length));
        Line all = Line.of(y);
        double[] points = new double[y.length];
        left.points(points, 0);
        right.points(points, best);
        Map<String, String> fit = new LinkedHashMap<>();
        put(fit, "rsquare", all.squares == 0 ? 1 : 1 - least / all.squares);
        fit.put("split_idx", Integer.toString(best));
        put(fit, "variance", all.variance());
        put(fit, "rvariance", least / (y.length - 1));
        fit.put("line_fit", SeriesKernels.array(points));
        side(fit, "right_", right);
        side(fit, "left_", left);
        return DynamicParts.bag(fit);
    }

    private static void side(Map<String, String> fit, String side, Line line) {
        put(fit, side + "rsquare", line.fit());
        put(fit, side + "slope", line.slope);
        put(fit, side + "interception", line.interception);
        put(fit, side + "variance", line.variance());
        put(fit, side + "rvariance", line.residualVariance());
    }

    /// Where elements lie: 1, 2, 3 … where nothing is given.
    private static Optional<double[]> abscissae(String series, int size) {
        if (!DynamicParts.isArray(series)) {
            double[] x = new double[size];
            Arrays.setAll(x, i -> i + 1);
            return Optional.of(x);
        }
        return SeriesKernels.numbers(series).filter(x -> x.length == size);
    }

    /// By least squares, over orthogonal polynomials of the abscissae, so that high degrees stay exact.
    private static Optional<String> polynomial(double[] y, double[] x, long degree) {
        int n = y.length;
        if (degree < 0 || degree > DEGREE_MAX || n <= degree) {
            return Optional.empty();
        }
        int terms = (int) degree + 1;
        double[][] basis = new double[terms][n];
        double[][] powers = new double[terms][terms];
        double[] fitted = new double[n];
        double[] coefficients = new double[terms];
        for (int k = 0; k < terms; k++) {
            powers[k][0] = k == 0 ? 1 : 0;
            if (k == 0) {
                Arrays.fill(basis[0], 1);
            } else {
                next(basis, powers, x, k);
            }
            double length = dot(basis[k], basis[k]);
            if (length < 1e-300) {
                return Optional.empty();
            }
            double share = dot(basis[k], y) / length;
            for (int i = 0; i < n; i++) {
                fitted[i] += share * basis[k][i];
            }
            for (int power = 0; power < terms; power++) {
                coefficients[power] += share * powers[k][power];
            }
        }
        double mean = Arrays.stream(y).sum() / n;
        double squares = 0;
        double residuals = 0;
        for (int i = 0; i < n; i++) {
            squares += (y[i] - mean) * (y[i] - mean);
            residuals += (y[i] - fitted[i]) * (y[i] - fitted[i]);
        }
        double[] highestFirst = new double[terms];
        Arrays.setAll(highestFirst, i -> coefficients[terms - 1 - i]);
        Map<String, String> fit = new LinkedHashMap<>();
        put(fit, "rsquare", squares == 0 ? 1 : 1 - residuals / squares);
        fit.put("coefficients", SeriesKernels.array(highestFirst));
        put(fit, "variance", squares / (n - 1));
        put(fit, "rvariance", residuals / (n - 1));
        fit.put("poly_fit", SeriesKernels.array(fitted));
        return Optional.of(DynamicParts.bag(fit));
    }

    /// The next polynomial at right angles to all before: x times the last, less its parts along them.
    private static void next(double[][] basis, double[][] powers, double[] x, int k) {
        for (int i = 0; i < x.length; i++) {
            basis[k][i] = x[i] * basis[k - 1][i];
        }
        System.arraycopy(powers[k - 1], 0, powers[k], 1, powers[k].length - 1);
        for (int j = k - 1; j >= 0; j--) {
            double share = dot(basis[k], basis[j]) / dot(basis[j], basis[j]);
            for (int i = 0; i < x.length; i++) {
                basis[k][i] -= share * basis[j][i];
            }
            for (int power = 0; power < powers[k].length; power++) {
                powers[k][power] -= share * powers[j][power];
            }
        }
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static Optional<String> transform(String real, String imaginary, boolean isInverse) {
        Optional<double[]> read = SeriesKernels.numbers(real);
        if (read.isEmpty()) {
            return Optional.empty();
        }
        int n = read.get().length;
        Optional<double[]> other = DynamicParts.isArray(imaginary) ? SeriesKernels.numbers(imaginary).filter(i -> i.length == n) : Optional.of(new double[n]);
        if (other.isEmpty() || n == 0) {
            return Optional.empty();
        }
        double[][] result = Fourier.transform(read.get(), other.get(), isInverse);
        Map<String, String> parts = new LinkedHashMap<>();
        parts.put("real", SeriesKernels.array(result[0]));
        parts.put("imag", SeriesKernels.array(result[1]));
        return Optional.of(DynamicParts.bag(parts));
    }

    /// How far each element lies beyond the range between two percentiles, in widths of that range as a normal distribution would have between its quartiles;
    /// 0 within. Missing elements and those to ignore are 0.
    private static Optional<String> outliers(String series, String kind, double ignored, double low, double high) {
        Optional<List<String>> elements = DynamicKernels.elements(series);
        boolean isCustom = !kind.equals("tukey");
        if (elements.isEmpty() || isCustom && (low < 2 || high > 98 || low >= high)) {
            return Optional.empty();
        }
        double[] all = elements.get().stream().mapToDouble(element -> DynamicNumbers.isNumber(element) ? Double.parseDouble(element) : Double.NaN)
                .map(value -> value == ignored ? Double.NaN : value).toArray();
        return Optional.of(SeriesKernels.array(outlierScores(all, kind, low, high)));
    }

    /// What is not a number has the score 0.
    static double[] outlierScores(double[] values, String kind, double low, double high) {
        boolean isCustom = !kind.equals("tukey");
        double[] sorted = Arrays.stream(values).filter(value -> !Double.isNaN(value)).sorted().toArray();
        double[] scores = new double[values.length];
        if (sorted.length > 0) {
            double from = percentile(sorted, isCustom ? low : TUKEY_LOW);
            double to = percentile(sorted, isCustom ? high : TUKEY_HIGH);
            double width = (to - from) * (isCustom ? CUSTOM_WIDTH * normalRange(10, 90) / normalRange(low, high) : 1);
            for (int i = 0; i < values.length; i++) {
                double beyond = values[i] > to ? values[i] - to : values[i] < from ? values[i] - from : 0;
                scores[i] = Double.isNaN(beyond) || beyond == 0 || width == 0 ? 0 : beyond / width;
            }
        }
        return scores;
    }

    /// The line that fits values best, and goes on behind them.
    static void line(double[] values, double[] into) {
        Line line = Line.of(values);
        Arrays.setAll(into, i -> line.interception + line.slope * i);
    }

    private static double percentile(double[] sorted, double percentage) {
        double at = percentage / 100 * (sorted.length - 1);
        int before = (int) Math.floor(at);
        int after = Math.min(before + 1, sorted.length - 1);
        return sorted[before] + (sorted[after] - sorted[before]) * (at - before);
    }

    private static double normalRange(double low, double high) {
        return DistributionFunctions.normalQuantile(high / 100) - DistributionFunctions.normalQuantile(low / 100);
    }
}
