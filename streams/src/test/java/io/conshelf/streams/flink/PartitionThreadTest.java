package io.conshelf.streams.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.streams.input.EventInput;
import io.conshelf.streams.input.EventPartition;
import io.conshelf.streams.input.InputException;
import io.conshelf.streams.value.Value;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
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
}
