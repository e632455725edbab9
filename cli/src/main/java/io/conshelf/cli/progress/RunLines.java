package io.conshelf.cli.progress;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.cli.output.TerminalText;
import io.conshelf.cli.progress.Screen.Colour;
import io.conshelf.factory.ActivityRun;
import io.conshelf.factory.RunEvent;
import io.conshelf.factory.RunRecord;
import io.conshelf.factory.Status;
import io.conshelf.connectors.definition.Problem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// The lines that stay.
public final class RunLines {
    /// The whole message stands in the run's record.
    private static final int MESSAGE_MAX = 4_000;

    private static final int ITEM_MAX = 60;

    private RunLines() {}

    /// What stays of an event, before the board knows of it.
    static List<String> of(RunEvent event, RunBoard board, Screen screen) {
        return switch (event) {
            case RunEvent.RunQueued(RunRecord run) -> List.of(queued(run));
            case RunEvent.RunStarted(RunRecord run) -> List.of(started(run));
            case RunEvent.Remarked(Problem remark) -> message("note: " + remark, "");
            case RunEvent.ActivityStarted _, RunEvent.ActivityProgressed _ -> List.of();
            case RunEvent.ActivityEnded(ActivityRun run) -> ended(run, board.item(run), screen);
            case RunEvent.RunEnded(RunRecord run) -> ended(run, screen);
        };
    }

    private static String queued(RunRecord run) {
        return TerminalText.printable("pipeline " + run.pipelineName() + " waits for other runs of it to end (run " + run.runId() + ")");
    }

    private static String started(RunRecord run) {
        return TerminalText.printable("pipeline " + run.pipelineName() + " started (run " + run.runId() + ")");
    }

    static String started(ActivityRun run, String item) {
        return TerminalText.printable("  " + named(run, item) + " (" + run.activityType() + ") …");
    }

    private static List<String> ended(RunRecord run, Screen screen) {
        String line = TerminalText.printable("pipeline " + run.pipelineName() + " " + run.status().title() + " in " + Amounts.seconds(run.duration()));
        List<String> lines = new ArrayList<>(List.of(screen.paint(colour(run.status()), line)));
        if (!run.message().isEmpty()) {
            lines.addAll(message(run.message(), "  "));
        }
        return lines;
    }

    /// How an attempt ended; in fewer words where the screen is narrow.
    private static List<String> ended(ActivityRun run, String item, Screen screen) {
        String text = "  " + named(run, item) + ": " + run.status().title();
        boolean hasRun = switch (run.status()) {
            case SKIPPED, INACTIVE -> false;
            case QUEUED, IN_PROGRESS, SUCCEEDED, FAILED, CANCELING, CANCELLED, TIMED_OUT -> true;
        };
        if (run.isReused()) {
            text += " before, not run again";
        } else if (hasRun) {
            text += " in " + Amounts.seconds(run.duration()) + (run.retryAttempt().isPresent() ? " at retry " + run.retryAttempt().getAsInt() : "");
        }
        if (!run.isReused() && run.output().has("dataRead")) {
            String full = text + ", " + copied(run);
            text = TerminalText.width(full) <= screen.columns() ? full : text + ", " + inShort(run, screen.arrow());
        }
        List<String> lines = new ArrayList<>(List.of(screen.paint(colour(run.status()), TerminalText.printable(text))));
        // That it was cancelled has been said.
        run.failure().filter(_ -> run.status() != Status.CANCELLED).ifPresent(failure -> lines.addAll(message(failure.errorCode() + ": " + failure.message(), "    ")));
        return lines;
    }

    private static Colour colour(Status status) {
        return switch (status) {
            case SUCCEEDED -> Colour.GREEN;
            case FAILED, TIMED_OUT -> Colour.RED;
            case QUEUED, IN_PROGRESS, CANCELING, CANCELLED -> Colour.YELLOW;
            case SKIPPED, INACTIVE -> Colour.DIM;
        };
    }

    /// The item of a loop in a few words: of an object, its values.
    static String item(JsonNode item) {
        String text = switch (item) {
            case ObjectNode object -> object.valueStream().filter(JsonNode::isValueNode).map(JsonNode::asText).collect(Collectors.joining(" "));
            case ArrayNode array -> array.toString();
            default -> item.asText();
        };
        return TerminalText.cut(text, ITEM_MAX, "…");
    }

    static String named(ActivityRun run, String item) {
        return run.activityName() + (item.isEmpty() ? "" : " [" + item + "]");
    }

    /// What went wrong may have many lines. Each stays a line, and none of them moves the cursor.
    static List<String> message(String text, String indent) {
        String shown = text.length() <= MESSAGE_MAX ? text : text.substring(0, MESSAGE_MAX) + "…";
        return shown.lines().map(line -> indent + TerminalText.printable(line)).toList();
    }

    /// `3,000,006 rows, read 13.5 MB, wrote 20.1 MB, 25.1 MB/s`: what a copy moved, and how fast it read from start to end.
    public static String copied(ActivityRun run) {
        return rows(run) + "read " + Amounts.bytes(read(run)) + ", wrote " + Amounts.bytes(written(run)) + ", " + rate(run);
    }

    /// `1.6 s`.
    public static String seconds(Duration duration) {
        return Amounts.seconds(duration);
    }

    private static String inShort(ActivityRun run, String arrow) {
        String read = Amounts.bytes(read(run));
        String written = Amounts.bytes(written(run));
        String unit = written.substring(written.indexOf(' '));
        return rows(run) + (read.endsWith(unit) ? read.substring(0, read.length() - unit.length()) : read) + " " + arrow + " " + written + ", " + rate(run);
    }

    private static String rows(ActivityRun run) {
        return run.output().has("rowsCopied") ? String.format(Locale.ROOT, "%,d rows, ", run.output().path("rowsCopied").asLong()) : "";
    }

    private static long read(ActivityRun run) {
        return run.output().path("dataRead").asLong();
    }

    private static long written(ActivityRun run) {
        return run.output().path("dataWritten").asLong();
    }

    private static String rate(ActivityRun run) {
        return Amounts.megabytes(read(run) / 1e6 / Math.max(0.001, run.duration().toNanos() / 1e9)) + " MB/s";
    }
}
