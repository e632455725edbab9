package io.conshelf.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.cli.output.TerminalText;
import io.conshelf.processor.run.PipelineRun;
import io.conshelf.processor.run.RunCounts;
import io.conshelf.processor.run.RunStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// How runs of pipelines went.
final class ProcessorReport {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Instant began;
    private final List<PipelineRun> runs;

    ProcessorReport(Instant began, List<PipelineRun> runs) {
        this.began = began;
        this.runs = List.copyOf(runs);
    }

    boolean isFailed() {
        return runs.stream().anyMatch(run -> run.state() == PipelineRun.State.FAILED);
    }

    ObjectNode json() {
        Instant ended = Instant.now();
        ObjectNode json = JSON.createObjectNode().put("startTime", began.toString()).put("endTime", ended.toString()).put("durationInMs",
                Duration.between(began, ended).toMillis());
        ArrayNode pipelines = json.putArray("pipelines");
        for (PipelineRun run : runs) {
            RunCounts counts = run.counts();
            ObjectNode pipeline = pipelines.addObject().put("name", run.name()).put("state", run.state().name());
            run.failure().ifPresent(why -> pipeline.put("error", why));
            pipeline.put("received", counts.received()).put("repeated", counts.repeated()).put("acknowledged", counts.acknowledged()).put("deadLetters",
                    counts.deadLetters()).put("checkpoints", counts.checkpointsComplete());
            ObjectNode inputErrors = pipeline.putObject("inputErrors");
            counts.readerErrors().forEach(inputErrors::put);
            ObjectNode stages = pipeline.putObject("stages");
            RunStatus.stages(run).forEach((id, total) -> {
                ObjectNode stage = stages.putObject(id).put("type", total.type()).put("in", total.in()).put("out", total.out());
                ObjectNode errors = stage.putObject("errors");
                total.errors().forEach(errors::put);
            });
            ArrayNode told = pipeline.putArray("lastErrors");
            counts.told().forEach(one -> told.addObject().put("stage", one.stage()).put("code", one.code()).put("message", one.message()).put("count", one.count())
                    .put("first", one.first().toString()).put("last", one.last().toString()));
        }
        return json;
    }

    /// The same for people.
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (PipelineRun run : runs) {
            run.counts().told().forEach(one -> lines.add(TerminalText.printable("  " + one.count() + " × " + one.code()
                    + (one.stage().isEmpty() ? "" : " (" + one.stage() + ")") + ": " + one.message())));
            RunStatus.stages(run).forEach((id, total) -> {
                long errors = total.errors().values().stream().mapToLong(Long::longValue).sum();
                lines.add(TerminalText.printable("  " + id) + "  " + total.in() + " in, " + total.out() + " out" + (errors > 0 ? ", " + errors
                        + (errors == 1 ? " error" : " errors") : ""));
            });
            Duration took = Duration.between(began, Instant.now());
            lines.add(TerminalText.printable(run.name()) + (run.state() == PipelineRun.State.FAILED ? " failed after " : " ended after ") + "%.1f s: ".formatted(
                    took.toMillis() / 1000.0) + run.counts().received() + " messages in, " + RunStatus.sent(run) + " sent"
                    + (run.counts().deadLetters() > 0 ? ", " + run.counts().deadLetters() + " kept aside" : ""));
            run.failure().ifPresent(why -> lines.add("  " + why));
        }
        return lines;
    }
}
