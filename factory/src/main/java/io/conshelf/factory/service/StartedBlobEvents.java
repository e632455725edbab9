package io.conshelf.factory.service;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.management.ServiceJson;
import io.conshelf.factory.RunRecord;
import io.conshelf.factory.definition.Factory;
import io.conshelf.factory.trigger.TriggerDefinition;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/// A trigger of storage events at work: each event that it waits for starts its pipelines.
final class StartedBlobEvents implements StartedTrigger {
    private static final String TYPE = "BlobEventsTrigger";

    private final FactoryId factory;
    private final TriggerDefinition.BlobEvents definition;
    private final TriggerFirings firings;
    private final Supplier<Factory> snapshot;

    StartedBlobEvents(FactoryId factory, TriggerDefinition.BlobEvents definition, TriggerFirings firings, Supplier<Factory> snapshot) {
        this.factory = factory;
        this.definition = definition;
        this.firings = firings;
        this.snapshot = snapshot;
    }

    /// Fires when the event is one of its own.
    void changed(BlobChange change, Instant now) {
        boolean isCreated = change.what() == BlobChange.What.CREATED;
        if (!definition.accepts(change.container(), change.path(), isCreated, change.bytes())) {
            return;
        }
        int slash = change.path().lastIndexOf('/');
        String name = change.path().substring(slash + 1);
        String folder = change.container() + (slash < 0 ? "" : "/" + change.path().substring(0, slash));
        ObjectNode body = ServiceJson.MAPPER.createObjectNode().put("fileName", name).put("folderPath", folder);
        ObjectNode trigger = ServiceJson.MAPPER.createObjectNode().put("name", definition.name()).put("startTime", RunRecord.text(now));
        trigger.putObject("outputs").set("body", body);
        // Each event is one of its own, even of a blob that is written twice.
        String id = UUID.randomUUID().toString();
        Map<String, String> runs = new LinkedHashMap<>();
        definition.starts().forEach(start -> runs.put(start.pipeline(), TriggerRun.pipelineRunId(id, start.pipeline())));
        firings.fire(
                new TriggerRun(id, factory, definition.name(), TYPE, now, TriggerRun.Status.SUCCEEDED, "",
                        Map.of("EventPayload", body.toString(), "EventType", isCreated ? "Microsoft.Storage.BlobCreated" : "Microsoft.Storage.BlobDeleted"), runs),
                definition.starts(), new TriggerScope(snapshot.get(), trigger, body, now), List.of());
    }

    @Override
    public Optional<Instant> pass(Instant now) {
        return Optional.empty();
    }

    @Override
    public void stopped() {}
}
