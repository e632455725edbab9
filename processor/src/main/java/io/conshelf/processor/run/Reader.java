package io.conshelf.processor.run;

import io.conshelf.processor.format.FormatException;
import io.conshelf.processor.format.MessageFormat;
import io.conshelf.processor.run.Inbox.Item;
import io.conshelf.processor.source.Source;
import io.conshelf.processor.source.Source.Arrival;
import io.conshelf.processor.source.SourceException;
import io.conshelf.processor.stage.Message;
import io.conshelf.processor.stage.StageException;
import io.conshelf.processor.value.MembersBuilder;
import io.conshelf.processor.value.Value;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads a pipeline's source, decodes what comes, and hands it to its partition. One thread runs it.
final class Reader {
    /// The stage that metrics call what is before the stages.
    static final String STAGE = "$input";

    private static final Logger LOG = LoggerFactory.getLogger(Reader.class);
    private static final Duration PAUSE_MIN = Duration.ofMillis(500);
    private static final Duration PAUSE_MAX = Duration.ofSeconds(15);
    /// While one partition is full, whether others that were have room again.
    private static final Duration LOOKING = Duration.ofMillis(20);

    private final Parts parts;
    private final MessageFormat format;
    private final Parts.Partitioning partitioning;
    private final List<Inbox> inboxes;
    private final List<List<Item>> sorted = new ArrayList<>();
    private final Deliveries deliveries;
    private final Horizon horizon;
    private final RunCounts counts;
    private final List<PartitionCounts> handed;
    private final MillisecondText times = new MillisecondText();
    private final Defects defects = new Defects();
    private Duration pause = PAUSE_MIN;
    private volatile boolean isReading;

    Reader(Parts parts, List<Inbox> inboxes, Deliveries deliveries, Horizon horizon, RunCounts counts) {
        this.parts = parts;
        this.format = parts.format();
        this.partitioning = parts.partitioning();
        this.inboxes = inboxes;
        this.deliveries = deliveries;
        this.horizon = horizon;
        this.counts = counts;
        this.handed = counts.partitions();
        inboxes.forEach(_ -> sorted.add(new ArrayList<>()));
    }

    /// Whether the source answers.
    boolean isReading() {
        return isReading;
    }

    /// @return once there is one
    Source source() throws InterruptedException {
        while (true) {
            try {
                return parts.source();
            } catch (SourceException failed) {
                wait(failed);
            }
        }
    }

    /// Reads until the source has no more, or the thread is interrupted.
    ///
    /// @return what has ended it before, if anything has
    Optional<String> read(Source source) throws InterruptedException {
        horizon.follow(source.clock());
        while (true) {
            // a source that always has something never waits, and so never notices
            if (Thread.interrupted()) {
                throw new InterruptedException("the run is stopped");
            }
            List<Arrival> arrivals;
            try {
                if (!isReading) {
                    deliveries.reached(source.open());
                    isReading = true;
                }
                arrivals = source.next();
                pause = PAUSE_MIN;
            } catch (SourceException failed) {
                if (failed.lasting() == SourceException.Lasting.PERMANENT) {
                    counts.readerError("SourceError");
                    return Optional.of(failed.getMessage());
                }
                wait(failed);
                continue;
            }
            if (arrivals.isEmpty()) {
                return Optional.empty();
            }
            take(arrivals);
        }
    }

    private void wait(SourceException failed) throws InterruptedException {
        isReading = false;
        counts.readerError("SourceError");
        tell("SourceError", failed.getMessage());
        Thread.sleep(pause);
        pause = pause.multipliedBy(2).compareTo(PAUSE_MAX) < 0 ? pause.multipliedBy(2) : PAUSE_MAX;
    }

    private void tell(String code, String reason) {
        if (counts.tell(Instant.now(), STAGE, code, reason)) {
            LOG.warn("{}: {}", code, reason);
        }
    }

    private void take(List<Arrival> arrivals) {
        Instant received = horizon.received();
        long began = System.nanoTime();
        int fresh = 0;
        for (Arrival arrival : arrivals) {
            if (deliveries.isKnown(arrival.delivery())) {
                counts.repeated.increment();
            } else {
                fresh++;
                take(arrival, received, began);
            }
        }
        counts.received(received, fresh);
        long working = System.nanoTime() - began;
        counts.blockedNanos.add(hand());
        counts.dispatched.add(fresh);
        counts.readerLatency.took(working / Math.max(1, fresh));
    }

    /// Waits for partitions that are full, also when it is interrupted: a sender that never repeats would lose what is not handed over. The others go on meanwhile.
    ///
    /// @return how long it has waited
    private long hand() {
        long waited = 0;
        int[] handed = new int[inboxes.size()];
        boolean isInterrupted = false;
        for (int full = offer(handed); full >= 0; full = offer(handed)) {
            long began = System.nanoTime();
            try {
                inboxes.get(full).awaitRoom(LOOKING);
            } catch (InterruptedException stopped) {
                isInterrupted = true;
            }
            waited += System.nanoTime() - began;
        }
        sorted.forEach(List::clear);
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
        return waited;
    }

    /// @return a partition that has not room for all that is for it, or -1
    private int offer(int[] handed) {
        int full = -1;
        for (int partition = 0; partition < handed.length; partition++) {
            List<Item> items = sorted.get(partition);
            if (handed[partition] < items.size()) {
                handed[partition] += inboxes.get(partition).offer(items.subList(handed[partition], items.size()));
            }
            if (handed[partition] < items.size()) {
                full = full < 0 ? partition : full;
            } else {
                horizon.handed(partition);
            }
        }
        return full;
    }

    private void take(Arrival arrival, Instant received, long readNanos) {
        Value.Members system = Value.member("timestamp", Value.of(times.of(received)));
        MembersBuilder content = new MembersBuilder(arrival.envelope().size() + 2).put("systemProperties", system);
        arrival.envelope().forEach(content::put);
        Value.Members whole;
        int bytes = arrival.payload().length + 256;
        Message.Partition partition;
        try {
            whole = content.put("payload", format.decode(arrival.payload())).build();
            partition = partitioning.of(whole);
        } catch (FormatException undecoded) {
            unreadable("InvalidFormat", undecoded.getMessage(), arrival, content, received, bytes);
            return;
        } catch (StageException unplaced) {
            unreadable(unplaced.code(), unplaced.getMessage(), arrival, content, received, bytes);
            return;
        } catch (RuntimeException | StackOverflowError unexpected) {
            unreadable("InternalError", defects.told(STAGE, unexpected), arrival, content, received, bytes);
            return;
        }
        Value.Members placed = system.with("partitionId", Value.of((long) partition.number()));
        if (partitioning.tellsKey()) {
            placed = placed.with("partitionKey", Value.of(partition.key()));
        }
        Message message = new Message(whole.with("systemProperties", placed), partition, received);
        handed.get(partition.number()).handed();
        sorted.get(partition.number()).add(new Item.Arrived(message, deliveries.add(arrival.delivery(), partition.number()), bytes, readNanos));
    }

    private void unreadable(String code, String reason, Arrival arrival, MembersBuilder content, Instant received, int bytes) {
        counts.readerError(code);
        Value.Members undecoded = content.put("payload", new Value.Binary(arrival.payload())).build();
        DeadLetter letter = new DeadLetter(received, 0, STAGE, code, reason, undecoded);
        sorted.getFirst().add(new Item.Unreadable(letter, deliveries.add(arrival.delivery(), 0), bytes));
    }
}
