package io.conshelf.cli.output;

import java.io.Writer;

/// How a result is printed.
public enum OutputFormat {
    TABLE,
    CSV,
    JSON,
    JSONL;

    /// @param columns the terminal's width, or 0 where there is none
    public ResultWriter writer(Writer out, int columns) {
        return switch (this) {
            case TABLE -> new TableWriter(out, columns);
            case CSV -> new CsvResultWriter(out);
            case JSON -> new JsonResultWriter(out, true);
            case JSONL -> new JsonResultWriter(out, false);
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
