package io.conshelf.streams.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.streams.input.EventInput;
import io.conshelf.streams.input.EventPartition;
import io.conshelf.streams.input.InputException;
import io.conshelf.streams.input.PlaceGone;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.junit.jupiter.api.Test;

class PartitionThreadTest {
    /// An input whose reader runs out of its stack.
    private record Endless() implements EventInput {
        @Override
        public List<String> partitions() {
            return List.of("0");
        }

        @Override
        public EventPartition open(String partition, Start start) {
            return open(partition, start);
        }
    }

    @Test
    void anErrorOfTheReaderEndsItsTask() throws InterruptedException {
        RunId run = new RunId("endless");
        CountDownLatch told = new CountDownLatch(1);
        InputSplit split = new InputSplit("0", new EventInput.Start.Earliest(), new byte[0]);
        try (PartitionThread thread = new PartitionThread(new Endless(), "in", split, run.counters(), told::countDown)) {
            assertThat(told.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(thread.hasBatch()).isTrue();
            assertThatThrownBy(thread::take).isInstanceOf(IllegalStateException.class).hasMessageContaining("input 'in', partition '0'")
                    .hasCauseInstanceOf(StackOverflowError.class);
        } finally {
            RunCounters.forget(run);
        }
    }

    /// An input whose reader is sent to a place that is not there any more.
    private record Anew() implements EventInput {
        @Override
        public List<String> partitions() {
            return List.of("0");
        }

        @Override
        public EventPartition open(String partition, Start start) {
            return new Silent() {
                @Override
                public void poll(Duration wait, Events out) throws InputException {
                    throw new PlaceGone("it ends before", new IllegalStateException());
                }
            };
        }
    }

    @Test
    void aPlaceThatIsGoneEndsTheJob() throws InterruptedException {
        RunId run = new RunId("anew");
        CountDownLatch told = new CountDownLatch(1);
        InputSplit split = new InputSplit("0", new EventInput.Start.Earliest(), new byte[0]);
        try (PartitionThread thread = new PartitionThread(new Anew(), "in", split, run.counters(), told::countDown)) {
            assertThat(told.await(60, TimeUnit.SECONDS)).isTrue();
            assertThatThrownBy(thread::take).isInstanceOf(SuppressRestartsException.class).hasRootCauseMessage("input 'in': it ends before");
        } finally {
            RunCounters.forget(run);
        }
    }

    /// An input that fails after every event.
    private record Flaky() implements EventInput {
        @Override
        public List<String> partitions() {
            return List.of("0");
        }

        @Override
        public EventPartition open(String partition, Start start) {
            int from = start instanceof Start.At(byte[] position) ? position[0] : 0;
            return new EventPartition() {
                private int read = from;

                @Override
                public void poll(Duration wait, Events out) throws InputException {
                    if (read > from) {
                        throw new InputException("just so");
                    }
                    out.event(Value.Record.EMPTY, read++);
                }

                @Override
                public byte[] position() {
                    return new byte[] {(byte) read};
                }

                @Override
                public boolean isEnded() {
                    return false;
                }

                @Override
                public long backlog() {
                    return 1;
                }

                @Override
                public void close() {}
            };
        }
    }

    /// With pauses that only grow, 20 failures would take several minutes.
    @Test
    void pausesAreShortAgainOnceSomethingHasBeenRead() throws InterruptedException {
        RunId run = new RunId("flaky");
        BlockingQueue<Boolean> told = new LinkedBlockingQueue<>();
        InputSplit split = new InputSplit("0", new EventInput.Start.Earliest(), new byte[0]);
        try (PartitionThread thread = new PartitionThread(new Flaky(), "in", split, run.counters(), () -> told.add(true))) {
            for (int number = 0; number < 20; number++) {
                assertThat(told.poll(25, TimeUnit.SECONDS)).as("batch %d comes", number).isTrue();
                assertThat(thread.take().arrivals()).containsExactly((long) number);
            }
        } finally {
            RunCounters.forget(run);
        }
    }

    /// A partition that goes on and gives nothing.
    private static class Silent implements EventPartition {
        @Override
        public void poll(Duration wait, Events out) throws InputException {}

        @Override
        public byte[] position() {
            return new byte[0];
        }

        @Override
        public boolean isEnded() {
            return false;
        }

        @Override
        public long backlog() {
            return 0;
        }

        @Override
        public void close() {}
    }

    /// An input in which nothing is, and that says so at once.
    private record Empty() implements EventInput {
        @Override
        public List<String> partitions() {
            return List.of("0");
        }

        @Override
        public EventPartition open(String partition, Start start) {
            return new Silent();
        }
    }

    @Test
    void aBatchThatStandsTellsWhenItWasRead() throws InterruptedException {
        RunId run = new RunId("empty");
        BlockingQueue<Boolean> told = new LinkedBlockingQueue<>();
        InputSplit split = new InputSplit("0", new EventInput.Start.Earliest(), new byte[0]);
        long before = Ticks.of(Instant.now());
        try (PartitionThread thread = new PartitionThread(new Empty(), "in", split, run.counters(), () -> told.add(true))) {
            for (int number = 0; number < 4; number++) {
                assertThat(told.poll(25, TimeUnit.SECONDS)).as("batch %d comes", number).isTrue();
            }
            long full = Ticks.of(Instant.now());
            for (int number = 0; number < 4; number++) {
                assertThat(thread.take().readUpTo()).as("batch %d", number).isBetween(before, full);
            }
            assertThat(told.poll(25, TimeUnit.SECONDS)).isTrue();
            assertThat(thread.take().readUpTo()).as("its poll may take an answer from before there was room").isBetween(before, full);
        } finally {
            RunCounters.forget(run);
        }
    }

    @Test
    void whoHasNothingAheadGoesOnWhileOthersHoldTheRoom() throws Exception {
        AheadRoom room = new AheadRoom(10);
        // of others, and its own
        room.take(100);
        room.take(1);
        AtomicBoolean isEmpty = new AtomicBoolean();
        CountDownLatch asked = new CountDownLatch(1);
        FutureTask<Boolean> waiting = new FutureTask<>(() -> room.await(Duration.ofHours(1), () -> {
            asked.countDown();
            return isEmpty.get();
        }));
        Thread.ofVirtual().start(waiting);
        assertThat(asked.await(60, TimeUnit.SECONDS)).isTrue();
        isEmpty.set(true);
        room.give(1);
        assertThat(waiting.get(60, TimeUnit.SECONDS)).isTrue();
        assertThat(room.await(Duration.ZERO, () -> false)).isFalse();
    }

    /// An input of events of 5 MB, as many as are wanted.
    private record Large(AtomicInteger read) implements EventInput {
        private static final int LENGTH = 5_000_000;

        @Override
        public List<String> partitions() {
            return List.of("0");
        }

        @Override
        public EventPartition open(String partition, Start start) {
            return new Silent() {
                @Override
                public void poll(Duration wait, Events out) {
                    for (int i = 0; i < 1_000 && !out.isFull(); i++) {
                        Value text = new Value.Text("x".repeat(LENGTH));
                        out.event(new Value.Record(Shape.of(List.of("text")), new Value[] {text}), read.getAndIncrement());
                    }
                }

                @Override
                public long backlog() {
                    return -1;
                }
            };
        }
    }

    @Test
    void largeEventsAreReadAheadByTheirSizeAndNotByTheirNumber() throws InterruptedException {
        RunId run = new RunId("large");
        AtomicInteger read = new AtomicInteger();
        BlockingQueue<Boolean> told = new LinkedBlockingQueue<>();
        InputSplit split = new InputSplit("0", new EventInput.Start.Earliest(), new byte[0]);
        try (PartitionThread thread = new PartitionThread(new Large(read), "in", split, run.counters(), () -> told.add(true))) {
            for (int number = 0; number < 4; number++) {
                assertThat(told.poll(60, TimeUnit.SECONDS)).as("batch %d comes", number).isTrue();
            }
            assertThat(read.get()).as("four that wait, and one for which there is no place").isBetween(4, 5);
            for (int number = 0; number < 10; number++) {
                int wanted = number;
                assertThat(thread.take().arrivals()).as("batch %d", number).containsExactly((long) wanted);
                assertThat(told.poll(60, TimeUnit.SECONDS)).isTrue();
            }
        } finally {
            RunCounters.forget(run);
        }
    }
}
