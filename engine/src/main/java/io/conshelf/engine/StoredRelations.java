package io.conshelf.engine;

import io.conshelf.engine.sql.Relations;
import io.conshelf.engine.store.Extent;
import io.conshelf.engine.store.Reading;
import io.conshelf.engine.store.Table;
import io.conshelf.engine.store.TableColumn;
import io.conshelf.kql.plan.Plan.TableId;
import java.util.Map;
import java.util.stream.Collectors;

/// Stored tables as the SQL writer wants them.
record StoredRelations(Reading reading) implements Relations {
    @Override
    public Relation of(TableId id) {
        Table table = reading.snapshot().table(id)
                .orElseThrow(() -> new AssertionError("table " + id.name() + " is not of the snapshot it was bound in"));
        return relation(table, reading.relation(id), reading.cursor(id.databaseId()));
    }

    /// @param from   as [Reading#relation] gives it
    /// @param cursor as [Reading#cursor] gives it
    static Relation relation(Table table, String from, long cursor) {
        Map<String, String> columns =
                table.columns().stream().collect(Collectors.toMap(TableColumn::name, TableColumn::id));
        return new Relation(from, columns, Map.of(
                Hidden.INGESTION_TIME, "{row}." + Table.INGESTED_COLUMN,
                Hidden.EXTENT_ID, "{row}." + Table.EXTENT_COLUMN,
                Hidden.EXTENT_TAGS, Extent.tagsSql(table, "{row}." + Table.EXTENT_COLUMN),
                Hidden.COMMIT_SEQUENCE, "{row}." + Table.COMMIT_COLUMN,
                Hidden.CURSOR_HORIZON, Long.toString(cursor)));
    }
}
