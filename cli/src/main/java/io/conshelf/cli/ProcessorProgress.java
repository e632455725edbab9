package io.conshelf.cli;

import io.conshelf.cli.output.TerminalText;
import io.conshelf.processor.run.PipelineRun;
import io.conshelf.processor.run.RunCounts.Told;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Shows running pipelines: one line that is written over on a terminal, a line a pipeline now and then elsewhere.
final class ProcessorProgress implements AutoCloseable {
    private static final int COLUMNS = 100;
    /// Longer than what lasts is told again.
    private static final Duration LATEST_AGE_MAX = Duration.ofSeconds(30);

    private final StatusLine status;
    private final Map<String, Long> before = new HashMap<>();

    private ProcessorProgress(StatusLine status) {
        this.status = status;
    }

    static ProcessorProgress on(PrintStream out) {
        return new ProcessorProgress(StatusLine.on(out, COLUMNS));
    }

    void show(List<PipelineRun> runs) {
        status.show((elapsed, seconds) -> {
            List<String> lines = runs.stream().map(run -> line(run, seconds)).toList();
            return status.isLive() ? List.of(elapsed + "  " + String.join(" | ", lines)) : lines.stream().map(line -> elapsed + "  " + line).toList();
        });
    }

    private String line(PipelineRun run, double seconds) {
        long received = run.counts().received();
        StringBuilder line = new StringBuilder(TerminalText.printable(run.name()) + " " + run.state().name().toLowerCase(Locale.ROOT) + ": " + received
                + " messages");
        if (seconds > 0) {
            line.append(" (%.0f/s)".formatted((received - before.getOrDefault(run.name(), 0L)) / seconds));
        }
        before.put(run.name(), received);
        line.append(", ").append(run.counts().sent()).append(" sent");
        if (run.waiting() > 0) {
            line.append(", ").append(run.waiting()).append(" waiting");
        }
        if (run.unacknowledged() > 0) {
            line.append(", ").append(run.unacknowledged()).append(" unacknowledged");
        }
        int awaited = run.counts().awaited();
        if (awaited > 0) {
            line.append(", waiting for the cluster to ingest ").append(awaited).append(awaited == 1 ? " batch" : " batches");
        }
        long errors = run.counts().errors();
        if (errors > 0) {
            line.append(", ").append(errors).append(errors == 1 ? " error" : " errors");
            if (!status.isLive()) {
                line.append(latest(run.counts().told(), Instant.now()));
            }
        }
        return line.toString();
    }

    /// Of what went wrong before and does no longer nobody wants to read again and again.
    static String latest(List<Told> told, Instant now) {
        return told.isEmpty() || told.getLast().last().isBefore(now.minus(LATEST_AGE_MAX)) ? "" : ", the latest: " + TerminalText.printable(told.getLast().message());
    }

    void say(String text) {
        status.say(text);
    }

    @Override
    public void close() {
        status.close();
    }
}
