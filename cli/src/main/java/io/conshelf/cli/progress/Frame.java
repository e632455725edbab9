package io.conshelf.cli.progress;

import io.conshelf.cli.output.TerminalText;
import io.conshelf.cli.progress.Screen.Colour;
import io.conshelf.factory.activity.ActivityContext.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What runs at one moment, as lines that fit a screen: a head, a line an activity, the rest in one line, and the sums.
final class Frame {
    /// So many lines of the screen stay for what has ended.
    private static final int LINES_LEFT = 4;
    private static final int NAME_MIN = 16;
    private static final int NAME_LEAST = 8;
    private static final int NAME_MAX = 40;
    private static final int NAME_OF_ITEM_MIN = 4;
    private static final int BAR_MIN = 6;
    private static final int BAR_MAX = 24;

    private enum Column {
        NAME("activity", NAME_MIN), STAGE("stage", 6), BAR("progress", BAR_MIN + 5), READ("read", 8), WRITTEN("written", 8), RATE("MB/s", 6),
        ROWS("rows/s", 6), TIME("time", 5), LEFT("left", 5);

        private final String title;
        private final int width;

        Column(String title, int width) {
            this.title = title;
            this.width = width;
        }
    }

    /// What a narrow screen does without, the first one first.
    private static final List<Column> DISPENSABLE =
            List.of(Column.ROWS, Column.WRITTEN, Column.READ, Column.BAR, Column.RATE, Column.STAGE, Column.LEFT, Column.TIME);

    private final RunBoard board;
    private final Screen screen;
    private final Instant now;
    private final int width;
    private final EnumSet<Column> columns = EnumSet.allOf(Column.class);
    private int nameWidth = NAME_MIN;
    private int barWidth = BAR_MIN;

    private Frame(RunBoard board, Screen screen, Instant now) {
        this.board = board;
        this.screen = screen;
        this.now = now;
        // Terminals differ in what they do after the last column.
        this.width = Math.max(1, screen.columns() - 1);
        layOut();
    }

    static List<String> of(RunBoard board, Screen screen, Instant now) {
        return board.running().isEmpty() ? List.of() : new Frame(board, screen, now).lines();
    }

    private void layOut() {
        for (Column column : DISPENSABLE) {
            if (taken() > width) {
                columns.remove(column);
            }
        }
        // A name that is hard to read is worth less than another figure.
        nameWidth = Math.max(Math.min(NAME_LEAST, width), Math.min(NAME_MAX, nameWidth + width - taken()));
        if (columns.contains(Column.BAR)) {
            barWidth = Math.clamp(barWidth + width - taken(), BAR_MIN, BAR_MAX);
        }
    }

    private int taken() {
        return columns.stream().mapToInt(this::width).sum() + columns.size() - 1;
    }

    private int width(Column column) {
        return switch (column) {
            case NAME -> nameWidth;
            case BAR -> barWidth + 5;
            case STAGE, READ, WRITTEN, RATE, ROWS, TIME, LEFT -> column.width;
        };
    }

    private List<String> lines() {
        List<String> lines = new ArrayList<>();
        int room = screen.rows() - LINES_LEFT - 2;
        if (room >= 1) {
            List<RunningActivity> working = board.working();
            int shown = working.size() <= room ? working.size() : room - 1;
            lines.add(screen.paint(Colour.DIM, head()));
            working.subList(0, shown).forEach(activity -> lines.add(line(activity)));
            if (shown < working.size()) {
                lines.add(more(working.subList(shown, working.size())));
            }
        }
        lines.add(screen.paint(Colour.DIM, sums()));
        return lines;
    }

    private String fit(String text) {
        return TerminalText.cut(text, width, screen.ellipsis());
    }

    private String head() {
        List<String> cells = new ArrayList<>();
        columns.forEach(column -> cells.add(cell(column, column.title)));
        return fit(String.join(" ", cells).stripTrailing());
    }

    private String cell(Column column, String text) {
        return switch (column) {
            case NAME, STAGE, BAR -> TerminalText.left(text, width(column), screen.ellipsis());
            case READ, WRITTEN, RATE, ROWS, TIME, LEFT -> TerminalText.right(text, width(column), screen.ellipsis());
        };
    }

