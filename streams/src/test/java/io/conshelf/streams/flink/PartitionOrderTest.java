package io.conshelf.streams.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.operator.EventOrdering;
import io.conshelf.streams.operator.EventOrdering.Arrivals;
import io.conshelf.streams.operator.Key;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.run.SubstreamTimes;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PartitionOrderTest {
    private static final class Taken implements PartitionOrder.Outlet {
        private final List<Row> rows = new ArrayList<>();

        @Override
        public void timeline(Key key) {}

        @Override
        public void row(Row row) {
            rows.add(row);
        }
    }

    private final Taken taken = new Taken();

    private static long now() {
        return Ticks.of(Instant.now());
    }

    private static PartitionOrder order(Optional<Duration> lateMax) throws IOException {
        return order(lateMax, new byte[0]);
    }

    private static PartitionOrder order(Optional<Duration> lateMax, byte[] state) throws IOException {
        EventOrdering ordering = new EventOrdering((Step.Source) SubstreamTest.source(), SubstreamTest.policies(lateMax), Arrivals.TOLD, Evaluation.in(Context.DEFAULT),
                (_, _, _, _) -> { });
        return new PartitionOrder(ordering, SubstreamTimes.OWN, Ticks.PER_MINUTE, state);
    }

    private void event(PartitionOrder order, String key, long arrival) {
        Row row = SubstreamTest.event(key, arrival, arrival, Value.of(1), Value.of(1));
        order.event(row.event(), row.ticks(), taken);
        order.seen(taken);
    }

    private static long told(PartitionOrder order) {
        long[] told = new long[1];
        order.tell((_, _, arrival) -> told[0] = arrival);
        return told[0];
    }

    @Test
    void aPartitionThatHasNothingLeftHasBeenReadUpToNowHoweverOldItsLastEventIs() throws IOException {
        PartitionOrder order = order(Optional.empty());
        long old = now() - 3 * Ticks.PER_HOUR;
        event(order, "k1", old);
        assertThat(order.arrived()).as("more may be there").isEqualTo(old);
        long before = now();
        order.idle(now(), taken);
        assertThat(order.arrived()).isGreaterThanOrEqualTo(before);
        assertThat(taken.rows).as("nothing that arrived in the hours since belongs before it").hasSize(1);
    }

    /// Clocks of senders may be behind by any time: a key is waited for from when its events were there.
    @Test
    void whatComesAfterAPartitionHadNothingLeftHasArrivedSince() throws IOException {
        PartitionOrder order = order(Optional.empty());
        order.idle(now(), taken);
        long empty = order.arrived();
        event(order, "k1", now() - 3 * Ticks.PER_HOUR);
        assertThat(told(order)).isGreaterThanOrEqualTo(empty);
        assertThat(taken.rows).as("it waits for others that belong before it").isEmpty();
    }

    @Test
    void aKeyThatWaitedBeforeARestartWaitsAfterItAsItWould() throws IOException {
        PartitionOrder before = order(Optional.empty());
        before.idle(now(), taken);
        event(before, "k1", now() - 3 * Ticks.PER_HOUR);
        PartitionOrder after = order(Optional.empty(), before.state());
        after.idle(now(), taken);
        assertThat(taken.rows).as("its minute is not over").isEmpty();
        PartitionOrder later = order(Optional.empty(), after.state());
        later.idle(now(), taken);
        assertThat(taken.rows).as("nor by a second restart").isEmpty();
    }

    /// While an output is away, batches stand, and more may have come since they were read.
    @Test
    void whatWasReadLongAgoTellsNothingOfTheTimeSince() throws IOException {
        PartitionOrder order = order(Optional.empty());
        long read = now() - Ticks.PER_HOUR;
        order.idle(read, taken);
        event(order, "k1", read - Ticks.PER_HOUR);
        order.idle(read + Ticks.PER_MINUTE / 2, taken);
        assertThat(order.arrived()).isEqualTo(read + Ticks.PER_MINUTE / 2);
        assertThat(taken.rows).isEmpty();
        order.idle(read + Ticks.PER_MINUTE, taken);
        assertThat(taken.rows).hasSize(1);
    }

    @Test
    void whereALimitIsHeldAgainstArrivalItIsEstimatedByTheLastEvent() throws IOException {
        PartitionOrder order = order(Optional.of(Duration.ofDays(1)));
        long old = now() - 3 * Ticks.PER_HOUR;
        event(order, "k1", old);
        order.idle(now(), taken);
        assertThat(order.arrived()).isBetween(old, old + Ticks.PER_HOUR);
    }
}
