package io.conshelf.processor.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.processor.source.Source;
import io.conshelf.processor.stage.Message;
import io.conshelf.processor.stage.Stage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A partition that does not go on, beside others that do.
class HeldPartitionTest {
    private static final String HELD = "numbers/0";

    @TempDir
    Path folder;

    private final CountDownLatch free = new CountDownLatch(1);
    private final CountDownLatch isHeld = new CountDownLatch(1);

    /// Takes messages, but those of one partition only once it is let.
    private class Holding implements Stage {
        @Override
        public void accept(Message message, Output output) throws InterruptedException {
            if (message.partition().key().equals(HELD)) {
                isHeld.countDown();
                free.await();
            }
        }
    }

    /// Gives one message for a partition that goes on, and then for the one that is held without end.
    private PipelineRun start(Supplier<Stage> stage) throws IOException {
        return PipelineRun.start(new Numbers(new Sender(0, 1), new Ledger(1)) {
            @Override
            public Source source() {
                return endless(number -> number == 0 ? "numbers/1" : HELD);
            }

            @Override
            public List<PlacedStage> stages(int partition) {
                return List.of(new PlacedStage("held", "test/held", stage.get()));
            }
        }, folder);
    }

    private void end(PipelineRun run) throws InterruptedException {
        free.countDown();
        run.stop();
        assertThat(run.await(Duration.ofMinutes(5))).isTrue();
    }

    @Test
    void windowsEndInAPartitionWhileAnotherIsFull() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        PipelineRun run = start(() -> new Holding() {
            private Optional<Instant> due = Optional.empty();

            @Override
            public void accept(Message message, Output output) throws InterruptedException {
                super.accept(message, output);
                due = Optional.of(message.received().plusMillis(50));
            }

            @Override
            public Optional<Instant> due() {
                return due;
            }

            @Override
            public void advance(Instant now, Output output) {
                if (due.isPresent() && !due.get().isAfter(now)) {
                    due = Optional.empty();
                    ended.countDown();
                }
            }
        });
        try {
            assertThat(ended.await(5, TimeUnit.MINUTES)).as("the window ends").isTrue();
        } finally {
            end(run);
        }
    }

    @Test
    void heartbeatsGoThroughEachStageOfEachPartitionThatIsAtWork() throws Exception {
        PipelineRun run = start(Holding::new);
        try {
            assertThat(isHeld.await(5, TimeUnit.MINUTES)).isTrue();
            run.beat();
            run.beat();
            int held = HELD.charAt(8) % Numbers.PARTITIONS;
            Numbers.eventually(() -> beats(run, partition -> partition != held) == 2L * 2 * (Numbers.PARTITIONS - 1));
            assertThat(beats(run, partition -> partition == held)).as("a partition that does not go on").isZero();
            assertThat(run.counts().heartbeats()).isEqualTo(2);
            assertThat(run.counts().heartbeatsHanded()).isEqualTo(2);
            Numbers.eventually(() -> run.counts().partitions().stream().filter(partition -> partition.number() != held).allMatch(partition ->
                    partition.blocked().count() > 0 && partition.blocked().sum() > 0 && partition.blocked().sum() <= partition.blocked().count()));
            free.countDown();
            Numbers.eventually(() -> beats(run, _ -> true) == 2L * 2 * Numbers.PARTITIONS);
        } finally {
            end(run);
        }
    }

    private static long beats(PipelineRun run, IntPredicate partitions) {
        return run.counts().stages().stream().filter(stage -> partitions.test(stage.partition())).mapToLong(StageCounts::heartbeats).sum();
    }
}
