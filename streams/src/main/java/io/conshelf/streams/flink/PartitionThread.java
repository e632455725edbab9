package io.conshelf.streams.flink;

import io.conshelf.streams.input.DataError;
import io.conshelf.streams.input.EventInput;
import io.conshelf.streams.input.EventPartition;
import io.conshelf.streams.input.EventPartition.Position;
import io.conshelf.streams.input.InputException;
import io.conshelf.streams.input.PlaceGone;
import io.conshelf.streams.run.Diagnosed;
import io.conshelf.streams.run.ErrorTally;
import io.conshelf.streams.value.HeapBytes;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/// Reads a partition and makes events of what is in it, beside the task that works with them; a few batches ahead, and no more. What fails is tried again, for
/// ever, from behind the last batch.
final class PartitionThread implements AutoCloseable {
    private static final int BATCHES_AHEAD = 4;
    /// With so much a batch is full, as far as one knows what events take; a single event may be larger.
    static final long BATCH_BYTES = 2 << 20;
    private static final Duration WAIT = Duration.ofMillis(100);
    private static final Duration PAUSE_MIN = Duration.ofMillis(100);
    private static final Duration PAUSE_MAX = Duration.ofSeconds(30);

    /// What one poll gave. An event and its arrival have the same index.
    ///
    /// @param readUpTo what had arrived at this time of the clock, in ticks, is in this batch or one before, where nothing is left: a batch may stand for minutes,
    ///                 as may the answer that the poll takes
    /// @param backlog   what is left in the partition; -1 where nobody knows
    /// @param heldBytes what its events take in memory, about
    record Batch(PartitionThread from, List<Value.Record> events, List<Long> arrivals, List<Diagnosed> errors, long messages, long bytes, Position position,
            boolean isLast, long readUpTo, long backlog, long heldBytes) {}

    private final EventInput input;
    private final String who;
    private final RunCounters counters;
    private final Runnable arrived;
    private final AheadRoom room = AheadRoom.OF_PROCESS;
    private final BlockingQueue<Batch> batches = new ArrayBlockingQueue<>(BATCHES_AHEAD);
    private final ConcurrentLinkedQueue<byte[]> acknowledged = new ConcurrentLinkedQueue<>();
    private final Thread thread;
    private final EventInput.Start start;
    /// Behind the last batch. Belongs to the thread.
    private Optional<Position> reached = Optional.empty();
    private volatile boolean isClosed;
    private volatile EventPartition open;
    /// What trying again does not mend.
    private volatile Throwable failure;
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
        this.thread = Thread.ofPlatform().daemon().name("input " + who + ' ' + partition).start(() -> {
            run();
            if (isClosed) {
                drop();
            }
        });
    }

    /// @throws IllegalStateException where reading ended by a failure that trying again here does not mend
    /// @throws SuppressRestartsException by one that going on from a checkpoint does not mend either
    Batch take() {
        Throwable ended = failure;
        if (ended != null && !(ended instanceof PlaceGone)) {
            throw new IllegalStateException("input '%s', partition '%s': %s".formatted(who, partition, Reason.of(ended)), ended);
        }
        Batch batch = batches.poll();
        if (batch != null) {
            room.give(batch.heldBytes());
        } else if (ended != null) {
            // What was read before the place was gone has been taken.
            throw new SuppressRestartsException(new JobFault("input '%s': %s".formatted(who, ended.getMessage())));
        }
        return batch;
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
            try (EventPartition opened = input.open(partition, place())) {
                open = opened;
                if (input.isBounded() && reached.isEmpty() && !(start instanceof EventInput.Start.At)) {
                    counters.begun(name(), opened.position());
                }
                counters.goesOn(name());
                counters.opened(who);
                if (read(opened)) {
                    return;
                }
            } catch (PlaceGone e) {
                failure = e;
                arrived.run();
                return;
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

    /// Before there is a checkpoint a task begins anew where it began: what has an end has come to be more by then, as by what the job itself has written.
    private EventInput.Start place() {
        if (reached.isPresent()) {
            return new EventInput.Start.At(reached.get().bytes());
        }
        return start instanceof EventInput.Start.At ? start : counters.begun(name()).<EventInput.Start>map(EventInput.Start.At::new).orElse(start);
    }

    /// @return whether the partition has ended
    private boolean read(EventPartition partition) throws InputException, InterruptedException {
        long readUpTo = Ticks.of(Instant.now());
        while (!isClosed) {
            for (byte[] position = acknowledged.poll(); position != null; position = acknowledged.poll()) {
                partition.acknowledge(position);
            }
            if (!room.await(WAIT, batches::isEmpty)) {
                continue;
            }
            Collected collected = new Collected();
            partition.poll(WAIT, collected);
            long polled = Ticks.of(Instant.now());
            pauseMs = PAUSE_MIN.toMillis();
            boolean isLast = partition.isEnded();
            Position position = partition.reached();
            Batch batch = new Batch(this, collected.events, collected.arrivals, collected.errors.all(), collected.messages, collected.bytes, position, isLast,
                    readUpTo, partition.backlog(), collected.heldBytes);
            readUpTo = polled;
            if (!offer(batch)) {
                return true;
            }
            reached = Optional.of(position);
            arrived.run();
            if (isLast) {
                return true;
            }
        }
        return true;
    }

    /// @return whether there was room before the end
    private boolean offer(Batch batch) throws InterruptedException {
        boolean isOffered = false;
        room.take(batch.heldBytes());
        try {
            while (!isOffered && !isClosed) {
                isOffered = batches.offer(batch, WAIT.toMillis(), TimeUnit.MILLISECONDS);
            }
        } finally {
            if (!isOffered) {
                room.give(batch.heldBytes());
            }
        }
        return isOffered;
    }

    private void drop() {
        for (Batch left = batches.poll(); left != null; left = batches.poll()) {
            room.give(left.heldBytes());
        }
    }

    private static final class Collected implements EventPartition.Events {
        private final List<Value.Record> events = new ArrayList<>();
        private final List<Long> arrivals = new ArrayList<>();
        /// There may be as many as a batch has bytes.
        private final ErrorTally errors = new ErrorTally();
        private long messages;
        private long bytes;
        private long heldBytes;

        @Override
        public void event(Value.Record event, long arrivalTicks) {
            events.add(event);
            arrivals.add(arrivalTicks);
            heldBytes += HeapBytes.of(event);
        }

        @Override
        public boolean isFull() {
            return heldBytes >= BATCH_BYTES;
        }

        @Override
        public void broken(DataError error) {
            errors.add(error, 1);
        }

        @Override
        public void lost(DataError error, long count) {
            errors.add(error, count);
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
        try {
            if (!thread.join(Duration.ofSeconds(10))) {
                thread.interrupt();
            }
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
        }
        drop();
        counters.goesOn(name());
    }
}
