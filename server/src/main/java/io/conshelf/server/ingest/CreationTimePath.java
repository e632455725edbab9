package io.conshelf.server.ingest;

import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.kql.value.DateTimeText;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// How paths of blobs tell when their data was made: `('logs/' datetime_pattern('yyyy/MM/dd', creationTime) '/')`.
record CreationTimePath(Pattern path, DateTimeFormatter time) {
    private static final Pattern PIECE = Pattern.compile(
            "\\G\\s*(?:(['\"])(.*?)\\1|(datetime_pattern)\\s*\\(\\s*(['\"])(.*?)\\4\\s*,\\s*(\\w+)\\s*\\))");

    /// @param text with its parentheses
    static CreationTimePath parse(String text) {
        var inner = text.substring(1, text.length() - 1);
        var path = new StringBuilder();
        Optional<DateTimeFormatter> time = Optional.empty();
        var pieces = PIECE.matcher(inner);
        int end = 0;
        while (pieces.find()) {
            end = pieces.end();
            if (pieces.group(3) == null) {
                path.append(Pattern.quote(pieces.group(2)));
                continue;
            }
            if (time.isPresent()) {
                throw refused(text, "there are two datetime_pattern");
            }
            time = Optional.of(formatter(text, pieces.group(5)));
            path.append("(").append(pieces.group(5).replaceAll("[yMdHhmsf]", "\\\\d")).append(")");
        }
        if (!inner.substring(end).isBlank() || time.isEmpty()) {
            throw refused(text, "write strings and one datetime_pattern('yyyy/MM/dd', creationTime) between parentheses");
        }
        return new CreationTimePath(Pattern.compile(path.toString()), time.get());
    }

    private static DateTimeFormatter formatter(String text, String pattern) {
        try {
            return new DateTimeFormatterBuilder()
                    .appendPattern(pattern.replace('f', 'S'))
                    .parseDefaulting(ChronoField.MONTH_OF_YEAR, 1)
                    .parseDefaulting(ChronoField.DAY_OF_MONTH, 1)
                    .parseDefaulting(ChronoField.HOUR_OF_DAY, 0)
                    .parseDefaulting(ChronoField.MINUTE_OF_HOUR, 0)
                    .parseDefaulting(ChronoField.SECOND_OF_MINUTE, 0)
                    .toFormatter(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            throw refused(text, "'" + pattern + "' is no pattern of a time: " + e.getMessage());
        }
    }

    private static KustoException refused(String text, String problem) {
        return new KustoException(Errors.badRequest("PathFormat " + text + ": " + problem));
    }

    /// When a blob's path says it was made, in ticks; empty where the path is another one.
    Optional<Long> ticks(String blob) {
        var found = path.matcher(blob);
        if (!found.find()) {
            return Optional.empty();
        }
        try {
            var ticks = DateTimeText.parse(LocalDateTime.parse(found.group(1), time) + "Z");
            return ticks.isPresent() ? Optional.of(ticks.getAsLong()) : Optional.empty();
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
