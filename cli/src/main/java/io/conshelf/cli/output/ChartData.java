package io.conshelf.cli.output;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.ValueType;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// A result as a chart draws it: values along an axis, of one or several series.
record ChartData(Axis axis, String xName, List<Series> series) {
    private static final String MIDNIGHT = "T00:00:00Z";

    enum Axis { TIME, NUMBER, LABEL }

    /// @param points in the order of the rows, of bars for moments in the order of time
    record Series(String name, List<Point> points) {}

    /// @param x milliseconds since 1970, a number, or the place of the label among those before
    /// @param label x as the result has it, of a day without its midnight
    /// @param text y as the result has it
    record Point(double x, String label, double y, String text, boolean isMarked) {}

    /// Which columns of a result are what.
    private record Roles(int x, List<Integer> ys, List<Integer> keys, Map<Integer, Integer> marks) {}

    /// @param isPlot along an axis of time or numbers, where the result has one; otherwise the first column names what is counted
    static ChartData of(List<Column> columns, List<List<JsonNode>> rows, Visualization wanted, boolean isPlot) {
        Roles roles = roles(columns, rows, wanted, isPlot);
        Axis axis = isPlot ? axis(roles.x(), columns, rows) : Axis.LABEL;
        // A group by moments comes in no order, and time goes one way.
        boolean isByTime = axis == Axis.LABEL && columns.get(roles.x()).type() == ValueType.DATETIME;
        List<List<JsonNode>> inOrder = isByTime
                ? rows.stream().sorted(Comparator.comparingDouble(row -> place(Axis.TIME, CellText.of(row.get(roles.x())), Map.of()))).toList()
                : rows;
        boolean areDays = isByTime && rows.stream().map(row -> CellText.of(row.get(roles.x()))).allMatch(text -> text.isEmpty() || text.endsWith(MIDNIGHT));
        Map<String, Integer> places = new LinkedHashMap<>();
        Map<String, List<Point>> series = new LinkedHashMap<>();
        for (List<JsonNode> row : inOrder) {
            String key = roles.keys().stream().map(k -> CellText.of(row.get(k))).collect(Collectors.joining(", "));
            for (int y : roles.ys()) {
                String name = key.isEmpty() ? columns.get(y).name() : roles.ys().size() == 1 ? key : key + ":" + columns.get(y).name();
                List<Point> points = series.computeIfAbsent(name, _ -> new ArrayList<>());
                List<JsonNode> xs = parts(row.get(roles.x()));
                List<JsonNode> values = parts(row.get(y));
                List<JsonNode> marks = Optional.ofNullable(roles.marks().get(y)).map(m -> parts(row.get(m))).orElse(List.of());
                for (int i = 0; i < Math.min(xs.size(), values.size()); i++) {
                    String text = CellText.of(xs.get(i));
                    String label = areDays && !text.isEmpty() ? text.substring(0, text.length() - MIDNIGHT.length()) : text;
                    boolean isMarked = i < marks.size() && marks.get(i).asDouble() != 0;
                    points.add(new Point(place(axis, label, places), label, number(values.get(i)), CellText.of(values.get(i)), isMarked));
                }
            }
        }
        List<Series> drawn = series.entrySet().stream().map(s -> new Series(s.getKey(), wanted.isAccumulated() ? sums(s.getValue()) : s.getValue())).toList();
        return new ChartData(axis, columns.get(roles.x()).name(), drawn);
    }

    static boolean hasMoments(List<Column> columns, List<List<JsonNode>> rows) {
        return IntStream.range(0, columns.size()).anyMatch(i -> axis(i, columns, rows) == Axis.TIME);
    }

    private static Roles roles(List<Column> columns, List<List<JsonNode>> rows, Visualization wanted, boolean isPlot) {
        List<Integer> marks = wanted.anomalyColumns().stream().map(name -> index(columns, name)).toList();
        List<Integer> named = wanted.series().stream().map(name -> index(columns, name)).toList();
        int x = wanted.xColumn().map(name -> index(columns, name)).orElseGet(() -> isPlot ? axisColumn(columns, rows) : 0);
        List<Integer> ys = wanted.yColumns().stream().map(name -> index(columns, name)).toList();
        if (ys.isEmpty()) {
            ys = IntStream.range(0, columns.size()).boxed()
                    .filter(i -> i != x && !marks.contains(i) && !named.contains(i) && isNumeric(columns.get(i).type(), i, rows)).toList();
        }
        if (ys.isEmpty()) {
            throw new UndrawableException("no column beside '" + columns.get(x).name() + "' has numbers to draw");
        }
        List<Integer> taken = ys;
        List<Integer> keys = !named.isEmpty() ? named : IntStream.range(0, columns.size()).boxed()
                .filter(i -> i != x && !taken.contains(i) && !marks.contains(i) && isName(columns.get(i).type())).toList();
        Map<Integer, Integer> marked = new LinkedHashMap<>();
        for (int i = 0; i < Math.min(ys.size(), marks.size()); i++) {
            marked.put(ys.get(i), marks.get(i));
        }
        return new Roles(x, ys, keys, marked);
    }

