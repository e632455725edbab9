package io.conshelf.kql.function;

import java.math.BigDecimal;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/// Numbers in dynamic text.
final class DynamicNumbers {
    private DynamicNumbers() {}

    static boolean isNumber(String dynamic) {
        char first = dynamic.charAt(0);
        return first == '-' || first >= '0' && first <= '9';
    }

    /// Whether a number was written with a point or an exponent, which makes it a real.
    static boolean isReal(String number) {
        for (int i = 0; i < number.length(); i++) {
            char c = number.charAt(i);
            if (c == '.' || c == 'e' || c == 'E') {
                return true;
            }
        }
        return false;
    }

    /// A number cut to an integer; one too great is the greatest, as .NET's conversion gives it.
    static OptionalLong toLong(String dynamic) {
        if (!isNumber(dynamic)) {
            return OptionalLong.empty();
        }
        if (dynamic.length() < 19 && !isReal(dynamic)) {
            return OptionalLong.of(Long.parseLong(dynamic));
        }
        try {
            return OptionalLong.of(Long.parseLong(dynamic));
        } catch (NumberFormatException notLong) {
            return OptionalLong.of((long) Double.parseDouble(dynamic));
        }
    }

    static OptionalDouble toDouble(String dynamic) {
        return isNumber(dynamic) ? OptionalDouble.of(Double.parseDouble(dynamic)) : OptionalDouble.empty();
    }

    static BigDecimal toDecimal(String number) {
        return new BigDecimal(number);
    }
}
