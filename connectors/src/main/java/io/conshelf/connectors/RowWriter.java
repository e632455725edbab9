package io.conshelf.connectors;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/// Takes rows one after another; `close` completes the target, `discard` in its place does not.
public interface RowWriter extends AutoCloseable {
    void write(List<JsonNode> row) throws StoreException;

    /// Lets go of what is held aside, without completing the target.
    default void discard() throws StoreException {}

    @Override
    void close() throws StoreException;
}
