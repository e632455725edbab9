package io.conshelf.cli.output;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.StoreException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Writes a result row by row while it arrives.
public interface ResultWriter extends AutoCloseable {
    /// @param visualization what the query's `render` asks for, as JSON
    void begin(List<Column> columns, Optional<String> visualization) throws IOException, StoreException;

    /// One cell a column, as the wire has it.
    void row(List<JsonNode> cells) throws IOException, StoreException;

    void end() throws IOException, StoreException;

    /// Lets go of what is held, whether the result has come to its end or not.
    @Override
    default void close() throws StoreException {}
}
