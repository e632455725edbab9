package io.conshelf.connectors.kusto;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.StoreException;
import java.util.List;
import java.util.Optional;

/// An answer that has to have one result.
record OnlyResult(QueryAnswer answer) implements RowReader {
    @Override
    public List<Column> columns() {
        return answer.columns();
    }

    @Override
    public Optional<List<JsonNode>> next() throws StoreException {
        Optional<List<JsonNode>> row = answer.next();
        if (row.isEmpty() && answer.nextResult()) {
            throw StoreException.user("KustoSeveralResults", "The query has more than one tabular result; leave one statement without a name");
        }
        return row;
    }

    @Override
    public void close() throws StoreException {
        answer.close();
    }
}
