package io.conshelf.connectors;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/// Takes rows one after another; `close` completes the target.
public interface RowWriter extends AutoCloseable {
    void write(List<JsonNode> row) throws StoreException;

    @Override
    void close() throws StoreException;
}
