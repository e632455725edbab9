package io.conshelf.streams.value;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;

/// Instants as the language counts them: ticks of 100 ns since 0001-01-01T00:00:00, UTC, to the end of 9999.
public final class Ticks {
    public static final long PER_MICROSECOND = 10L;
    public static final long PER_MILLISECOND = 10_000L;
    public static final long PER_SECOND = 10_000_000L;
    public static final long PER_MINUTE = 60 * PER_SECOND;
    public static final long PER_HOUR = 60 * PER_MINUTE;
    public static final long PER_DAY = 24 * PER_HOUR;
    public static final long MIN = 0;
    /// 9999-12-31T23:59:59.9999999.
    public static final long MAX = 3_155_378_975_999_999_999L;
    /// 1970-01-01.
    public static final long UNIX_EPOCH = 621_355_968_000_000_000L;
    /// What [#parse] gives for a text that is no time.
    public static final long NONE = Long.MIN_VALUE;

    /// Days from 0001-01-01 to 1970-01-01.
    private static final long EPOCH_DAYS = UNIX_EPOCH / PER_DAY;

    private Ticks() {}

    public static boolean isInRange(long ticks) {
        return ticks >= MIN && ticks <= MAX;
    }

    public static long of(Instant instant) {
        return UNIX_EPOCH + Math.addExact(Math.multiplyExact(instant.getEpochSecond(), PER_SECOND), instant.getNano() / 100);
    }

    public static long of(Duration duration) {
        return Math.addExact(Math.multiplyExact(duration.getSeconds(), PER_SECOND), duration.getNano() / 100);
    }

    public static long ofEpochMillis(long millis) {
        return UNIX_EPOCH + Math.multiplyExact(millis, PER_MILLISECOND);
    }

    public static long ofDate(LocalDate date) {
        return Math.multiplyExact(date.toEpochDay() + EPOCH_DAYS, PER_DAY);
    }

    public static LocalDate date(long ticks) {
        return LocalDate.ofEpochDay(Math.floorDiv(ticks, PER_DAY) - EPOCH_DAYS);
    }

    public static Instant instant(long ticks) {
        long sinceEpoch = ticks - UNIX_EPOCH;
        return Instant.ofEpochSecond(Math.floorDiv(sinceEpoch, PER_SECOND), Math.floorMod(sinceEpoch, PER_SECOND) * 100);
    }

    public static long toEpochMillis(long ticks) {
        return Math.floorDiv(ticks - UNIX_EPOCH, PER_MILLISECOND);
    }

    /// `yyyy-MM-ddTHH:mm:ss.fffffffZ`.
    public static String text(long ticks) {
        byte[] text = new byte[28];
        LocalDate date = date(ticks);
        long time = Math.floorMod(ticks, PER_DAY);
        digits(text, 0, 4, date.getYear());
        text[4] = '-';
        digits(text, 5, 2, date.getMonthValue());
        text[7] = '-';
        digits(text, 8, 2, date.getDayOfMonth());
        text[10] = 'T';
        digits(text, 11, 2, time / PER_HOUR);
        text[13] = ':';
        digits(text, 14, 2, time / PER_MINUTE % 60);
        text[16] = ':';
        digits(text, 17, 2, time / PER_SECOND % 60);
        text[19] = '.';
        digits(text, 20, 7, time % PER_SECOND);
        text[27] = 'Z';
        return new String(text, java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    private static void digits(byte[] text, int from, int count, long value) {
        long rest = value;
        for (int i = from + count - 1; i >= from; i--) {
            text[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }

    /// Reads ISO 8601: `2024-05-06`, `2024-05-06T07:08`, `…:09`, `….1234567`, with `Z`, `+01:00`, `+0100`, `+01` or without a zone, which is UTC. A blank
    /// may stand for the `T`. Digits of the second's fraction beyond the seventh are cut off.
    ///
    /// @return [#NONE] for anything else, and for instants outside the years 1 to 9999
    public static long parse(CharSequence text) {
        return new IsoText(text).ticks();
    }

    /// @return [#NONE] where there is no such day
    static long day(int year, int month, int day) {
        if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31) {
            return NONE;
        }
        try {
            return ofDate(LocalDate.of(year, month, day));
        } catch (DateTimeException noSuchDay) {
            return NONE;
        }
    }
}
