package io.conshelf.processor.stage;

import io.conshelf.processor.dataset.Timestamps;
import io.conshelf.processor.definition.StageDefinition.Settings;
import io.conshelf.processor.definition.StageDefinition.Tracked;
import io.conshelf.processor.path.InvalidPathException;
import io.conshelf.processor.path.Path;
import io.conshelf.processor.value.Value;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Remembers the latest values of a logical partition, and writes them into messages.
final class LastKnownValueStage implements Stage {
    /// Logical partitions that are remembered; beyond it the one that has been silent longest is forgotten.
    static final int KEYS_MAX = 500_000;

    private static final Path TIMESTAMP = timestamp();

    private final List<Tracked> properties;
    /// By logical partition, the one whose message came last at the end; then by input path.
    private final LinkedHashMap<String, Map<Path, Known>> known = new LinkedHashMap<>(16, 0.75f, true);

    /// @param stamp the time as the message has it
    private record Known(Value value, Instant time, Value stamp) {
        boolean isExpired(Instant now, Duration expiry) {
            return !expiry.equals(Tracked.FOREVER) && Duration.between(time, now).compareTo(expiry) > 0;
        }
    }

    LastKnownValueStage(Settings.LastKnownValue settings) {
        this.properties = settings.properties();
    }

    private static Path timestamp() {
        try {
            return Path.parse(".systemProperties.timestamp");
        } catch (InvalidPathException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Override
    public void accept(Message message, Output output) throws InterruptedException {
        Value stamp = TIMESTAMP.read(message.content()).orElseGet(() -> Value.of(message.received().toString()));
        Instant now = Timestamps.parse(stamp).orElse(message.received());
        Map<Path, Known> values = known.computeIfAbsent(message.partition().key(), _ -> new HashMap<>());
        if (known.size() > KEYS_MAX) {
            known.pollFirstEntry();
            output.fault("TooManyKeys", "More than " + KEYS_MAX + " partition keys have known values, and those of the one that has been silent longest are forgotten");
        }
        Value content = message.content();
        for (Tracked property : properties) {
            Optional<Value> value = property.input().read(message.content());
            if (value.isPresent()) {
                values.merge(property.input(), new Known(value.get(), now, stamp), (old, fresh) -> fresh.time().isBefore(old.time()) ? old : fresh);
            }
            boolean isAsItCame = value.isPresent() && property.input().equals(property.output());
            Known last = values.get(property.input());
            if (last != null && !isAsItCame && !last.isExpired(now, property.expiry())) {
                content = property.output().write(content, last.value());
                if (!property.timestamp().isEmpty()) {
                    content = property.timestamp().getFirst().write(content, last.stamp());
                }
            }
        }
        output.emit(message.with(content));
    }

    @Override
    public Value state() {
        List<Value> partitions = new ArrayList<>();
        known.forEach((key, values) -> {
            List<Value> tracked = new ArrayList<>();
            values.forEach((path, last) -> tracked.add(Value.items(List.of(Value.of(path.toString()), last.value(), Value.of(last.time().getEpochSecond()),
                    Value.of((long) last.time().getNano()), last.stamp()))));
            partitions.add(Value.items(List.of(Value.of(key), Value.items(tracked))));
        });
        return partitions.isEmpty() ? Value.NULL : Value.items(partitions);
    }

    @Override
    public void restore(Value state) {
        if (!(state instanceof Value.Items(List<Value> partitions))) {
            return;
        }
        for (Value partition : partitions) {
            List<Value> parts = ((Value.Items) partition).items();
            Map<Path, Known> values = known.computeIfAbsent(((Value.Text) parts.get(0)).value(), _ -> new HashMap<>());
            for (Value each : ((Value.Items) parts.get(1)).items()) {
                List<Value> tracked = ((Value.Items) each).items();
                String path = ((Value.Text) tracked.get(0)).value();
                // what the stage tracked before and does not track now is forgotten
                properties.stream().map(Tracked::input).filter(input -> input.toString().equals(path)).findFirst().ifPresent(input -> values.put(input,
                        new Known(tracked.get(1), Instant.ofEpochSecond(((Value.Whole) tracked.get(2)).value(), ((Value.Whole) tracked.get(3)).value()), tracked.get(4))));
            }
        }
    }
}
