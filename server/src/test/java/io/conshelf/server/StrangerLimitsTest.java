package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.KustoException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// One address leaves the others their turn.
class StrangerLimitsTest {
    private final AtomicLong nanos = new AtomicLong();
    private final List<Duration> again = new ArrayList<>();

    private void ask(StrangerLimits limits, String address) {
        limits.ask(address, again::add);
    }

    @Test
    void anAddressAsksSoOftenInAMinuteAndTheOthersTheirOwn() {
        var limits = new StrangerLimits(3, nanos::get);
        for (int turn = 0; turn < 3; turn++) {
            ask(limits, "192.0.2.1");
        }
        assertThatThrownBy(() -> ask(limits, "192.0.2.1")).isInstanceOfSatisfying(KustoException.class, e -> {
            assertThat(e.error().httpStatus()).isEqualTo(429);
            assertThat(e.error().message()).contains("192.0.2.1", "3 a minute");
        });
        assertThat(again).containsExactly(Duration.ofSeconds(20));
        ask(limits, "192.0.2.2");
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(20));
        ask(limits, "192.0.2.1");
    }

    @Test
    void theMachinesOfOneNetworkOfIpv6ShareTheirTurn() {
        var limits = new StrangerLimits(1, nanos::get);
        ask(limits, "2001:db8:0:1:0:0:0:1");
        assertThatThrownBy(() -> ask(limits, "2001:db8:0:1:a:b:c:d")).isInstanceOf(KustoException.class);
        ask(limits, "2001:db8:0:2:0:0:0:1");
        ask(limits, "0:0:0:0:0:0:0:1");
    }

    @Test
    void addressesBeyondThoseThatAreKeptShareTheirTurn() {
        var limits = new StrangerLimits(2, nanos::get);
        for (int address = 0; address < StrangerLimits.ADDRESSES_KEPT; address++) {
            ask(limits, "a" + address);
        }
        ask(limits, "b1");
        ask(limits, "b2");
        assertThatThrownBy(() -> ask(limits, "b3")).isInstanceOf(KustoException.class);
        ask(limits, "a7");
        nanos.addAndGet(TimeUnit.MINUTES.toNanos(2));
        ask(limits, "b3");
        ask(limits, "b4");
        ask(limits, "b5");
    }
}
