package io.conshelf.engine;

import io.conshelf.engine.external.ExternalTables;
import io.conshelf.engine.sql.Relations;
import io.conshelf.engine.store.Extent;
import io.conshelf.engine.store.ExternalTable;
import io.conshelf.engine.store.Reading;
import io.conshelf.engine.store.Table;
import io.conshelf.engine.store.TableColumn;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.TableId;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Stored and external tables as the SQL writer wants them.
///
/// @param now ticks: what `now()` is
record StoredRelations(Reading reading, ExternalTables external, long now) implements Relations {
    @Override
    public Relation of(TableId id) {
        if (ExternalTable.isExternal(id)) {
            return external(id, List.of());
        }
        Table table = reading.snapshot().table(id)
                .orElseThrow(() -> new AssertionError("table " + id.name() + " is not of the snapshot it was bound in"));
        return relation(table, reading.relation(id), reading.cursor(id.databaseId()));
    }

    @Override
    public Relation of(Plan.Scan scan, Supplier<List<Expr>> predicates) {
        return ExternalTable.isExternal(scan.table()) ? external(scan.table(), predicates.get()) : of(scan.table());
    }

    private Relation external(TableId id, List<Expr> predicates) {
        ExternalTable table = reading.snapshot().databaseById(id.databaseId())
                .flatMap(database -> database.externals().table(id.name()))
                .orElseThrow(() -> new AssertionError("external table " + id.name() + " is not of the snapshot it was bound in"));
        return external.relation(reading, table, ExternalTable.mappingOf(id), predicates, now);
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
