package io.conshelf.engine.external;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.Moments;
import io.conshelf.kql.value.Ticks;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// A .NET pattern of moments in paths, such as `yyyy/MM/dd`, `'year='yyyy` or `year={yyyy}`, to be written and read.
final class MomentPattern {
    private sealed interface Part {
        record Text(String text) implements Part {}

        record Number(Field field, int digits) implements Part {}
    }

    private enum Field { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND }

    /// Of years that are written with two digits.
    private static final int CENTURY = 2_000;

    private final List<Part> parts = new ArrayList<>();

    private MomentPattern() {}

    static MomentPattern of(String text) {
        var pattern = new MomentPattern();
        // In the form with braces everything outside them is as it stands.
        boolean isBraced = text.indexOf('{') >= 0;
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (isBraced) {
                at = c == '{' ? pattern.braced(text, at) : pattern.literal(String.valueOf(c), at + 1);
            } else if (c == '\'' || c == '"') {
                int end = text.indexOf(c, at + 1);
                if (end < 0) {
                    throw bad(text, "a quote is not closed");
                }
                at = pattern.literal(text.substring(at + 1, end), end + 1);
            } else if (c == '\\' && at + 1 < text.length()) {
                at = pattern.literal(text.substring(at + 1, at + 2), at + 2);
            } else if (Character.isLetter(c)) {
                int end = at;
                while (end < text.length() && text.charAt(end) == c) {
                    end++;
                }
                pattern.number(text, text.substring(at, end));
                at = end;
            } else {
                at = pattern.literal(String.valueOf(c), at + 1);
            }
        }
        return pattern;
    }

    private int braced(String text, int at) {
        int end = text.indexOf('}', at);
        if (end < 0) {
            throw bad(text, "a brace is not closed");
        }
        parts.addAll(of(text.substring(at + 1, end)).parts);
        return end + 1;
    }

    private int literal(String text, int next) {
        parts.add(new Part.Text(text));
        return next;
    }

    private void number(String text, String letters) {
        Field field = switch (letters) {
            case "yyyy", "yy" -> Field.YEAR;
            case "MM", "M" -> Field.MONTH;
            case "dd", "d" -> Field.DAY;
            case "HH", "H" -> Field.HOUR;
            case "mm", "m" -> Field.MINUTE;
            case "ss", "s" -> Field.SECOND;
            default -> throw bad(text, "'" + letters + "' is none of yyyy, yy, MM, M, dd, d, HH, H, mm, m, ss, s");
        };
        parts.add(new Part.Number(field, letters.length()));
    }

    private static KustoException bad(String text, String problem) {
        return new KustoException(Errors.badRequest("datetime_pattern(\"" + text + "\"): " + problem));
    }

    String format(long ticks) {
        var moment = LocalDateTime.ofInstant(Moments.instant(ticks), ZoneOffset.UTC);
        var text = new StringBuilder();
        for (Part part : parts) {
            switch (part) {
                case Part.Text(String literal) -> text.append(literal);
                case Part.Number(Field field, int digits) -> {
                    int value = switch (field) {
                        case YEAR -> digits == 2 ? moment.getYear() % 100 : moment.getYear();
                        case MONTH -> moment.getMonthValue();
                        case DAY -> moment.getDayOfMonth();
                        case HOUR -> moment.getHour();
                        case MINUTE -> moment.getMinute();
                        case SECOND -> moment.getSecond();
                    };
                    String written = Integer.toString(value);
                    text.append("0".repeat(Math.max(0, digits - written.length()))).append(written);
                }
            }
        }
        return text.toString();
    }

    /// A regular expression with a group for each number.
    String regex() {
        var regex = new StringBuilder();
        for (Part part : parts) {
            regex.append(switch (part) {
                case Part.Text(String literal) -> Pattern.quote(literal);
                case Part.Number(_, int digits) -> digits == 1 ? "(\\d{1,2})" : "(\\d{" + digits + "})";
            });
        }
        return regex.toString();
    }

    /// How long what one text means may be, at most.
    long widthTicks() {
        return parts.stream().mapToLong(part -> switch (part) {
            case Part.Text _ -> Long.MAX_VALUE;
            case Part.Number(Field field, _) -> switch (field) {
                case YEAR -> 366 * Ticks.DAY;
                case MONTH -> 31 * Ticks.DAY;
                case DAY -> Ticks.DAY;
                case HOUR -> Ticks.HOUR;
                case MINUTE -> Ticks.MINUTE;
                case SECOND -> Ticks.SECOND;
            };
        }).min().orElse(Long.MAX_VALUE);
    }

    int groups() {
        return (int) parts.stream().filter(part -> part instanceof Part.Number).count();
    }

    /// The numbers read so far of one moment, which may be spread over several patterns.
    static final class Reading {
        private final int[] fields = {1, 1, 1, 0, 0, 0};

        /// Ticks; empty where the numbers are no date.
        Optional<Long> ticks() {
            try {
                var moment = LocalDateTime.of(fields[0], fields[1], fields[2], fields[3], fields[4], fields[5]);
                return Optional.of(Moments.ticks(moment.toInstant(ZoneOffset.UTC)));
            } catch (DateTimeException _) {
                return Optional.empty();
            }
        }
    }

    /// @param firstGroup the match's group of the first number
    void read(MatchResult match, int firstGroup, Reading reading) {
        int group = firstGroup;
        for (Part part : parts) {
            if (part instanceof Part.Number(Field field, int digits)) {
                int value = Integer.parseInt(match.group(group++));
                reading.fields[field.ordinal()] = field == Field.YEAR && digits == 2 ? CENTURY + value : value;
            }
        }
    }
}
