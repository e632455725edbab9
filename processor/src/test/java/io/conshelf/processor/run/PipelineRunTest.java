package io.conshelf.processor.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.processor.destination.Retry;
import io.conshelf.processor.format.FormatException;
import io.conshelf.processor.format.MessageFormat;
import io.conshelf.processor.run.PipelineRun.Ending;
import io.conshelf.processor.run.PipelineRun.State;
import io.conshelf.processor.source.Source;
import io.conshelf.processor.stage.Message;
import io.conshelf.processor.stage.Stage;
import io.conshelf.processor.stage.StageException;
import io.conshelf.processor.value.Value;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a run promises: every message comes through once, in its order, whatever breaks on the way.
class PipelineRunTest {
    private static final int PARTITIONS = 3;
    private static final int GROUP = 7;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void everyMessageComesThroughOnceAlthoughTheRunIsBrokenOffAgainAndAgain(long seed) throws Exception {
        Random random = new Random(seed);
        Sender sender = new Sender(3_000, 200);
        Ledger ledger = new Ledger(seed);
        int rounds = 0;
        Instant limit = Instant.now().plusSeconds(120);
        while (!sender.isDone() && Instant.now().isBefore(limit)) {
            PipelineRun run = PipelineRun.start(new Numbers(sender, ledger), folder);
            int until = sender.sent() + 300 + random.nextInt(500);
            while (sender.sent() < until && !sender.isDone() && Instant.now().isBefore(limit)) {
                LockSupport.parkNanos(Duration.ofMillis(2).toNanos());
            }
            if (!sender.isDone()) {
                // no checkpoint: as a crash
                run.breakOff();
                sender.cut(random.nextInt(30));
                rounds++;
            } else {
                run.stop(Ending.KEEP);
            }
            assertThat(run.await(Duration.ofSeconds(60))).as("the run ends").isTrue();
        }
        PipelineRun last = PipelineRun.start(new Numbers(sender, ledger), folder);
        last.stop(Ending.HAND_ON);
        assertThat(last.await(Duration.ofSeconds(60))).isTrue();

        assertThat(rounds).as("seed %d", seed).isGreaterThan(2);
        assertThat(numbers(ledger)).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(IntStream.range(0, 3_000).filter(number -> number % 97 != 13)
                .filter(number -> number % 50 != 9).boxed().toList());
        assertThat(orderIsKept(ledger)).isTrue();
        assertThat(deadLetters("InvalidFormat")).isEqualTo(IntStream.range(0, 3_000).filter(number -> number % 97 == 13).count());
        assertThat(deadLetters("NineIsBad")).isEqualTo(IntStream.range(0, 3_000).filter(number -> number % 97 != 13 && number % 50 == 9).count());
    }

    @Test
    void aConnectionThatIsLostOnTheWayRepeatsNothing() throws Exception {
        Sender sender = new Sender(2_000, 100);
        Ledger ledger = new Ledger(7);
        PipelineRun run = PipelineRun.start(new Numbers(sender, ledger) {
            @Override
            public Source source() {
                return new Reconnecting(sender);
            }
        }, folder);
        Random random = new Random(11);
        Instant limit = Instant.now().plusSeconds(120);
        while (!sender.isDone() && Instant.now().isBefore(limit)) {
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
            sender.cut(random.nextInt(20));
        }
        run.stop(Ending.HAND_ON);
        assertThat(run.await(Duration.ofSeconds(60))).isTrue();
        assertThat(run.state()).isEqualTo(State.STOPPED);
        assertThat(numbers(ledger)).doesNotHaveDuplicates().hasSize((int) IntStream.range(0, 2_000).filter(number -> number % 97 != 13 && number % 50 != 9).count());
        assertThat(run.counts().repeated()).isPositive();
    }

    @Test
    void aFolderServesOneRunAtATimeAndOneNumberOfPartitions() throws Exception {
        Sender sender = new Sender(10, 10);
        PipelineRun run = PipelineRun.start(new Numbers(sender, new Ledger(1)), folder);
        assertThatThrownBy(() -> PipelineRun.start(new Numbers(sender, new Ledger(1)), folder)).isInstanceOf(IOException.class).hasMessageContaining("in use");
        run.stop(Ending.KEEP);
        assertThat(run.await(Duration.ofSeconds(60))).isTrue();
        assertThatThrownBy(() -> PipelineRun.start(new Numbers(sender, new Ledger(1)) {
            @Override
            public int partitions() {
                return PARTITIONS + 1;
            }
        }, folder)).isInstanceOf(IOException.class).hasMessageContaining("partitionCount");
    }

    @Test
    void aCheckpointThatIsDamagedIsRefusedByName() throws Exception {
        Path file = folder.resolve("partition-0.checkpoint");
        new Checkpoint(3, java.util.Map.of("a b", Value.of("state")), new byte[] {1}, List.of("x"), 5).write(file);
        assertThat(Checkpoint.read(file).orElseThrow().states()).containsEntry("a b", Value.of("state"));
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        assertThatThrownBy(() -> PipelineRun.start(new Numbers(new Sender(1, 1), new Ledger(1)), folder)).hasMessageContaining("partition-0.checkpoint")
                .hasMessageContaining("cannot be read");
    }

