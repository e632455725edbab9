package io.conshelf.server.storage;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/// How values read in table answers.
final class EdmText {
    private static final DateTimeFormatter SECONDS = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss").withZone(ZoneOffset.UTC);

    private EdmText() {}

    /// Seven digits of a second, or none when they are all zero.
    static String dateTime(Instant instant) {
        int ticks = instant.getNano() / 100;
        return SECONDS.format(instant) + (ticks == 0 ? "Z" : String.format(".%07dZ", ticks));
    }

    static String percentEncode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
