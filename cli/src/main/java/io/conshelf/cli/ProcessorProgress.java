package io.conshelf.cli;

import io.conshelf.cli.output.TerminalText;
import io.conshelf.processor.run.PipelineRun;
import io.conshelf.processor.run.RunCounts.Told;
import io.conshelf.processor.run.RunStatus;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Shows running pipelines: one line that is written over on a terminal, a line a pipeline now and then elsewhere.
final class ProcessorProgress implements AutoCloseable {
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(10);
    private static final String BACK_AND_CLEAR = "\r\u001b[K";
    private static final int COLUMNS = 100;

    private final PrintStream out;
    private final boolean isLive;
    private final Instant began = Instant.now();
    private final Map<String, Long> before = new HashMap<>();
    private Instant last = Instant.EPOCH;
    private boolean isPainted;

    private ProcessorProgress(PrintStream out, boolean isLive) {
        this.out = out;
        this.isLive = isLive;
    }

    static ProcessorProgress on(PrintStream out) {
        boolean canMove = !Optional.ofNullable(System.getenv("TERM")).orElse("dumb").equals("dumb");
        return new ProcessorProgress(out, canMove && !System.getProperty("conshelf.terminal", "").isBlank());
    }

    synchronized void show(List<PipelineRun> runs) {
        Instant now = Instant.now();
        Duration since = Duration.between(last, now);
        if (!isLive && since.compareTo(BETWEEN_LINES) < 0) {
            return;
        }
        double seconds = last.equals(Instant.EPOCH) ? 0 : since.toMillis() / 1000.0;
        last = now;
        Duration elapsed = Duration.between(began, now);
        String time = "%d:%02d".formatted(elapsed.toMinutes(), elapsed.toSecondsPart());
        List<String> lines = runs.stream().map(run -> line(run, seconds)).toList();
        if (isLive) {
            out.print(BACK_AND_CLEAR + TerminalText.cut(time + "  " + String.join(" | ", lines), COLUMNS - 1, "…"));
            isPainted = true;
        } else {
            lines.forEach(line -> out.println(time + "  " + line));
        }
        out.flush();
    }

    private String line(PipelineRun run, double seconds) {
        long received = run.counts().received();
        StringBuilder line = new StringBuilder(TerminalText.printable(run.name()) + " " + run.state().name().toLowerCase(java.util.Locale.ROOT) + ": " + received
                + " messages");
        if (seconds > 0) {
            line.append(" (%.0f/s)".formatted((received - before.getOrDefault(run.name(), 0L)) / seconds));
        }
        before.put(run.name(), received);
        line.append(", ").append(RunStatus.sent(run)).append(" sent");
        if (run.waiting() > 0) {
            line.append(", ").append(run.waiting()).append(" waiting");
        }
        if (run.unacknowledged() > 0) {
            line.append(", ").append(run.unacknowledged()).append(" unacknowledged");
        }
        long errors = run.counts().errors();
        if (errors > 0) {
            line.append(", ").append(errors).append(errors == 1 ? " error" : " errors");
            List<Told> told = run.counts().told();
            if (!told.isEmpty() && !isLive) {
                line.append(", the latest: ").append(TerminalText.printable(told.getLast().message()));
            }
        }
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
