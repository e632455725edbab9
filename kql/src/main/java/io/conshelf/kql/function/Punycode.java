package io.conshelf.kql.function;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Punycode of RFC 3492: texts of any script in ASCII, the other characters counted after the last hyphen.
final class Punycode {
    private static final int BASE = 36;
    private static final int THRESHOLD_MIN = 1;
    private static final int THRESHOLD_MAX = 26;
    private static final int SKEW = 38;
    private static final int DAMP = 700;
    private static final int BIAS = 72;
    private static final int FIRST_CODE = 128;

    private Punycode() {}

    static String encode(String text) {
        int[] points = text.codePoints().toArray();
        StringBuilder out = new StringBuilder();
        for (int point : points) {
            if (point < FIRST_CODE) {
                out.append((char) point);
            }
        }
        int basic = out.length();
        int handled = basic;
        if (basic > 0) {
            out.append('-');
        }
        int code = FIRST_CODE;
        int delta = 0;
        int bias = BIAS;
        while (handled < points.length) {
            int next = Integer.MAX_VALUE;
            for (int point : points) {
                if (point >= code && point < next) {
                    next = point;
                }
            }
            delta += (next - code) * (handled + 1);
            code = next;
            for (int point : points) {
                if (point < code) {
                    delta++;
                } else if (point == code) {
                    number(out, delta, bias);
                    bias = adapt(delta, handled + 1, handled == basic);
                    delta = 0;
                    handled++;
                }
            }
            delta++;
            code++;
        }
        return out.toString();
    }

    private static void number(StringBuilder out, int delta, int bias) {
        int rest = delta;
        for (int k = BASE; ; k += BASE) {
            int threshold = Math.clamp(k - bias, THRESHOLD_MIN, THRESHOLD_MAX);
            if (rest < threshold) {
                out.append(digit(rest));
                return;
            }
            out.append(digit(threshold + (rest - threshold) % (BASE - threshold)));
            rest = (rest - threshold) / (BASE - threshold);
        }
    }

    private static char digit(int value) {
        return (char) (value < 26 ? 'a' + value : '0' + value - 26);
    }

    private static int adapt(int delta, int count, boolean first) {
        int rest = first ? delta / DAMP : delta / 2;
        rest += rest / count;
        int k = 0;
        while (rest > (BASE - THRESHOLD_MIN) * THRESHOLD_MAX / 2) {
            rest /= BASE - THRESHOLD_MIN;
            k += BASE;
        }
        return k + (BASE - THRESHOLD_MIN + 1) * rest / (rest + SKEW);
    }

    static Optional<String> decode(String text) {
        int hyphen = text.lastIndexOf('-');
        List<Integer> points = new ArrayList<>();
        for (int i = 0; i < hyphen; i++) {
            if (text.charAt(i) >= FIRST_CODE) {
                return Optional.empty();
            }
            points.add((int) text.charAt(i));
        }
        int code = FIRST_CODE;
        int bias = BIAS;
        int index = 0;
        int at = hyphen < 0 ? 0 : hyphen + 1;
        while (at < text.length()) {
            int before = index;
            int weight = 1;
            for (int k = BASE; ; k += BASE) {
                if (at == text.length()) {
                    return Optional.empty();
                }
                int value = Character.digit(text.charAt(at++), BASE);
                // Letters stand for 0 to 25 and digits for 26 to 35.
                int digit = value < 0 ? -1 : value < 10 ? value + 26 : value - 10;
                if (digit < 0 || digit > (Integer.MAX_VALUE - index) / weight) {
                    return Optional.empty();
                }
                index += digit * weight;
                int threshold = Math.clamp(k - bias, THRESHOLD_MIN, THRESHOLD_MAX);
                if (digit < threshold) {
                    break;
                }
                if (weight > Integer.MAX_VALUE / (BASE - threshold)) {
                    return Optional.empty();
                }
                weight *= BASE - threshold;
            }
            int count = points.size() + 1;
            bias = adapt(index - before, count, before == 0);
            code += index / count;
            index %= count;
            if (!Character.isValidCodePoint(code)) {
                return Optional.empty();
            }
            points.add(index++, code);
        }
        StringBuilder out = new StringBuilder();
        points.forEach(out::appendCodePoint);
        return Optional.of(out.toString());
    }
}
