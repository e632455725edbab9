package io.conshelf.streams.value;

/// Reads a time of ISO 8601 from left to right, without making anything on the way.
final class IsoText {
    private final CharSequence text;
    private final int end;
    private int at;

    IsoText(CharSequence text) {
        int from = 0;
        int to = text.length();
        while (from < to && text.charAt(from) <= ' ') {
            from++;
        }
        while (to > from && text.charAt(to - 1) <= ' ') {
            to--;
        }
        this.text = text;
        this.at = from;
        this.end = to;
    }

    long ticks() {
        int year = digits(4);
        if (year < 0 || !skip('-')) {
            return Ticks.NONE;
        }
        int month = digits(2);
        if (month < 0 || !skip('-')) {
            return Ticks.NONE;
        }
        int date = digits(2);
        long day = date < 0 ? Ticks.NONE : Ticks.day(year, month, date);
        if (day == Ticks.NONE || at == end) {
            return day;
        }
        if (!skip('T') && !skip('t') && !skip(' ')) {
            return Ticks.NONE;
        }
        long time = time();
        if (time < 0) {
            return Ticks.NONE;
        }
        long offset = offset();
        if (offset == Ticks.NONE || at != end) {
            return Ticks.NONE;
        }
        long ticks = day + time - offset;
        return Ticks.isInRange(ticks) ? ticks : Ticks.NONE;
    }

    /// @return -1 where there is none
    private long time() {
        int hour = digits(2);
        if (hour < 0 || hour > 24 || !skip(':')) {
            return -1;
        }
        int minute = digits(2);
        if (minute < 0 || minute > 59) {
            return -1;
        }
        int second = 0;
        long fraction = 0;
        if (skip(':')) {
            second = digits(2);
            if (second < 0 || second > 59) {
                return -1;
            }
            if (skip('.') || skip(',')) {
                fraction = fraction();
                if (fraction < 0) {
                    return -1;
                }
            }
        }
        if (hour == 24 && (minute | second | fraction) != 0) {
            return -1;
        }
        return hour * Ticks.PER_HOUR + minute * Ticks.PER_MINUTE + second * Ticks.PER_SECOND + fraction;
    }

    private long fraction() {
        long fraction = 0;
        int read = 0;
        while (at < end && isDigit(text.charAt(at))) {
            if (read < 7) {
                fraction = fraction * 10 + text.charAt(at) - '0';
            }
            read++;
            at++;
        }
        if (read == 0) {
            return -1;
        }
        for (int i = read; i < 7; i++) {
            fraction *= 10;
        }
        return fraction;
    }

    /// What is to be taken off to come to UTC.
    private long offset() {
        if (at == end) {
            return 0;
        }
        skip(' ');
        if (skip('Z') || skip('z')) {
            return 0;
        }
        int sign = skip('+') ? 1 : skip('-') ? -1 : 0;
        int hours = sign == 0 ? -1 : digits(2);
        if (hours < 0 || hours > 14) {
            return Ticks.NONE;
        }
        int minutes = 0;
        if (at < end) {
            skip(':');
            minutes = digits(2);
            if (minutes < 0 || minutes > 59) {
                return Ticks.NONE;
            }
        }
        return sign * (hours * Ticks.PER_HOUR + minutes * Ticks.PER_MINUTE);
    }

    /// @return -1 where there are fewer digits
    private int digits(int count) {
        if (end - at < count) {
            return -1;
        }
        int value = 0;
        for (int i = 0; i < count; i++) {
            char digit = text.charAt(at + i);
            if (!isDigit(digit)) {
                return -1;
            }
            value = value * 10 + digit - '0';
        }
        at += count;
        return value;
    }

    private boolean skip(char expected) {
        if (at < end && text.charAt(at) == expected) {
            at++;
            return true;
        }
        return false;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
