package io.conshelf.cli.progress;

import io.conshelf.cli.output.TerminalText;
import io.conshelf.factory.ActivityRun;
import io.conshelf.factory.RunEvent;
import io.conshelf.factory.activity.ActivityContext.Progress;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// Lines for a file or a pipe: one at the start and one at the end of an activity, and now and then how far copies are.
final class PlainView implements RunView {
    /// Also how long a copy takes before it is told of.
    private static final Duration BETWEEN_PROGRESS = Duration.ofSeconds(10);
    /// With more copies at a time, one line tells their sums.
    private static final int LINES_MAX = 3;
    private static final Screen SCREEN = new Screen(Integer.MAX_VALUE, Integer.MAX_VALUE, true, false);

    private final PrintStream out;
    private final RunBoard board = new RunBoard();
    private Instant lastProgress = Instant.EPOCH;

    PlainView(PrintStream out) {
        this.out = out;
    }

    @Override
    public void on(RunEvent event, Instant now) {
        if (!(event instanceof RunEvent.ActivityProgressed)) {
            lines(event).forEach(out::println);
        }
        board.on(event, now);
    }

    private List<String> lines(RunEvent event) {
        return switch (event) {
            case RunEvent.ActivityStarted(ActivityRun run, var item) -> List.of(RunLines.started(run, item.map(RunLines::item).orElse("")));
            case RunEvent.ActivityProgressed _ -> List.of();
            case RunEvent.RunQueued _, RunEvent.RunStarted _, RunEvent.Remarked _, RunEvent.ActivityEnded _, RunEvent.RunEnded _ ->
                RunLines.of(event, board, SCREEN);
        };
    }

    @Override
    public void say(String text) {
        out.println(text);
    }

    @Override
    public void tick(Instant now) {
        if (lastProgress.plus(BETWEEN_PROGRESS).isAfter(now)) {
            return;
        }
        List<RunningActivity> copies = board.running().stream().filter(activity -> activity.progress().isPresent())
                .filter(activity -> activity.elapsed(now).compareTo(BETWEEN_PROGRESS) >= 0).toList();
        if (copies.isEmpty()) {
            return;
        }
        lastProgress = now;
        if (copies.size() <= LINES_MAX) {
            copies.forEach(copy -> out.println(line(copy, now)));
        } else {
            double rate = copies.stream().filter(copy -> !copy.isIngesting()).mapToDouble(copy -> copy.bytesPerSecond(now)).sum();
            long ingesting = copies.stream().filter(RunningActivity::isIngesting).count();
            out.println("  " + copies.size() + " copies run, " + ingesting + " of them wait for the cluster: read "
                    + Amounts.bytes(RunBoard.bytesRead(copies)) + ", " + Amounts.megabytes(rate / 1e6) + " MB/s");
        }
    }

    private static String line(RunningActivity copy, Instant now) {
        Progress progress = copy.progress().orElseThrow();
        StringBuilder text = new StringBuilder("  ").append(RunLines.named(copy.run(), copy.item())).append(": ");
        if (copy.isIngesting()) {
            text.append("ingesting");
            if (progress.chunksStaged() > 1) {
                text.append(", ").append(progress.chunksIngested()).append(" of ").append(progress.chunksStaged()).append(" chunks done");
            }
            text.append(", read ").append(Amounts.bytes(progress.bytesRead()));
        } else {
            text.append("read ").append(Amounts.bytes(progress.bytesRead()));
            copy.read().ifPresent(share -> text.append(" of ").append(Amounts.bytes(progress.bytesTotal())).append(" (").append((int) (share * 100)).append("%)"));
            text.append(", ").append(Amounts.megabytes(copy.bytesPerSecond(now) / 1e6)).append(" MB/s");
        }
        if (progress.bytesWritten() > 0) {
            text.append(", wrote ").append(Amounts.bytes(progress.bytesWritten()));
        }
        text.append(", ").append(Amounts.clock(copy.elapsed(now))).append(" so far");
        copy.left(now).ifPresent(left -> text.append(", ").append(Amounts.clock(left)).append(" left"));
        return TerminalText.printable(text.toString());
    }

    @Override
    public void close() {
        out.flush();
    }
}
