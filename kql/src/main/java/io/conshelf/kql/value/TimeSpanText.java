package io.conshelf.kql.value;

import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The text of a `timespan`: written as `[-][d.]hh:mm:ss[.fffffff]`, read so and as a number with a unit (`1.5h`).
public final class TimeSpanText {
    private static final Pattern CLOCK = Pattern.compile(
            "(-)?(?:(\\d{1,8})[.:](?=\\d{1,2}:\\d{1,2}:))?(\\d{1,2}):(\\d{1,2})(?::(\\d{1,2})(?:\\.(\\d{1,7})\\d*)?)?");
    private static final Pattern DAYS_ONLY = Pattern.compile("(-)?(\\d{1,8})");
    private static final Pattern WITH_UNIT = Pattern.compile("(-)?(\\d{1,18}(?:\\.\\d{1,18})?)\\s*([a-z]+)");
    private static final Map<String, Long> UNITS = Map.ofEntries(
            Map.entry("d", Ticks.DAY), Map.entry("day", Ticks.DAY), Map.entry("days", Ticks.DAY),
            Map.entry("h", Ticks.HOUR), Map.entry("hr", Ticks.HOUR), Map.entry("hrs", Ticks.HOUR),
            Map.entry("hour", Ticks.HOUR), Map.entry("hours", Ticks.HOUR),
            Map.entry("m", Ticks.MINUTE), Map.entry("min", Ticks.MINUTE), Map.entry("minute", Ticks.MINUTE),
            Map.entry("minutes", Ticks.MINUTE),
            Map.entry("s", Ticks.SECOND), Map.entry("sec", Ticks.SECOND), Map.entry("second", Ticks.SECOND),
            Map.entry("seconds", Ticks.SECOND),
            Map.entry("ms", Ticks.MILLISECOND), Map.entry("milli", Ticks.MILLISECOND),
            Map.entry("millis", Ticks.MILLISECOND), Map.entry("millisec", Ticks.MILLISECOND),
            Map.entry("millisecond", Ticks.MILLISECOND), Map.entry("milliseconds", Ticks.MILLISECOND),
            Map.entry("micro", Ticks.MICROSECOND), Map.entry("micros", Ticks.MICROSECOND),
            Map.entry("microsec", Ticks.MICROSECOND), Map.entry("microsecond", Ticks.MICROSECOND),
            Map.entry("microseconds", Ticks.MICROSECOND),
            Map.entry("tick", 1L), Map.entry("ticks", 1L));
    private static final Set<String> NANOSECONDS = Set.of("nano", "nanos", "nanosec", "nanosecond", "nanoseconds");
    private static final int NANOSECONDS_PER_TICK = 100;
    private static final int TEXT_LENGTH_MAX = 64;

    private TimeSpanText() {}

    /// `01:23:45`, `-1.00:00:00.5000000`.
    public static String format(long ticks) {
        StringBuilder text = new StringBuilder(26);
        if (ticks < 0) {
            text.append('-');
        }
        // The lowest timespan has no positive counterpart; unsigned arithmetic reads its bits as one.
        long rest = ticks < 0 ? -ticks : ticks;
        long days = Long.divideUnsigned(rest, Ticks.DAY);
        long time = Long.remainderUnsigned(rest, Ticks.DAY);
        if (days > 0) {
            text.append(days).append('.');
        }
        two(text, time / Ticks.HOUR).append(':');
        two(text, time / Ticks.MINUTE % 60).append(':');
        two(text, time / Ticks.SECOND % 60);
        long fraction = time % Ticks.SECOND;
        if (fraction > 0) {
            text.append('.').append(Long.toString(fraction + Ticks.SECOND), 1, 8);
        }
        return text.toString();
    }

    private static StringBuilder two(StringBuilder text, long value) {
        return text.append((char) ('0' + value / 10)).append((char) ('0' + value % 10));
    }

    /// The ticks of a text, or empty where it is no timespan.
    public static OptionalLong parse(String text) {
        String trimmed = text.strip();
        if (trimmed.isEmpty() || trimmed.length() > TEXT_LENGTH_MAX) {
            return OptionalLong.empty();
        }
        Matcher clock = CLOCK.matcher(trimmed);
        if (clock.matches()) {
            return clock(clock);
        }
        Matcher days = DAYS_ONLY.matcher(trimmed);
        if (days.matches()) {
            return signed(days.group(1), Long.parseLong(days.group(2)), 0);
        }
        Matcher withUnit = WITH_UNIT.matcher(trimmed.toLowerCase(Locale.ROOT));
        if (withUnit.matches()) {
            if (NANOSECONDS.contains(withUnit.group(3))) {
                OptionalLong nanoseconds = withUnit(withUnit, 1);
                return nanoseconds.isEmpty() ? nanoseconds
                        : OptionalLong.of(nanoseconds.getAsLong() / NANOSECONDS_PER_TICK);
            }
            Long unit = UNITS.get(withUnit.group(3));
            return unit == null ? OptionalLong.empty() : withUnit(withUnit, unit);
        }
        return OptionalLong.empty();
    }

    /// True for every suffix that makes a number a timespan literal; nanoseconds are cut to ticks.
    public static boolean isUnit(String name) {
        return UNITS.containsKey(name) || NANOSECONDS.contains(name);
    }

    private static OptionalLong clock(Matcher clock) {
        long days = clock.group(2) == null ? 0 : Long.parseLong(clock.group(2));
        int hours = Integer.parseInt(clock.group(3));
        int minutes = Integer.parseInt(clock.group(4));
        int seconds = clock.group(5) == null ? 0 : Integer.parseInt(clock.group(5));
        if (hours > 23 || minutes > 59 || seconds > 59) {
            return OptionalLong.empty();
        }
        long time = hours * Ticks.HOUR + minutes * Ticks.MINUTE + seconds * Ticks.SECOND
                + DateTimeText.fraction(clock.group(6));
        return signed(clock.group(1), days, time);
    }

    private static OptionalLong signed(String minus, long days, long time) {
        if (days > Long.MAX_VALUE / Ticks.DAY) {
            return OptionalLong.empty();
        }
        long ticks = days * Ticks.DAY + time;
        if (ticks < 0) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(minus == null ? ticks : -ticks);
    }

    private static OptionalLong withUnit(Matcher matcher, long unit) {
        double ticks = Double.parseDouble(matcher.group(2)) * unit;
        if (ticks >= Long.MAX_VALUE) {
            return OptionalLong.empty();
        }
        long whole = matcher.group(2).indexOf('.') < 0 ? Long.parseLong(matcher.group(2)) * unit : Math.round(ticks);
        return OptionalLong.of(matcher.group(1) == null ? whole : -whole);
    }
}
