package io.conshelf.cli.output;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.ValueType;
import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A table for people, fitted to the terminal: numbers to the right, long texts cut with an ellipsis, and columns that do
/// not fit at all left out and counted. Widths come from the first rows; memory stays bounded for long results.
public final class TableWriter implements ResultWriter {
    private static final int SAMPLE_ROWS = 500;
    private static final int NARROWEST = 6;
    private static final String GAP = "  ";

    private final Writer out;
    private final int terminalColumns;
    private final List<String[]> sample = new ArrayList<>();
    private List<Column> columns = List.of();
    private int[] widths = {};
    private boolean isStarted;
    private long rows;

    /// @param terminalColumns 0 where there is no terminal
    public TableWriter(Writer out, int terminalColumns) {
        this.out = out;
        this.terminalColumns = terminalColumns;
    }

    @Override
    public void begin(List<Column> columns, Optional<String> visualization) {
        this.columns = columns;
    }

    @Override
    public void row(List<JsonNode> cells) throws IOException {
        rows++;
        var texts = new String[cells.size()];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = TerminalText.printable(CellText.of(cells.get(i)));
        }
        if (isStarted) {
            line(texts);
            return;
        }
        sample.add(texts);
        if (sample.size() == SAMPLE_ROWS) {
            start();
        }
    }

    @Override
    public void end() throws IOException {
        if (!isStarted) {
            start();
        }
        int hidden = columns.size() - widths.length;
        out.write("(" + rows + (rows == 1 ? " row" : " rows")
                + (hidden > 0 ? "; " + hidden + " columns do not fit: ask for fewer, or for JSON" : "") + ")\n");
        out.flush();
    }

    private void start() throws IOException {
        isStarted = true;
        widths = fit(natural());
        var names = columns.stream().map(c -> TerminalText.printable(c.name())).toArray(String[]::new);
        line(names);
        line(Arrays.stream(widths).mapToObj("─"::repeat).toArray(String[]::new));
        for (var row : sample) {
            line(row);
        }
        sample.clear();
    }

    private int[] natural() {
        var natural = columns.stream().mapToInt(c -> TerminalText.width(TerminalText.printable(c.name()))).toArray();
        for (var row : sample) {
            for (int i = 0; i < natural.length; i++) {
                natural[i] = Math.max(natural[i], TerminalText.width(row[i]));
            }
        }
        return natural;
    }

    /// Takes width from the widest columns until all fit; what is left over when every column is narrow is left out.
    private int[] fit(int[] natural) {
        if (terminalColumns <= 0) {
            return natural;
        }
        int shown = Math.min(natural.length, Math.max(1, (terminalColumns + GAP.length()) / (NARROWEST + GAP.length())));
        while (shown > 1 && least(natural, shown) > terminalColumns) {
            shown--;
        }
        var fitted = Arrays.copyOf(natural, shown);
        int excess = Arrays.stream(fitted).sum() + GAP.length() * (shown - 1) - terminalColumns;
        while (excess > 0) {
            int widest = 0;
            for (int i = 1; i < shown; i++) {
                widest = fitted[i] > fitted[widest] ? i : widest;
            }
            if (fitted[widest] <= 1) {
                break;
            }
            fitted[widest]--;
            excess--;
        }
        return fitted;
    }

    private static int least(int[] natural, int shown) {
        return Arrays.stream(natural, 0, shown).map(w -> Math.min(w, NARROWEST)).sum() + GAP.length() * (shown - 1);
    }

    private void line(String[] cells) throws IOException {
        var line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            var cell = TerminalText.cut(cells[i], widths[i], "…");
            var padding = " ".repeat(widths[i] - TerminalText.width(cell));
            line.append(i == 0 ? "" : GAP);
            line.append(isNumeric(columns.get(i).type()) ? padding + cell : cell + padding);
        }
        out.write(line.toString().stripTrailing() + "\n");
    }

    private static boolean isNumeric(ValueType type) {
        return switch (type) {
            case INT, LONG, REAL, DECIMAL -> true;
            case BOOL, STRING, DATETIME, TIMESPAN, GUID, DYNAMIC -> false;
        };
    }
}
