package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/// Who sends too slowly, and who does not.
class PaceTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final Pace pace = new Pace(0);

    @Test
    void aBodyThatStopsIsTooSlowAfterItsGrace() {
        pace.begins(0);
        pace.waits(0);
        assertThat(pace.isTooSlow(5 * SECOND)).isFalse();
        assertThat(pace.isTooSlow(5 * SECOND + 1)).isTrue();
    }

    @Test
    void aBodyThatComesAtTheLeastRateGoesOn() {
        pace.begins(0);
        for (int second = 0; second < 100; second++) {
            pace.waits(second * SECOND);
            assertThat(pace.isTooSlow(second * SECOND)).isFalse();
            pace.got(Pace.BYTES_PER_SECOND_MIN, (second + 1) * SECOND);
        }
        pace.waits(100 * SECOND);
        assertThat(pace.isTooSlow(101 * SECOND)).isTrue();
    }

    @Test
    void whatCameWithTheHeadersCounts() {
        pace.begins(10 * Pace.BYTES_PER_SECOND_MIN);
        pace.waits(0);
        assertThat(pace.isTooSlow(10 * SECOND)).isFalse();
        assertThat(pace.isTooSlow(10 * SECOND + 1)).isTrue();
    }

    @Test
    void timeInWhichNobodyWaitsForTheClientIsNotItsOwn() {
        pace.begins(0);
        pace.waits(0);
        pace.got(10, SECOND);
        assertThat(pace.isTooSlow(1_000 * SECOND)).isFalse();
        pace.waits(1_000 * SECOND);
        assertThat(pace.isTooSlow(1_003 * SECOND)).isFalse();
        assertThat(pace.isTooSlow(1_006 * SECOND)).isTrue();
    }

    @Test
    void aConnectionOnWhichNothingIsSaidIsNoIdleOne() {
        assertThat(pace.isTooSlow(30 * SECOND)).isFalse();
        assertThat(pace.isTooSlow(31 * SECOND)).isTrue();
    }

    @Test
    void headersAreToComeInTheirTimeAndAnIdleConnectionMayWait() {
        pace.begins(0);
        pace.ends();
        assertThat(pace.isTooSlow(1_000 * SECOND)).isFalse();
        pace.got(1, 1_000 * SECOND);
        pace.got(1, 1_029 * SECOND);
        assertThat(pace.isTooSlow(1_030 * SECOND)).isFalse();
        assertThat(pace.isTooSlow(1_031 * SECOND)).isTrue();
        pace.begins(0);
        pace.ends();
        assertThat(pace.isTooSlow(9_000 * SECOND)).isFalse();
    }
}