    private static List<Integer> numbers(Ledger ledger) {
        return ledger.rows().stream().flatMap(row -> ((Value.Items) row).items().stream()).map(number -> (int) ((Value.Whole) number).value()).toList();
    }

    /// A group holds numbers of one partition as they came, so that they grow.
    private static boolean orderIsKept(Ledger ledger) {
        return ledger.rows().stream().allMatch(row -> {
            List<Long> group = ((Value.Items) row).items().stream().map(number -> ((Value.Whole) number).value()).toList();
            return group.equals(group.stream().sorted().toList());
        });
    }

    private long deadLetters(String code) throws IOException {
        long count = 0;
        for (int partition = 0; partition < PARTITIONS; partition++) {
            Path file = folder.resolve("dead-letters-" + partition + ".jsonl");
            count += Files.readAllLines(file).stream().filter(line -> line.contains("\"code\":\"" + code + "\"")).count();
        }
        return count;
    }

    /// Opens another connection in place of one that is lost.
    private static final class Reconnecting implements Source {
        private final Sender sender;
        private Source connection;

        Reconnecting(Sender sender) {
            this.sender = sender;
            this.connection = sender.connect();
        }

        @Override
        public List<Arrival> next() throws InterruptedException {
            while (true) {
                try {
                    return connection.next();
                } catch (io.conshelf.processor.source.SourceException lost) {
                    connection = sender.connect();
                }
            }
        }

        @Override
        public void close() {}
    }

    /// Whole numbers, of which one stage refuses some and another makes groups.
    private static class Numbers implements Parts {
        private final Sender sender;
        private final Ledger ledger;

        Numbers(Sender sender, Ledger ledger) {
            this.sender = sender;
            this.ledger = ledger;
        }

        @Override
        public String name() {
            return "numbers";
        }

        @Override
        public int partitions() {
            return PARTITIONS;
        }

        @Override
        public Source source() {
            return sender.connect();
        }

        @Override
        public int underwayMax() {
            return 200;
        }

        @Override
        public MessageFormat format() {
            return new MessageFormat() {
                @Override
                public Value decode(byte[] payload) throws FormatException {
                    try {
                        return Value.of(Long.parseLong(new String(payload, StandardCharsets.UTF_8)));
                    } catch (NumberFormatException notANumber) {
                        throw new FormatException("it is not a number");
                    }
                }

                @Override
                public byte[] encode(Value record) {
                    throw new AssertionError("nothing is written");
                }

                @Override
                public byte[] encode(List<Value> records) {
                    throw new AssertionError("nothing is written");
                }
            };
        }

        @Override
        public Partitioning partitioning() {
            return new Partitioning() {
                @Override
                public Message.Partition of(Value content) {
                    String topic = ((Value.Text) ((Value.Members) content).member("topic")).value();
                    return new Message.Partition(topic.charAt(topic.length() - 1) % PARTITIONS, topic);
                }

                @Override
                public boolean tellsKey() {
                    return true;
                }
            };
        }

        @Override
        public List<PlacedStage> stages(int partition) {
            return List.of(new PlacedStage("check", "test/check", (message, output) -> {
                if (number(message) % 50 == 9) {
                    throw new StageException("NineIsBad", "it is " + number(message));
                }
                output.emit(message);
            }), new PlacedStage("group", "test/group", new Groups(partition)));
        }

        @Override
        public PlacedDestination destination(int partition) {
            return new PlacedDestination("output", "test/ledger", ledger.open(), new Retry.Fixed(Duration.ofMillis(1), 100));
        }
    }

    private static long number(Message message) {
        return ((Value.Whole) ((Value.Members) message.content()).member("payload")).value();
    }

    /// Hands on every seven in one message; the rest at the end of time.
    private static final class Groups implements Stage {
        private final int partition;
        private List<Value> group = new ArrayList<>();

        Groups(int partition) {
            this.partition = partition;
        }

        @Override
        public void accept(Message message, Output output) throws InterruptedException {
            group.add(((Value.Members) message.content()).member("payload"));
            if (group.size() == GROUP) {
                emit(message.partition(), message.received(), output);
            }
        }

        private void emit(Message.Partition to, Instant at, Output output) throws InterruptedException {
            output.emit(new Message(Value.members(java.util.Map.of("payload", Value.items(List.copyOf(group)))), to, at));
            group = new ArrayList<>();
        }

        @Override
        public void advance(Instant now, Output output) throws InterruptedException {
            if (now.equals(Instant.MAX) && !group.isEmpty()) {
                emit(new Message.Partition(partition, ""), Instant.EPOCH, output);
            }
        }

        @Override
        public Value state() {
            return Value.items(List.copyOf(group));
        }

        @Override
        public void restore(Value state) {
            group = new ArrayList<>(((Value.Items) state).items());
        }
    }
}
