package io.conshelf.kql.function;

import static io.conshelf.kql.function.Declare.*;
import static io.conshelf.kql.function.Kernels.kernel;
import static io.conshelf.kql.function.ResultName.*;
import static io.conshelf.kql.type.Type.*;

import java.util.List;

/// The beta distribution and the error function.
final class DistributionFunctions {
    private static final double[] LANCZOS = {
        0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
        12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7
    };
    /// Of the parameters of `beta_cdf()`, by its page.
    private static final double PARAMETER_MAX = 10_000;
    private static final int ITERATIONS_MAX = 500;
    private static final double PRECISION = 1e-15;

    static final List<ScalarFunction> ALL = List.of(
            scalar("beta_cdf", NONE, "The probability that a beta-distributed value is at most x.",
                    takes(numberAsReal("x"), numberAsReal("alpha"), numberAsReal("beta")).returns(REAL)
                            .sql("kql_beta_cdf({0}, {1}, {2})")),
            scalar("beta_pdf", NONE, "The density of the beta distribution.",
                    takes(numberAsReal("x"), numberAsReal("alpha"), numberAsReal("beta")).returns(REAL)
                            .sql("kql_beta_pdf({0}, {1}, {2})")),
            scalar("beta_inv", NONE, "The value that a beta-distributed one exceeds with the remaining probability.",
                    takes(numberAsReal("probability"), numberAsReal("alpha"), numberAsReal("beta")).returns(REAL)
                            .sql("kql_beta_inv({0}, {1}, {2})")),
            scalar("welch_test", NONE, "The probability that two samples of such means, variances and sizes are of one mean.",
                    takes(numberAsReal("mean1"), numberAsReal("variance1"), numberAsReal("count1"), numberAsReal("mean2"), numberAsReal("variance2"),
                            numberAsReal("count2")).returns(REAL).sql("kql_welch_test({0}, {1}, {2}, {3}, {4}, {5})")),
            scalar("erf", FIRST_ARGUMENT, "The error function.", takes(numberAsReal("x")).returns(REAL).sql("kql_erf({0})")),
            scalar("erfc", FIRST_ARGUMENT, "1 less the error function.",
                    takes(numberAsReal("x")).returns(REAL).sql("kql_erfc({0})")));

    static final List<Kernel> KERNELS = List.of(
            kernel("kql_beta_cdf", REAL, (in, row, out) ->
                    out.float64(row, betaCdf(in.float64(0, row), in.float64(1, row), in.float64(2, row))), REAL, REAL, REAL),
            kernel("kql_welch_test", REAL, (in, row, out) -> out.float64(row, welch(in.float64(0, row), in.float64(1, row) / in.float64(2, row),
                    in.float64(2, row), in.float64(3, row), in.float64(4, row) / in.float64(5, row), in.float64(5, row))),
                    REAL, REAL, REAL, REAL, REAL, REAL),
            kernel("kql_beta_pdf", REAL, (in, row, out) ->
                    out.float64(row, betaPdf(in.float64(0, row), in.float64(1, row), in.float64(2, row))), REAL, REAL, REAL),
            kernel("kql_beta_inv", REAL, (in, row, out) -> {
                // A probability out of range gives null, a parameter NaN: both on record.
                if (!(in.float64(0, row) > 0 && in.float64(0, row) <= 1)) {
                    out.setNull(row);
                } else {
                    out.float64(row, betaInverse(in.float64(0, row), in.float64(1, row), in.float64(2, row)));
                }
            }, REAL, REAL, REAL),
            kernel("kql_erf", REAL, (in, row, out) -> out.float64(row, 1 - erfc(in.float64(0, row))), REAL),
            kernel("kql_erfc", REAL, (in, row, out) -> out.float64(row, erfc(in.float64(0, row))), REAL));

    private DistributionFunctions() {}

    private static double betaCdf(double x, double alpha, double beta) {
        return alpha <= PARAMETER_MAX && beta <= PARAMETER_MAX ? incompleteBeta(x, alpha, beta) : Double.NaN;
    }

