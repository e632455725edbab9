package io.conshelf.processor.jq;

import java.util.ArrayDeque;
import java.util.Deque;

/// How large a regular expression becomes when its counted repetitions are written out, which is what RE2 does. Roughly, and never too little.
final class RegexSize {
    static final long MAX = 100_000;

    private RegexSize() {}

    static long of(String regex) {
        Deque<Long> around = new ArrayDeque<>();
        long sum = 0;
        long last = 0;
        for (int i = 0; i < regex.length(); i++) {
            switch (regex.charAt(i)) {
                case '\\' -> {
                    i++;
                    sum += last = 1;
                }
                case '[' -> {
                    i = endOfSet(regex, i);
                    sum += last = 1;
                }
                case '(' -> {
                    around.push(sum);
                    sum = 0;
                }
                case ')' -> {
                    last = sum + 1;
                    sum = last + (around.isEmpty() ? 0 : around.pop());
                }
                case '{' -> {
                    long times = times(regex, i);
                    if (times > 1) {
                        sum = sum - last + last * times;
                        last *= times;
                    }
                }
                case '*', '+', '?', '|' -> sum++;
                default -> sum += last = 1;
            }
            if (sum > MAX) {
                return sum;
            }
        }
        return sum;
    }

    private static int endOfSet(String regex, int from) {
        for (int i = from + 1; i < regex.length(); i++) {
            if (regex.charAt(i) == '\\') {
                i++;
            } else if (regex.charAt(i) == ']' && i > from + 1) {
                return i;
            }
        }
        return regex.length();
    }

    /// The greater number of `{n}`, `{n,}` or `{n,m}`; 1 for what is none.
    private static long times(String regex, int from) {
        long greatest = 1;
        long number = 0;
        for (int i = from + 1; i < regex.length() && regex.charAt(i) != '}'; i++) {
            char c = regex.charAt(i);
            if (c == ',') {
                number = 0;
            } else if (c < '0' || c > '9') {
                return 1;
            } else {
                number = Math.min(10 * number + c - '0', MAX);
                greatest = Math.max(greatest, number);
            }
        }
        return greatest;
    }
}
