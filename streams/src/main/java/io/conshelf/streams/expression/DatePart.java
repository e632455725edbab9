package io.conshelf.streams.expression;

import io.conshelf.streams.value.Ticks;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.format.TextStyle;
import java.util.Locale;
import java.util.Optional;

/// The parts of a date that date functions count in.
public enum DatePart {
    YEAR, QUARTER, MONTH, DAY_OF_YEAR, DAY, WEEK, WEEKDAY, HOUR, MINUTE, SECOND, MILLISECOND, MICROSECOND;

    /// As queries spell them, whatever the case; plurals, too.
    public static Optional<DatePart> named(String name) {
        return Optional.ofNullable(switch (name.toLowerCase(Locale.ROOT)) {
            case "year", "years", "yy", "yyyy" -> YEAR;
            case "quarter", "quarters", "qq", "q" -> QUARTER;
            case "month", "months", "mm", "m" -> MONTH;
            case "dayofyear", "dy", "y" -> DAY_OF_YEAR;
            case "day", "days", "dd", "d" -> DAY;
            case "week", "weeks", "wk", "ww" -> WEEK;
            case "weekday", "dw", "w" -> WEEKDAY;
            case "hour", "hours", "hh" -> HOUR;
            case "minute", "minutes", "mi", "n" -> MINUTE;
            case "second", "seconds", "ss", "s" -> SECOND;
            case "millisecond", "milliseconds", "ms" -> MILLISECOND;
            case "microsecond", "microseconds", "mcs" -> MICROSECOND;
            default -> null;
        });
    }

    long of(long ticks) {
        long time = Math.floorMod(ticks, Ticks.PER_DAY);
        return switch (this) {
            case YEAR -> Ticks.date(ticks).getYear();
            case QUARTER -> (Ticks.date(ticks).getMonthValue() + 2) / 3;
            case MONTH -> Ticks.date(ticks).getMonthValue();
            case DAY_OF_YEAR -> Ticks.date(ticks).getDayOfYear();
            case DAY -> Ticks.date(ticks).getDayOfMonth();
            case WEEK -> week(Ticks.date(ticks));
            case WEEKDAY -> weekday(Ticks.date(ticks));
            case HOUR -> time / Ticks.PER_HOUR;
            case MINUTE -> time / Ticks.PER_MINUTE % 60;
            case SECOND -> time / Ticks.PER_SECOND % 60;
            case MILLISECOND -> time / Ticks.PER_MILLISECOND % 1000;
            case MICROSECOND -> time / Ticks.PER_MICROSECOND % 1_000_000;
        };
    }

    String name(long ticks) {
        return switch (this) {
            case MONTH -> Ticks.date(ticks).getMonth().getDisplayName(TextStyle.FULL, Locale.US);
            case WEEKDAY -> Ticks.date(ticks).getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.US);
            case YEAR, QUARTER, DAY_OF_YEAR, DAY, WEEK, HOUR, MINUTE, SECOND, MILLISECOND, MICROSECOND -> Long.toString(of(ticks));
        };
    }

    /// Sunday is 1, as in us_english.
    private static int weekday(LocalDate date) {
        return date.getDayOfWeek() == DayOfWeek.SUNDAY ? 1 : date.getDayOfWeek().getValue() + 1;
    }

    /// 1 January is in week 1, and a week begins on Sunday.
    private static int week(LocalDate date) {
        int first = weekday(date.withDayOfYear(1));
        return (date.getDayOfYear() + first - 2) / 7 + 1;
    }

    /// @throws ArithmeticException where the result is beyond what a long can hold
    long add(long ticks, long count) {
        return switch (this) {
            case YEAR -> months(ticks, Math.multiplyExact(count, 12));
            case QUARTER -> months(ticks, Math.multiplyExact(count, 3));
            case MONTH -> months(ticks, count);
            case WEEK -> ticks(ticks, count, 7 * Ticks.PER_DAY);
            case DAY_OF_YEAR, DAY, WEEKDAY -> ticks(ticks, count, Ticks.PER_DAY);
            case HOUR -> ticks(ticks, count, Ticks.PER_HOUR);
            case MINUTE -> ticks(ticks, count, Ticks.PER_MINUTE);
            case SECOND -> ticks(ticks, count, Ticks.PER_SECOND);
            case MILLISECOND -> ticks(ticks, count, Ticks.PER_MILLISECOND);
            case MICROSECOND -> ticks(ticks, count, Ticks.PER_MICROSECOND);
        };
    }

    private static long ticks(long ticks, long count, long length) {
        return Math.addExact(ticks, Math.multiplyExact(count, length));
    }

    /// A day that the month does not have becomes its last.
    private static long months(long ticks, long count) {
        if (Math.abs(count) > 12 * 10_000L) {
            throw new ArithmeticException("beyond the calendar");
        }
        return Ticks.ofDate(Ticks.date(ticks).plusMonths(count)) + Math.floorMod(ticks, Ticks.PER_DAY);
    }

    /// How many borders of this part lie between two times.
    public long borders(long from, long to) {
        return switch (this) {
            case YEAR -> YEAR.of(to) - YEAR.of(from);
            case QUARTER -> Math.floorDiv(monthNumber(to), 3) - Math.floorDiv(monthNumber(from), 3);
            case MONTH -> monthNumber(to) - monthNumber(from);
            // 0001-01-01 was a Monday, and a week begins on Sunday.
            case WEEK -> Math.floorDiv(to + Ticks.PER_DAY, 7 * Ticks.PER_DAY) - Math.floorDiv(from + Ticks.PER_DAY, 7 * Ticks.PER_DAY);
            case DAY_OF_YEAR, DAY, WEEKDAY -> borders(from, to, Ticks.PER_DAY);
            case HOUR -> borders(from, to, Ticks.PER_HOUR);
            case MINUTE -> borders(from, to, Ticks.PER_MINUTE);
            case SECOND -> borders(from, to, Ticks.PER_SECOND);
            case MILLISECOND -> borders(from, to, Ticks.PER_MILLISECOND);
            case MICROSECOND -> borders(from, to, Ticks.PER_MICROSECOND);
        };
    }

    private static long borders(long from, long to, long length) {
        return Math.floorDiv(to, length) - Math.floorDiv(from, length);
    }

    private static long monthNumber(long ticks) {
        LocalDate date = Ticks.date(ticks);
        return date.getYear() * 12L + date.getMonthValue() - 1;
    }
}
