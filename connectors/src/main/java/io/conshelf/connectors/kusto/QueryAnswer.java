package io.conshelf.connectors.kusto;

import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.StoreException;
import java.util.Optional;

/// The results of a query or a command one after the other, each row by row while it arrives. It begins with the first one.
public interface QueryAnswer extends RowReader {
    /// What the query's `render` asks for, in the service's JSON.
    Optional<String> visualization();

    /// Goes on to the next result, once all rows of this one are read; false where there is none.
    boolean nextResult() throws StoreException;
}
