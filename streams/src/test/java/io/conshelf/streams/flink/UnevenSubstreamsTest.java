package io.conshelf.streams.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.streams.operator.RandomSteps;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnevenSubstreamsTest {
    private static final long MINUTE = 60 * RandomSteps.SECOND;

    /// Of keys that come, are ahead for a moment, and are forgotten.
    private static void comeAndGo(UnevenSubstreams uneven) {
        for (int n = 0; n < 1_000; n++) {
            Substream substream = BranchTimesTest.substream();
            substream.ahead(n, n);
            uneven.add(substream);
            substream.advanced(n);
            uneven.gone(substream);
        }
    }

    @Test
    void keysThatComeAndGoAreForgotten() {
        UnevenSubstreams uneven = new UnevenSubstreams(MINUTE);
        comeAndGo(uneven);
        assertThat(uneven.size()).isZero();
    }

    /// A key that stays is ahead and is not any more many times, and nobody asks.
    @Test
    void nothingIsRememberedWhereSilenceIsNotMeasured() {
        UnevenSubstreams uneven = new UnevenSubstreams(Long.MAX_VALUE);
        for (int n = 0; n < 1_000; n++) {
            Substream substream = BranchTimesTest.substream();
            substream.ahead(n, n);
            uneven.add(substream);
        }
        assertThat(uneven.size()).isZero();
    }

    @Test
    void whoHasWaitedForSoLongGoesOnAndIsForgotten() {
        UnevenSubstreams uneven = new UnevenSubstreams(MINUTE);
        Substream waits = BranchTimesTest.substream();
        waits.ahead(100, MINUTE);
        uneven.add(waits);
        Substream later = BranchTimesTest.substream();
        later.ahead(100, 2 * MINUTE);
        uneven.add(later);
        List<Substream> gone = new ArrayList<>();
        UnevenSubstreams.GoOn goOn = (substream, arrival) -> {
            gone.add(substream);
            substream.advanced(substream.aheadBy(arrival, Long.MAX_VALUE));
        };
        uneven.readUpTo(Long.MIN_VALUE, goOn);
        uneven.readUpTo(2 * MINUTE - 1, goOn);
        assertThat(gone).isEmpty();
        uneven.readUpTo(2 * MINUTE, goOn);
        assertThat(gone).containsExactly(waits);
        assertThat(uneven.size()).isEqualTo(1);
        uneven.readUpTo(3 * MINUTE, goOn);
        assertThat(gone).containsExactly(waits, later);
        assertThat(uneven.size()).isZero();
    }
}
