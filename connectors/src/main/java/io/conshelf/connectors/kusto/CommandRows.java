package io.conshelf.connectors.kusto;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.Column;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/// A command's table, read as rows.
final class CommandRows implements QueryAnswer {
    private final List<Column> columns;
    private final Iterator<List<JsonNode>> rows;

    CommandRows(CommandResult result) {
        columns = result.columns();
        rows = result.rows().iterator();
    }

    @Override
    public List<Column> columns() {
        return columns;
    }

    @Override
    public Optional<List<JsonNode>> next() {
        return rows.hasNext() ? Optional.of(rows.next()) : Optional.empty();
    }

    @Override
    public Optional<String> visualization() {
        return Optional.empty();
    }

    @Override
    public boolean nextResult() {
        return false;
    }

    @Override
    public void close() {}
}
