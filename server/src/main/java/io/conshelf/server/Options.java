package io.conshelf.server;

import io.conshelf.engine.Errors;
import io.conshelf.engine.Limits;
import io.conshelf.engine.Request;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The request options that the front door acts on itself; the engine reads the others from the request.
final class Options {
    private static final Pattern CLOCK =
            Pattern.compile("(?:(\\d{1,8})\\.)?(\\d{1,2}):(\\d{1,2})(?::(\\d{1,2})(?:\\.(\\d{1,7}))?)?");
    private static final Pattern LITERAL = Pattern.compile("(\\d{1,12}(?:\\.\\d{1,9})?)([a-z]+)");
    private static final Map<String, Long> UNIT_NANOS = Map.ofEntries(
            Map.entry("d", 86_400_000_000_000L),
            Map.entry("day", 86_400_000_000_000L),
            Map.entry("days", 86_400_000_000_000L),
            Map.entry("h", 3_600_000_000_000L),
            Map.entry("hour", 3_600_000_000_000L),
            Map.entry("hours", 3_600_000_000_000L),
            Map.entry("m", 60_000_000_000L),
            Map.entry("min", 60_000_000_000L),
            Map.entry("minute", 60_000_000_000L),
            Map.entry("minutes", 60_000_000_000L),
            Map.entry("s", 1_000_000_000L),
            Map.entry("sec", 1_000_000_000L),
            Map.entry("second", 1_000_000_000L),
            Map.entry("seconds", 1_000_000_000L),
            Map.entry("ms", 1_000_000L),
            Map.entry("tick", 100L));

    private Options() {}

    static Optional<String> text(Map<String, Object> options, String name) {
        return options.get(name) instanceof String text ? Optional.of(text) : Optional.empty();
    }

    /// How long the request may take: `servertimeout`, the longest with `norequesttimeout`, else the given default.
    static Duration timeout(Map<String, Object> options, Limits limits, Duration byDefault) {
        if (Request.isOn(options, "norequesttimeout")) {
            return limits.timeoutMax();
        }
        Object asked = options.get("servertimeout");
        if (asked == null) {
            return byDefault;
        }
        Duration timeout = switch (asked) {
            case Number ticks -> Duration.ofNanos(Math.multiplyExact(
                    Math.clamp(ticks.longValue(), 0, limits.timeoutMax().toNanos() / 100), 100L));
            case Object other -> timespan(other.toString())
                    .orElseThrow(() -> Refusals.badRequest("the request option 'servertimeout' must be a timespan such as"
                            + " '00:04:00' or '4m', found '" + Errors.shown(other) + "'"));
        };
        if (timeout.isZero() || timeout.isNegative()) {
            throw Refusals.badRequest("the request option 'servertimeout' must be greater than zero");
        }
        return timeout.compareTo(limits.timeoutMax()) > 0 ? limits.timeoutMax() : timeout;
    }

    /// `00:04:00`, `1.00:00:00`, `00:01:00.000`, `50m`, `timespan(4m)` or `4 min`.
    static Optional<Duration> timespan(String text) {
        String plain = text.strip().toLowerCase(Locale.ROOT);
        if ((plain.startsWith("time(") || plain.startsWith("timespan(")) && plain.endsWith(")")) {
            plain = plain.substring(plain.indexOf('(') + 1, plain.length() - 1).strip();
        }
        Matcher clock = CLOCK.matcher(plain);
        if (clock.matches()) {
            return Optional.of(Duration.ofDays(number(clock.group(1)))
                    .plusHours(number(clock.group(2)))
                    .plusMinutes(number(clock.group(3)))
                    .plusSeconds(number(clock.group(4)))
                    .plusNanos(fractionNanos(clock.group(5))));
        }
        Matcher literal = LITERAL.matcher(plain.replace(" ", ""));
        if (literal.matches() && UNIT_NANOS.containsKey(literal.group(2))) {
            var nanos = new BigDecimal(literal.group(1)).multiply(BigDecimal.valueOf(UNIT_NANOS.get(literal.group(2))));
            return Optional.of(Duration.ofSeconds(
                    nanos.movePointLeft(9).longValue(),
                    nanos.remainder(BigDecimal.valueOf(1_000_000_000L)).longValue()));
        }
        return Optional.empty();
    }

    private static long number(String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }

    private static long fractionNanos(String digits) {
        return digits == null ? 0 : Long.parseLong((digits + "000000000").substring(0, 9));
    }
}
