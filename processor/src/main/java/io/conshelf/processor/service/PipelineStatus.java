package io.conshelf.processor.service;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.management.ServiceJson;
import io.conshelf.processor.run.PipelineRun;
import io.conshelf.processor.run.RunStatus;
import io.conshelf.processor.service.PipelineRuns.Running;
import java.util.Locale;
import java.util.Optional;

/// How a pipeline does, for whoever looks after it.
final class PipelineStatus {
    private PipelineStatus() {}

    static ObjectNode of(StoredResource resource, Optional<Running> running) {
        ObjectNode status = ServiceJson.MAPPER.createObjectNode().put("id", resource.id().path()).put("name", resource.id().name())
                .put("instance", resource.id().instance()).put("enabled", resource.isEnabled()).put("provisioningState", resource.state());
        if (!resource.problem().isEmpty()) {
            status.putObject("error").put("code", "PipelineFailed").put("message", resource.problem());
        }
        status.put("status", running.map(one -> title(one.run())).orElse("not running"));
        running.ifPresent(one -> add(status, one));
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

    private static void add(ObjectNode status, Running running) {
        PipelineRun run = running.run();
        Rates.Rate rate = running.rates().rate();
        status.put("receivedPerSecond", rounded(rate.received())).put("sentPerSecond", rounded(rate.sent())).put("latencyInSeconds", rounded(rate.latencySeconds()));
        status.put("waiting", run.waiting()).put("unacknowledged", run.unacknowledged());
        run.counts().lastReceived().ifPresent(at -> status.put("lastReceived", at.toString()));
        ObjectNode counts = RunStatus.json(run);
        counts.remove("name");
        status.setAll(counts.<ObjectNode>without("state"));
    }

    private static double rounded(double value) {
        return Double.parseDouble(String.format(Locale.ROOT, "%.3f", value));
    }
}
