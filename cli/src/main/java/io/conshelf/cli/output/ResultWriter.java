package io.conshelf.cli.output;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.Column;
import java.io.IOException;
import java.util.List;

/// Writes a result row by row while it arrives.
public interface ResultWriter {
    void begin(List<Column> columns) throws IOException;

    /// One cell a column, as the wire has it.
    void row(List<JsonNode> cells) throws IOException;

    void end() throws IOException;
}
