package io.conshelf.processor.run;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;

/// What a run has done so far, as JSON.
public final class RunStatus {
    private RunStatus() {}

    /// All partitions of one stage.
    public record Total(String type, long in, long out, Map<String, Long> errors) {}

    /// Messages that have come to the destination; it may not have them for good yet.
    public static long arrived(PipelineRun run) {
        return run.counts().stages().stream().filter(stage -> stage.type().startsWith("output/")).mapToLong(StageCounts::outgoing).sum();
    }

    /// By the ids of stages, in their order.
    public static Map<String, Total> stages(PipelineRun run) {
        Map<String, Total> totals = new LinkedHashMap<>();
        for (StageCounts stage : run.counts().stages().reversed()) {
            totals.merge(stage.id(), new Total(stage.type(), stage.incoming(), stage.outgoing(), new LinkedHashMap<>(stage.errors())), (one, other) -> {
                other.errors().forEach((code, count) -> one.errors().merge(code, count, Long::sum));
                return new Total(one.type(), one.in() + other.in(), one.out() + other.out(), one.errors());
            });
        }
        return totals;
    }

    public static ObjectNode json(PipelineRun run) {
        RunCounts counts = run.counts();
        ObjectNode pipeline = JsonNodeFactory.instance.objectNode().put("name", run.name()).put("state", run.state().name());
        run.failure().ifPresent(why -> pipeline.put("error", why));
        pipeline.put("received", counts.received()).put("repeated", counts.repeated()).put("sent", counts.sent()).put("acknowledged", counts.acknowledged())
                .put("deadLetters", counts.deadLetters()).put("checkpoints", counts.checkpointsComplete()).put("awaitedBatches", counts.awaited());
        ArrayNode letters = pipeline.putArray("deadLetterFiles");
        run.deadLetterFiles().forEach(file -> letters.add(file.toAbsolutePath().toString()));
        ObjectNode inputErrors = pipeline.putObject("inputErrors");
        counts.readerErrors().forEach(inputErrors::put);
        ObjectNode stages = pipeline.putObject("stages");
        stages(run).forEach((id, total) -> {
            ObjectNode errors = stages.putObject(id).put("type", total.type()).put("in", total.in()).put("out", total.out()).putObject("errors");
            total.errors().forEach(errors::put);
        });
        ArrayNode told = pipeline.putArray("lastErrors");
        counts.told().forEach(one -> told.addObject().put("stage", one.stage()).put("code", one.code()).put("message", one.message()).put("count", one.count())
                .put("first", one.first().toString()).put("last", one.last().toString()));
        return pipeline;
    }
}
