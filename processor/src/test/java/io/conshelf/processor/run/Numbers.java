package io.conshelf.processor.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.processor.destination.Retry;
import io.conshelf.processor.format.FormatException;
import io.conshelf.processor.format.MessageFormat;
import io.conshelf.processor.source.Source;
import io.conshelf.processor.stage.Message;
import io.conshelf.processor.stage.Stage;
import io.conshelf.processor.stage.StageException;
import io.conshelf.processor.value.Value;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;

/// Whole numbers, of which one stage refuses some and another makes groups.
class Numbers implements Parts {
    static final int PARTITIONS = 3;
    private static final int GROUP = 7;

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

    private static long number(Message message) {
        return ((Value.Whole) ((Value.Members) message.content()).member("payload")).value();
    }

    /// A sender that never repeats and never waits.
    static Source endless(IntFunction<String> topic) {
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

    /// As a run does whose source has no more.
    static void handWindowsOn(Ledger ledger, Path folder) throws Exception {
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
        assertThat(last.await(Duration.ofMinutes(5))).isTrue();
    }

    /// Those that came through.
    static List<Integer> of(Ledger ledger) {
        return ledger.rows().stream().flatMap(row -> ((Value.Items) row).items().stream()).map(number -> (int) ((Value.Whole) number).value()).toList();
    }

    static void eventually(BooleanSupplier holds) {
        Instant limit = Instant.now().plusSeconds(300);
        while (!holds.getAsBoolean()) {
            assertThat(Instant.now()).as("it comes in time").isBefore(limit);
            LockSupport.parkNanos(Duration.ofMillis(2).toNanos());
        }
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
