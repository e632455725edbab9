package io.conshelf.streams.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.streams.input.EventInput;
import io.conshelf.streams.input.EventPartition;
import java.util.List;
import java.util.concurrent.CountDownLatch;
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
}
