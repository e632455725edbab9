package io.conshelf.factory.service;

import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.management.ServiceJson;
import io.conshelf.connectors.management.ServiceStore;
import io.conshelf.connectors.management.ServiceStore.Change;
import io.conshelf.factory.RunRecord;
import io.conshelf.factory.definition.Factory;
import io.conshelf.factory.trigger.TriggerDefinition;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// A schedule trigger at work. What was due while nothing ran here is not made up for, as the service discards what lies in the
/// past; of several occurrences that a late pass finds due, the last one fires.
final class StartedSchedule implements StartedTrigger {
    /// The last occurrence of each trigger that was dealt with.
    static final String OCCURRENCES = "triggerOccurrences";
    private static final String TYPE = "ScheduleTrigger";

    private final FactoryId factory;
    private final TriggerDefinition.Schedule definition;
    private final TriggerFirings firings;
    private final Supplier<Factory> snapshot;
    private final ServiceStore store;
    private final String key;
    private Instant last;

    /// @param since nothing that was due before fires
    StartedSchedule(FactoryId factory, TriggerDefinition.Schedule definition, TriggerFirings firings,
            Supplier<Factory> snapshot, ServiceStore store, Instant since) {
        this.factory = factory;
        this.definition = definition;
        this.firings = firings;
        this.snapshot = snapshot;
        this.store = store;
        this.key = Triggers.key(factory, definition.name());
        // After a quick restart an occurrence of this very moment may have fired already.
        Instant remembered = Optional.ofNullable(store.documents(OCCURRENCES).get(key)).map(text -> Instant.parse(text.replace("\"", ""))).orElse(since);
        this.last = remembered.isAfter(since) ? remembered : since;
    }

    @Override
    public Optional<Instant> pass(Instant now) {
        Optional<Instant> due = Optional.empty();
        Optional<Instant> next = definition.recurrence().next(last);
        while (next.isPresent() && !next.get().isAfter(now)) {
            due = next;
            last = next.get();
            next = definition.recurrence().next(last);
        }
        due.ifPresent(occurrence -> fire(occurrence, now));
        return next;
    }

    private void fire(Instant occurrence, Instant now) {
        String id = TriggerRun.id(factory, definition.name(), occurrence.toString());
        Map<String, String> runs = new LinkedHashMap<>();
        definition.starts().forEach(start -> runs.put(start.pipeline(), TriggerRun.pipelineRunId(id, start.pipeline())));
        ObjectNode trigger = ServiceJson.MAPPER.createObjectNode().put("name", definition.name())
                .put("scheduledTime", RunRecord.text(occurrence)).put("startTime", RunRecord.text(now));
        firings.fire(
                new TriggerRun(id, factory, definition.name(), TYPE, now, TriggerRun.Status.SUCCEEDED, "",
                        Map.of("ScheduleTime", RunRecord.text(occurrence)), runs),
                definition.starts(), new TriggerScope(snapshot.get(), trigger, MissingNode.getInstance(), now),
                List.of(new Change.Put(OCCURRENCES, key, '"' + occurrence.toString() + '"')));
    }

    @Override
    public void stopped() {
        store.change(List.of(new Change.Remove(OCCURRENCES, key)));
    }
}
