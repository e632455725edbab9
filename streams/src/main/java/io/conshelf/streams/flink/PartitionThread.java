package io.conshelf.streams.flink;

import io.conshelf.streams.input.DataError;
import io.conshelf.streams.input.EventInput;
import io.conshelf.streams.input.EventPartition;
import io.conshelf.streams.input.InputException;
import io.conshelf.streams.run.Diagnosed;
import io.conshelf.streams.run.ErrorTally;
import io.conshelf.streams.value.Value;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/// Reads a partition and makes events of what is in it, beside the task that works with them; a few batches ahead, and no more. What fails is tried again, for
/// ever, from behind the last batch.
final class PartitionThread implements AutoCloseable {
    private static final int BATCHES_AHEAD = 4;
    private static final Duration WAIT = Duration.ofMillis(100);
    private static final Duration PAUSE_MIN = Duration.ofMillis(100);
    private static final Duration PAUSE_MAX = Duration.ofSeconds(30);

    /// What one poll gave. An event and its arrival have the same index.
    ///
    /// @param backlog what is left in the partition; -1 where nobody knows
    record Batch(PartitionThread from, List<Value.Record> events, List<Long> arrivals, List<Diagnosed> errors, long messages, long bytes, byte[] position,
            boolean isLast, long backlog) {}

    private final EventInput input;
    private final String who;
    private final RunCounters counters;
    private final Runnable arrived;
    private final BlockingQueue<Batch> batches = new ArrayBlockingQueue<>(BATCHES_AHEAD);
    private final ConcurrentLinkedQueue<byte[]> acknowledged = new ConcurrentLinkedQueue<>();
    private final Thread thread;
    private volatile EventInput.Start start;
    private volatile boolean isClosed;
    private volatile EventPartition open;
    private volatile Error failure;
    /// Before the next attempt; grows with every failure until something has been read.
    private long pauseMs = PAUSE_MIN.toMillis();
    final String partition;

    /// @param arrived told when a batch is there
    PartitionThread(EventInput input, String who, InputSplit split, RunCounters counters, Runnable arrived) {
        this.input = input;
        this.who = who;
        this.partition = split.partition();
        this.start = split.start();
        this.counters = counters;
        this.arrived = arrived;
        this.thread = Thread.ofPlatform().daemon().name("input " + who + ' ' + partition).start(this::run);
    }

    /// @throws IllegalStateException where reading ended by a failure that trying again does not mend
    Batch take() {
        Error ended = failure;
        if (ended != null) {
            throw new IllegalStateException("input '%s', partition '%s': %s".formatted(who, partition, Reason.of(ended)), ended);
        }
        return batches.poll();
    }

    boolean hasBatch() {
        return !batches.isEmpty() || failure != null;
    }

    void acknowledge(byte[] position) {
        acknowledged.add(position);
        EventPartition partition = open;
        if (partition != null) {
            partition.wakeUp();
        }
    }

    private void run() {
        while (!isClosed) {
            try (EventPartition opened = input.open(partition, start)) {
                open = opened;
                counters.goesOn(name());
                counters.opened(who);
                if (read(opened)) {
                    return;
                }
            } catch (InputException e) {
                counters.waitsFor(name(), "input '%s': %s".formatted(who, e.getMessage()));
                pauseMs = Math.min(pauseMs * 2, PAUSE_MAX.toMillis());
                if (!pause(pauseMs)) {
                    return;
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                if (isClosed) {
                    return;
                }
                counters.waitsFor(name(), "input '%s': %s".formatted(who, Reason.of(e)));
                if (!pause(PAUSE_MAX.toMillis())) {
                    return;
                }
            } catch (Error e) {
                // Such as memory that does not suffice: the task fails, and goes on from the last checkpoint.
                failure = e;
                counters.waitsFor(name(), "input '%s': %s".formatted(who, Reason.of(e)));
                arrived.run();
                return;
            } finally {
                open = null;
            }
        }
    }

    /// @return whether the partition has ended
    private boolean read(EventPartition partition) throws InputException, InterruptedException {
        while (!isClosed) {
            for (byte[] position = acknowledged.poll(); position != null; position = acknowledged.poll()) {
                partition.acknowledge(position);
            }
            Collected collected = new Collected();
            partition.poll(WAIT, collected);
            pauseMs = PAUSE_MIN.toMillis();
            boolean isLast = partition.isEnded();
            byte[] position = partition.position();
            Batch batch = new Batch(this, collected.events, collected.arrivals, collected.errors.all(), collected.messages, collected.bytes, position, isLast,
                    partition.backlog());
            while (!batches.offer(batch, WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                if (isClosed) {
                    return true;
                }
            }
            start = new EventInput.Start.At(position);
            arrived.run();
            if (isLast) {
                return true;
            }
        }
        return true;
    }

    private static final class Collected implements EventPartition.Events {
        private final List<Value.Record> events = new ArrayList<>();
        private final List<Long> arrivals = new ArrayList<>();
        /// There may be as many as a batch has bytes.
        private final ErrorTally errors = new ErrorTally();
        private long messages;
        private long bytes;

        @Override
        public void event(Value.Record event, long arrivalTicks) {
            events.add(event);
            arrivals.add(arrivalTicks);
        }

        @Override
        public void broken(DataError error) {
            errors.add(error, 1);
        }

        @Override
        public void read(long messages, long bytes) {
            this.messages += messages;
            this.bytes += bytes;
        }
    }

    private boolean pause(long ms) {
        try {
            Thread.sleep(ms);
            return !isClosed;
        } catch (InterruptedException e) {
            return false;
        }
    }

    private String name() {
        return who + '/' + partition;
    }

    /// Waits for what is under way, so that nobody else reads the partition while this does.
    @Override
    public void close() {
        isClosed = true;
        EventPartition partition = open;
        if (partition != null) {
            partition.wakeUp();
        }
        batches.clear();
        try {
            if (!thread.join(Duration.ofSeconds(10))) {
                thread.interrupt();
            }
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
        }
        counters.goesOn(name());
    }
}
