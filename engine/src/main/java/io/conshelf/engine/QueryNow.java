package io.conshelf.engine;

import io.conshelf.kql.value.DateTimeText;
import io.conshelf.kql.value.Ticks;
import java.time.Instant;
import java.util.regex.Pattern;

/// The value of `now()`: the request's time, unless `query_now` says another.
final class QueryNow {
    private static final Pattern LITERAL = Pattern.compile("^\\s*datetime\\((.*)\\)\\s*$");

    private QueryNow() {}

    static long ticks(Request request) {
        Object given = request.options().get("query_now");
        return given == null ? ticks(request.now()) : parse(given.toString());
    }

    static long ticks(Instant instant) {
        return Ticks.UNIX_EPOCH + instant.getEpochSecond() * Ticks.SECOND + instant.getNano() / 100;
    }

    private static long parse(String text) {
        var literal = LITERAL.matcher(text);
        return DateTimeText.parse(literal.matches() ? literal.group(1) : text)
                .orElseThrow(() -> new KustoException(Errors.badRequest(
                        "The option 'query_now' must be a datetime, found '" + text + "'.")));
    }
}
