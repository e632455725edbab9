package io.conshelf.streams.expression;

import io.conshelf.streams.value.Ticks;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Times as the job's culture, `en-US`, writes them: `7/27/2015 12:00:05 AM`. The service takes them where a datetime is asked for.
final class UsDates {
    private static final Pattern FORM =
            Pattern.compile("\\s*(\\d{1,2})/(\\d{1,2})/(\\d{4})(?:\\s+(\\d{1,2}):(\\d{2})(?::(\\d{2})(?:\\.(\\d{1,7}))?)?(?:\\s*([AaPp])[Mm])?)?\\s*");
    private static final int LENGTH_MAX = 64;

    private UsDates() {}

    /// @return [Ticks#NONE] for anything else
    static long parse(String text) {
        if (text.length() > LENGTH_MAX || text.indexOf('/') < 0) {
            return Ticks.NONE;
        }
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            return Ticks.NONE;
        }
        int year = number(form, 3);
        if (year < 1) {
            return Ticks.NONE;
        }
        int hour = number(form, 4);
        String half = form.group(8);
        if (half != null) {
            if (hour < 1 || hour > 12) {
                return Ticks.NONE;
            }
            hour = hour % 12 + (half.equalsIgnoreCase("p") ? 12 : 0);
        }
        int minute = number(form, 5);
        int second = number(form, 6);
        if (hour > 23 || minute > 59 || second > 59) {
            return Ticks.NONE;
        }
        String fraction = form.group(7) == null ? "0" : (form.group(7) + "0000000").substring(0, 7);
        try {
            return Ticks.ofDate(LocalDate.of(year, number(form, 1), number(form, 2))) + hour * Ticks.PER_HOUR + minute * Ticks.PER_MINUTE
                    + second * Ticks.PER_SECOND + Long.parseLong(fraction);
        } catch (DateTimeException noSuchDay) {
            return Ticks.NONE;
        }
    }

    private static int number(Matcher form, int group) {
        return form.group(group) == null ? 0 : Integer.parseInt(form.group(group));
    }
}
