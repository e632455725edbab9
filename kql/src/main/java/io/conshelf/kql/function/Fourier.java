package io.conshelf.kql.function;

/// The discrete Fourier transform of any length, in n log n steps.
final class Fourier {
    private Fourier() {}

    /// @return the real and the imaginary parts
    static double[][] transform(double[] real, double[] imaginary, boolean isInverse) {
        int n = real.length;
        // The inverse is the transform with its parts exchanged, before and after.
        double[] a = isInverse ? imaginary.clone() : real.clone();
        double[] b = isInverse ? real.clone() : imaginary.clone();
        if (Integer.bitCount(n) == 1) {
            radixTwo(a, b);
        } else {
            anyLength(a, b);
        }
        if (!isInverse) {
            return new double[][] {a, b};
        }
        for (int i = 0; i < n; i++) {
            a[i] /= n;
            b[i] /= n;
        }
        return new double[][] {b, a};
    }

    private static void radixTwo(double[] real, double[] imaginary) {
        int n = real.length;
        int bits = Integer.numberOfTrailingZeros(n);
        for (int i = 0; i < n; i++) {
            int j = bits == 0 ? 0 : Integer.reverse(i) >>> (32 - bits);
            if (j > i) {
                swap(real, i, j);
                swap(imaginary, i, j);
            }
        }
        for (int size = 2; size <= n; size *= 2) {
            int half = size / 2;
            for (int k = 0; k < half; k++) {
                double cos = Math.cos(2 * Math.PI * k / size);
                double sin = -Math.sin(2 * Math.PI * k / size);
                for (int i = k; i < n; i += size) {
                    double re = real[i + half] * cos - imaginary[i + half] * sin;
                    double im = real[i + half] * sin + imaginary[i + half] * cos;
                    real[i + half] = real[i] - re;
                    imaginary[i + half] = imaginary[i] - im;
                    real[i] += re;
                    imaginary[i] += im;
                }
            }
        }
    }

    private static void swap(double[] values, int i, int j) {
        double value = values[i];
        values[i] = values[j];
        values[j] = value;
    }

    /// As a convolution of a length that is a power of two (Bluestein).
    private static void anyLength(double[] real, double[] imaginary) {
        int n = real.length;
        int size = Integer.highestOneBit(2 * n) * 2;
        double[] cos = new double[n];
        double[] sin = new double[n];
        for (int i = 0; i < n; i++) {
            double angle = Math.PI * ((long) i * i % (2L * n)) / n;
            cos[i] = Math.cos(angle);
            sin[i] = Math.sin(angle);
        }
        double[] aReal = new double[size];
        double[] aImaginary = new double[size];
        double[] bReal = new double[size];
        double[] bImaginary = new double[size];
        for (int i = 0; i < n; i++) {
            aReal[i] = real[i] * cos[i] + imaginary[i] * sin[i];
            aImaginary[i] = imaginary[i] * cos[i] - real[i] * sin[i];
            bReal[i] = cos[i];
            bImaginary[i] = sin[i];
            if (i > 0) {
                bReal[size - i] = cos[i];
                bImaginary[size - i] = sin[i];
            }
        }
        double[][] a = transform(aReal, aImaginary, false);
        double[][] b = transform(bReal, bImaginary, false);
        double[] productReal = new double[size];
        double[] productImaginary = new double[size];
        for (int i = 0; i < size; i++) {
            productReal[i] = a[0][i] * b[0][i] - a[1][i] * b[1][i];
            productImaginary[i] = a[0][i] * b[1][i] + a[1][i] * b[0][i];
        }
        double[][] convolution = transform(productReal, productImaginary, true);
        for (int i = 0; i < n; i++) {
            real[i] = convolution[0][i] * cos[i] + convolution[1][i] * sin[i];
            imaginary[i] = convolution[1][i] * cos[i] - convolution[0][i] * sin[i];
        }
    }
}
