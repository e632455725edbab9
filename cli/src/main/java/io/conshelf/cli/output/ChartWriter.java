package io.conshelf.cli.output;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.Column;
import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The chart that the query's `render` asks for, in characters; of a query without one, what fits its first column.
final class ChartWriter implements ResultWriter {
    private static final int COLUMNS_WITHOUT_TERMINAL = 100;
    /// A chart of more rows than this shows nothing that one of groups of them doesn't.
    private static final int ROWS_MAX = 100_000;

    private final Writer out;
    private final int columnsOfTerminal;
    private final List<List<JsonNode>> rows = new ArrayList<>();
    private List<Column> columns = List.of();
    private Visualization wanted = Visualization.NONE;

    ChartWriter(Writer out, int columnsOfTerminal) {
        this.out = out;
        this.columnsOfTerminal = columnsOfTerminal == 0 ? COLUMNS_WITHOUT_TERMINAL : columnsOfTerminal;
    }

    @Override
    public void begin(List<Column> columns, Optional<String> visualization) {
        this.columns = columns;
        this.wanted = visualization.map(Visualization::parse).orElse(Visualization.NONE);
    }

    @Override
    public void row(List<JsonNode> cells) {
        if (rows.size() == ROWS_MAX) {
            throw new UndrawableException("a chart is drawn of at most " + ROWS_MAX + " rows: summarize them first");
        }
        rows.add(cells);
    }

    @Override
    public void end() throws IOException {
        String kind = wanted.kind().isEmpty() || columns.size() < 2 ? fitting() : wanted.kind();
        if (kind.equals("table")) {
            table();
            return;
        }
        if (rows.isEmpty()) {
            throw new UndrawableException("the result has no rows to draw");
        }
        for (String line : drawn(kind)) {
            out.write(line + "\n");
        }
        out.flush();
    }

    private List<String> drawn(String kind) {
        List<String> lines = new ArrayList<>();
        wanted.title().ifPresent(title -> lines.add(TerminalText.cut(TerminalText.printable(title), columnsOfTerminal, "…")));
        wanted.yTitle().ifPresent(title -> lines.add(TerminalText.cut(TerminalText.printable(title), columnsOfTerminal, "…")));
        lines.addAll(switch (kind) {
            case "barchart", "columnchart" -> Bars.draw(data(false), false, columnsOfTerminal);
            case "piechart", "treemap" -> Bars.draw(data(false), true, columnsOfTerminal);
            case "timechart", "linechart", "anomalychart" -> plot(Plot.Style.LINES);
            case "areachart" -> plot(Plot.Style.AREAS);
            case "scatterchart" -> plot(Plot.Style.POINTS);
            case "card" -> card();
            default -> throw new UndrawableException("'render " + kind + "' is not drawn here: anomalychart, areachart, barchart, card, columnchart, "
                    + "linechart, piechart, scatterchart, table, timechart and treemap are");
        });
        wanted.xTitle().ifPresent(title -> lines.add(TerminalText.cut(TerminalText.printable(title), columnsOfTerminal, "…")));
        return lines;
    }

    private ChartData data(boolean isPlot) {
        return ChartData.of(columns, rows, wanted, isPlot);
    }

    private List<String> plot(Plot.Style style) {
        return new Plot(data(true), style, wanted).draw(columnsOfTerminal, !wanted.isLegendHidden());
    }

    /// The values of the first row.
    private List<String> card() {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            lines.add(TerminalText.printable(columns.get(i).name()) + "  " + TerminalText.printable(CellText.of(rows.getFirst().get(i))));
        }
        return lines;
    }

    private void table() throws IOException {
        TableWriter table = new TableWriter(out, columnsOfTerminal);
        table.begin(columns, Optional.empty());
        for (List<JsonNode> row : rows) {
            table.row(row);
        }
        table.end();
    }

    /// Moments make a line, other names bars.
    private String fitting() {
        if (columns.size() < 2) {
            return rows.size() == 1 ? "card" : "table";
        }
        return ChartData.hasMoments(columns, rows) ? "timechart" : switch (columns.getFirst().type()) {
            case INT, LONG, REAL, DECIMAL -> "linechart";
            case BOOL, STRING, DATETIME, TIMESPAN, GUID, DYNAMIC -> "barchart";
        };
    }
}
