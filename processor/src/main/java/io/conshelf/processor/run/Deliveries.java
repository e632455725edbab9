package io.conshelf.processor.run;

import io.conshelf.processor.source.Source.Delivery;
import io.conshelf.processor.source.Source.Identity;
import io.conshelf.processor.source.Source.Session;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which deliveries of a source are under way, and which it may repeat although they are kept: for all partitions of a run. Safe for use by several threads.
///
/// A sender repeats what it knows no acknowledgement of. That it has got one the source may know; otherwise it is known once the sender, reached anew, has given
/// something new, since what it repeats comes first; or once as many new deliveries have come as it lets be under way at most. So long the delivery is remembered,
/// over restarts too: no longer, because another message may have the same number and say the same.
final class Deliveries {
    /// What Mosquitto lets be under way where nothing is configured.
    private static final int SUSPICIOUS_MIN = 20;
    private static final long QUIET_NANOS = Duration.ofMillis(500).toNanos();

    /// Of an earlier run: nobody knows whether the sender has its acknowledgement.
    private static final Delivery EARLIER = new Delivery() {
        @Override
        public Identity identity() {
            return Identity.NONE;
        }

        @Override
        public boolean isRepeated() {
            return false;
        }

        @Override
        public void acknowledge() {}
    };

    private final int underwayMax;
    /// By its sender's number for it, which no two have at once.
    private final Map<Integer, Held> known = new HashMap<>();
    /// Those of an earlier run. Checkpoints of its partitions are of different times, so that two may have one number, and nobody knows which is the later.
    private final Map<Integer, List<Held>> earlier = new HashMap<>();
    /// Acknowledged, and not yet known to be so by the sender, in their order.
    private final Deque<Held> settling = new ArrayDeque<>();
    private final int[] settlingOf;
    private int session;
    private int connection;
    /// The sender was reached anew, and has given nothing new since.
    private boolean isRepeating;
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
        private final Identity identity;
        private final int partition;
        private final int session;
        /// The latest: of an earlier connection the sender takes no acknowledgement.
        private Delivery delivery;
        private int connection;
        private boolean isKept;
        private long arrivedBefore;

        /// Whether anybody waits for its acknowledgement.
        boolean isAwaited() {
            return !identity.isNone();
        }

        private Held(Identity identity, int partition, int session, int connection, Delivery delivery) {
            this.identity = identity;
            this.partition = partition;
            this.session = session;
            this.connection = connection;
            this.delivery = delivery;
        }
    }

    /// @param underwayMax as many as the sender lets be under way
    Deliveries(int underwayMax, int partitions) {
        this.underwayMax = underwayMax;
        this.underwayOf = new int[partitions];
        this.met = new long[partitions];
        this.settlingOf = new int[partitions];
    }

    /// What a checkpoint of an earlier run covers.
    synchronized void remember(int partition, List<Identity> identities) {
        for (Identity identity : identities) {
            Held held = new Held(identity, partition, session, connection, EARLIER);
            held.isKept = true;
            earlier.computeIfAbsent(identity.number(), _ -> new ArrayList<>(1)).add(held);
            settle(held);
        }
    }

    private void settle(Held held) {
        settling.add(held);
        settlingOf[held.partition]++;
    }

    private Optional<Held> find(Identity identity) {
        Held held = known.get(identity.number());
        if (held != null && held.identity.equals(identity)) {
            return Optional.of(held);
        }
        return earlier.getOrDefault(identity.number(), List.of()).stream().filter(one -> one.identity.equals(identity)).findFirst();
    }

    private boolean isCurrent(Held held) {
        return known.get(held.identity.number()) == held || earlier.getOrDefault(held.identity.number(), List.of()).contains(held);
    }

    private void forget(Held held) {
        known.remove(held.identity.number(), held);
        earlier.computeIfPresent(held.identity.number(), (_, several) -> several.remove(held) && several.isEmpty() ? null : several);
        settlingOf[held.partition]--;
    }

    /// The sender is reached anew.
    synchronized void reached(Session what) {
        connection++;
        switch (what) {
            case RESUMED -> isRepeating = true;
            case NEW -> {
                session++;
                isRepeating = false;
                known.clear();
                earlier.clear();
                settling.clear();
                Arrays.fill(settlingOf, 0);
            }
        }
    }

    /// Whether the message of a delivery has come before: then it is not to be processed again, and its acknowledgement is seen to here.
    boolean isKnown(Delivery delivery) {
        if (delivery.identity().isNone() || !delivery.isRepeated()) {
            return false;
        }
        synchronized (this) {
            Optional<Held> found = find(delivery.identity());
            if (found.isEmpty() || found.get().delivery.isForgotten()) {
                return false;
            }
            Held held = found.get();
            held.delivery = delivery;
            held.connection = connection;
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
        Held held = new Held(delivery.identity(), partition, session, connection, delivery);
        if (held.isAwaited()) {
            if (isRepeating && !delivery.isRepeated()) {
                isRepeating = false;
                forgetWhatWasNotRepeated();
            }
            arrived++;
            underway++;
            underwayOf[partition]++;
            learn(now);
            // a number that the sender uses anew it has given up before
            known.put(held.identity.number(), held);
            earlier.remove(held.identity.number());
            forget();
        }
        return held;
    }

    private void forgetWhatWasNotRepeated() {
        settling.removeIf(held -> {
            boolean isOld = held.connection < connection;
            if (isOld) {
                forget(held);
            }
            return isOld;
        });
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
            forget(settling.removeFirst());
        }
    }

    /// The deliveries of a partition that a sender may repeat although a checkpoint that covers those given is complete.
    synchronized List<Identity> repeatable(int partition, List<Held> covered) {
        forget();
        List<Identity> identities = new ArrayList<>();
        for (Held held : settling) {
            if (held.partition == partition && isCurrent(held)) {
                identities.add(held.identity);
            }
        }
        for (Held held : covered) {
            if (held.isAwaited() && held.session == session) {
                identities.add(held.identity);
            }
        }
        return identities;
    }

    /// Whether the sender will repeat nothing that checkpoints of the partition cover.
    synchronized boolean areForgotten(int partition) {
        forget();
        return settlingOf[partition] == 0;
    }

    /// Their checkpoint is complete.
    void acknowledge(List<Held> covered) {
        List<Delivery> deliveries = new ArrayList<>(covered.size());
        synchronized (this) {
            for (Held held : covered) {
                deliveries.add(held.delivery);
                if (held.isAwaited()) {
                    underway--;
                    underwayOf[held.partition]--;
                    held.isKept = true;
                    held.arrivedBefore = arrived;
                    if (held.session == session) {
                        settle(held);
                    }
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
