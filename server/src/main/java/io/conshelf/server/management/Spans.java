package io.conshelf.server.management;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Spans of time: resources have those of ISO 8601 (`P31D`), policies those of Kusto (`31.00:00:00`).
final class Spans {
    private static final Pattern KUSTO = Pattern.compile("(?:(\\d{1,8})\\.)?(\\d{1,2}):(\\d{2}):(\\d{2})(?:\\.\\d{1,7})?");

    private Spans() {}

    /// @throws Refusal when the text is none
    static String toKusto(String name, String iso) throws Refusal {
        try {
            Duration span = Duration.parse(iso);
            if (!span.isNegative()) {
                return "%d.%02d:%02d:%02d".formatted(span.toDays(), span.toHoursPart(), span.toMinutesPart(), span.toSecondsPart());
            }
        } catch (DateTimeParseException _) {
            // told below
        }
        throw Refusal.bad("'properties." + name + "' is a span of time such as P31D, found '" + iso + "'");
    }

    /// The same span; as it is where it is none.
    static String toIso(String kusto) {
        Matcher parts = KUSTO.matcher(kusto);
        if (!parts.matches()) {
            return kusto;
        }
        long days = parts.group(1) == null ? 0 : Long.parseLong(parts.group(1));
        Duration rest = Duration.ofHours(Long.parseLong(parts.group(2))).plusMinutes(Long.parseLong(parts.group(3))).plusSeconds(Long.parseLong(parts.group(4)));
        // Clients read days as such; Java would write them as hours.
        return rest.isZero() ? "P" + days + "D" : (days == 0 ? "P" : "P" + days + "D") + rest.toString().substring(1);
    }
}
