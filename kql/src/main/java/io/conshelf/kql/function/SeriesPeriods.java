package io.conshelf.kql.function;

import io.conshelf.kql.value.Interruption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// The periods in which a series repeats itself.
///
/// A period is a hill of the series' autocorrelation near a frequency that stands out of its spectrum, as Vlachos, Yu and
/// Castelli describe it ("On Periodicity Detection and Structural Periodic Similarity"). Its score is the circular
/// autocorrelation there, scaled so that its least value is 0 and its greatest 1: that gives the recorded answers to their last
/// digit.
final class SeriesPeriods {
    private static final int PERIOD_MIN = 4;
    /// A frequency stands out where noise alone would have one as strong in one of so many series.
    private static final double NOISE = 0.01;
    /// How far the hill may lie from the period that is asked for.
    private static final double OFF_MAX = 1;

    private final double[] power;
    private final double[] correlation;

    record Period(double length, double score) {}

    private SeriesPeriods(double[] power, double[] correlation) {
        this.power = power;
        this.correlation = correlation;
    }

    /// Empty where the series is too short, or always the same.
    static Optional<SeriesPeriods> of(double[] series) {
        int n = series.length;
        if (n < 2 * PERIOD_MIN) {
            return Optional.empty();
        }
        double mean = Arrays.stream(series).average().orElseThrow();
        double[] off = Arrays.stream(series).map(value -> value - mean).toArray();
        double[][] spectrum = Fourier.transform(off, new double[n], false);
        double[] power = new double[n];
        for (int k = 0; k < n; k++) {
            power[k] = spectrum[0][k] * spectrum[0][k] + spectrum[1][k] * spectrum[1][k];
        }
        double[] correlation = Fourier.transform(power, new double[n], true)[0];
        double least = Arrays.stream(correlation).min().orElseThrow();
        double range = correlation[0] - least;
        // What is left of a constant series is what its mean was rounded by.
        double scale = Arrays.stream(series).map(value -> value * value).sum();
        if (!(range > scale * 1e-20)) {
            return Optional.empty();
        }
        return Optional.of(new SeriesPeriods(power, Arrays.stream(correlation).map(value -> (value - least) / range).toArray()));
    }

    /// The best periods between two lengths, best first.
    List<Period> detect(double least, double greatest, long count) {
        List<Period> found = new ArrayList<>();
        int n = power.length;
        double[] half = Arrays.copyOfRange(power, 1, n / 2 + 1);
        double needed = share(half.length) * Arrays.stream(half).sum();
        for (int k = 2; k <= n / 2; k++) {
            Interruption.look();
            if (power[k] >= needed && n / (double) k >= PERIOD_MIN) {
                hill(n / (double) k).filter(top -> top >= Math.max(least, PERIOD_MIN) && top <= Math.min(greatest, n / 2))
                        .map(top -> new Period(top, correlation[top]))
                        .filter(period -> found.stream().noneMatch(other -> other.length == period.length))
                        .ifPresent(found::add);
            }
        }
        return found.stream().sorted(Comparator.comparingDouble(Period::score).reversed()).limit(Math.max(0, count)).toList();
    }

    /// How well a period fits: 0 where it does not.
    double score(double period) {
        if (!(period >= PERIOD_MIN && period <= power.length / 2.0)) {
            return 0;
        }
        return hill(period).filter(top -> Math.abs(top - period) <= OFF_MAX).map(top -> correlation[top]).orElse(0.0);
    }

    /// The hill of the autocorrelation that a frequency can mean: between the periods of the frequencies beside it, halfway.
    private Optional<Integer> hill(double period) {
        int n = power.length;
        double k = n / period;
        int from = Math.max(2, (int) Math.ceil((n / (k + 1) + period) / 2 - 1));
        int to = Math.min(n - 2, (int) Math.floor((period + n / (k - 1)) / 2 + 1));
        int top = from;
        for (int lag = from; lag <= to; lag++) {
            if (correlation[lag] > correlation[top]
                    || correlation[lag] == correlation[top] && Math.abs(lag - period) < Math.abs(top - period)) {
                top = lag;
            }
        }
        boolean isHill = top <= to && correlation[top] >= correlation[top - 1] && correlation[top] >= correlation[top + 1];
        return isHill ? Optional.of(top) : Optional.empty();
    }

    /// Fisher's test: the share of all power that the strongest of so many frequencies of noise has with the probability
    /// [#NOISE].
    private static double share(int frequencies) {
        return frequencies == 1 ? 1 : 1 - Math.pow(NOISE / frequencies, 1.0 / (frequencies - 1));
    }
}
