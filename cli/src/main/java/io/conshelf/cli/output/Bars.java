package io.conshelf.cli.output;

import io.conshelf.cli.output.ChartData.Point;
import io.conshelf.cli.output.ChartData.Series;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// A bar a value, from left to right: bar and column charts, and pies with the share of each piece.
final class Bars {
    private static final String EIGHTHS = "▏▎▍▌▋▊▉";
    private static final int BARS_MAX = 200;
    private static final int BAR_NARROWEST = 8;

    private record Bar(String label, String series, double value, String text) {}

    private Bars() {}

    static List<String> draw(ChartData data, boolean withShares, int columns) {
        List<Bar> all = bars(data);
        List<Bar> bars = all.subList(0, Math.min(all.size(), BARS_MAX));
        double total = all.stream().mapToDouble(Bar::value).filter(Double::isFinite).sum();
        List<String> values = bars.stream().map(bar -> value(bar, withShares ? total : Double.NaN)).toList();
        int names = Math.min(width(bars.stream().map(Bar::label).toList()), columns / 3);
        int kinds = data.series().size() == 1 ? 0 : Math.min(width(bars.stream().map(Bar::series).toList()), columns / 4);
        int room = Math.max(BAR_NARROWEST, columns - names - 1 - (kinds == 0 ? 0 : kinds + 1) - width(values) - 1);
        double low = Math.min(0, bars.stream().mapToDouble(Bar::value).filter(Double::isFinite).min().orElse(0));
        double high = Math.max(0, bars.stream().mapToDouble(Bar::value).filter(Double::isFinite).max().orElse(0));
        int left = high == low ? 0 : (int) Math.round(room * -low / (high - low));
        List<String> lines = new ArrayList<>();
        String before = "";
        for (int i = 0; i < bars.size(); i++) {
            Bar bar = bars.get(i);
            String label = i > 0 && kinds > 0 && bar.label().equals(before) ? "" : bar.label();
            before = bar.label();
            lines.add((TerminalText.left(label, names, "…") + " " + (kinds == 0 ? "" : TerminalText.left(bar.series(), kinds, "…") + " ")
                    + " ".repeat(bar.value() < 0 ? left - length(bar.value(), low, left) : left) + bar(bar.value(), low, high, left, room) + " " + values.get(i))
                    .stripTrailing());
        }
        if (all.size() > bars.size()) {
            lines.add("… " + (all.size() - bars.size()) + " more");
        }
        return lines;
    }

    /// In the order in which the labels come, all series of one together.
    private static List<Bar> bars(ChartData data) {
        Map<Double, List<Bar>> byPlace = new TreeMap<>();
        for (Series series : data.series()) {
            for (Point point : series.points()) {
                byPlace.computeIfAbsent(point.x(), _ -> new ArrayList<>())
                        .add(new Bar(TerminalText.printable(point.label()), TerminalText.printable(series.name()), point.y(), point.text()));
            }
        }
        return byPlace.values().stream().flatMap(List::stream).toList();
    }

    private static String value(Bar bar, double total) {
        return bar.text() + (total > 0 && Double.isFinite(bar.value()) ? String.format(Locale.ROOT, " (%.1f%%)", 100 * bar.value() / total) : "");
    }

    private static int length(double value, double low, int left) {
        return (int) Math.round(left * value / low);
    }

    private static String bar(double value, double low, double high, int left, int room) {
        if (!Double.isFinite(value) || value == 0) {
            return "";
        }
        if (value < 0) {
            return "█".repeat(length(value, low, left));
        }
        int eighths = (int) Math.max(1, Math.round((room - left) * 8 * value / high));
        int rest = eighths % 8;
        return "█".repeat(eighths / 8) + (rest == 0 ? "" : EIGHTHS.substring(rest - 1, rest));
    }

    private static int width(List<String> texts) {
        return texts.stream().mapToInt(TerminalText::width).max().orElse(0);
    }
}
