package io.conshelf.processor.stage;

import io.conshelf.processor.dataset.Dataset;
import io.conshelf.processor.dataset.Dataset.Lookup;
import io.conshelf.processor.dataset.Dataset.Nearest;
import io.conshelf.processor.dataset.ReferenceData;
import io.conshelf.processor.dataset.Timestamps;
import io.conshelf.processor.definition.StageDefinition.Condition;
import io.conshelf.processor.definition.StageDefinition.Settings;
import io.conshelf.processor.definition.StageDefinition.Side;
import io.conshelf.processor.definition.StageDefinition.Single;
import io.conshelf.processor.path.Path;
import io.conshelf.processor.value.Value;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Writes records of a dataset into messages. A message for which there is none goes on as it is.
final class EnrichStage implements Stage {
    private final Settings.Enrich settings;
    private final ReferenceData data;

    EnrichStage(Settings.Enrich settings, ReferenceData data) {
        this.settings = settings;
        this.data = data;
    }

    @Override
    public void accept(Message message, Output output) throws StageException, InterruptedException {
        Dataset dataset = data.find(settings.dataset()).orElseThrow(() -> new StageException("DatasetNotFound", "There is no dataset '" + settings.dataset() + "'"));
        Optional<Lookup> lookup = lookup(message, output);
        List<Value> records = lookup.isPresent() ? dataset.find(lookup.get(), message.received()) : List.of();
        if (records.isEmpty()) {
            output.emit(message);
            return;
        }
        Value found = records.size() == 1 && settings.single() == Single.ITSELF ? records.getFirst() : Value.items(records);
        output.emit(message.with(settings.output().write(message.content(), found)));
    }

    /// Empty where the message lacks what a condition asks for.
    private Optional<Lookup> lookup(Message message, Output output) {
        Map<String, String> keys = new HashMap<>();
        List<Nearest> nearest = new ArrayList<>();
        for (Condition condition : settings.conditions()) {
            Optional<Value> value = condition.input().read(message.content()).filter(stated -> !(stated instanceof Value.Null));
            if (value.isEmpty()) {
                return Optional.empty();
            }
            switch (condition) {
                case Condition.KeyMatch(Path _, String key) -> {
                    String text = Dataset.keyText(value.get());
                    String other = keys.put(key, text);
                    if (other != null && !other.equals(text)) {
                        // a record has one value a key
                        return Optional.empty();
                    }
                }
                case Condition.Nearest(Path input, Side side) -> {
                    Optional<Instant> time = Timestamps.parse(value.get());
                    if (time.isEmpty()) {
                        output.fault("InvalidTimestamp", "What is at '" + input + "' is no time, such as 2024-03-05T12:00:00Z");
                        return Optional.empty();
                    }
                    nearest.add(switch (side) {
                        case PAST -> new Nearest.Past(time.get());
                        case FUTURE -> new Nearest.Future(time.get());
                    });
                }
            }
        }
        return Optional.of(new Lookup(keys, nearest, settings.limit()));
    }
}
