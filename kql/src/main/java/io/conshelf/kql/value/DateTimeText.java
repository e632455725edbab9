package io.conshelf.kql.value;

import java.nio.charset.StandardCharsets;
import java.time.Month;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The text of a `datetime`: written as ISO 8601 with seven digits, read in any form Kusto reads.
public final class DateTimeText {
    private static final String TIME = "(\\d{1,2}):(\\d{1,2})(?::(\\d{1,2})(?:[.,](\\d+))?)?";
    private static final String ZONE = "\\s*(?:(Z|UTC|GMT)|([+-])(\\d{1,2}):?(\\d{2})?)?";
    private static final String AFTER_DATE = "(?:(?:T|\\s+)" + TIME + "\\s*(AM|PM)?" + ZONE + ")?";
    private static final Pattern YEAR_FIRST =
            Pattern.compile("(\\d{4})(?:(?:\\s*[-/]\\s*|,\\s*)(\\d{1,2})(?:(?:\\s*[-/]\\s*|,\\s*)(\\d{1,2}))?)?" + AFTER_DATE, Pattern.CASE_INSENSITIVE);
    private static final Pattern MONTH_FIRST =
            Pattern.compile("(\\d{1,2})[-/.](\\d{1,2})[-/.](\\d{4})" + AFTER_DATE, Pattern.CASE_INSENSITIVE);
    private static final Pattern COMPACT =
            Pattern.compile("(\\d{4})(\\d{2})(\\d{2})" + AFTER_DATE, Pattern.CASE_INSENSITIVE);
    /// RFC 822 (`Sat, 8 Nov 14 15:05:02 GMT`) and RFC 850 (`Saturday, 08-Nov-14 15:05:02 UTC`).
    private static final Pattern DAY_FIRST = Pattern.compile(
            "(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday),?\\s+)?(\\d{1,2})[-\\s]([a-z]{3,9})[-\\s](\\d{4}|\\d{2})" + AFTER_DATE,
            Pattern.CASE_INSENSITIVE);
    /// `Dec 2, 2022`.
    private static final Pattern MONTH_NAME_FIRST = Pattern.compile("([a-z]{3,9})\\s+(\\d{1,2}),?\\s+(\\d{4})" + AFTER_DATE, Pattern.CASE_INSENSITIVE);
    private static final int MONTH_LETTERS = 3;
    private static final int TEXT_LENGTH_MAX = 64;
    /// A year of two digits is taken to lie before this one, as .NET does.
    private static final int TWO_DIGIT_YEAR_MAX = 2049;

    private DateTimeText() {}

    /// `2024-02-29T13:45:30.7654321Z`.
    public static String format(long ticks) {
        byte[] text = new byte[28];
        int date = Ticks.packedDate(ticks);
        digits(text, 0, 4, date / 10_000);
        text[4] = '-';
        digits(text, 5, 2, date / 100 % 100);
        text[7] = '-';
        digits(text, 8, 2, date % 100);
        text[10] = 'T';
        long time = Math.floorMod(ticks, Ticks.DAY);
        digits(text, 11, 2, time / Ticks.HOUR);
        text[13] = ':';
        digits(text, 14, 2, time / Ticks.MINUTE % 60);
        text[16] = ':';
        digits(text, 17, 2, time / Ticks.SECOND % 60);
        text[19] = '.';
        digits(text, 20, 7, time % Ticks.SECOND);
        text[27] = 'Z';
        return new String(text, StandardCharsets.ISO_8859_1);
    }

