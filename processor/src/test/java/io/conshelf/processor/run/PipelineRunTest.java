package io.conshelf.processor.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.processor.destination.Destination;
import io.conshelf.processor.destination.DestinationException;
import io.conshelf.processor.destination.DestinationException.Lasting;
import io.conshelf.processor.destination.Retry;
import io.conshelf.processor.format.FormatException;
import io.conshelf.processor.format.MessageFormat;
import io.conshelf.processor.run.PipelineRun.State;
import io.conshelf.processor.source.Source;
import io.conshelf.processor.source.Source.Identity;
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
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SequencedMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a run promises: every message comes through once, in its order, whatever breaks on the way.
class PipelineRunTest {
    private static final int PARTITIONS = 3;
    private static final int GROUP = 7;
    /// More than a run takes while nobody looks.
    private static final int SENT = 12_000;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void everyMessageComesThroughOnceAlthoughTheRunIsBrokenOffAgainAndAgain(long seed) throws Exception {
        Random random = new Random(seed);
        Sender sender = new Sender(SENT, 200);
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
                run.stop();
            }
            assertThat(run.await(Duration.ofSeconds(60))).as("the run ends").isTrue();
        }
        handWindowsOn(ledger);

        assertThat(rounds).as("seed %d", seed).isGreaterThan(2);
        assertThat(numbers(ledger)).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(IntStream.range(0, SENT).filter(number -> number % 97 != 13)
                .filter(number -> number % 50 != 9).boxed().toList());
        assertThat(orderIsKept(ledger)).isTrue();
        assertThat(deadLetters("InvalidFormat")).isEqualTo(IntStream.range(0, SENT).filter(number -> number % 97 == 13).count());
        assertThat(deadLetters("NineIsBad")).isEqualTo(IntStream.range(0, SENT).filter(number -> number % 97 != 13 && number % 50 == 9).count());
    }

    /// As a run does whose source has no more.
    private void handWindowsOn(Ledger ledger) throws Exception {
        PipelineRun last = PipelineRun.start(new Numbers(new Sender(0, 1), ledger) {
            @Override
            public Source source() {
                return new Source() {
                    @Override
                    public List<Arrival> next() {
                        return List.of();
                    }

                    @Override
                    public void close() {}
                };
            }
        }, folder);
        assertThat(last.await(Duration.ofSeconds(60))).isTrue();
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
        run.stop();
        assertThat(run.await(Duration.ofSeconds(60))).isTrue();
        assertThat(run.state()).isEqualTo(State.STOPPED);
        handWindowsOn(ledger);
        assertThat(numbers(ledger)).doesNotHaveDuplicates().hasSize((int) IntStream.range(0, 2_000).filter(number -> number % 97 != 13 && number % 50 != 9).count());
        assertThat(run.counts().repeated()).isPositive();
    }

    @Test
    void aRunThatIsStoppedEndsAlthoughItsSourceAlwaysHasMore() throws Exception {
        PipelineRun run = PipelineRun.start(new Numbers(new Sender(0, 1), new Ledger(1)) {
            @Override
            public Source source() {
                return endless(_ -> "numbers/1");
            }
        }, folder);
        eventually(() -> run.counts().received() > 1_000);
        run.stop();
        assertThat(run.await(Duration.ofSeconds(60))).isTrue();
        assertThat(run.counts().dispatched()).as("what was taken has come through").isEqualTo(run.counts().received());
        assertThat(run.waiting()).isZero();
    }

    /// A sender that never repeats and never waits.
    private static Source endless(IntFunction<String> topic) {
        return new Source() {
            private int next;

            @Override
            public List<Arrival> next() {
                List<Arrival> arrivals = new ArrayList<>();
                for (int i = 0; i < 100; i++) {
                    SequencedMap<String, Value> envelope = new LinkedHashMap<>();
                    envelope.put("topic", Value.of(topic.apply(next)));
                    arrivals.add(new Arrival(String.valueOf(next++ % 9).getBytes(StandardCharsets.UTF_8), envelope, Delivery.ONCE));
                }
                return arrivals;
            }

            @Override
            public void close() {}
        };
    }

    private static void eventually(BooleanSupplier holds) {
        Instant limit = Instant.now().plusSeconds(120);
        while (!holds.getAsBoolean()) {
            assertThat(Instant.now()).as("it comes in time").isBefore(limit);
            LockSupport.parkNanos(Duration.ofMillis(2).toNanos());
        }
    }

    @Test
    void windowsEndInAPartitionWhileAnotherIsFull() throws Exception {
        CountDownLatch free = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        PipelineRun run = PipelineRun.start(new Numbers(new Sender(0, 1), new Ledger(1)) {
            @Override
            public Source source() {
                // one message for the partition of the window, and then for the other without end
                return endless(number -> "numbers/" + (number == 0 ? 1 : 0));
            }

            @Override
            public List<PlacedStage> stages(int partition) {
                return List.of(new PlacedStage("window", "test/window", new Stage() {
                    private Optional<Instant> due = Optional.empty();

                    @Override
                    public void accept(Message message, Output output) throws InterruptedException {
                        if (message.partition().key().equals("numbers/0")) {
                            free.await();
                        }
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
                }));
            }
        }, folder);
        try {
            assertThat(ended.await(60, TimeUnit.SECONDS)).as("the window ends").isTrue();
        } finally {
            free.countDown();
            run.stop();
            assertThat(run.await(Duration.ofSeconds(60))).isTrue();
        }
    }

    @Test
    void heartbeatsGoThroughEachStageOfEachPartitionThatIsAtWork() throws Exception {
        CountDownLatch free = new CountDownLatch(1);
        CountDownLatch isHeld = new CountDownLatch(1);
        PipelineRun run = PipelineRun.start(new Numbers(new Sender(0, 1), new Ledger(1)) {
            @Override
            public Source source() {
                return endless(number -> "numbers/" + (number == 0 ? 1 : 0));
            }

            @Override
            public List<PlacedStage> stages(int partition) {
                return List.of(new PlacedStage("held", "test/held", (message, output) -> {
                    if (message.partition().key().equals("numbers/0")) {
                        isHeld.countDown();
                        free.await();
                    }
                }));
            }
        }, folder);
        try {
            assertThat(isHeld.await(60, TimeUnit.SECONDS)).isTrue();
            run.beat();
            run.beat();
            int held = "numbers/0".charAt(8) % PARTITIONS;
            eventually(() -> beats(run, partition -> partition != held) == 2L * 2 * (PARTITIONS - 1));
            assertThat(beats(run, partition -> partition == held)).as("a partition that does not go on").isZero();
            assertThat(run.counts().heartbeats()).isEqualTo(2);
            assertThat(run.counts().heartbeatsHanded()).isEqualTo(2);
            eventually(() -> run.counts().partitions().stream().filter(partition -> partition.number() != held).allMatch(partition ->
                    partition.blocked().count() > 0 && partition.blocked().sum() > 0 && partition.blocked().sum() <= partition.blocked().count()));
            free.countDown();
            eventually(() -> beats(run, _ -> true) == 2L * 2 * PARTITIONS);
        } finally {
            free.countDown();
            run.stop();
            assertThat(run.await(Duration.ofSeconds(60))).isTrue();
        }
    }

    private static long beats(PipelineRun run, IntPredicate partitions) {
        return run.counts().stages().stream().filter(stage -> partitions.test(stage.partition())).mapToLong(StageCounts::heartbeats).sum();
    }

    @Test
    void afterACrashTooAMessageIsNewThatSaysWhatOneSaidThatTheSenderHasForgotten() throws Exception {
        Ledger ledger = new Ledger(5);
        PipelineRun first = PipelineRun.start(oneMessage(ledger, false), folder);
        int partition = "numbers/1".charAt(8) % PARTITIONS;
        Path mark = folder.resolve("partition-" + partition + ".checkpoint.forgotten");
        // it is there before it says anything, and then a run that breaks off leaves it so
        eventually(() -> mark.toFile().length() == Long.BYTES);
        first.breakOff();
        assertThat(first.await(Duration.ofSeconds(60))).isTrue();
        PipelineRun second = PipelineRun.start(oneMessage(ledger, true), folder);
        eventually(() -> second.counts().received() + second.counts().repeated() == 1);
        second.stop();
        assertThat(second.await(Duration.ofSeconds(60))).isTrue();
        handWindowsOn(ledger);
        assertThat(numbers(ledger)).containsExactly(5, 5);
    }

    private static Parts oneMessage(Ledger ledger, boolean isRepeated) {
        return new Numbers(new Sender(0, 1), ledger) {
            @Override
            public Source source() {
                return new Source() {
                    private boolean isGiven;

                    @Override
                    public List<Arrival> next() throws InterruptedException {
                        if (isGiven) {
                            Thread.sleep(Duration.ofDays(1));
                        }
                        isGiven = true;
                        SequencedMap<String, Value> envelope = new LinkedHashMap<>();
                        envelope.put("topic", Value.of("numbers/1"));
                        return List.of(new Arrival("5".getBytes(StandardCharsets.UTF_8), envelope, new Delivery() {
                            private volatile boolean isAcknowledged;

                            @Override
                            public Identity identity() {
                                return new Identity(1, "five");
                            }

                            @Override
                            public boolean isRepeated() {
                                return isRepeated;
                            }

                            @Override
                            public void acknowledge() {
                                isAcknowledged = true;
                            }

                            @Override
                            public boolean isForgotten() {
                                return isAcknowledged;
                            }
                        }));
                    }

                    @Override
                    public void close() {}
                };
            }
        };
    }

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
        eventually(sender::isDone);
        run.stop();
        assertThat(run.await(Duration.ofSeconds(60))).isTrue();
        handWindowsOn(ledger);
        assertThat(numbers(ledger)).containsExactlyInAnyOrderElementsOf(IntStream.range(0, 20).filter(number -> number != 13 && number != 9).boxed().toList());
        assertThat(deadLetters("FinalError")).isZero();
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
        eventually(() -> steps.size() > 1);
        run.stop();
        assertThat(run.await(Duration.ofSeconds(60))).isTrue();
        assertThat(run.deadLetterFiles()).singleElement().satisfies(file -> {
            assertThat(file).content().contains("\"code\":\"BatchNotIngested\"", "the table is gone", "left-1.json");
            assertThat(steps.get(1)).isEqualTo("kept " + Files.size(file));
        });
        assertThat(run.counts().deadLetters()).isEqualTo(1);
    }

    @Test
    void aFolderServesOneRunAtATimeAndOneNumberOfPartitions() throws Exception {
        Sender sender = new Sender(10, 10);
        PipelineRun run = PipelineRun.start(new Numbers(sender, new Ledger(1)), folder);
        assertThatThrownBy(() -> PipelineRun.start(new Numbers(sender, new Ledger(1)), folder)).isInstanceOf(IOException.class).hasMessageContaining("in use");
        run.stop();
        assertThat(run.await(Duration.ofSeconds(60))).isTrue();
        assertThatThrownBy(() -> PipelineRun.start(new Numbers(sender, new Ledger(1)) {
            @Override
            public int partitions() {
                return PARTITIONS + 1;
            }
        }, folder)).isInstanceOf(IOException.class).hasMessageContaining("partitionCount");
    }

    @Test
    void aNumberOfPartitionsThatAPowerFailureHasCutStopsNothing() throws Exception {
        Files.writeString(folder.resolve("partitions"), "");
        PipelineRun run = PipelineRun.start(new Numbers(new Sender(10, 10), new Ledger(1)), folder);
        run.stop();
        assertThat(run.await(Duration.ofSeconds(60))).isTrue();
        assertThat(folder.resolve("partitions")).content().isEqualTo(PARTITIONS + "\n");
    }

    @Test
    void aCheckpointThatIsDamagedIsRefusedByName() throws Exception {
        Path file = folder.resolve("partition-0.checkpoint");
        new Checkpoint(3, "d", java.util.Map.of("a b", Value.of("state")), new byte[] {1}, List.of(new Identity(7, "x")), 5).write(file);
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
        public DeadLetters deadLetters(int partition, Path file) {
            return new DeadLetterFile(file);
        }

        @Override
        public String definition() {
            return "numbers";
        }

        @Override
        public Optional<Before> before(String definition) {
            return Optional.empty();
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
