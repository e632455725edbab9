package io.conshelf.factory.service;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.management.Refusal;
import io.conshelf.connectors.management.ServiceJson;
import io.conshelf.connectors.management.ServiceStore;
import io.conshelf.connectors.management.ServiceStore.Change;
import io.conshelf.factory.Invocation;
import io.conshelf.factory.RunRecord;
import io.conshelf.factory.activity.ActivityFailure;
import io.conshelf.factory.copy.Resolver;
import io.conshelf.factory.trigger.TriggerDefinition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Starts what triggers fire, each once.
///
/// A firing is written down with the runs that it is to start, in one change with what its trigger remembers of it; only then do
/// they start, and under the ids that were written. After a crash in between, those that are not in the history yet are started.
final class TriggerFirings {
    private static final Logger LOG = LoggerFactory.getLogger(TriggerFirings.class);
    /// What was written down and may not have started.
    private static final String ANNOUNCED = "announcedRuns";

    private final ServiceStore store;
    private final FactoryRuns runs;

    /// A run that a firing starts.
    private record Announced(FactoryId factory, String triggerRunId, String trigger, String type, String pipeline, String runId, ObjectNode parameters) {
        String json() {
            ObjectNode json = ServiceJson.MAPPER.createObjectNode().put("subscription", factory.subscription())
                    .put("resourceGroup", factory.resourceGroup()).put("factory", factory.name()).put("triggerRunId", triggerRunId)
                    .put("trigger", trigger).put("type", type).put("pipeline", pipeline).put("runId", runId);
            json.set("parameters", parameters);
            return json.toString();
        }

        static Announced read(String text) {
            try {
                JsonNode json = ServiceJson.MAPPER.readTree(text);
                return new Announced(
                        new FactoryId(json.path("subscription").asText(), json.path("resourceGroup").asText(), json.path("factory").asText()),
                        json.path("triggerRunId").asText(), json.path("trigger").asText(), json.path("type").asText(),
                        json.path("pipeline").asText(), json.path("runId").asText(), (ObjectNode) json.get("parameters"));
            } catch (JsonProcessingException damaged) {
                throw new IllegalStateException("an announced run cannot be read: " + damaged.getOriginalMessage(), damaged);
            }
        }
    }

    TriggerFirings(ServiceStore store, FactoryRuns runs) {
        this.store = store;
        this.runs = runs;
    }

    /// Fires. What is wrong with the trigger's parameters or its pipelines makes the trigger's run fail, and starts nothing.
    ///
    /// @param firing with the names of its pipelines and the runs they are to be
    /// @param with   what the trigger remembers of it
    /// @return the run as it stands now
    TriggerRun fire(TriggerRun firing, List<TriggerDefinition.Start> starts, TriggerScope scope, List<Change> with) {
        List<Announced> announced = new ArrayList<>();
        TriggerRun run = firing;
        try {
            for (TriggerDefinition.Start start : starts) {
                announced.add(new Announced(firing.factory(), firing.id(), firing.trigger(), firing.type(), start.pipeline(),
                        firing.pipelines().get(start.pipeline()), parameters(start.parameters(), scope)));
            }
        } catch (ActivityFailure failure) {
            announced.clear();
            run = firing.as(TriggerRun.Status.FAILED, failure.getMessage());
        }
        List<Change> changes = new ArrayList<>(with);
        changes.add(run.remembered());
        announced.forEach(one -> changes.add(new Change.Put(ANNOUNCED, one.runId(), one.json())));
        store.change(changes);
        for (Announced one : announced) {
            run = started(one, run);
        }
        return run;
    }

    private static ObjectNode parameters(Located stated, TriggerScope scope) throws ActivityFailure {
        return Resolver.resolve(stated, scope) instanceof ObjectNode object ? object : ServiceJson.MAPPER.createObjectNode();
    }

    private TriggerRun started(Announced one, TriggerRun firing) {
        TriggerRun run = firing;
        try {
            Map<String, JsonNode> parameters = new LinkedHashMap<>();
            one.parameters().properties().forEach(parameter -> parameters.put(parameter.getKey(), parameter.getValue()));
            runs.start(one.factory(), one.pipeline(), parameters,
                    Invocation.announced(one.runId(), new RunRecord.InvokedBy(one.triggerRunId(), one.trigger(), one.type(), Optional.empty())));
        } catch (Refusal refusal) {
            LOG.warn("Trigger '{}' could not start pipeline '{}': {}", one.trigger(), one.pipeline(), refusal.getMessage());
            run = firing.as(TriggerRun.Status.FAILED, "The pipeline '" + one.pipeline() + "' could not be started: " + refusal.getMessage());
        }
        store.change(List.of(new Change.Remove(ANNOUNCED, one.runId()), run.remembered()));
        return run;
    }

    /// Starts what an earlier process announced and did not come to start.
    void goOn() {
        store.documents(ANNOUNCED).forEach((runId, json) -> {
            Announced one = Announced.read(json);
            boolean hasBegun = runs.history().run(runId).isPresent();
            var remembered = store.remembered(RunHistory.TRIGGERS, one.triggerRunId());
            if (hasBegun || remembered.isEmpty()) {
                store.change(List.of(new Change.Remove(ANNOUNCED, runId)));
                return;
            }
            started(one, run(one.factory(), remembered.get()));
        });
    }

    /// A firing as the history has it.
    static TriggerRun run(FactoryId factory, String stored) {
        try {
            return TriggerRun.read(factory, ServiceJson.MAPPER.readTree(stored).path("run"));
        } catch (JsonProcessingException damaged) {
            throw new IllegalStateException("a trigger run cannot be read: " + damaged.getOriginalMessage(), damaged);
        }
    }
}
