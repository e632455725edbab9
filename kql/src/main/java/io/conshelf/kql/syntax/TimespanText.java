package io.conshelf.kql.syntax;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The texts that stand for a timespan, in literals and in `totimespan`: `1.5h`, `15 seconds`, `2` (days),
/// `-1.02:03:04.5678901`.
public final class TimespanText {
    private TimespanText() {}

    private static final long TICKS_PER_SECOND = 10_000_000L;
    private static final BigDecimal TICKS_PER_DAY = BigDecimal.valueOf(86_400 * TICKS_PER_SECOND);

    private static final Map<String, BigDecimal> TICKS_PER_UNIT = Map.ofEntries(
            unit("d", 86_400 * TICKS_PER_SECOND), unit("day", 86_400 * TICKS_PER_SECOND),
            unit("days", 86_400 * TICKS_PER_SECOND),
            unit("h", 3_600 * TICKS_PER_SECOND), unit("hr", 3_600 * TICKS_PER_SECOND),
            unit("hrs", 3_600 * TICKS_PER_SECOND), unit("hour", 3_600 * TICKS_PER_SECOND),
            unit("hours", 3_600 * TICKS_PER_SECOND),
            unit("m", 60 * TICKS_PER_SECOND), unit("min", 60 * TICKS_PER_SECOND),
            unit("minute", 60 * TICKS_PER_SECOND), unit("minutes", 60 * TICKS_PER_SECOND),
            unit("s", TICKS_PER_SECOND), unit("sec", TICKS_PER_SECOND), unit("second", TICKS_PER_SECOND),
            unit("seconds", TICKS_PER_SECOND),
            unit("ms", 10_000), unit("milli", 10_000), unit("millis", 10_000), unit("millisec", 10_000),
            unit("millisecond", 10_000), unit("milliseconds", 10_000),
            unit("micro", 10), unit("micros", 10), unit("microsec", 10), unit("microsecond", 10),
            unit("microseconds", 10),
            Map.entry("nano", new BigDecimal("0.01")), Map.entry("nanos", new BigDecimal("0.01")),
            Map.entry("nanosec", new BigDecimal("0.01")), Map.entry("nanosecond", new BigDecimal("0.01")),
            Map.entry("nanoseconds", new BigDecimal("0.01")),
            unit("tick", 1), unit("ticks", 1));

    private static final Pattern WITH_UNIT = Pattern.compile("([+-]?)(\\d{1,20}(?:\\.\\d{0,20})?)\\s*([a-z]*)");

    private static final Pattern CLOCK =
            Pattern.compile("([+-]?)(?:(\\d{1,8})[.:])??(\\d{1,2}):(\\d{1,2})(?::(\\d{1,2})(?:\\.(\\d{1,20}))?)?");

    private static Map.Entry<String, BigDecimal> unit(String name, long ticks) {
        return Map.entry(name, BigDecimal.valueOf(ticks));
    }

    /// True for the suffixes of timespan literals: `d`, `minutes`, `ticks` ...
    static boolean isUnit(String suffix) {
        return TICKS_PER_UNIT.containsKey(suffix);
    }

    /// The ticks (100 ns) that `text` stands for; empty where it is no timespan or one out of range.
    public static OptionalLong parse(String text) {
        String trimmed = text.strip();
        Matcher number = WITH_UNIT.matcher(trimmed);
        if (number.matches()) {
            String unit = number.group(3);
            if (!unit.isEmpty() && !isUnit(unit)) {
                return OptionalLong.empty();
            }
            BigDecimal scale = unit.isEmpty() ? TICKS_PER_DAY : TICKS_PER_UNIT.get(unit);
            return signed(number.group(1), new BigDecimal(number.group(2)).multiply(scale));
        }
        Matcher clock = CLOCK.matcher(trimmed);
        return clock.matches() ? clock(clock) : OptionalLong.empty();
    }

    private static OptionalLong clock(Matcher clock) {
        long days = part(clock.group(2));
        long hours = part(clock.group(3));
        long minutes = part(clock.group(4));
        long seconds = part(clock.group(5));
        if (hours > 23 || minutes > 59 || seconds > 59) {
            return OptionalLong.empty();
        }
        BigDecimal ticks = BigDecimal.valueOf(days).multiply(TICKS_PER_DAY)
                .add(BigDecimal.valueOf(((hours * 60 + minutes) * 60 + seconds) * TICKS_PER_SECOND
                        + DatetimeText.fractionTicks(clock.group(6))));
        return signed(clock.group(1), ticks);
    }

    private static long part(String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }

    private static OptionalLong signed(String sign, BigDecimal ticks) {
        BigDecimal value = (sign.equals("-") ? ticks.negate() : ticks).setScale(0, RoundingMode.DOWN);
        boolean fits = value.unscaledValue().bitLength() < Long.SIZE;
        return fits ? OptionalLong.of(value.longValueExact()) : OptionalLong.empty();
    }
}
