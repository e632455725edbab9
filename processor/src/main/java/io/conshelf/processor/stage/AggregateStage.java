package io.conshelf.processor.stage;

import io.conshelf.processor.definition.StageDefinition.Computed;
import io.conshelf.processor.definition.StageDefinition.Function;
import io.conshelf.processor.definition.StageDefinition.Settings;
import io.conshelf.processor.value.Value;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// Makes one message of all that a logical partition receives in a window of time. Windows begin at multiples of their length since 1970, by the time of receipt;
/// time does not go back, so one window is open at a time.
final class AggregateStage implements Stage {
    /// Over all windows that are open in a partition, so that nobody's collecting fills the memory.
    static final int COLLECTED_MAX = 1_000_000;
    static final int GROUPS_MAX = 1_000_000;

    private final Settings.Aggregate settings;
    private final long sizeNanos;
    /// By the key of the logical partition, in the order of their first messages.
    private final SequencedMap<String, Group> groups = new LinkedHashMap<>();
    private Instant end = Instant.MIN;
    private int collected;

    private record Group(Message.Partition partition, List<Accumulator> accumulators) {}

    AggregateStage(Settings.Aggregate settings) {
        this.settings = settings;
        this.sizeNanos = settings.window().toNanos();
    }

    @Override
    public void accept(Message message, Output output) throws StageException, InterruptedException {
        advance(message.received(), output);
        if (groups.isEmpty()) {
            end = endOf(message.received());
        }
        Group group = groups.get(message.partition().key());
        if (group == null) {
            if (groups.size() == GROUPS_MAX) {
                throw new StageException("TooManyKeys", "More than " + GROUPS_MAX + " partition keys have messages in one window");
            }
            group = new Group(message.partition(), settings.properties().stream().map(property -> Accumulator.of(property.function(), Value.NULL)).toList());
            groups.put(message.partition().key(), group);
        }
        for (int i = 0; i < settings.properties().size(); i++) {
            Computed property = settings.properties().get(i);
            Optional<Value> value = property.input().read(message.content());
            if (value.isPresent()) {
                add(property, group.accumulators().get(i), value.get(), output);
            }
        }
    }

    private void add(Computed property, Accumulator accumulator, Value value, Output output) {
        if (property.function() == Function.COLLECT && ++collected > COLLECTED_MAX) {
            output.fault("CollectLimit", "More than " + COLLECTED_MAX + " values are collected, and further ones of '" + property.input() + "' are left out");
        } else if (!accumulator.add(value)) {
            output.fault("InvalidValue", "The value at '" + property.input() + "' is of a type that " + property.function().name().toLowerCase(java.util.Locale.ROOT)
                    + " does not take, and is left out");
        }
    }

    private Instant endOf(Instant time) {
        long second = time.getEpochSecond();
        if (sizeNanos % 1_000_000_000L == 0) {
            long size = sizeNanos / 1_000_000_000L;
            return Instant.ofEpochSecond((Math.floorDiv(second, size) + 1) * size);
        }
        long nanos = Math.addExact(Math.multiplyExact(second, 1_000_000_000L), time.getNano());
        long ended = (Math.floorDiv(nanos, sizeNanos) + 1) * sizeNanos;
        return Instant.ofEpochSecond(Math.floorDiv(ended, 1_000_000_000L), Math.floorMod(ended, 1_000_000_000L));
    }

    @Override
    public void advance(Instant now, Output output) throws InterruptedException {
        if (groups.isEmpty() || now.isBefore(end)) {
            return;
        }
        // one by one: where the handing on ends in the middle, the others are there still
        while (!groups.isEmpty()) {
            Group group = groups.pollFirstEntry().getValue();
            output.emit(new Message(content(group), group.partition(), end));
        }
        collected = 0;
    }

    private Value content(Group group) {
        Value content = Value.members(Map.of());
        for (int i = 0; i < settings.properties().size(); i++) {
            Optional<Value> result = group.accumulators().get(i).result();
            if (result.isPresent()) {
                content = settings.properties().get(i).output().write(content, result.get());
            }
        }
        return content;
    }

    @Override
    public Optional<Instant> due() {
        return groups.isEmpty() ? Optional.empty() : Optional.of(end);
    }

    @Override
    public Value state() {
        if (groups.isEmpty()) {
            return Value.NULL;
        }
        List<Value> open = new ArrayList<>();
        groups.values().forEach(group -> open.add(Value.items(List.of(Value.of((long) group.partition().number()), Value.of(group.partition().key()),
                Value.items(group.accumulators().stream().map(Accumulator::state).toList())))));
        SequencedMap<String, Value> state = new LinkedHashMap<>();
        state.put("computes", Value.of(computes()));
        state.put("endSecond", Value.of(end.getEpochSecond()));
        state.put("endNano", Value.of((long) end.getNano()));
        state.put("collected", Value.of((long) collected));
        state.put("groups", Value.items(open));
        return new Value.Members(state);
    }

    /// A window of a stage that has computed other things cannot be gone on with.
    private String computes() {
        Duration size = settings.window();
        return size + " " + settings.properties().stream().map(property -> property.function() + " " + property.input()).toList();
    }

    @Override
    public void restore(Value state) {
        if (!(state instanceof Value.Members saved) || !saved.member("computes").equals(Value.of(computes()))) {
            return;
        }
        end = Instant.ofEpochSecond(whole(saved.member("endSecond")), whole(saved.member("endNano")));
        collected = (int) whole(saved.member("collected"));
        for (Value each : ((Value.Items) saved.member("groups")).items()) {
            List<Value> parts = ((Value.Items) each).items();
            List<Value> states = ((Value.Items) parts.get(2)).items();
            List<Accumulator> accumulators = new ArrayList<>();
            for (int i = 0; i < settings.properties().size(); i++) {
                accumulators.add(Accumulator.of(settings.properties().get(i).function(), states.get(i)));
            }
            Message.Partition partition = new Message.Partition((int) whole(parts.get(0)), ((Value.Text) parts.get(1)).value());
            groups.put(partition.key(), new Group(partition, accumulators));
        }
    }

    private static long whole(Value value) {
        return ((Value.Whole) value).value();
    }
}
