package io.conshelf.cli.output;

import java.util.Locale;

/// How a result is printed.
public enum OutputFormat {
    TABLE,
    CSV,
    JSON,
    JSONL,
    PARQUET,
    CHART;

    /// A writer of one result.
    public ResultWriter writer(Output output) {
        return switch (this) {
            case TABLE -> new TableWriter(output.text(), output.columns());
            case CSV -> new CsvResultWriter(output.text());
            case JSON -> new JsonResultWriter(output.text(), true);
            case JSONL -> new JsonResultWriter(output.text(), false);
            case PARQUET -> new ParquetResultWriter(output.bytes());
            case CHART -> new ChartWriter(output.text(), output.columns());
        };
    }

    /// Whether several results can be told apart where one stands behind the other.
    public boolean isForSeveral() {
        return switch (this) {
            case TABLE, CHART -> true;
            case CSV, JSON, JSONL, PARQUET -> false;
        };
    }

    /// Whether it is nothing that a terminal shows.
    public boolean isBinary() {
        return this == PARQUET;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
