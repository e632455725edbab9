package io.conshelf.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.cli.output.TerminalText;
import io.conshelf.processor.run.PipelineRun;
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
        runs.forEach(run -> pipelines.add(RunStatus.json(run)));
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
