package io.conshelf.cli;

import io.conshelf.cli.output.TerminalText;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// How something that runs is shown: one line that is written over on a terminal, lines now and then elsewhere.
final class StatusLine implements AutoCloseable {
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(10);
    private static final String BACK_AND_CLEAR = "\r\u001b[K";

    private final PrintStream out;
    private final int columns;
    private final boolean isLive;
    private final Instant began = Instant.now();
    private Instant last = Instant.EPOCH;
    private boolean isPainted;

    private StatusLine(PrintStream out, int columns, boolean isLive) {
        this.out = out;
        this.columns = columns;
        this.isLive = isLive;
    }

    static StatusLine on(PrintStream out, int columns) {
        boolean canMove = !Optional.ofNullable(System.getenv("TERM")).orElse("dumb").equals("dumb");
        return new StatusLine(out, columns, canMove && !System.getProperty("conshelf.terminal", "").isBlank());
    }

    /// Whether it is written over.
    boolean isLive() {
        return isLive;
    }

    /// What there is to say at a time.
    @FunctionalInterface
    interface Lines {
        /// @param elapsed since the beginning, as `minutes:seconds`
        /// @param seconds since lines were shown last; 0 the first time
        List<String> at(String elapsed, double seconds);
    }

    /// Asks for lines and shows them, where it is time again.
    synchronized void show(Lines lines) {
        Instant now = Instant.now();
        Duration since = Duration.between(last, now);
        if (!isLive && since.compareTo(BETWEEN_LINES) < 0) {
            return;
        }
        double seconds = last.equals(Instant.EPOCH) ? 0 : since.toMillis() / 1000.0;
        last = now;
        Duration elapsed = Duration.between(began, now);
        List<String> told = lines.at("%d:%02d".formatted(elapsed.toMinutes(), elapsed.toSecondsPart()), seconds);
        if (isLive) {
            out.print(BACK_AND_CLEAR + TerminalText.cut(String.join(" | ", told), columns - 1, "…"));
            isPainted = true;
        } else {
            told.forEach(out::println);
        }
        out.flush();
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