    private static double incompleteBeta(double x, double alpha, double beta) {
        if (!(x >= 0 && x <= 1)) {
            return Double.NaN;
        }
        if (!(alpha > 0 && beta > 0)) {
            // On record for a negative alpha.
            return 1;
        }
        if (x == 0 || x == 1) {
            return x;
        }
        double front = Math.exp(logGamma(alpha + beta) - logGamma(alpha) - logGamma(beta)
                + alpha * Math.log(x) + beta * Math.log1p(-x));
        // The continued fraction converges fast on one side of the mean only.
        return x < (alpha + 1) / (alpha + beta + 2)
                ? front * fraction(x, alpha, beta) / alpha
                : 1 - front * fraction(1 - x, beta, alpha) / beta;
    }

    /// Lentz's evaluation of the continued fraction of the incomplete beta function.
    private static double fraction(double x, double a, double b) {
        double c = 1;
        double d = 1 / nonZero(1 - (a + b) * x / (a + 1));
        double result = d;
        for (int m = 1; m < ITERATIONS_MAX; m++) {
            double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
            d = 1 / nonZero(1 + even * d);
            c = nonZero(1 + even / c);
            result *= d * c;
            double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
            d = 1 / nonZero(1 + odd * d);
            c = nonZero(1 + odd / c);
            result *= d * c;
            if (Math.abs(d * c - 1) < PRECISION) {
                break;
            }
        }
        return result;
    }

    private static double nonZero(double value) {
        return Math.abs(value) < 1e-300 ? 1e-300 : value;
    }

    private static double betaPdf(double x, double alpha, double beta) {
        if (!(alpha > 0 && beta > 0) || !(x > 0 && x < 1)) {
            return Double.NaN;
        }
        return Math.exp(logGamma(alpha + beta) - logGamma(alpha) - logGamma(beta)
                + (alpha - 1) * Math.log(x) + (beta - 1) * Math.log1p(-x));
    }

    private static double betaInverse(double probability, double alpha, double beta) {
        if (!(alpha > 0 && beta > 0)) {
            return Double.NaN;
        }
        double low = 0;
        double high = 1;
        for (int i = 0; i < ITERATIONS_MAX && high - low > Math.ulp(high); i++) {
            double middle = (low + high) / 2;
            if (incompleteBeta(middle, alpha, beta) < probability) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return (low + high) / 2;
    }

    private static double logGamma(double x) {
        if (x < 0.5) {
            return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * x))) - logGamma(1 - x);
        }
        double sum = LANCZOS[0];
        for (int i = 1; i < LANCZOS.length; i++) {
            sum += LANCZOS[i] / (x - 1 + i);
        }
        double t = x + LANCZOS.length - 2.5;
        return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
    }

    /// By its series near zero and its continued fraction further out.
    private static double erfc(double x) {
        if (Double.isNaN(x)) {
            return x;
        }
        double size = Math.abs(x);
        double result;
        if (size < 2.5) {
            double term = size;
            double sum = size;
            for (int n = 1; n < ITERATIONS_MAX && Math.abs(term) > 1e-17; n++) {
                term *= -size * size / n;
                sum += term / (2 * n + 1);
            }
            result = 1 - 2 / Math.sqrt(Math.PI) * sum;
        } else if (size > 27) {
            result = 0;
        } else {
            double fraction = 0;
            for (int n = 100; n > 0; n--) {
                fraction = n / 2.0 / (size + fraction);
            }
            result = Math.exp(-size * size) / Math.sqrt(Math.PI) / (size + fraction);
        }
        return x < 0 ? 2 - result : result;
    }

    /// Welch's test of two sides.
    ///
    /// @param error1 the variance of the first sample over its size
    private static double welch(double mean1, double error1, double count1, double mean2, double error2, double count2) {
        double error = error1 + error2;
        double squared = (mean1 - mean2) * (mean1 - mean2) / error;
        double freedom = error * error / (error1 * error1 / (count1 - 1) + error2 * error2 / (count2 - 1));
        return incompleteBeta(freedom / (freedom + squared), freedom / 2, 0.5);
    }

    /// The value that a normally distributed one stays below with a probability, to twelve digits.
    static double normalQuantile(double probability) {
        double low = -40;
        double high = 40;
        while (high - low > 1e-12) {
            double middle = (low + high) / 2;
            if (0.5 * erfc(-middle / Math.sqrt(2)) < probability) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return (low + high) / 2;
    }
}
