package io.conshelf.streams.job;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Times as definitions write them: `[d.]hh:mm:ss`.
public final class Durations {
    private static final Pattern TEXT = Pattern.compile("(?:(\\d{1,5})\\.)?(\\d{1,2}):(\\d{2})(?::(\\d{2})(?:\\.\\d+)?)?");

    private Durations() {}

    public static Optional<Duration> parse(String text) {
        Matcher parts = TEXT.matcher(text.strip());
        return parts.matches() ? Optional.of(Duration.ofDays(number(parts.group(1))).plusHours(number(parts.group(2))).plusMinutes(number(parts.group(3)))
                .plusSeconds(number(parts.group(4)))) : Optional.empty();
    }

    private static long number(String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }
}
