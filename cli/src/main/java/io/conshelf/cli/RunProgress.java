package io.conshelf.cli;

import io.conshelf.factory.ActivityRun;
import io.conshelf.factory.RunEvent;
import io.conshelf.factory.RunListener;
import io.conshelf.factory.RunRecord;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/// Tells of a pipeline run line by line, while it runs.
final class RunProgress implements RunListener {
    private final PrintStream out;

    RunProgress(PrintStream out) {
        this.out = out;
    }

    @Override
    public void on(RunEvent event) {
        switch (event) {
            case RunEvent.RunQueued(RunRecord run) -> out.println(
                    "pipeline " + run.pipelineName() + " waits for other runs of it to end (run " + run.runId() + ")");
            case RunEvent.RunStarted(RunRecord run) -> out.println("pipeline " + run.pipelineName() + " started (run " + run.runId() + ")");
            case RunEvent.Remarked(var remark) -> out.println("note: " + remark);
            case RunEvent.ActivityStarted(ActivityRun run) -> out.println("  " + run.activityName() + " (" + run.activityType() + ") …");
            case RunEvent.ActivityProgressed _ -> {
                // a line each would bury what matters; the end tells the sums
            }
            case RunEvent.ActivityEnded(ActivityRun run) -> out.println("  " + ended(run));
            case RunEvent.RunEnded(RunRecord run) -> out.println(
                    "pipeline " + run.pipelineName() + " " + run.status().title() + " in " + seconds(run.duration())
                            + (run.message().isEmpty() ? "" : ": " + run.message()));
        }
    }

    private static String ended(ActivityRun run) {
        var text = new StringBuilder(run.activityName()).append(": ").append(run.status().title());
        text.append(" in ").append(seconds(run.duration()));
        if (run.output().has("rowsCopied")) {
            text.append(", ").append(copied(run));
        }
        run.failure().ifPresent(failure -> text.append("\n    ").append(failure.errorCode()).append(": ").append(failure.message()));
        return text.toString();
    }

    /// `3,000,006 rows, 13.5 MB, 25.1 MB/s`: what a copy read, and how fast from start to end.
    static String copied(ActivityRun run) {
        var bytes = run.output().path("dataRead").asLong();
        return String.format(
                Locale.ROOT, "%,d rows, %.1f MB, %.1f MB/s", run.output().path("rowsCopied").asLong(), bytes / 1e6,
                megabytesPerSecond(run));
    }

    static double megabytesPerSecond(ActivityRun run) {
        return run.output().path("dataRead").asLong() / 1e6 / Math.max(0.001, run.duration().toNanos() / 1e9);
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }
}
