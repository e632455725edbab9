package io.conshelf.cli.output;

import com.fasterxml.jackson.databind.JsonNode;
import de.siegmar.fastcsv.writer.CsvWriter;
import io.conshelf.connectors.Column;
import java.io.IOException;
import java.io.Writer;
import java.util.List;
import java.util.Optional;

/// RFC 4180 with a header; a null is an empty field.
final class CsvResultWriter implements ResultWriter {
    private final CsvWriter csv;

    CsvResultWriter(Writer out) {
        this.csv = CsvWriter.builder().bufferSize(0).build(out);
    }

    @Override
    public void begin(List<Column> columns, Optional<String> visualization) {
        csv.writeRecord(columns.stream().map(Column::name).toList());
    }

    @Override
    public void row(List<JsonNode> cells) {
        csv.writeRecord(cells.stream().map(CellText::of).toList());
    }

    @Override
    public void end() throws IOException {
        csv.flush();
    }
}
