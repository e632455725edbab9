package io.conshelf.engine;

import io.conshelf.engine.sql.Relations;
import io.conshelf.engine.store.Reading;
import io.conshelf.engine.store.Table;
import io.conshelf.engine.store.TableColumn;
import io.conshelf.kql.plan.Plan.TableId;
import java.util.Map;
import java.util.stream.Collectors;

/// Stored tables as the SQL writer wants them.
record StoredRelations(Reading reading) implements Relations {
    private static final Map<Hidden, String> HIDDEN = Map.of(
            Hidden.INGESTION_TIME, Table.INGESTED_COLUMN,
            Hidden.EXTENT_ID, Table.EXTENT_COLUMN,
            Hidden.COMMIT_SEQUENCE, Table.COMMIT_COLUMN);

    @Override
    public Relation of(TableId id) {
        Table table = reading.snapshot().table(id)
                .orElseThrow(() -> new AssertionError("table " + id.name() + " is not of the snapshot it was bound in"));
        Map<String, String> columns =
                table.columns().stream().collect(Collectors.toMap(TableColumn::name, TableColumn::id));
        return new Relation(reading.relation(id), columns, HIDDEN);
    }
}
