package io.conshelf.processor.run;

import io.conshelf.processor.source.Source.Delivery;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Which deliveries of a source are under way, and which it may repeat although they are kept: for all partitions of a run. Safe for use by several threads.
///
/// A sender repeats what it knows no acknowledgement of. That it has got one the source may know; otherwise it is known once as many new deliveries have come
/// after it as the sender lets be under way at most. So long the delivery is remembered, over restarts too.
final class Deliveries {
    /// What Mosquitto lets be under way where nothing is configured.
    private static final int SUSPICIOUS_MIN = 20;
    private static final long QUIET_NANOS = Duration.ofMillis(500).toNanos();

    /// Of an earlier run: nobody knows whether the sender has its acknowledgement.
    private static final Delivery EARLIER = new Delivery() {
        @Override
        public String identity() {
            return "";
        }

        @Override
        public boolean isRepeated() {
            return false;
        }

        @Override
        public void acknowledge() {}
    };

    private final int underwayMax;
    private final Map<String, Held> known = new HashMap<>();
    /// Acknowledged, and not yet known to be so by the sender, in their order.
    private final Deque<Held> settling = new ArrayDeque<>();
    private long arrived;
    private int underway;
    private long latestNanos = System.nanoTime();
    /// Some brokers stop at fewer than they were allowed, and tell nobody: found out by acknowledging early where so many are under way and nothing comes.
    private int suspicious = SUSPICIOUS_MIN;
    private int stoppedAt = Integer.MAX_VALUE;
    /// How often acknowledgements were demanded of all partitions: a sender may want them in the order of its messages.
    private long demanded;
    private final long[] met;
    private final int[] underwayOf;
    private int tried;
    private long triedNanos;

    /// A delivery that the run has to acknowledge.
    static final class Held {
        private final String identity;
        private final int partition;
        /// The latest: of an earlier connection the sender takes no acknowledgement.
        private Delivery delivery;
        private boolean isKept;
        private long arrivedBefore;

        /// Whether anybody waits for its acknowledgement.
        boolean isAwaited() {
            return !identity.isEmpty();
        }

        private Held(String identity, int partition, Delivery delivery) {
            this.identity = identity;
            this.partition = partition;
            this.delivery = delivery;
        }
    }

    /// @param underwayMax as many as the sender lets be under way
    Deliveries(int underwayMax, int partitions) {
        this.underwayMax = underwayMax;
        this.underwayOf = new int[partitions];
        this.met = new long[partitions];
    }

    /// What a checkpoint of an earlier run covers.
    synchronized void remember(int partition, List<String> identities) {
        for (String identity : identities) {
            Held held = new Held(identity, partition, EARLIER);
            held.isKept = true;
            known.put(identity, held);
            settling.add(held);
        }
    }

    /// Whether the message of a delivery has come before: then it is not to be processed again, and its acknowledgement is seen to here.
    boolean isKnown(Delivery delivery) {
        if (delivery.identity().isEmpty() || !delivery.isRepeated()) {
            return false;
        }
        synchronized (this) {
            Held held = known.get(delivery.identity());
            if (held == null) {
                return false;
            }
            held.delivery = delivery;
            if (!held.isKept) {
                return true;
            }
            held.arrivedBefore = arrived;
        }
        delivery.acknowledge();
        return true;
    }

    /// A message that is new.
    synchronized Held add(Delivery delivery, int partition) {
        long now = System.nanoTime();
        latestNanos = now;
        Held held = new Held(delivery.identity(), partition, delivery);
        if (!held.identity.isEmpty()) {
            arrived++;
            underway++;
            underwayOf[partition]++;
            learn(now);
            // an identity that the sender uses anew it has given up before
            known.put(held.identity, held);
            forget();
        }
        return held;
    }

    private void learn(long now) {
        if (underway > stoppedAt) {
            stoppedAt = Integer.MAX_VALUE;
        }
        if (tried > 0 && triedNanos != 0) {
            if (now - triedNanos < QUIET_NANOS) {
                stoppedAt = tried;
            } else {
                suspicious = Math.max(suspicious, tried) * 2;
            }
            tried = 0;
        }
    }

    /// Whether a partition is to make a checkpoint now, and not when a batch's time is over, because the sender waits for acknowledgements, or soon will.
    synchronized boolean areDemanded(int partition) {
        if (met[partition] < demanded) {
            return true;
        }
        for (int other = 0; other < met.length; other++) {
            if (met[other] < demanded && underwayOf[other] > 0) {
                return false;
            }
        }
        if (!areAwaited()) {
            return false;
        }
        demanded++;
        return true;
    }

    /// A partition begins a checkpoint.
    synchronized void meet(int partition) {
        met[partition] = demanded;
    }

    private boolean areAwaited() {
        if (underway >= Math.min(stoppedAt, Math.max(1, underwayMax / 2))) {
            return true;
        }
        if (underway < suspicious || System.nanoTime() - latestNanos < QUIET_NANOS) {
            return false;
        }
        tried = Math.max(tried, underway);
        triedNanos = 0;
        return true;
    }

    private void forget() {
        while (!settling.isEmpty() && (settling.peekFirst().delivery.isForgotten() || arrived - settling.peekFirst().arrivedBefore >= underwayMax)) {
            Held first = settling.removeFirst();
            known.remove(first.identity, first);
        }
    }

    /// The deliveries of a partition that a sender may repeat although a checkpoint that covers those given is complete.
    synchronized List<String> repeatable(int partition, List<Held> covered) {
        forget();
        List<String> identities = new ArrayList<>();
        for (Held held : settling) {
            if (held.partition == partition && known.get(held.identity) == held) {
                identities.add(held.identity);
            }
        }
        for (Held held : covered) {
            if (!held.identity.isEmpty()) {
                identities.add(held.identity);
            }
        }
        return identities;
    }

    /// Their checkpoint is complete.
    void acknowledge(List<Held> covered) {
        List<Delivery> deliveries = new ArrayList<>(covered.size());
        synchronized (this) {
            for (Held held : covered) {
                deliveries.add(held.delivery);
                if (!held.identity.isEmpty()) {
                    underway--;
                    underwayOf[held.partition]--;
                    held.isKept = true;
                    held.arrivedBefore = arrived;
                    settling.add(held);
                }
            }
            if (tried > 0 && triedNanos == 0) {
                triedNanos = System.nanoTime();
            }
        }
        deliveries.forEach(Delivery::acknowledge);
    }

    /// How many are not acknowledged.
    synchronized int underway() {
        return underway;
    }
}
