package io.conshelf.processor.destination;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.processor.definition.Definitions;
import io.conshelf.processor.definition.OutputDefinition.Settings;
import java.time.Duration;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What `retry` of a stage means.
class RetryTest {
    private static Retry retry(String stated) throws Exception {
        String pipeline = """
                {"enabled": true,
                 "input": {"type": "input/mqtt@v1", "broker": "tcp://localhost:1883", "topics": ["a"], "next": ["output"]},
                 "stages": {"output": {"type": "output/http@v1", "url": "http://localhost/", "method": "POST"%s}}}
                """.formatted(stated.isEmpty() ? "" : ", \"retry\": " + stated);
        return ((Settings.Http) Definitions.read("retried.json", pipeline).pipelines().getFirst().output().settings()).retry();
    }

    private static Duration pause(Retry retry, int attempt, long seed) {
        return retry.pause(attempt, new Random(seed));
    }

    private static long retries(Retry retry) {
        return IntStream.rangeClosed(1, 100).takeWhile(attempt -> !pause(retry, attempt, 1).isNegative()).count();
    }

    @Test
    void whoStatesNothingHasThreeRetriesWithGrowingPauses() throws Exception {
        for (String stated : new String[] {"", "{}", "{\"type\": \"default\"}", "{\"type\": \"exponential\"}"}) {
            assertThat(retries(retry(stated))).as(stated).isEqualTo(3);
            for (int attempt = 1; attempt <= 3; attempt++) {
                for (long seed = 0; seed < 200; seed++) {
                    assertThat(pause(retry(stated), attempt, seed)).as(stated).isBetween(Duration.ofMillis(500), Duration.ofMillis(500L << attempt));
                }
            }
        }
    }

    @Test
    void noneIsNone() throws Exception {
        assertThat(retries(retry("{\"type\": \"none\"}"))).isZero();
    }

    @Test
    void fixedPausesAreTheInterval() throws Exception {
        Retry stated = retry("{\"type\": \"fixed\", \"interval\": \"2s\", \"maxRetries\": 20}");
        assertThat(retries(stated)).isEqualTo(20);
        assertThat(IntStream.rangeClosed(1, 20).mapToObj(attempt -> pause(stated, attempt, attempt))).containsOnly(Duration.ofSeconds(2));
        Retry unstated = retry("{\"type\": \"fixed\"}");
        assertThat(retries(unstated)).isEqualTo(3);
        assertThat(pause(unstated, 1, 1)).isEqualTo(Duration.ofMillis(500));
    }

    @Test
    void noPauseIsLongerThanTheLongest() throws Exception {
        Retry retry = retry("{\"type\": \"exponential\", \"interval\": \"1s\", \"maxRetries\": 10, \"maxInterval\": \"5s\"}");
        assertThat(retries(retry)).isEqualTo(10);
        for (long seed = 0; seed < 200; seed++) {
            assertThat(pause(retry, 10, seed)).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(5));
        }
    }

    @Test
    void intervalsMayBeVeryShortOrVeryLong() throws Exception {
        Retry shortest = retry("{\"type\": \"exponential\", \"interval\": \"500us\"}");
        Retry longest = retry("{\"type\": \"exponential\", \"interval\": \"2562047h\", \"maxRetries\": 20, \"maxInterval\": \"2562047h\"}");
        assertThat(pause(retry("{\"type\": \"exponential\", \"interval\": \"9223372036.854775807s\"}"), 3, 1)).isEqualTo(Duration.ofDays(1));
        for (long seed = 0; seed < 200; seed++) {
            assertThat(pause(shortest, 2, seed)).isBetween(Duration.ofNanos(500_000), Duration.ofMillis(2));
            assertThat(pause(longest, 20, seed)).isEqualTo(Duration.ofHours(2_562_047));
        }
    }
}
