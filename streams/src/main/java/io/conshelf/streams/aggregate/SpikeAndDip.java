package io.conshelf.streams.aggregate;

import io.conshelf.streams.value.Value;
import java.util.Arrays;

/// Temporary anomalies: how likely a value so far out is by the density of those before it. The density is a sum of bells, one around each value, the wider
/// the fewer others are near it (an adaptive kernel density): an earlier spike has a wide one, so a smaller one after it is nothing new.
final class SpikeAndDip implements AnomalyDetection.Model {
    enum Side { ABOVE, BELOW, BOTH }

    /// Before so many values nothing is normal yet.
    private static final int LEARNT_AFTER = 8;
    private static final Value UNKNOWN = AnomalyHistory.verdict(false, 0.5);

    private final Side side;

    SpikeAndDip(Side side) {
        this.side = side;
    }

    @Override
    public Value verdict(AnomalyHistory history, double value, double significance) {
        if (history.count() < LEARNT_AFTER) {
            return UNKNOWN;
        }
        double[] sorted = history.copied();
        Arrays.sort(sorted);
        double above = above(sorted, value);
        double score = switch (side) {
            case ABOVE -> above;
            case BELOW -> 1 - above;
            case BOTH -> 2 * Math.min(above, 1 - above);
        };
        double bounded = Math.clamp(score, 0, 1);
        return AnomalyHistory.verdict(bounded < significance, bounded);
    }

    /// The share of the density that is above the value.
    private static double above(double[] sorted, double value) {
        int neighbours = (int) Math.ceil(Math.sqrt(sorted.length));
        double least = leastWidth(sorted);
        double above = 0;
        int from = 0;
        for (int i = 0; i < sorted.length; i++) {
            // The window of the nearest neighbours moves along with the sorted values.
            while (from + neighbours < sorted.length - 1 && (from + neighbours < i || sorted[from + neighbours + 1] - sorted[i] < sorted[i] - sorted[from])) {
                from++;
            }
            double width = Math.max(least, Math.max(sorted[i] - sorted[from], sorted[Math.min(sorted.length - 1, from + neighbours)] - sorted[i]));
            above += Normal.above((value - sorted[i]) / width);
        }
        return above / sorted.length;
    }

    /// Half of what is usual for a bell of everything, and never nothing: values may all be the same.
    private static double leastWidth(double[] sorted) {
        double middle = sorted[sorted.length / 2];
        double spread = sorted[sorted.length * 3 / 4] - sorted[sorted.length / 4];
        return Math.max(0.5 * spread / 1.349 * Math.pow(sorted.length, -0.2), 1e-9 * Math.max(1, Math.abs(middle)));
    }
}
