package io.conshelf.processor.jq;

/// The gamma function, by the approximation of Lanczos: to about 15 digits.
final class Gamma {
    private static final double G = 7;
    private static final double[] COEFFICIENTS = {0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
        12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7};
    private static final int FACTORIALS_END = 171;
    private static final double INFINITE_FROM = 171.7;

    private Gamma() {}

    static double of(double x) {
        if (x > INFINITE_FROM) {
            return Double.POSITIVE_INFINITY;
        }
        if (x == Math.rint(x) && x > 0 && x < FACTORIALS_END) {
            double product = 1;
            for (int i = 2; i < x; i++) {
                product *= i;
            }
            return product;
        }
        if (x < 0.5) {
            return Math.PI / (Math.sin(Math.PI * x) * of(1 - x));
        }
        double t = x - 1 + G + 0.5;
        return Math.sqrt(2 * Math.PI) * Math.pow(t, x - 0.5) * Math.exp(-t) * sum(x - 1);
    }

    /// Of the absolute value.
    static double logarithm(double x) {
        if (Double.isInfinite(x)) {
            return Double.POSITIVE_INFINITY;
        }
        if (x < 0.5) {
            return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * x))) - logarithm(1 - x);
        }
        if (x == 1 || x == 2) {
            return 0;
        }
        double t = x - 1 + G + 0.5;
        return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum(x - 1));
    }

    private static double sum(double x) {
        double sum = COEFFICIENTS[0];
        for (int i = 1; i < COEFFICIENTS.length; i++) {
            sum += COEFFICIENTS[i] / (x + i);
        }
        return sum;
    }
}
