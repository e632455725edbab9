package io.conshelf.processor.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.processor.run.PipelineRun.State;
import io.conshelf.processor.source.Source.Identity;
import io.conshelf.processor.source.Source;
import io.conshelf.processor.value.Value;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import java.util.SequencedMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a run promises: every message comes through once, in its order, whatever breaks on the way.
class PipelineRunTest {
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
        Instant limit = Instant.now().plusSeconds(300);
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
            assertThat(run.await(Duration.ofMinutes(5))).as("the run ends").isTrue();
        }
        Numbers.handWindowsOn(ledger, folder);

        assertThat(rounds).as("seed %d", seed).isGreaterThan(2);
        assertThat(Numbers.of(ledger)).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(IntStream.range(0, SENT).filter(number -> number % 97 != 13)
                .filter(number -> number % 50 != 9).boxed().toList());
        assertThat(orderIsKept(ledger)).isTrue();
        assertThat(deadLetters("InvalidFormat")).isEqualTo(IntStream.range(0, SENT).filter(number -> number % 97 == 13).count());
        assertThat(deadLetters("NineIsBad")).isEqualTo(IntStream.range(0, SENT).filter(number -> number % 97 != 13 && number % 50 == 9).count());
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
        Instant limit = Instant.now().plusSeconds(300);
        while (!sender.isDone() && Instant.now().isBefore(limit)) {
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
            sender.cut(random.nextInt(20));
        }
        run.stop();
        assertThat(run.await(Duration.ofMinutes(5))).isTrue();
        assertThat(run.state()).isEqualTo(State.STOPPED);
        Numbers.handWindowsOn(ledger, folder);
        assertThat(Numbers.of(ledger)).doesNotHaveDuplicates().hasSize((int) IntStream.range(0, 2_000).filter(number -> number % 97 != 13 && number % 50 != 9).count());
        assertThat(run.counts().repeated()).isPositive();
    }

    @Test
    void aRunThatIsStoppedEndsAlthoughItsSourceAlwaysHasMore() throws Exception {
        PipelineRun run = PipelineRun.start(new Numbers(new Sender(0, 1), new Ledger(1)) {
            @Override
            public Source source() {
                return Numbers.endless(_ -> "numbers/1");
            }
        }, folder);
        Numbers.eventually(() -> run.counts().received() > 1_000);
        run.stop();
        assertThat(run.await(Duration.ofMinutes(5))).isTrue();
        assertThat(run.counts().dispatched()).as("what was taken has come through").isEqualTo(run.counts().received());
        assertThat(run.waiting()).isZero();
    }

    @Test
    void afterACrashTooAMessageIsNewThatSaysWhatOneSaidThatTheSenderHasForgotten() throws Exception {
        Ledger ledger = new Ledger(5);
        PipelineRun first = PipelineRun.start(oneMessage(ledger, false), folder);
        int partition = "numbers/1".charAt(8) % Numbers.PARTITIONS;
        Path mark = folder.resolve("partition-" + partition + ".checkpoint.forgotten");
        // it is there before it says anything, and then a run that breaks off leaves it so
        Numbers.eventually(() -> mark.toFile().length() == Long.BYTES);
        first.breakOff();
        assertThat(first.await(Duration.ofMinutes(5))).isTrue();
        PipelineRun second = PipelineRun.start(oneMessage(ledger, true), folder);
        Numbers.eventually(() -> second.counts().received() + second.counts().repeated() == 1);
        second.stop();
        assertThat(second.await(Duration.ofMinutes(5))).isTrue();
        Numbers.handWindowsOn(ledger, folder);
        assertThat(Numbers.of(ledger)).containsExactly(5, 5);
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
    void aFolderServesOneRunAtATimeAndOneNumberOfPartitions() throws Exception {
        Sender sender = new Sender(10, 10);
        PipelineRun run = PipelineRun.start(new Numbers(sender, new Ledger(1)), folder);
        assertThatThrownBy(() -> PipelineRun.start(new Numbers(sender, new Ledger(1)), folder)).isInstanceOf(IOException.class).hasMessageContaining("in use");
        run.stop();
        assertThat(run.await(Duration.ofMinutes(5))).isTrue();
        assertThatThrownBy(() -> PipelineRun.start(new Numbers(sender, new Ledger(1)) {
            @Override
            public int partitions() {
                return Numbers.PARTITIONS + 1;
            }
        }, folder)).isInstanceOf(IOException.class).hasMessageContaining("partitionCount");
    }

    @Test
    void aNumberOfPartitionsThatAPowerFailureHasCutStopsNothing() throws Exception {
        Files.writeString(folder.resolve("partitions"), "");
        PipelineRun run = PipelineRun.start(new Numbers(new Sender(10, 10), new Ledger(1)), folder);
        run.stop();
        assertThat(run.await(Duration.ofMinutes(5))).isTrue();
        assertThat(folder.resolve("partitions")).content().isEqualTo(Numbers.PARTITIONS + "\n");
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

    /// A group holds numbers of one partition as they came, so that they grow.
    private static boolean orderIsKept(Ledger ledger) {
        return ledger.rows().stream().allMatch(row -> {
            List<Long> group = ((Value.Items) row).items().stream().map(number -> ((Value.Whole) number).value()).toList();
            return group.equals(group.stream().sorted().toList());
        });
    }

    private long deadLetters(String code) throws IOException {
        long count = 0;
        for (int partition = 0; partition < Numbers.PARTITIONS; partition++) {
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
}