    /// Moments, or arrays of them as `make-series` makes them; else numbers; else whatever comes first.
    private static int axisColumn(List<Column> columns, List<List<JsonNode>> rows) {
        return IntStream.range(0, columns.size()).filter(i -> axis(i, columns, rows) == Axis.TIME).findFirst()
                .orElse(isNumeric(columns.getFirst().type(), 0, rows) || columns.size() == 1 ? 0
                        : IntStream.range(0, columns.size() - 1).filter(i -> isNumeric(columns.get(i).type(), i, rows)
                                && IntStream.range(i + 1, columns.size()).anyMatch(j -> isNumeric(columns.get(j).type(), j, rows))).findFirst().orElse(0));
    }

    private static Axis axis(int column, List<Column> columns, List<List<JsonNode>> rows) {
        return switch (columns.get(column).type()) {
            case DATETIME -> Axis.TIME;
            case INT, LONG, REAL, DECIMAL -> Axis.NUMBER;
            case DYNAMIC -> first(column, rows).map(part -> part.isNumber() ? Axis.NUMBER : moment(part.asText()).isPresent() ? Axis.TIME : Axis.LABEL)
                    .orElse(Axis.LABEL);
            case BOOL, STRING, TIMESPAN, GUID -> Axis.LABEL;
        };
    }

    private static boolean isNumeric(ValueType type, int column, List<List<JsonNode>> rows) {
        return switch (type) {
            case INT, LONG, REAL, DECIMAL -> true;
            case DYNAMIC -> first(column, rows).filter(JsonNode::isNumber).isPresent();
            case BOOL, STRING, DATETIME, TIMESPAN, GUID -> false;
        };
    }

    private static boolean isName(ValueType type) {
        return switch (type) {
            case BOOL, STRING, GUID -> true;
            case INT, LONG, REAL, DECIMAL, DATETIME, TIMESPAN, DYNAMIC -> false;
        };
    }

    private static int index(List<Column> columns, String name) {
        return IntStream.range(0, columns.size()).filter(i -> columns.get(i).name().equals(name)).findFirst()
                .orElseThrow(() -> new UndrawableException("the result has no column '" + name + "', which 'render' names"));
    }

    private static Optional<JsonNode> first(int column, List<List<JsonNode>> rows) {
        return rows.stream().map(row -> row.get(column)).flatMap(cell -> parts(cell).stream()).filter(part -> !part.isNull()).findFirst();
    }

    private static List<JsonNode> parts(JsonNode cell) {
        if (!cell.isArray()) {
            return List.of(cell);
        }
        List<JsonNode> parts = new ArrayList<>(cell.size());
        cell.forEach(parts::add);
        return parts;
    }

    private static double place(Axis axis, String label, Map<String, Integer> places) {
        return switch (axis) {
            case TIME -> moment(label).map(Instant::toEpochMilli).map(Long::doubleValue).orElse(Double.NaN);
            case NUMBER -> label.isEmpty() ? Double.NaN : number(label);
            case LABEL -> places.computeIfAbsent(label, _ -> places.size());
        };
    }

    private static Optional<Instant> moment(String text) {
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private static double number(JsonNode cell) {
        return cell.isNull() ? Double.NaN : cell.isNumber() ? cell.asDouble() : number(cell.asText());
    }

    /// Decimals and what is no number (`NaN`, `Infinity`) come as text.
    private static double number(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    private static List<Point> sums(List<Point> points) {
        List<Point> summed = new ArrayList<>(points.size());
        double sum = 0;
        for (Point point : points) {
            sum += Double.isFinite(point.y()) ? point.y() : 0;
            summed.add(new Point(point.x(), point.label(), sum, Ticks.text(sum), point.isMarked()));
        }
        return summed;
    }
}
