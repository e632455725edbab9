package io.conshelf.cli.output;

import io.conshelf.cli.output.ChartData.Axis;
import io.conshelf.cli.output.ChartData.Point;
import io.conshelf.cli.output.ChartData.Series;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/// Values along an axis, on a grid of characters: one series as a line of dots, several with a mark each.
final class Plot {
    private static final String MARKS = "●▲■◆○△□◇";
    private static final char ANOMALY = '✗';
    private static final int ROWS = 16;
    private static final int PLOT_NARROWEST = 10;
    private static final int TICKS = 4;
    private static final double DAY_MS = 86_400_000;
    private static final double MINUTES_MS = 600_000;

    /// How the points of a series are joined.
    enum Style { POINTS, LINES, AREAS }

    private final ChartData data;
    private final Style style;
    private final double left;
    private final double right;
    private final double low;
    private final double high;

    Plot(ChartData data, Style style, Visualization wanted) {
        this.data = data;
        this.style = style;
        left = all(Point::x).min().orElse(0);
        right = all(Point::x).max().orElse(0);
        double least = wanted.yMin().orElse(Math.min(style == Style.AREAS ? 0 : Double.MAX_VALUE, all(Point::y).min().orElse(0)));
        double most = wanted.yMax().orElse(Math.max(style == Style.AREAS ? 0 : -Double.MAX_VALUE, all(Point::y).max().orElse(0)));
        // A line that never changes runs through the middle.
        low = most > least ? least : most - Math.max(1, Math.abs(most)) / 2;
        high = most > least ? most : most + Math.max(1, Math.abs(most)) / 2;
    }

    private DoubleStream all(ToDoubleFunction<Point> part) {
        return data.series().stream().flatMap(s -> s.points().stream()).filter(Plot::isThere).mapToDouble(part);
    }

    private static boolean isThere(Point point) {
        return Double.isFinite(point.x()) && Double.isFinite(point.y());
    }

    List<String> draw(int columns, boolean withLegend) {
        List<Double> ticks = Ticks.between(low, high, TICKS);
        int margin = ticks.stream().mapToInt(tick -> Ticks.text(tick).length()).max().orElse(1);
        int width = Math.max(PLOT_NARROWEST, columns - margin - 2);
        String[] rows = rows(width);
        String[] labels = new String[ROWS];
        Arrays.fill(labels, "");
        ticks.forEach(tick -> labels[ROWS - 1 - Math.clamp(Math.round((tick - low) / (high - low) * (ROWS - 1)), 0, ROWS - 1)] = Ticks.text(tick));
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            lines.add((TerminalText.right(labels[i], margin, "…") + " " + (labels[i].isEmpty() ? "│" : "┤") + rows[i]).stripTrailing());
        }
        lines.add(" ".repeat(margin + 1) + "└" + "─".repeat(width));
        lines.add(" ".repeat(margin + 2) + xLabels(width));
        if (withLegend && data.series().size() > 1) {
            lines.add(legend(columns));
        }
        return lines;
    }

    private String[] rows(int width) {
        boolean isAlone = data.series().size() == 1;
        Grid grid = new Grid(width, ROWS, isAlone);
        for (int i = 0; i < Math.min(data.series().size(), MARKS.length()); i++) {
            series(grid, data.series().get(i), isAlone ? '●' : MARKS.charAt(i));
        }
        return grid.rows();
    }

    private void series(Grid grid, Series series, char mark) {
        List<Point> points = style == Style.POINTS ? series.points() : series.points().stream().sorted(Comparator.comparingDouble(Point::x)).toList();
        Point before = null;
        for (Point point : points) {
            if (!isThere(point)) {
                before = null; // a gap
                continue;
            }
            int x = grid.column(right == left ? 0.5 : (point.x() - left) / (right - left));
            int y = grid.row((point.y() - low) / (high - low));
            switch (style) {
                case POINTS -> grid.dot(x, y, mark);
                case AREAS -> {
                    join(grid, before, x, y, mark);
                    grid.line(x, grid.row((Math.clamp(0, low, high) - low) / (high - low)), x, y, mark);
                }
                case LINES -> join(grid, before, x, y, mark);
            }
            if (point.isMarked()) {
                grid.note(x, y, ANOMALY);
            }
            before = point;
        }
    }

    private void join(Grid grid, Point before, int x, int y, char mark) {
        if (before == null) {
            grid.dot(x, y, mark);
        } else {
            grid.line(grid.column(right == left ? 0.5 : (before.x() - left) / (right - left)), grid.row((before.y() - low) / (high - low)), x, y, mark);
        }
    }

    /// The first place, the last, and one between where there is room.
    private String xLabels(int width) {
        if (data.axis() == Axis.LABEL) {
            List<String> labels = data.series().stream().flatMap(s -> s.points().stream()).map(Point::label).distinct().map(TerminalText::printable).toList();
            return labels.isEmpty() ? "" : spread(width, labels.getFirst(), labels.size() > 2 ? labels.get(labels.size() / 2) : "", labels.size() > 1 ? labels.getLast() : "");
        }
        return spread(width, xText(left), right > left ? xText((left + right) / 2) : "", right > left ? xText(right) : "");
    }

    private static String spread(int width, String first, String middle, String last) {
        String start = TerminalText.cut(first, width, "…");
        String end = TerminalText.width(start) + TerminalText.width(last) + 2 > width ? "" : last;
        int gap = width - TerminalText.width(start) - TerminalText.width(end);
        int before = width / 2 - TerminalText.width(middle) / 2 - TerminalText.width(start);
        int behind = gap - before - TerminalText.width(middle);
        return middle.isEmpty() || end.isEmpty() || before < 2 || behind < 2 ? start + " ".repeat(Math.max(0, gap)) + end
                : start + " ".repeat(before) + middle + " ".repeat(behind) + end;
    }

    private String xText(double x) {
        return switch (data.axis()) {
            case TIME -> DateTimeFormatter.ofPattern(right - left >= 2 * DAY_MS ? "yyyy-MM-dd" : right - left >= MINUTES_MS ? "yyyy-MM-dd HH:mm" : "HH:mm:ss.SSS", Locale.ROOT)
                    .withZone(ZoneOffset.UTC).format(Instant.ofEpochMilli(Math.round(x)));
            case NUMBER, LABEL -> Ticks.text(x);
        };
    }

    private String legend(int columns) {
        StringBuilder legend = new StringBuilder();
        int shown = Math.min(data.series().size(), MARKS.length());
        for (int i = 0; i < shown; i++) {
            legend.append(i == 0 ? "" : "  ").append(MARKS.charAt(i)).append(' ').append(TerminalText.printable(data.series().get(i).name()));
        }
        String more = data.series().size() > shown ? "  … " + (data.series().size() - shown) + " more are not drawn" : "";
        return TerminalText.cut(legend.toString(), Math.max(1, columns - TerminalText.width(more)), "…") + more;
    }
}
