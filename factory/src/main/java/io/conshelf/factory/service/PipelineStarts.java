package io.conshelf.factory.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.management.ManagementAnswer;
import io.conshelf.connectors.management.ManagementRequest;
import io.conshelf.connectors.management.Refusal;
import io.conshelf.connectors.management.ServiceJson;
import io.conshelf.factory.Invocation;
import io.conshelf.factory.Recovery;
import io.conshelf.factory.definition.Kind;
import io.conshelf.factory.definition.Parameter;
import io.conshelf.factory.definition.Parameter.Type;
import io.conshelf.factory.definition.Pipeline;
import io.conshelf.factory.definition.Resource;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Answers createRun: a run of its own, or one that goes on where another ended.
final class PipelineStarts {
    private final Definitions definitions;
    private final FactoryRuns runs;

    PipelineStarts(Definitions definitions, FactoryRuns runs) {
        this.definitions = definitions;
        this.runs = runs;
    }

    ManagementAnswer createRun(ManagementRequest request, FactoryId factory, String pipeline) {
        Map<String, JsonNode> parameters = new LinkedHashMap<>();
        ServiceJson.objectOrEmpty(request.body()).properties().forEach(given -> parameters.put(given.getKey(), given.getValue()));
        definitions.get(factory, Kind.PIPELINE, pipeline);
        String target = Definitions.target(factory, Kind.PIPELINE, pipeline);
        Optional<String> reference = request.parameter("referencePipelineRunId").filter(id -> !id.isBlank());
        Optional<String> startActivity = request.parameter("startActivityName").filter(name -> !name.isBlank());
        boolean isRecovery = request.flag("isRecovery");
        boolean isFromFailure = request.flag("startFromFailure");
        if (reference.isEmpty() && (isRecovery || isFromFailure || startActivity.isPresent())) {
            throw Refusal.badRequest(target, "A run that goes on where another ended needs 'referencePipelineRunId'.");
        }
        if (!isRecovery && (isFromFailure || startActivity.isPresent())) {
            throw Refusal.badRequest(target, "'startActivityName' and 'startFromFailure' need 'isRecovery=true'.");
        }
        Invocation invocation = Invocation.manual();
        if (reference.isPresent()) {
            ObjectNode earlier = earlier(factory, pipeline, reference.get(), target);
            take(factory, pipeline, earlier, parameters, target);
            if (isRecovery) {
                invocation = Invocation.recovering(recovery(factory, pipeline, earlier, startActivity, isFromFailure, target));
            }
        }
        ObjectNode answer = ServiceJson.MAPPER.createObjectNode().put("runId", runs.start(factory, pipeline, parameters, invocation));
        return ManagementAnswer.ok(answer);
    }

    private ObjectNode earlier(FactoryId factory, String pipeline, String runId, String target) {
        ObjectNode earlier = runs.run(factory, runId);
        if (!earlier.path("pipelineName").asText().equalsIgnoreCase(pipeline)) {
            throw Refusal.badRequest(target, "The run '" + runId + "' is one of the pipeline '" + earlier.path("pipelineName").asText() + "'.");
        }
        if (!earlier.hasNonNull("runEnd")) {
            throw Refusal.badRequest(target, "The run '" + runId + "' has not ended.");
        }
        return earlier;
    }

    /// Takes over the parameters of an earlier run that are not given anew.
    private void take(FactoryId factory, String pipeline, ObjectNode earlier, Map<String, JsonNode> parameters, String target) {
        Resource resource = definitions.snapshot(factory).pipelines().get(pipeline);
        Map<String, Parameter> declared = Pipeline.read(resource, _ -> {}).parameters();
        earlier.path("parameters").properties().forEach(parameter -> {
            Parameter known = declared.get(parameter.getKey());
            if (known == null || parameters.containsKey(parameter.getKey())) {
                return;
            }
            if (known.type() == Type.SECURE_STRING) {
                throw Refusal.badRequest(target, "The value of the secure parameter '" + parameter.getKey()
                        + "' is not kept; give it in the body.");
            }
            parameters.put(parameter.getKey(), parameter.getValue());
        });
    }

    private Recovery recovery(FactoryId factory, String pipeline, ObjectNode earlier, Optional<String> startActivity, boolean isFromFailure, String target) {
        String runId = earlier.path("runId").asText();
        String group = earlier.path("runGroupId").asText();
        Function<String, Collection<Recovery.Earlier>> activities = id -> runs.history().activityRuns(id).stream().map(run ->
                new Recovery.Earlier(run.path("activityName").asText(), run.path("iterationHash").asText(), run.path("status").asText(),
                        run.path("output"))).toList();
        if (startActivity.isEmpty()) {
            return isFromFailure ? Recovery.fromFailure(runId, group, activities) : Recovery.everything(runId, group, activities);
        }
        List<String> names = definitions.get(factory, Kind.PIPELINE, pipeline).properties().findValuesAsText("name");
        if (names.stream().noneMatch(startActivity.get()::equalsIgnoreCase)) {
            throw Refusal.badRequest(target, "The pipeline has no activity '" + startActivity.get() + "'.");
        }
        return Recovery.from(startActivity.get(), runId, group, activities);
    }
}
