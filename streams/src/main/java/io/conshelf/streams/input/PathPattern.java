package io.conshelf.streams.input;

import io.conshelf.connectors.file.StorePath;
import java.io.Serializable;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Which files an input means: a path with `{date}`, `{time}` and `{partition}` in it.
///
/// @param text       as the definition writes it
/// @param dateFormat of `{date}`, such as `yyyy/MM/dd`
/// @param timeFormat of `{time}`, such as `HH`
record PathPattern(String text, String dateFormat, String timeFormat, Extent extent) implements Serializable {
    enum Extent {
        /// And all whose paths go on.
        BEGINNING,
        /// One file.
        WHOLE
    }

    private static final Pattern TOKEN = Pattern.compile("\\{(date|time|partition)}", Pattern.CASE_INSENSITIVE);

    PathPattern {
        text = StorePath.of(text);
        dateFormat = dateFormat.isEmpty() ? "yyyy/MM/dd" : dateFormat.replace('D', 'd').replace('Y', 'y');
        timeFormat = timeFormat.isEmpty() ? "HH" : timeFormat;
    }

    /// What all meant paths begin with.
    String prefix() {
        int token = text.indexOf('{');
        return token < 0 ? text : text.substring(0, token);
    }

    boolean hasTime() {
        return TOKEN.matcher(text).results().anyMatch(token -> !token.group(1).equalsIgnoreCase("partition"));
    }

    /// Tells which paths are meant; made once for many.
    Pattern paths() {
        StringBuilder regex = new StringBuilder();
        Matcher tokens = TOKEN.matcher(text);
        int end = 0;
        boolean hasDate = false;
        boolean hasTime = false;
        while (tokens.find()) {
            regex.append(Pattern.quote(text.substring(end, tokens.start())));
            switch (tokens.group(1).toLowerCase(Locale.ROOT)) {
                case "date" -> {
                    regex.append(hasDate ? "\\k<date>" : "(?<date>" + shape(dateFormat) + ")");
                    hasDate = true;
                }
                case "time" -> {
                    regex.append(hasTime ? "\\k<time>" : "(?<time>" + shape(timeFormat) + ")");
                    hasTime = true;
                }
                default -> regex.append("[^/]+");
            }
            end = tokens.end();
        }
        regex.append(Pattern.quote(text.substring(end)));
        return Pattern.compile(extent == Extent.WHOLE ? regex.toString() : regex + ".*", Pattern.DOTALL);
    }

    private static String shape(String format) {
        StringBuilder regex = new StringBuilder();
        for (char letter : format.toCharArray()) {
            regex.append(Character.isLetter(letter) ? "\\d" : Pattern.quote(String.valueOf(letter)));
        }
        return regex.toString();
    }

    /// The time that a path names; empty where it names none.
    Optional<Instant> time(Matcher path) {
        try {
            LocalDate date = text.toLowerCase(Locale.ROOT).contains("{date}") ? LocalDate.parse(path.group("date"), DateTimeFormatter.ofPattern(dateFormat))
                    : LocalDate.EPOCH;
            LocalTime time = text.toLowerCase(Locale.ROOT).contains("{time}") ? LocalTime.parse(padded(path.group("time")), DateTimeFormatter.ofPattern(
                    timeFormat.equals("HH") ? "HH-mm" : timeFormat)) : LocalTime.MIDNIGHT;
            return hasTime() ? Optional.of(date.atTime(time).toInstant(ZoneOffset.UTC)) : Optional.empty();
        } catch (DateTimeException noTime) {
            return Optional.empty();
        }
    }

    private String padded(String time) {
        return timeFormat.equals("HH") ? time + "-00" : time;
    }
}
