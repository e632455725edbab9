package io.conshelf.cli;

import io.conshelf.cli.output.TerminalText;
import io.conshelf.streams.run.JobMetrics;
import io.conshelf.streams.run.JobState;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Collectors;

/// Shows a running job: one line that is written over on a terminal, a line now and then elsewhere.
final class StreamProgress implements AutoCloseable {
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(10);
    private static final String BACK_AND_CLEAR = "\r\u001b[K";
    private static final int COLUMNS = 80;

    private final PrintStream out;
    private final boolean isLive;
    private final Instant began = Instant.now();
    private Instant last = Instant.EPOCH;
    private long lastEvents;
    private long lastRows;
    private boolean isPainted;

    private StreamProgress(PrintStream out, boolean isLive) {
        this.out = out;
        this.isLive = isLive;
    }

    static StreamProgress on(PrintStream out) {
        boolean canMove = !Optional.ofNullable(System.getenv("TERM")).orElse("dumb").equals("dumb");
        return new StreamProgress(out, canMove && !System.getProperty("conshelf.terminal", "").isBlank());
    }

    synchronized void show(JobState state, JobMetrics metrics, Optional<String> problem) {
        Instant now = Instant.now();
        Duration since = Duration.between(last, now);
        if (!isLive && since.compareTo(BETWEEN_LINES) < 0) {
            return;
        }
        double seconds = last.equals(Instant.EPOCH) ? 0 : since.toMillis() / 1000.0;
        String line = line(state, metrics, problem, seconds, Duration.between(began, now));
        last = now;
        lastEvents = metrics.inputEvents();
        lastRows = metrics.outputEvents();
        if (isLive) {
            out.print(BACK_AND_CLEAR + TerminalText.cut(line, COLUMNS - 1, "…"));
            isPainted = true;
        } else {
            out.println(line);
        }
        out.flush();
    }

    private String line(JobState state, JobMetrics metrics, Optional<String> problem, double seconds, Duration elapsed) {
        StringBuilder line = new StringBuilder("%d:%02d  %s".formatted(elapsed.toMinutes(), elapsed.toSecondsPart(), state.title()));
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

    synchronized void say(String text) {
        if (isPainted) {
            out.print(BACK_AND_CLEAR);
            isPainted = false;
        }
        out.println(text);
    }

    @Override
    public synchronized void close() {
        if (isPainted) {
            out.print(BACK_AND_CLEAR);
            out.flush();
        }
    }
}
