package io.conshelf.factory.service;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.management.ManagementAnswer;
import io.conshelf.connectors.management.ManagementRequest;
import io.conshelf.connectors.management.Refusal;
import io.conshelf.connectors.management.ServiceJson;
import io.conshelf.factory.copy.Authoring;
import io.conshelf.factory.definition.Kind;
import java.util.List;

/// Answers what one asks while making a factory. The service's own paths for this are its page's, and not documented; these are Conshelf's own.
final class AuthoringSteps {
    private static final int ROWS = 10;
    private static final int ROWS_MAX = 1_000;

    private final Definitions definitions;
    private final FactoryRuns runs;
    private final FactoryService.Allowance allowance;

    AuthoringSteps(Definitions definitions, FactoryRuns runs, FactoryService.Allowance allowance) {
        this.definitions = definitions;
        this.runs = runs;
        this.allowance = allowance;
    }

    ManagementAnswer testConnection(ManagementRequest request, FactoryId factory, String linkedService) {
        return step(factory, Kind.LINKED_SERVICE, linkedService, (authoring, name) -> {
            authoring.testConnection(name, parameters(request));
            return ManagementAnswer.ok(ServiceJson.MAPPER.createObjectNode().put("succeeded", true));
        });
    }

    ManagementAnswer databases(ManagementRequest request, FactoryId factory, String linkedService) {
        return step(factory, Kind.LINKED_SERVICE, linkedService, (authoring, name) -> list(authoring.databases(name, parameters(request))));
    }

    ManagementAnswer tables(ManagementRequest request, FactoryId factory, String linkedService) {
        return step(factory, Kind.LINKED_SERVICE, linkedService, (authoring, name) -> list(authoring.tables(name, parameters(request))));
    }

    ManagementAnswer preview(ManagementRequest request, FactoryId factory, String dataset) {
        int rows = ServiceJson.objectOrEmpty(request.body()).path("rows").asInt(ROWS);
        if (rows < 0 || rows > ROWS_MAX) {
            throw Refusal.badRequest(Definitions.target(factory, Kind.DATASET, dataset), "'rows' is between 0 and " + ROWS_MAX + ", found " + rows + ".");
        }
        return step(factory, Kind.DATASET, dataset, (authoring, name) -> ManagementAnswer.ok(authoring.preview(name, parameters(request), rows).toJson()));
    }

    ManagementAnswer schema(ManagementRequest request, FactoryId factory, String dataset) {
        return step(factory, Kind.DATASET, dataset, (authoring, name) -> {
            ObjectNode answer = ServiceJson.MAPPER.createObjectNode();
            answer.set("schema", authoring.schema(name, parameters(request)));
            return ManagementAnswer.ok(answer);
        });
    }

    private interface Step {
        ManagementAnswer answer(Authoring authoring, String name) throws Authoring.StepFailure;
    }

    private ManagementAnswer step(FactoryId factory, Kind kind, String name, Step step) {
        String target = Definitions.target(factory, kind, name);
        String spelled = definitions.get(factory, kind, name).name();
        FactoryRuns.Outside outside = runs.outside().orElseThrow(() -> Refusal.conflict(target, "The service is starting or stopping."));
        try (Authoring authoring = new Authoring(definitions.snapshot(factory), outside.endpoints(), allowance.folders(), allowance.secrets())) {
            return step.answer(authoring, spelled);
        } catch (Authoring.StepFailure failure) {
            throw FactoryRefusals.step(target, failure.code(), failure.getMessage());
        }
    }

    private static ObjectNode parameters(ManagementRequest request) {
        return ServiceJson.objectOrEmpty(request.body()).path("parameters") instanceof ObjectNode given ? given : ServiceJson.MAPPER.createObjectNode();
    }

    private static ManagementAnswer list(List<String> names) {
        ObjectNode answer = ServiceJson.MAPPER.createObjectNode();
        ArrayNode value = answer.putArray("value");
        names.forEach(name -> value.addObject().put("name", name));
        return ManagementAnswer.ok(answer);
    }
}