    private String line(RunningActivity activity) {
        List<String> cells = new ArrayList<>();
        for (Column column : columns) {
            String cell = cell(column, text(column, activity));
            cells.add(column == Column.BAR ? screen.paint(Colour.CYAN, cell) : cell);
        }
        return String.join(" ", cells).stripTrailing();
    }

    private String text(Column column, RunningActivity activity) {
        Optional<Progress> progress = activity.progress();
        return switch (column) {
            case NAME -> name(activity);
            case STAGE -> activity.stage();
            case BAR -> activity.read().map(read -> bar(activity, read)).orElse("");
            case READ -> progress.map(Progress::bytesRead).filter(bytes -> bytes > 0).map(Amounts::bytes).orElse("");
            case WRITTEN -> progress.map(Progress::bytesWritten).filter(bytes -> bytes > 0).map(Amounts::bytes).orElse("");
            case RATE -> progress.filter(p -> p.bytesRead() > 0).map(_ -> Amounts.megabytes(activity.bytesPerSecond(now) / 1e6)).orElse("");
            case ROWS -> progress.filter(p -> p.rowsRead() > 0).map(_ -> Amounts.count(activity.rowsPerSecond(now))).orElse("");
            case TIME -> Amounts.clock(activity.elapsed(now));
            case LEFT -> activity.left(now).map(Amounts::clock).orElse("");
        };
    }

    /// The item matters more than the activity's name, which is the same on many lines; and of the item, the end.
    private String name(RunningActivity activity) {
        String name = TerminalText.printable(activity.run().activityName());
        if (activity.item().isEmpty()) {
            return name;
        }
        String item = TerminalText.cutHead(TerminalText.printable(activity.item()), nameWidth, screen.ellipsis());
        int left = nameWidth - TerminalText.width(item) - 1;
        return left < NAME_OF_ITEM_MIN ? item : TerminalText.cut(name, left, screen.ellipsis()) + " " + item;
    }

    private String bar(RunningActivity activity, double read) {
        int ingested = (int) (activity.ingested().orElse(0.0) * barWidth);
        int done = Math.max(ingested, (int) (read * barWidth));
        Optional<Double> told = activity.isIngesting() ? activity.ingested() : Optional.of(read);
        return screen.ingested().repeat(ingested) + screen.read().repeat(done - ingested) + screen.outstanding().repeat(barWidth - done)
                + TerminalText.right(told.map(share -> (int) (share * 100) + "%").orElse(""), 5, "");
    }

    private String more(List<RunningActivity> rest) {
        Map<String, Integer> stages = new LinkedHashMap<>();
        rest.forEach(activity -> stages.merge(activity.stage(), 1, Integer::sum));
        List<String> parts = new ArrayList<>();
        stages.forEach((stage, count) -> parts.add(count + " " + stage));
        parts.add(Amounts.bytes(RunBoard.bytesRead(rest)) + " read");
        parts.add(rate(rest));
        return fit("+ " + rest.size() + " more: ", parts);
    }

    private String rate(List<RunningActivity> activities) {
        double rate = activities.stream().mapToDouble(activity -> activity.isIngesting() ? 0 : activity.bytesPerSecond(now)).sum();
        return Amounts.megabytes(rate / 1e6) + " MB/s";
    }

    /// As many of the parts as there is room for.
    private String fit(String start, List<String> parts) {
        int count = parts.size();
        while (count > 1 && TerminalText.width(start + String.join(", ", parts.subList(0, count))) > width) {
            count--;
        }
        return fit(start + String.join(", ", parts.subList(0, count)));
    }

    private String sums() {
        String start = board.run().map(run -> TerminalText.printable(run.pipelineName()) + "  " + Amounts.clock(Duration.between(run.start(), now)) + "  ")
                .orElse("");
        List<RunningActivity> working = board.working();
        List<String> parts = new ArrayList<>(List.of(working.size() + " running", board.ended() + " ended"));
        if (board.failed() > 0) {
            parts.add(board.failed() + " failed");
        }
        parts.add(Amounts.bytes(board.bytesRead()) + " read");
        parts.add(rate(working));
        return fit(start, parts);
    }
}
