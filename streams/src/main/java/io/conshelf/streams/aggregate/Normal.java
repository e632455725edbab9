package io.conshelf.streams.aggregate;

/// The normal distribution.
final class Normal {
    private static final double ROOT_OF_TWO_PI = Math.sqrt(2 * Math.PI);

    private Normal() {}

    /// The probability of a value above this one, with an error below 7.5e-8 (Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.17).
    static double above(double x) {
        double positive = Math.abs(x);
        double t = 1 / (1 + 0.2316419 * positive);
        double polynomial = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
        double above = Math.exp(-positive * positive / 2) / ROOT_OF_TWO_PI * polynomial;
        return x >= 0 ? above : 1 - above;
    }
}
