package io.conshelf.processor.jq;

import io.conshelf.processor.value.Value;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.LocalDateTime;
import java.time.Month;
import java.time.ZoneOffset;
import java.time.format.TextStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.time.temporal.IsoFields;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// Times as texts, by the conversions of C's `strftime` and `strptime`, in English and UTC.
final class TimeText {
    private static final List<String> MONTHS = Stream.of(Month.values()).map(month -> month.getDisplayName(TextStyle.FULL, Locale.ENGLISH)).toList();
    private static final List<String> DAYS = Stream.of(DayOfWeek.values()).map(day -> day.getDisplayName(TextStyle.FULL, Locale.ENGLISH)).toList();
    private static final int SHORT = 3;

    private TimeText() {}

    static String format(LocalDateTime time, String pattern) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c != '%' || i + 1 == pattern.length()) {
                text.append(c);
                continue;
            }
            char flag = pattern.charAt(++i);
            boolean isFlag = "-_0^".indexOf(flag) >= 0 && i + 1 < pattern.length();
            if (isFlag) {
                i++;
            }
            String part = part(time, pattern.charAt(i));
            text.append(isFlag ? flagged(part, flag) : part);
        }
        return text.toString();
    }

    /// `-`: without padding, `_`: padded with blanks, `0`: with zeros, `^`: in capitals.
    private static String flagged(String part, char flag) {
        if (flag == '^') {
            return part.toUpperCase(Locale.ROOT);
        }
        int from = 0;
        while (from < part.length() - 1 && (part.charAt(from) == '0' || part.charAt(from) == ' ')) {
            from++;
        }
        return switch (flag) {
            case '_' -> " ".repeat(from) + part.substring(from);
            case '0' -> "0".repeat(from) + part.substring(from);
            default -> part.substring(from);
        };
    }

    private static String part(LocalDateTime time, char conversion) {
        return switch (conversion) {
            case 'Y' -> Integer.toString(time.getYear());
            case 'C' -> two(Math.floorDiv(time.getYear(), 100));
            case 'y' -> two(Math.floorMod(time.getYear(), 100));
            case 'm' -> two(time.getMonthValue());
            case 'd' -> two(time.getDayOfMonth());
            case 'e' -> blank(time.getDayOfMonth());
            case 'H' -> two(time.getHour());
            case 'k' -> blank(time.getHour());
            case 'I' -> two(time.get(ChronoField.CLOCK_HOUR_OF_AMPM));
            case 'l' -> blank(time.get(ChronoField.CLOCK_HOUR_OF_AMPM));
            case 'M' -> two(time.getMinute());
            case 'S' -> two(time.getSecond());
            case 'f' -> String.format(Locale.ROOT, "%06d", time.getNano() / 1_000);
            case 'p' -> time.getHour() < 12 ? "AM" : "PM";
            case 'P' -> time.getHour() < 12 ? "am" : "pm";
            case 'A' -> DAYS.get(time.getDayOfWeek().ordinal());
            case 'a' -> DAYS.get(time.getDayOfWeek().ordinal()).substring(0, SHORT);
            case 'B' -> MONTHS.get(time.getMonth().ordinal());
            case 'b', 'h' -> MONTHS.get(time.getMonth().ordinal()).substring(0, SHORT);
            case 'j' -> String.format(Locale.ROOT, "%03d", time.getDayOfYear());
            case 'u' -> Integer.toString(time.getDayOfWeek().getValue());
            case 'w' -> Integer.toString(time.getDayOfWeek().getValue() % 7);
            case 'U' -> two((time.getDayOfYear() + 6 - time.getDayOfWeek().getValue() % 7) / 7);
            case 'W' -> two((time.getDayOfYear() + 6 - time.getDayOfWeek().ordinal()) / 7);
            case 'V' -> two(time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
            case 'G' -> Integer.toString(time.get(IsoFields.WEEK_BASED_YEAR));
            case 'g' -> two(Math.floorMod(time.get(IsoFields.WEEK_BASED_YEAR), 100));
            case 'T', 'X' -> format(time, "%H:%M:%S");
            case 'D', 'x' -> format(time, "%m/%d/%y");
            case 'F' -> format(time, "%Y-%m-%d");
            case 'R' -> format(time, "%H:%M");
            case 'r' -> format(time, "%I:%M:%S %p");
            case 'c' -> format(time, "%a %b %e %H:%M:%S %Y");
            case 's' -> Long.toString(time.toEpochSecond(ZoneOffset.UTC));
            case 'Z' -> "UTC";
            case 'z' -> "+0000";
            case 'n' -> "\n";
            case 't' -> "\t";
            case '%' -> "%";
            default -> "%" + conversion;
        };
    }

    private static String two(int number) {
        return number >= 0 && number < 10 ? "0" + number : Integer.toString(number);
    }

    private static String blank(int number) {
        return number < 10 ? " " + number : Integer.toString(number);
    }

    static LocalDateTime parse(String text, String pattern) {
        return new Reading(text, pattern).time();
    }

    private static final class Reading {
        private final String text;
        private final String pattern;
        private int at;
        private long year = 1900;
        private int month = 1;
        private int day = 1;
        private int dayOfYear;
        private int hour;
        private int minute;
        private int second;
        private int nanosecond;
        private boolean isAfternoon;
        private boolean isHalfDay;
        private long offsetSeconds;
        private long epoch = Long.MIN_VALUE;

        Reading(String text, String pattern) {
            this.text = text;
            this.pattern = pattern;
        }

        LocalDateTime time() {
            read(pattern);
            if (at != text.length()) {
                throw wrong();
            }
            try {
                if (epoch != Long.MIN_VALUE) {
                    return LocalDateTime.ofEpochSecond(epoch, 0, ZoneOffset.UTC);
                }
                int hours = isHalfDay ? hour % 12 + (isAfternoon ? 12 : 0) : hour;
                LocalDateTime midnight = dayOfYear == 0 ? LocalDateTime.of((int) year, month, 1, 0, 0).plusDays(day - 1L)
                        : LocalDateTime.of((int) year, 1, 1, 0, 0).plusDays(dayOfYear - 1L);
                return midnight.plusHours(hours).plusMinutes(minute).plusSeconds(second).plus(nanosecond, ChronoUnit.NANOS).minusSeconds(offsetSeconds);
            } catch (DateTimeException beyond) {
                throw wrong();
            }
        }

        private JqException wrong() {
            return new JqException("date " + Operators.text(new Value.Items(List.of(Value.of(text)))).replaceAll("^\\[|]$", "") + " does not match format \""
                    + pattern + "\"");
        }

        private void read(String conversions) {
            for (int i = 0; i < conversions.length(); i++) {
                char c = conversions.charAt(i);
                if (Character.isWhitespace(c)) {
                    blanks();
                } else if (c != '%' || i + 1 == conversions.length()) {
                    literal(c);
                } else {
                    conversion(conversions.charAt(++i));
                }
            }
        }

        private void blanks() {
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
        }

        private void literal(char c) {
            if (at == text.length() || text.charAt(at) != c) {
                throw wrong();
            }
            at++;
        }

        private void conversion(char conversion) {
            switch (conversion) {
                case 'Y' -> year = number(4, 9_999);
                case 'y' -> {
                    long two = number(2, 99);
                    year = two < 69 ? 2000 + two : 1900 + two;
                }
                case 'm' -> month = (int) number(2, 12);
                case 'd', 'e' -> {
                    blanks();
                    day = (int) number(2, 31);
                }
                case 'j' -> dayOfYear = (int) number(3, 366);
                case 'H', 'k' -> {
                    blanks();
                    hour = (int) number(2, 23);
                }
                case 'I', 'l' -> {
                    blanks();
                    hour = (int) number(2, 12);
                    isHalfDay = true;
                }
                case 'M' -> minute = (int) number(2, 59);
                case 'S' -> second = (int) number(2, 60);
                case 'f' -> {
                    int from = at;
                    long fraction = number(9, 999_999_999);
                    nanosecond = (int) (fraction * Math.pow(10, 9 - (at - from)));
                }
                case 'p', 'P' -> isAfternoon = name(List.of("AM", "PM"), 2) == 1;
                case 'A', 'a' -> name(DAYS, SHORT);
                case 'B', 'b', 'h' -> month = name(MONTHS, SHORT) + 1;
                case 's' -> epoch = number(12, 999_999_999_999L);
                case 'z' -> offset();
                case 'Z' -> {
                    int from = at;
                    while (at < text.length() && Character.isLetter(text.charAt(at))) {
                        at++;
                    }
                    if (at == from) {
                        throw wrong();
                    }
                }
                case 'T' -> read("%H:%M:%S");
                case 'D' -> read("%m/%d/%y");
                case 'F' -> read("%Y-%m-%d");
                case 'R' -> read("%H:%M");
                case 'r' -> read("%I:%M:%S %p");
                case 'c' -> read("%a %b %e %H:%M:%S %Y");
                case 'n', 't' -> blanks();
                case 'u' -> number(1, 7);
                case 'w' -> number(1, 6);
                case 'U', 'W', 'V' -> number(2, 53);
                case '%' -> literal('%');
                default -> throw wrong();
            }
        }

        private long number(int digitsMax, long max) {
            int from = at;
            long number = 0;
            while (at < text.length() && at - from < digitsMax && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
                number = 10 * number + text.charAt(at++) - '0';
            }
            if (at == from || number > max) {
                throw wrong();
            }
            return number;
        }

        /// A name in full, or its first letters.
        private int name(List<String> names, int shortest) {
            for (boolean isFull : new boolean[] {true, false}) {
                for (int i = 0; i < names.size(); i++) {
                    String name = isFull ? names.get(i) : names.get(i).substring(0, shortest);
                    if (text.regionMatches(true, at, name, 0, name.length())) {
                        at += name.length();
                        return i;
                    }
                }
            }
            throw wrong();
        }

        /// `Z`, `+01`, `+0100` or `+01:00`.
        private void offset() {
            if (at < text.length() && text.charAt(at) == 'Z') {
                at++;
                return;
            }
            if (at == text.length() || text.charAt(at) != '+' && text.charAt(at) != '-') {
                throw wrong();
            }
            int sign = text.charAt(at++) == '-' ? -1 : 1;
            long hours = number(2, 23);
            if (at < text.length() && text.charAt(at) == ':') {
                at++;
            }
            long minutes = at < text.length() && Character.isDigit(text.charAt(at)) ? number(2, 59) : 0;
            offsetSeconds = sign * (hours * 3_600 + minutes * 60);
        }
    }
}
