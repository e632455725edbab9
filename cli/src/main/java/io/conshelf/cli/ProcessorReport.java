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
    private final Instant ended = Instant.now();
    private final List<PipelineRun> runs;
    private final long unasked;
    private final Kept kept;

    /// What becomes of messages that were kept aside, when the run has ended.
    enum Kept {
        STAYS,
        /// With a folder that lives as long as the run.
        GOES
    }

    /// @param unasked recorded messages of topics that nobody asked for
    ProcessorReport(Instant began, List<PipelineRun> runs, long unasked, Kept kept) {
        this.began = began;
        this.runs = List.copyOf(runs);
        this.unasked = unasked;
        this.kept = kept;
    }

    boolean isFailed() {
        return runs.stream().anyMatch(run -> run.state() == PipelineRun.State.FAILED);
    }

    ObjectNode json() {
        ObjectNode json = JSON.createObjectNode().put("startTime", began.toString()).put("endTime", ended.toString()).put("durationInMs",
                Duration.between(began, ended).toMillis());
        ArrayNode pipelines = json.putArray("pipelines");
        runs.forEach(run -> pipelines.add(RunStatus.json(run)));
        if (unasked > 0) {
            json.put("ofOtherTopics", unasked);
        }
        if (kept == Kept.GOES) {
            pipelines.forEach(pipeline -> ((ObjectNode) pipeline).remove("deadLetterFiles"));
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
            Duration took = Duration.between(began, ended);
            lines.add(TerminalText.printable(run.name()) + (run.state() == PipelineRun.State.FAILED ? " failed after " : " ended after ") + "%.1f s: ".formatted(
                    took.toMillis() / 1000.0) + run.counts().received() + " messages in, " + run.counts().sent() + " sent"
                    + (run.counts().deadLetters() > 0 ? ", " + run.counts().deadLetters() + " kept aside" : ""));
            run.failure().ifPresent(why -> lines.add(TerminalText.printable("  " + why)));
            if (run.counts().deadLetters() > 0) {
                lines.add(run.deadLetterFiles().isEmpty() ? "  kept aside by the broker of dead letters" : kept == Kept.GOES ? "  what was kept aside is gone with the run; --state DIR keeps it in a file"
                        : "  kept aside in " + String.join(", ", run.deadLetterFiles().stream().map(file -> TerminalText.printable(file.toAbsolutePath().toString())).toList()));
            }
        }
        if (unasked > 0) {
            lines.add("  " + unasked + (unasked == 1 ? " message has a topic" : " messages have topics") + " that 'topics' of the input does not ask for, and did not come in");
        }
        return lines;
    }
}
