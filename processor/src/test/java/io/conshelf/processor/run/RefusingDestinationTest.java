package io.conshelf.processor.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.processor.destination.Destination;
import io.conshelf.processor.destination.DestinationException.Lasting;
import io.conshelf.processor.destination.DestinationException;
import io.conshelf.processor.stage.Message;
import io.conshelf.processor.stage.StageException;
import io.conshelf.processor.value.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A destination that takes nothing for a while, or tells later what it did not take.
class RefusingDestinationTest {
    @TempDir
    Path folder;

    @Test
    void aDiskThatIsFullIsWaitedForAndCostsNoMessage() throws Exception {
        Sender sender = new Sender(20, 20);
        Ledger ledger = new Ledger(3);
        AtomicInteger failures = new AtomicInteger(2);
        PipelineRun run = PipelineRun.start(new Numbers(sender, ledger) {
            @Override
            public PlacedDestination destination(int partition) {
                PlacedDestination placed = super.destination(partition);
                Destination whole = placed.destination();
                return new PlacedDestination(placed.id(), placed.type(), new Destination() {
                    @Override
                    public void accept(Message message) throws StageException, DestinationException, InterruptedException {
                        if (failures.getAndDecrement() > 0) {
                            throw new DestinationException(Lasting.HERE, "No space left on device", new IOException());
                        }
                        whole.accept(message);
                    }

                    @Override
                    public byte[] prepare(long checkpoint) throws DestinationException, InterruptedException {
                        return whole.prepare(checkpoint);
                    }

                    @Override
                    public void commit(byte[] prepared) throws DestinationException, InterruptedException {
                        whole.commit(prepared);
                    }

                    @Override
                    public void close() {}
                }, placed.retry());
            }
        }, folder);
        Numbers.eventually(sender::isDone);
        run.stop();
        assertThat(run.await(Duration.ofMinutes(5))).isTrue();
        Numbers.handWindowsOn(ledger, folder);
        assertThat(Numbers.of(ledger)).containsExactlyInAnyOrderElementsOf(IntStream.range(0, 20).filter(number -> number != 13 && number != 9).boxed().toList());
        assertThat(run.counts().deadLetters()).as("what no destination is at fault for").isEqualTo(2);
        assertThat(run.counts().told()).extracting(RunCounts.Told::message).contains("No space left on device");
    }

    @Test
    void whatADestinationRefusesLaterIsADeadLetterBeforeItIsForgotten() throws Exception {
        List<String> steps = Collections.synchronizedList(new ArrayList<>());
        PipelineRun run = PipelineRun.start(new Numbers(new Sender(0, 1), new Ledger(1)) {
            @Override
            public PlacedDestination destination(int partition) {
                PlacedDestination placed = super.destination(partition);
                return new PlacedDestination(placed.id(), placed.type(), new Destination() {
                    @Override
                    public void accept(Message message) {}

                    @Override
                    public byte[] prepare(long checkpoint) {
                        return new byte[0];
                    }

                    @Override
                    public void commit(byte[] prepared) {}

                    @Override
                    public List<Refused> refused() {
                        if (partition != 0 || steps.contains("told")) {
                            return List.of();
                        }
                        steps.add("told");
                        return List.of(new Refused("BatchNotIngested", "the table is gone", 1, List.of(Value.member("batch", Value.of("left-1.json")))));
                    }

                    @Override
                    public void completed() {
                        if (partition == 0 && steps.contains("told")) {
                            try {
                                steps.add("kept " + Checkpoint.read(folder.resolve("partition-0.checkpoint")).orElseThrow().deadLetters());
                            } catch (IOException unreadable) {
                                steps.add(unreadable.toString());
                            }
                        }
                    }

                    @Override
                    public void close() {}
                }, placed.retry());
            }
        }, folder);
        Numbers.eventually(() -> steps.size() > 1);
        run.stop();
        assertThat(run.await(Duration.ofMinutes(5))).isTrue();
        assertThat(run.deadLetterFiles()).singleElement().satisfies(file -> {
            assertThat(file).content().contains("\"code\":\"BatchNotIngested\"", "the table is gone", "left-1.json");
            assertThat(steps.get(1)).isEqualTo("kept " + Files.size(file));
        });
        assertThat(run.counts().deadLetters()).isEqualTo(1);
    }
}
