package io.conshelf.processor.run;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/// Times as messages have them: RFC 3339 with milliseconds, in UTC. Times that follow one another mostly share their second. Belongs to one thread.
final class MillisecondText {
    private static final DateTimeFormatter SECONDS = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.").withZone(ZoneOffset.UTC);

    private long second = Long.MIN_VALUE;
    private String begin = "";
    private int millisecond = -1;
    private String text = "";

    String of(Instant time) {
        int now = time.getNano() / 1_000_000;
        if (time.getEpochSecond() != second) {
            second = time.getEpochSecond();
            begin = SECONDS.format(time);
            millisecond = -1;
        }
        if (now != millisecond) {
            millisecond = now;
            text = begin + (char) ('0' + now / 100) + (char) ('0' + now / 10 % 10) + (char) ('0' + now % 10) + 'Z';
        }
        return text;
    }
}
