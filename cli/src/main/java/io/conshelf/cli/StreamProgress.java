package io.conshelf.cli;

import io.conshelf.cli.output.TerminalText;
import io.conshelf.streams.run.JobMetrics;
import io.conshelf.streams.run.JobState;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Shows a running job: one line that is written over on a terminal, a line now and then elsewhere.
final class StreamProgress implements AutoCloseable {
    private static final int COLUMNS = 80;

    private final StatusLine status;
    private long lastEvents;
    private long lastRows;

    private StreamProgress(StatusLine status) {
        this.status = status;
    }

    static StreamProgress on(PrintStream out) {
        return new StreamProgress(StatusLine.on(out, COLUMNS));
    }

    void show(JobState state, JobMetrics metrics, Optional<String> problem) {
        status.show((elapsed, seconds) -> {
            String line = line(state, metrics, problem, seconds, elapsed);
            lastEvents = metrics.inputEvents();
            lastRows = metrics.outputEvents();
            return List.of(line);
        });
    }

    private String line(JobState state, JobMetrics metrics, Optional<String> problem, double seconds, String elapsed) {
        StringBuilder line = new StringBuilder(elapsed + "  " + state.title());
        line.append("  ").append(metrics.inputEvents()).append(" events");
        if (seconds > 0) {
            line.append(" (%.0f/s)".formatted((metrics.inputEvents() - lastEvents) / seconds));
        }
        line.append(", ").append(metrics.outputEvents()).append(" rows");
        if (seconds > 0) {
            line.append(" (%.0f/s)".formatted((metrics.outputEvents() - lastRows) / seconds));
        }
        if (metrics.outputs().size() > 1) {
            line.append(metrics.outputs().entrySet().stream().map(output -> TerminalText.printable(output.getKey()) + ' ' + output.getValue().rows())
                    .collect(Collectors.joining(", ", " [", "]")));
        }
        line.append(", watermark ").append(metrics.watermarkDelaySeconds()).append(" s behind");
        long wrong = metrics.inputDeserializationErrors() + metrics.dataConversionErrors() + metrics.runtimeErrors();
        if (wrong > 0) {
            line.append(", ").append(wrong).append(" errors");
        }
        problem.ifPresent(why -> line.append(": ").append(TerminalText.printable(why)));
        return line.toString();
    }

    void say(String text) {
        status.say(text);
    }

    @Override
    public void close() {
        status.close();
    }
}
