package io.conshelf.cli.output;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;

/// Round numbers along an axis.
final class Ticks {
    private static final double PLAIN_MAX = 1e15;
    private static final double PLAIN_MIN = 1e-6;

    private Ticks() {}

    /// The multiples of 1, 2 or 5 times a power of ten between the bounds, about as many as wanted.
    static List<Double> between(double low, double high, int wanted) {
        double step = step((high - low) / Math.max(1, wanted));
        List<Double> ticks = new ArrayList<>();
        for (double n = Math.ceil(low / step - 1e-9); n * step <= high + step * 1e-9 && ticks.size() <= 4 * wanted; n++) {
            ticks.add(n * step);
        }
        return ticks;
    }

    private static double step(double least) {
        double power = Math.pow(10, Math.floor(Math.log10(least)));
        double times = least / power;
        return power * (times <= 1 ? 1 : times <= 2 ? 2 : times <= 5 ? 5 : 10);
    }

    static String text(double value) {
        BigDecimal rounded = new BigDecimal(value).round(new MathContext(12)).stripTrailingZeros();
        double size = Math.abs(value);
        return size == 0 ? "0" : size >= PLAIN_MAX || size < PLAIN_MIN ? rounded.toString() : rounded.toPlainString();
    }
}
