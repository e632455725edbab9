package io.conshelf.kql.value;

/// Units and the calendar of ticks: 100 ns, counted from 0001-01-01T00:00:00Z for a `datetime`.
public final class Ticks {
    public static final long MICROSECOND = 10;
    public static final long MILLISECOND = 1_000 * MICROSECOND;
    public static final long SECOND = 1_000 * MILLISECOND;
    public static final long MINUTE = 60 * SECOND;
    public static final long HOUR = 60 * MINUTE;
    public static final long DAY = 24 * HOUR;

    /// 9999-12-31T23:59:59.9999999Z, the last datetime; the first is 0.
    public static final long DATETIME_MAX = 3_155_378_975_999_999_999L;

    /// 1970-01-01T00:00:00Z.
    public static final long UNIX_EPOCH = 621_355_968_000_000_000L;

    /// Days from 0000-03-01, where the calendar's 400-year cycles are counted from, to 0001-01-01.
    private static final long DAYS_FROM_CYCLE = 306;

    private static final int DAYS_IN_CYCLE = 146_097;
    private static final int[] DAYS_IN_MONTH = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    private Ticks() {}

    public static boolean isDateTime(long ticks) {
        return ticks >= 0 && ticks <= DATETIME_MAX;
    }

    /// Midnight of a day of the calendar; the day and month must exist, the year may be any near 1 to 9999.
    public static long ofDate(int year, int month, int day) {
        // Years that begin in March have their leap day at the end, so a day of the year follows from the month alone.
        int shifted = month > 2 ? year : year - 1;
        int cycle = Math.floorDiv(shifted, 400);
        int yearOfCycle = shifted - cycle * 400;
        int monthFromMarch = (month + 9) % 12;
        int dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1;
        int dayOfCycle = yearOfCycle * 365 + yearOfCycle / 4 - yearOfCycle / 100 + dayOfYear;
        return ((long) cycle * DAYS_IN_CYCLE + dayOfCycle - DAYS_FROM_CYCLE) * DAY;
    }

    public static boolean isLeapYear(int year) {
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    }

    public static int daysInMonth(int year, int month) {
        return month == 2 && isLeapYear(year) ? 29 : DAYS_IN_MONTH[month - 1];
    }

    /// Whether there is such a day between the years 1 and 9999.
    public static boolean isDate(int year, int month, int day) {
        return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
    }

    public static int year(long datetime) {
        return packedDate(datetime) / 10_000;
    }

    public static int month(long datetime) {
        return packedDate(datetime) / 100 % 100;
    }

    /// 0 is Sunday.
    public static int dayOfWeek(long datetime) {
        return (int) ((datetime / DAY + 1) % 7);
    }

    /// The date as the digits of yyyyMMdd.
    public static int packedDate(long datetime) {
        long days = Math.floorDiv(datetime, DAY) + DAYS_FROM_CYCLE;
        int cycle = (int) Math.floorDiv(days, DAYS_IN_CYCLE);
        int dayOfCycle = (int) (days - (long) cycle * DAYS_IN_CYCLE);
        int yearOfCycle = (dayOfCycle - dayOfCycle / 1_460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365;
        int dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100);
        int monthFromMarch = (5 * dayOfYear + 2) / 153;
        int day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1;
        int month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
        int year = yearOfCycle + cycle * 400 + (month <= 2 ? 1 : 0);
        return year * 10_000 + month * 100 + day;
    }
}
