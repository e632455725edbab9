package io.conshelf.processor.service;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.connectors.management.ServiceJson;
import io.conshelf.processor.definition.PipelineDefinition;
import io.conshelf.processor.run.PipelineRun;
import io.conshelf.processor.run.RunStatus;
import io.conshelf.processor.service.PipelineRuns.Running;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// How a pipeline does, for whoever looks after it.
final class PipelineStatus {
    private PipelineStatus() {}

    static ObjectNode of(StoredResource resource, PipelineRuns runs) {
        Optional<Running> running = runs.running(resource.id());
        ObjectNode status = ServiceJson.MAPPER.createObjectNode().put("id", resource.id().path()).put("name", resource.id().name())
                .put("instance", resource.id().instance()).put("enabled", resource.isEnabled()).put("provisioningState", resource.state());
        if (!resource.problem().isEmpty()) {
            status.putObject("error").put("code", "PipelineFailed").put("message", resource.problem());
        }
        status.put("status", running.map(one -> title(one.run())).orElse("not running"));
        running.map(PipelineStatus::counts).or(() -> runs.ended(resource.id())).ifPresent(status::setAll);
        ArrayNode remarks = status.putArray("remarks");
        try {
            PipelineDefinition definition = resource.pipeline();
            Stream.concat(definition.remarks().stream(), runs.secrets().missing(definition).stream()).forEach(remark ->
                    remarks.addObject().put("path", remark.path()).put("message", remark.message()));
        } catch (InvalidDefinitionException refused) {
            // it was in order when it was taken; a later version that refuses it says so by its state
            refused.problems().forEach(problem -> remarks.addObject().put("path", problem.path()).put("message", problem.message()));
        }
        return status;
    }

    private static String title(PipelineRun run) {
        return switch (run.state()) {
            case STARTING -> "waiting for its source";
            case RUNNING -> "running";
            case STOPPING -> "stopping";
            case STOPPED, FAILED -> "not running";
        };
    }

    /// What a run has done since it began; of one that has ended, for good.
    static ObjectNode counts(Running running) {
        PipelineRun run = running.run();
        boolean isOver = run.state() == PipelineRun.State.STOPPED || run.state() == PipelineRun.State.FAILED;
        Rates.Rate rate = isOver ? Rates.NONE : running.rates().rate();
        ObjectNode counts = ServiceJson.MAPPER.createObjectNode().put("since", running.since().toString());
        counts.put("receivedPerSecond", rounded(rate.received())).put("sentPerSecond", rounded(rate.sent())).put("latencyInSeconds", rounded(rate.latencySeconds()));
        counts.put("waiting", isOver ? 0 : run.waiting()).put("unacknowledged", isOver ? 0 : run.unacknowledged());
        run.counts().lastReceived().ifPresent(at -> counts.put("lastReceived", at.toString()));
        counts.setAll(RunStatus.json(run).<ObjectNode>without(List.of("name", "state", "error")));
        return counts;
    }

    private static double rounded(double value) {
        return Double.parseDouble(String.format(Locale.ROOT, "%.3f", value));
    }
}