    private static void digits(byte[] text, int at, int count, long value) {
        long rest = value;
        for (int i = at + count - 1; i >= at; i--) {
            text[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }

    /// The ticks of a text, or empty where it is no datetime. A text without a zone is UTC.
    public static OptionalLong parse(String text) {
        long fast = parseIso(text);
        if (fast >= 0) {
            return OptionalLong.of(fast);
        }
        String trimmed = text.strip();
        if (trimmed.isEmpty() || trimmed.length() > TEXT_LENGTH_MAX) {
            return OptionalLong.empty();
        }
        Matcher yearFirst = YEAR_FIRST.matcher(trimmed);
        if (yearFirst.matches()) {
            return combine(number(yearFirst, 1, 1), number(yearFirst, 2, 1), number(yearFirst, 3, 1), yearFirst);
        }
        Matcher monthFirst = MONTH_FIRST.matcher(trimmed);
        if (monthFirst.matches()) {
            return combine(number(monthFirst, 3, 1), number(monthFirst, 1, 1), number(monthFirst, 2, 1), monthFirst);
        }
        Matcher dayFirst = DAY_FIRST.matcher(trimmed);
        if (dayFirst.matches()) {
            return combine(fullYear(dayFirst.group(3)), month(dayFirst.group(2)), number(dayFirst, 1, 1), dayFirst);
        }
        Matcher named = MONTH_NAME_FIRST.matcher(trimmed);
        if (named.matches()) {
            return combine(number(named, 3, 1), month(named.group(1)), number(named, 2, 1), named);
        }
        Matcher compact = COMPACT.matcher(trimmed);
        if (compact.matches()) {
            return combine(number(compact, 1, 1), number(compact, 2, 1), number(compact, 3, 1), compact);
        }
        return OptionalLong.empty();
    }

    /// The month of a whole name or its first three letters; 0 where it is none.
    private static int month(String word) {
        String name = word.toUpperCase(Locale.ROOT);
        for (Month month : Month.values()) {
            if (month.name().equals(name) || name.length() == MONTH_LETTERS && month.name().startsWith(name)) {
                return month.getValue();
            }
        }
        return 0;
    }

    /// The form that nearly all data has, without a regular expression: `yyyy-MM-dd[(T| )HH:mm:ss[.f…]][Z]`; -1 where
    /// the text is of another form.
    private static long parseIso(String text) {
        int length = text.length();
        if (length < 10 || text.charAt(4) != '-' || text.charAt(7) != '-') {
            return -1;
        }
        int year = digits(text, 0, 4);
        int month = digits(text, 5, 2);
        int day = digits(text, 8, 2);
        if (year < 0 || month < 0 || day < 0 || !Ticks.isDate(year, month, day)) {
            return -1;
        }
        long ticks = Ticks.ofDate(year, month, day);
        if (length == 10) {
            return ticks;
        }
        char separator = text.charAt(10);
        if (length < 19 || separator != 'T' && separator != ' ' || text.charAt(13) != ':' || text.charAt(16) != ':') {
            return -1;
        }
        int hour = digits(text, 11, 2);
        int minute = digits(text, 14, 2);
        int second = digits(text, 17, 2);
        if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) {
            return -1;
        }
        ticks += hour * Ticks.HOUR + minute * Ticks.MINUTE + second * Ticks.SECOND;
        int at = 19;
        if (at < length && text.charAt(at) == '.') {
            long unit = Ticks.SECOND / 10;
            int first = ++at;
            for (; at < length && text.charAt(at) >= '0' && text.charAt(at) <= '9'; at++) {
                ticks += (text.charAt(at) - '0') * unit;
                unit /= 10;
            }
            if (at == first) {
                return -1;
            }
        }
        if (at < length && text.charAt(at) == 'Z') {
            at++;
        }
        return at == length ? ticks : -1;
    }

    private static int digits(String text, int at, int count) {
        int value = 0;
        for (int i = at; i < at + count; i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            value = value * 10 + c - '0';
        }
        return value;
    }

    /// A date and the groups of [#AFTER_DATE], which are the last nine of every pattern.
    private static OptionalLong combine(int year, int month, int day, Matcher matcher) {
        if (!Ticks.isDate(year, month, day)) {
            return OptionalLong.empty();
        }
        int group = matcher.groupCount() - 8;
        long ticks = Ticks.ofDate(year, month, day);
        if (matcher.group(group) == null) {
            return OptionalLong.of(ticks);
        }
        int hour = number(matcher, group, 0);
        int minute = number(matcher, group + 1, 0);
        int second = number(matcher, group + 2, 0);
        String half = matcher.group(group + 4);
        if (half != null) {
            if (hour < 1 || hour > 12) {
                return OptionalLong.empty();
            }
            hour = hour % 12 + (half.equalsIgnoreCase("PM") ? 12 : 0);
        }
        if (hour > 23 || minute > 59 || second > 59) {
            return OptionalLong.empty();
        }
        ticks += hour * Ticks.HOUR + minute * Ticks.MINUTE + second * Ticks.SECOND + fraction(matcher.group(group + 3));
        if (matcher.group(group + 6) != null) {
            long offset = number(matcher, group + 7, 0) * Ticks.HOUR + number(matcher, group + 8, 0) * Ticks.MINUTE;
            ticks += matcher.group(group + 6).equals("-") ? offset : -offset;
        }
        return Ticks.isDateTime(ticks) ? OptionalLong.of(ticks) : OptionalLong.empty();
    }

    private static int number(Matcher matcher, int group, int absent) {
        String text = matcher.group(group);
        return text == null ? absent : Integer.parseInt(text);
    }

    private static int fullYear(String text) {
        int year = Integer.parseInt(text);
        if (text.length() == 4) {
            return year;
        }
        return year + (year + 2000 <= TWO_DIGIT_YEAR_MAX ? 2000 : 1900);
    }

    /// Ticks of the digits after a decimal point; beyond the seventh they are dropped.
    static long fraction(String digits) {
        if (digits == null) {
            return 0;
        }
        long ticks = 0;
        long unit = Ticks.SECOND / 10;
        for (int i = 0; i < digits.length() && unit > 0; i++) {
            ticks += (digits.charAt(i) - '0') * unit;
            unit /= 10;
        }
        return ticks;
    }
}
