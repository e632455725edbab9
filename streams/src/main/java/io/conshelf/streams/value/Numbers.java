package io.conshelf.streams.value;

import java.math.BigDecimal;

/// How numbers stand in text.
public final class Numbers {
    private Numbers() {}

    /// The shortest text that reads back as this number: `12`, `0.1`, `1E+16`, `NaN`, `Infinity`.
    public static String text(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            // -0.0 is told from 0.0
            return value == 0 && 1 / value < 0 ? "-0" : Long.toString((long) value);
        }
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return Double.toString(value);
        }
        double magnitude = Math.abs(value);
        BigDecimal exact = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        if (magnitude >= 1e-4 && magnitude < 1e15) {
            return exact.toPlainString();
        }
        String digits = exact.unscaledValue().abs().toString();
        int exponent = digits.length() - 1 - exact.scale();
        String sign = value < 0 ? "-" : "";
        String fraction = digits.length() == 1 ? "" : "." + digits.substring(1);
        String power = (exponent < 0 ? "-" : "+") + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
        return sign + digits.charAt(0) + fraction + "E" + power;
    }
}
