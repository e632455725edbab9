package io.conshelf.kql.value;

/// The text of a `real`, as Kusto writes it: the shortest digits that read back as the same number.
public final class RealText {
    private RealText() {}

    /// `1.5`, `1E+20`, `NaN`, `Infinity`. A whole number is `1.0` where a decimal point is asked for, else `1`.
    public static String format(double value, boolean withPoint) {
        if (Double.isNaN(value)) {
            return "NaN";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "Infinity" : "-Infinity";
        }
        String java = Double.toString(value);
        int exponentAt = java.indexOf('E');
        String mantissa = exponentAt < 0 ? java : java.substring(0, exponentAt);
        int exponent = exponentAt < 0 ? 0 : Integer.parseInt(java.substring(exponentAt + 1));
        boolean negative = mantissa.charAt(0) == '-';
        String plain = negative ? mantissa.substring(1) : mantissa;
        int point = plain.indexOf('.');
        String digits = plain.substring(0, point) + plain.substring(point + 1);
        int leading = 0;
        while (leading < digits.length() - 1 && digits.charAt(leading) == '0') {
            leading++;
        }
        int end = digits.length();
        while (end > leading + 1 && digits.charAt(end - 1) == '0') {
            end--;
        }
        String significant = digits.substring(leading, end);
        if (significant.equals("0")) {
            return (negative ? "-0" : "0") + (withPoint ? ".0" : "");
        }
        // The power of ten of the first significant digit.
        int power = point - 1 - leading + exponent;
        StringBuilder text = new StringBuilder(24);
        if (negative) {
            text.append('-');
        }
        if (power < -4 || power >= 15) {
            return scientific(text, significant, power).toString();
        }
        return plain(text, significant, power, withPoint).toString();
    }

    private static StringBuilder scientific(StringBuilder text, String digits, int power) {
        text.append(digits.charAt(0));
        if (digits.length() > 1) {
            text.append('.').append(digits, 1, digits.length());
        }
        text.append('E').append(power < 0 ? '-' : '+');
        int size = Math.abs(power);
        return size < 10 ? text.append('0').append(size) : text.append(size);
    }

    private static StringBuilder plain(StringBuilder text, String digits, int power, boolean withPoint) {
        if (power < 0) {
            return text.append("0.").repeat('0', -power - 1).append(digits);
        }
        if (digits.length() <= power + 1) {
            text.append(digits).repeat('0', power + 1 - digits.length());
            return withPoint ? text.append(".0") : text;
        }
        return text.append(digits, 0, power + 1).append('.').append(digits, power + 1, digits.length());
    }
}
