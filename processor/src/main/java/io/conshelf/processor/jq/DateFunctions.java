package io.conshelf.processor.jq;

import static io.conshelf.processor.jq.Builtins.values;

import io.conshelf.processor.jq.Builtins.Declared;
import io.conshelf.processor.value.Value;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/// Times: seconds since 1970, and broken-down times, which are arrays of year, month from 0, day, hour, minute, second, day of the week and day of the
/// year. The local time is UTC, as it is in the container that pipelines ran in.
final class DateFunctions {
    static final List<Declared> ALL = List.of(
            values("now", 0, (_, _, _) -> now()),
            values("gmtime", 0, (_, input, _) -> broken(time(seconds(input, "gmtime")))),
            values("localtime", 0, (_, input, _) -> broken(time(seconds(input, "localtime")))),
            values("mktime", 0, (_, input, _) -> seconds(moment(input, "mktime"))),
            values("strftime", 1, (run, input, given) -> format(run, input, given.getFirst(), "strftime/1")),
            values("strflocaltime", 1, (run, input, given) -> format(run, input, given.getFirst(), "strflocaltime/1")),
            values("strptime", 1, (_, input, given) -> {
                if (!(input instanceof Value.Text(String text))) {
                    throw new JqException("strptime/1 requires string inputs and arguments");
                }
                return broken(TimeText.parse(text, pattern(given.getFirst(), "strptime/1")));
            }));

    private static final double SECONDS_MAX = 1e14;
    private static final int COMPONENTS = 6;

    private DateFunctions() {}

    private static Value now() {
        Instant now = Instant.now();
        return Value.of(now.getEpochSecond() + now.getNano() / 1e9);
    }

    private static double seconds(Value input, String function) {
        if (Numbers.isNumber(input)) {
            return Numbers.real(input);
        }
        throw new JqException(function + "() requires a number");
    }

    private static LocalDateTime time(double seconds) {
        if (!(Math.abs(seconds) <= SECONDS_MAX)) {
            throw new JqException("error converting number of seconds since epoch to datetime");
        }
        double whole = Math.floor(seconds);
        return LocalDateTime.ofEpochSecond((long) whole, (int) Math.min(999_999_999, (seconds - whole) * 1e9), ZoneOffset.UTC);
    }

    private static Value broken(LocalDateTime time) {
        List<Value> parts = new ArrayList<>(8);
        parts.add(Value.of((long) time.getYear()));
        parts.add(Value.of(time.getMonthValue() - 1L));
        parts.add(Value.of((long) time.getDayOfMonth()));
        parts.add(Value.of((long) time.getHour()));
        parts.add(Value.of((long) time.getMinute()));
        parts.add(time.getNano() == 0 ? Value.of((long) time.getSecond()) : Value.of(time.getSecond() + time.getNano() / 1e9));
        parts.add(Value.of(time.getDayOfWeek().getValue() % 7L));
        parts.add(Value.of(time.getDayOfYear() - 1L));
        return new Value.Items(parts);
    }

    /// What a broken-down time means; a component beyond its bounds moves the next greater one.
    private static LocalDateTime moment(Value input, String function) {
        if (!(input instanceof Value.Items(List<Value> parts)) || parts.size() < COMPONENTS) {
            throw new JqException(function + " requires array of 6 numbers");
        }
        for (Value part : parts) {
            if (!Numbers.isNumber(part)) {
                throw new JqException(function + " requires parsed datetime inputs");
            }
        }
        double seconds = Numbers.real(parts.get(5));
        double whole = Math.floor(seconds);
        try {
            return LocalDateTime.of(component(parts, 0), 1, 1, 0, 0).plusMonths(component(parts, 1)).plusDays(component(parts, 2) - 1L)
                    .plusHours(component(parts, 3)).plusMinutes(component(parts, 4)).plusSeconds((long) Math.clamp(whole, -SECONDS_MAX, SECONDS_MAX))
                    .plusNanos(Math.round((seconds - whole) * 1e9));
        } catch (DateTimeException beyond) {
            throw new JqException(function + ": the time is beyond what can be told");
        }
    }

    private static int component(List<Value> parts, int at) {
        return (int) Numbers.real(parts.get(at));
    }

    private static Value seconds(LocalDateTime time) {
        long seconds = time.toEpochSecond(ZoneOffset.UTC);
        return time.getNano() == 0 ? Value.of(seconds) : Value.of(seconds + time.getNano() / 1e9);
    }

    private static Value format(Run run, Value input, Value format, String function) {
        if (!Numbers.isNumber(input) && !(input instanceof Value.Items)) {
            throw new JqException(function + " requires parsed datetime inputs");
        }
        LocalDateTime time = Numbers.isNumber(input) ? time(Numbers.real(input)) : moment(input, function);
        String pattern = pattern(format, function);
        run.makes(64L * pattern.length());
        return Value.of(TimeText.format(time, pattern));
    }

    private static String pattern(Value format, String function) {
        if (format instanceof Value.Text(String pattern)) {
            return pattern;
        }
        throw new JqException(function + " requires a string format");
    }
}
