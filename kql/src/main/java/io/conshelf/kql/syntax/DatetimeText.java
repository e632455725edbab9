package io.conshelf.kql.syntax;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The texts that stand for a datetime, in literals and in `todatetime`: ISO 8601 and its shorter forms, the mail
/// forms (`Sat, 02 Mar 2024 10:00:00 GMT`, `08-Nov-14 15:05`), and `3/31/2024 10:00 PM`, the month first. Without a zone it is UTC.
public final class DatetimeText {
    private DatetimeText() {}

    /// Ticks of 9999-12-31T23:59:59.9999999.
    public static final long MAX_TICKS = 3_155_378_975_999_999_999L;

    private static final long TICKS_PER_SECOND = 10_000_000L;
    private static final long TICKS_PER_DAY = 86_400 * TICKS_PER_SECOND;
    private static final long DAYS_BEFORE_1970 = 719_162;

    private static final String CLOCK = "(?<h>\\d{1,2})(?::(?<m>\\d{1,2})(?::(?<s>\\d{1,2})(?:[.,](?<f>\\d{1,20}))?)?)?";
    private static final String ZONE = "\\s*(?<z>Z|z|GMT|UTC|UT|[+-]\\d{1,2}(?::?\\d{2})?)?";

    private static final String TIME = "(?:(?:[Tt]|\\s+)" + CLOCK + "(?:\\s*(?<ap>[AaPp][Mm]))?)?" + ZONE;

    private static final List<Pattern> FORMS = List.of(
            Pattern.compile("(?<y>\\d{4})(?:-(?<mo>\\d{1,2})(?:-(?<d>\\d{1,2})" + TIME + ")?)?"),
            Pattern.compile("(?<y>\\d{4})(?:/|,\\s*)(?<mo>\\d{1,2})(?:/|,\\s*)(?<d>\\d{1,2})" + TIME),
            Pattern.compile("(?<y>\\d{4})(?<mo>\\d{2})(?<d>\\d{2})" + TIME),
            // Month first, as in the engine's answer to todatetime('12-02-2022').
            Pattern.compile("(?<mo>\\d{1,2})[-/](?<d>\\d{1,2})[-/](?<y>\\d{4})" + TIME),
            Pattern.compile("(?:[A-Za-z]{3,9},?\\s+)?(?<d>\\d{1,2})[ -](?<mo>[A-Za-z]{3,9})[ -](?<y>\\d{4}|\\d{2})" + TIME));

    private static final List<String> MONTHS =
            List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");

    /// Ticks (100 ns since 0001-01-01 UTC) of `text`; empty where it is no datetime or one out of range.
    public static OptionalLong parse(String text) {
        String trimmed = text.strip();
        for (Pattern form : FORMS) {
            Matcher matcher = form.matcher(trimmed);
            if (matcher.matches()) {
                try {
                    return ticks(matcher);
                } catch (DateTimeException _) {
                    return OptionalLong.empty();
                }
            }
        }
        return OptionalLong.empty();
    }

    private static OptionalLong ticks(Matcher match) {
        LocalDate date = LocalDate.of(year(match.group("y")), month(match.group("mo")), number(match.group("d"), 1));
        int hour = number(match.group("h"), 0);
        if (match.group("ap") != null) {
            if (hour < 1 || hour > 12) {
                return OptionalLong.empty();
            }
            hour = hour % 12 + (match.group("ap").equalsIgnoreCase("pm") ? 12 : 0);
        }
        int minute = number(match.group("m"), 0);
        int second = number(match.group("s"), 0);
        if (hour > 23 || minute > 59 || second > 59) {
            return OptionalLong.empty();
        }
        long ticks = (date.toEpochDay() + DAYS_BEFORE_1970) * TICKS_PER_DAY
                + ((hour * 60L + minute) * 60 + second) * TICKS_PER_SECOND
                + fractionTicks(match.group("f"))
                - offsetTicks(match.group("z"));
        return ticks >= 0 && ticks <= MAX_TICKS ? OptionalLong.of(ticks) : OptionalLong.empty();
    }

    /// Ticks of the digits after a decimal point, cut at seven; 0 for none.
    static long fractionTicks(String digits) {
        if (digits == null) {
            return 0;
        }
        return Long.parseLong((digits + "0000000").substring(0, 7));
    }

    private static long offsetTicks(String zone) {
        if (zone == null || Character.isLetter(zone.charAt(0))) {
            return 0;
        }
        String digits = zone.substring(1).replace(":", "");
        int hours = Integer.parseInt(digits.length() > 2 ? digits.substring(0, digits.length() - 2) : digits);
        int minutes = digits.length() > 2 ? Integer.parseInt(digits.substring(digits.length() - 2)) : 0;
        long ticks = (hours * 60L + minutes) * 60 * TICKS_PER_SECOND;
        return zone.charAt(0) == '-' ? -ticks : ticks;
    }

    private static int year(String digits) {
        int year = Integer.parseInt(digits);
        // Two digits, as in mail: 00 to 49 are this century.
        return digits.length() > 2 ? year : year < 50 ? 2000 + year : 1900 + year;
    }

    private static int month(String text) {
        if (text == null) {
            return 1;
        }
        if (Character.isDigit(text.charAt(0))) {
            return Integer.parseInt(text);
        }
        return MONTHS.indexOf(text.substring(0, 3).toLowerCase(Locale.ROOT)) + 1;
    }

    private static int number(String digits, int otherwise) {
        return digits == null ? otherwise : Integer.parseInt(digits);
    }
}
